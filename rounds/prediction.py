"""Prediction: what a model says of sounds, whether it is sure enough to say it, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.decoding import SAMPLE_RATE_HZ, length_s, read
from audio.front_ends import FrontEnd
from audio.front_ends.choosing import named_by, resolve
from audio.front_ends.own import Own
from audio.segmentation import utterances
from models.abstention import conformal_sets
from models.emotion_model import EmotionModel, ModelError
from models.moving import moved, nearest
from models.voices import joined
from rounds.listening import take_in

UNSURE = "unsure"

_OWN = Own()

DEFAULT_COVERAGE = 0.8
"""Without a stated risk the model speaks where it did for this share of held-out segments."""

WINDOW_S, HOP_S = 1.2, 0.1

SHORTEST_S = 0.25
"""Of less, no emotion is said: a syllable takes as long, and nothing so short was trained on."""

_LEAST_KNOWN = 0.1
"""Where fewer of the features than this could be measured there was no voice to measure."""


@dataclass(frozen=True)
class Promise:
    """How sure the model must be to speak, and how improbable an emotion may be to stay possible.

    `risk` and `coverage` are what was promised or, with `stated` False, what came with
    speaking of four in five; NaN where the model was judged on too little to promise anything.
    """

    threshold: float
    risk: float
    coverage: float
    least_proba: float
    set_coverage: float


@dataclass(frozen=True)
class Answer:
    """What is said of a stretch of sound.

    `emotion` is a class or UNSURE; `likeliest` the class regardless; `proba` by class and
    `finest` by finest emotion; `possible` the conformal set; `scales` name -> (mean, sd). `note`
    says why nothing could be heard; then it is UNSURE however likely, and "" else.
    """

    path: str
    start_s: float
    end_s: float
    emotion: str
    likeliest: str
    confidence: float
    proba: dict[str, float]
    finest: dict[str, float]
    possible: tuple[str, ...]
    scales: dict[str, tuple[float, float]]
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        scales = {name: {"mean": m, "sd": sd} for name, (m, sd) in self.scales.items()}
        return {**vars(self), "possible": list(self.possible), "scales": scales}


def front_of(model: EmotionModel, weights: Path | None = None) -> FrontEnd:
    """What computes the features that the model reads; `weights` are an encoder's, in a file.

    Raises ModelError where no front end here has those features, FrontEndError where it cannot
    be had.
    """
    names = tuple(model.feature_names or Own.names)
    spec = named_by(names, weights)
    if spec is not None and model.n_features == len(names):
        front = resolve(spec)
        front.prepare()
        return front
    unknown = [name for name in names if name not in Own.names]
    what = f"feature {unknown[0]!r}" if unknown else f"{model.n_features} features"
    raise ModelError(
        f"the model was trained on {what} of another version ({len(Own.names)} features are "
        "computed here): train it again"
    )


def promise(
    model: EmotionModel, n_heard: float, *, risk: float | None, set_coverage: float
) -> Promise:
    """What can be promised of a speaker of whom `n_heard` utterances are known.

    Raises ValueError for a stated risk that cannot be kept for lack of evidence.
    """
    evidence = model.evidence if model.listener is None else model.listener.evidence
    try:
        least = evidence.least_proba(set_coverage, n_heard)
    except ValueError:
        if not 0 < set_coverage < 1:
            raise
        least = 0.0
    if risk is not None:
        threshold = evidence.threshold(risk, n_heard)
    else:
        try:
            threshold = evidence.covering(DEFAULT_COVERAGE, n_heard)
        except ValueError:
            threshold = 0.0
    covered, wrong = evidence.risk(threshold, n_heard)
    return Promise(threshold, wrong, covered, least, set_coverage)


def stretches(path: Path) -> list[tuple[float, float]]:
    """What of a file is answered for: the whole, or the utterances of one longer than 20 s."""
    return utterances(path) or [(0.0, length_s(path))]


def heard(
    path: Path, start_s: float = 0.0, end_s: float | None = None, *, front: FrontEnd = _OWN
) -> NDArray[np.float32]:
    """The features (d,) of a stretch, by the model's `front` end. Raises AudioError."""
    return front.extract_many([read(path, start_s, end_s)])[0]


def with_speaker(
    model: EmotionModel, features: NDArray[np.floating], enrolled: NDArray[np.floating]
) -> NDArray[np.float64]:
    """What the model reads of segments (n, d) of a speaker of whom (m, d) are known; m may be 0."""
    if not len(enrolled):
        return model.inputs(features)
    voices = model.scaling.voices(enrolled, np.zeros(len(enrolled), dtype=np.int64))
    at = np.zeros(len(features), dtype=np.int64)
    return joined(np.asarray(features, dtype=np.float64), voices, at)


