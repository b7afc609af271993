"""The scheme as a form: which key chooses what, and how a scale's steps are drawn."""

from dataclasses import dataclass

from labels.scheme import Scale, Scheme

DIGITS = "1234567890"
FINER_KEYS = "qwertyop"
TAKEN = set("bcfhklmnpuxzjs" + FINER_KEYS)
"""Letters that the page uses for something else."""
MAX_STEPS = 9
"""A scale of more steps is a slider."""
DRAWN = ("valence", "arousal", "dominance", "intensity")
"""Scales with manikins; others show numbers."""


@dataclass(frozen=True)
class FinerChoice:
    """An emotion below one of the first tier, and its key."""

    name: str
    key: str


@dataclass(frozen=True)
class EmotionChoice:
    """An emotion of the first tier, its key ("" where there are more than keys), its finer ones."""

    name: str
    key: str
    colour: int
    finer: tuple[FinerChoice, ...]


@dataclass(frozen=True)
class Step:
    """A step of a scale: its rating, its digit, and where it lies from 0 (lowest) to 1."""

    value: str
    key: str
    place: float


@dataclass(frozen=True)
class ScaleChoice:
    """A scale: its letter, the words at its ends, and its steps; none of them for a slider."""

    name: str
    key: str
    low_means: str
    high_means: str
    low: float
    high: float
    drawn: bool
    steps: tuple[Step, ...]


def emotions(scheme: Scheme) -> list[EmotionChoice]:
    """The first tier, each with the finer emotions below it."""
    return [
        EmotionChoice(
            one.name,
            DIGITS[nth] if nth < len(DIGITS) else "",
            nth % 12,
            tuple(
                FinerChoice(name, FINER_KEYS[i] if i < len(FINER_KEYS) else "")
                for i, name in enumerate(one.finer)
            ),
        )
        for nth, one in enumerate(scheme.emotions)
    ]


def scales(scheme: Scheme) -> list[ScaleChoice]:
    """The scales, each with a letter of its own: the first of its name that is free."""
    taken = set(TAKEN)
    choices = []
    for scale in scheme.scales:
        letters = [c for c in scale.name.lower() if c.isascii() and c.isalpha()]
        key = next((c for c in letters if c not in taken), "")
        taken.add(key)
        choices.append(
            ScaleChoice(
                scale.name,
                key,
                scale.low_means,
                scale.high_means,
                scale.low,
                scale.high,
                scale.name in DRAWN,
                _steps(scale),
            )
        )
    return choices


def _steps(scale: Scale) -> tuple[Step, ...]:
    if scale.n_bins > MAX_STEPS:
        return ()
    return tuple(
        Step(f"{value:g}", DIGITS[nth], nth / (scale.n_bins - 1))
        for nth, value in enumerate(scale.centres)
    )
