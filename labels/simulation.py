"""People who do not exist, for demos, tests and simulations: a crowd and experts.

An answer depends on (seed, name, segment id) alone, so asking again, in another order or in
another process gives the same answer. Everything made from these says that it is simulated.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.judgements import Judgement
from labels.scheme import Scheme

# How much each of valence, arousal, dominance keeps two emotions apart in the voice: arousal is
# heard best, valence hardly (Banse & Scherer 1996; Pell & Kotz 2011), hence anger-happiness.
_HEARD = np.array([0.1, 1.0, 0.5])
_NEARNESS = 0.15

_RELIABILITIES = (0.85, 0.80, 0.76, 0.72, 0.68, 0.64, 0.60, 0.56, 0.52, 0.48, 0.44)


def acoustic_nearness(scheme: Scheme) -> NDArray[np.float64]:
    """(k, k) how easily each emotion is taken for each other one; rows add up to 1, diagonal 0.

    From the scheme's valence, arousal and dominance, weighted by how well a voice conveys each.
    An emotion of which the scheme says nothing is equally near to all.
    """
    unknown = (np.nan, np.nan, np.nan)
    vad = np.array([e.vad if e.vad is not None else unknown for e in scheme.emotions])
    apart = ((vad[:, None] - vad[None]) ** 2 * _HEARD).sum(axis=2)
    nearness = np.exp(-np.where(np.isnan(apart), 0.3, apart) / _NEARNESS)
    np.fill_diagonal(nearness, 0)
    rows: NDArray[np.float64] = nearness / nearness.sum(axis=1, keepdims=True)
    return rows


@dataclass(frozen=True)
class SimulatedAnnotator:
    """One of a crowd: what they answer to each emotion, how they rate, how often they skip.

    `confusion` is (k, k): row = the true class, column = the probability of each answer.
    Ratings come out as the truth drawn towards the middle of the scale (`squeeze`, 0..1), shifted
    (`rating_bias`, a share of the scale's range), with noise (`rating_sd`, likewise), in whole
    steps. `skip_rate` is the share of segments left unanswered; `is_spammer` ignores the truth.
    """

    name: str
    scheme: Scheme
    confusion: NDArray[np.float64]
    skip_rate: float = 0.0
    rating_bias: float = 0.0
    rating_sd: float = 0.1
    squeeze: float = 0.0
    is_spammer: bool = False
    seed: int = 0

    def judge(self, segment_id: str, truth: Mapping[str, str]) -> dict[str, str]:
        """Their answer on each dimension of `truth` (dimension -> value); empty when skipped.

        Raises SchemeError for a truth that the scheme does not have.
        """
        rng = _generator(self.seed, self.name, segment_id)
        if rng.random() < self.skip_rate:
            return {}
        answers = {}
        for dimension in self.scheme.dimensions:
            # Drawn for every dimension, so that one answer does not hang on which others exist.
            chance, gauss = rng.random(), rng.standard_normal()
            if dimension not in truth:
                continue
            if dimension == "emotion":
                row = self.confusion[self.scheme.class_index(truth[dimension])]
                answers[dimension] = self.scheme.classes[_draw(row, chance)]
            else:
                answers[dimension] = self._rate(dimension, truth[dimension], chance, gauss)
        return answers

    def _rate(self, dimension: str, truth: str, chance: float, gauss: float) -> str:
        scale = self.scheme.scale(dimension)
        share = (scale.parse(truth) - scale.low) / (scale.high - scale.low)
        if self.is_spammer:
            share = chance
        heard = 0.5 + (share - 0.5) * (1 - self.squeeze) + self.rating_bias + self.rating_sd * gauss
        step = int(np.clip(np.rint(heard * (scale.n_bins - 1)), 0, scale.n_bins - 1))
        return self.scheme.parse_value(dimension, scale.centres[step])


def crowd(scheme: Scheme, *, seed: int, n_annotators: int = 12) -> tuple[SimulatedAnnotator, ...]:
    """Annotators of different reliability, the last of them a spammer.

    Each has confusions of their own, concentrated on emotions that sound alike, a favourite
    emotion, a habit of skipping (every fourth skips half of all segments) and a way of rating.
    Raises ValueError for fewer than two.
    """
    if n_annotators < 2:
        raise ValueError(f"a crowd needs 2 annotators or more, not {n_annotators}")
    people = []
    for place in range(n_annotators - 1):
        rng = _generator(seed, "crowd", str(place))
        reliability = _RELIABILITIES[place % len(_RELIABILITIES)]
        people.append(
            SimulatedAnnotator(
                name=f"simulated-{place + 1:02d}",
                scheme=scheme,
                confusion=_own_confusion(scheme, reliability, rng),
                skip_rate=float(rng.uniform(0.45, 0.6) if place % 4 == 3 else rng.uniform(0, 0.3)),
                rating_bias=float(rng.normal(0, 0.08)),
                rating_sd=0.05 + 0.4 * (1 - reliability),
                squeeze=float(rng.uniform(0, 0.4)),
                seed=seed,
            )
        )
    rng = _generator(seed, "crowd", "spammer")
    habit = rng.dirichlet(np.full(len(scheme.classes), 0.4))
    spammer = SimulatedAnnotator(
        name=f"simulated-{n_annotators:02d}",
        scheme=scheme,
        confusion=np.tile(habit, (len(habit), 1)),
        skip_rate=0.05,
        is_spammer=True,
        seed=seed,
    )
    return (*people, spammer)


def crowd_judgements(
    people: Sequence[SimulatedAnnotator],
    truth: Mapping[str, Mapping[str, str]],
    *,
    source: str = "simulation",
) -> Iterator[Judgement]:
    """What the crowd says of segments (segment id -> dimension -> true value), skips left out.

    Ids are the same each time, so storing twice stores once.
    """
    for segment_id, values in truth.items():
        for person in people:
            answers = person.judge(segment_id, values)
            if answers:
                key = f"{source}\0{person.name}\0{person.seed}\0{segment_id}"
                yield Judgement(
                    id=f"{person.name}:{hashlib.sha256(key.encode()).hexdigest()[:16]}",
                    segment_id=segment_id,
                    annotator=person.name,
                    role="crowd",
                    values=answers,
                    source=source,
                )


@dataclass(frozen=True)
class SimulatedExpert:
    """An expert who names the true emotion with probability `reliability`, else one that sounds
    like it, and whose ratings are off by a normal error of half (1 - reliability) of the range.

    At reliability 1 the answer is the truth. Raises ValueError for a reliability outside [0, 1].
    """

    scheme: Scheme
    reliability: float = 1.0
    seed: int = 0
    name: str = "simulated-expert"

    def __post_init__(self) -> None:
        if not 0 <= self.reliability <= 1:
            raise ValueError(f"reliability must lie in [0, 1], not {self.reliability}")

    def judge(self, segment_id: str, truth: Mapping[str, str]) -> dict[str, str]:
        """The answer on each dimension of `truth` (dimension -> value), always the same one.

        Raises SchemeError for a truth that the scheme does not have.
        """
        rng = _generator(self.seed, self.name, segment_id)
        answers = {}
        for dimension in self.scheme.dimensions:
            chance, other, gauss = rng.random(), rng.random(), rng.standard_normal()
            if dimension not in truth:
                continue
            if dimension == "emotion":
                answers[dimension] = self._name(truth[dimension], chance, other)
            else:
                scale = self.scheme.scale(dimension)
                error = gauss * 0.5 * (1 - self.reliability) * (scale.high - scale.low)
                rating = np.clip(scale.parse(truth[dimension]) + error, scale.low, scale.high)
                answers[dimension] = self.scheme.parse_value(dimension, round(float(rating), 2))
        return answers

    def _name(self, truth: str, chance: float, other: float) -> str:
        if chance < self.reliability:
            return self.scheme.resolve(truth)
        row = acoustic_nearness(self.scheme)[self.scheme.class_index(truth)]
        return self.scheme.classes[_draw(row, other)]


def _own_confusion(
    scheme: Scheme, reliability: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    k = len(scheme.classes)
    # Gamma factors of mean 1: each listener mixes up their own few of the near emotions.
    slips = acoustic_nearness(scheme) * rng.gamma(1.0, 1.0, (k, k)) + 1e-3 * (1 - np.eye(k))
    slips /= slips.sum(axis=1, keepdims=True)
    right = np.clip(reliability + rng.normal(0, 0.08, k), 0.05, 0.98)
    confusion = (1 - right)[:, None] * slips + np.diag(right)
    favour = float(rng.uniform(0, 0.15))
    confusion *= 1 - favour
    confusion[:, rng.integers(k)] += favour
    return confusion


def _draw(probabilities: NDArray[np.float64], chance: float) -> int:
    edges = probabilities.cumsum()
    return int(min(np.searchsorted(edges, chance * edges[-1], side="right"), len(edges) - 1))


def _generator(seed: int, *what: str) -> np.random.Generator:
    key = "\0".join((str(seed), *what)).encode()
    return np.random.default_rng(int.from_bytes(hashlib.sha256(key).digest()[:16], "little"))