def answers(
    model: EmotionModel,
    wide: NDArray[np.float64],
    where: Sequence[tuple[str, float, float]],
    promised: Promise,
    tracks: Sequence[NDArray[np.floating]] | None = None,
) -> list[Answer]:
    """An answer for each row of model inputs; `where` names path, start and end of each, `tracks`
    are those of `take_in`."""
    said = model.predict(wide, tracks)
    possible = conformal_sets(said.proba, promised.least_proba)
    out = []
    for i, (path, start_s, end_s) in enumerate(where):
        best = int(said.proba[i].argmax())
        confidence = float(said.proba[i, best])
        note = _unheard(wide[i, : model.n_features], end_s - start_s)
        likeliest = model.classes[best]
        known = [j for j in range(len(model.scales)) if np.isfinite(said.scale_mean[i, j])]
        names = list(model.scales)
        out.append(
            Answer(
                path=path,
                start_s=round(start_s, 3),
                end_s=round(end_s, 3),
                emotion=UNSURE if note or confidence < promised.threshold else likeliest,
                likeliest=likeliest,
                confidence=confidence,
                proba=dict(zip(model.classes, said.proba[i].tolist(), strict=True)),
                finest=dict(zip(model.leaves, said.proba_leaves[i].tolist(), strict=True)),
                possible=tuple(
                    n for n, inside in zip(model.classes, possible[i], strict=True) if inside
                ),
                scales={
                    names[j]: (float(said.scale_mean[i, j]), float(said.scale_sd[i, j]))
                    for j in known
                },
                note=note,
            )
        )
    return out


def _unheard(features: NDArray[np.float64], duration_s: float) -> str:
    """Why a stretch says nothing of an emotion; "" where it may."""
    if duration_s < SHORTEST_S:
        return f"too short to tell: {duration_s:.2f} s, {SHORTEST_S} s are the least"
    if np.isfinite(features).mean() < _LEAST_KNOWN:
        return "no voice is heard"
    return ""


@dataclass(frozen=True)
class Trajectory:
    """An answer over time: `time_s` (t,) centres of windows; `proba` (t, k); `scales` (t, s)."""

    time_s: NDArray[np.float64]
    proba: NDArray[np.float64]
    scales: NDArray[np.float64]


def trajectory(
    model: EmotionModel,
    samples: NDArray[np.float32],
    enrolled: NDArray[np.floating],
    *,
    window_s: float = WINDOW_S,
    hop_s: float = HOP_S,
    front: FrontEnd = _OWN,
) -> Trajectory:
    """What is said of every `window_s` of a sound, `hop_s` apart: emotion and scales over time."""
    size, hop = round(window_s * SAMPLE_RATE_HZ), round(hop_s * SAMPLE_RATE_HZ)
    starts = range(0, max(1, len(samples) - size + 1), hop)
    rows = take_in(model, [samples[i : i + size] for i in starts], front)
    said = model.predict(with_speaker(model, rows.features, enrolled), rows.tracks)
    centre = min(size, len(samples)) / 2
    times = (np.array(starts) + centre) / SAMPLE_RATE_HZ
    return Trajectory(times, said.proba, said.scale_mean)


@dataclass(frozen=True)
class Reason:
    """A feature that moved an answer: its value, what is usual, and what it adds in nats."""

    feature: str
    unit: str
    value: float
    usual: float
    deviation: float
    evidence: float


def reasons(
    model: EmotionModel,
    wide: NDArray[np.float64],
    emotion: str,
    tracks: NDArray[np.floating] | None = None,
) -> list[Reason]:
    """All features by how much they move the answer towards (or away from) an emotion."""
    leaves = [i for i, p in enumerate(model.parents) if model.classes[p] == emotion]
    found = moved(model, wide, leaves[0], tracks)
    for other in leaves[1:]:
        more = moved(model, wide, other, tracks)
        if np.abs(more.evidence).sum() > np.abs(found.evidence).sum():
            found = more
    order = np.argsort(-np.abs(found.evidence), kind="stable")
    names = model.feature_names or Own.names
    return [
        Reason(
            feature=names[j],
            unit=Own.units.get(names[j], ""),
            value=float(np.ravel(wide)[j]),
            usual=float(found.usual[j]),
            deviation=float(found.deviation[j]),
            evidence=float(found.evidence[j]),
        )
        for j in order
    ]


def neighbours(model: EmotionModel, wide: NDArray[np.float64], n: int = 3) -> list[tuple[str, str]]:
    """(name, label) of the training segments that the model hears most like this one."""
    embedding = model.embed(np.asarray(wide).reshape(1, -1))[0]
    return [(model.memory.names[i], model.memory.labels[i]) for i in nearest(model, embedding, n)]
