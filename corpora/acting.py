"""How an emotion is acted: which way each cue of the voice goes, and how far a speaker takes it."""

from dataclasses import dataclass, field

import numpy as np

from corpora.espeak import Delivery
from corpora.shaping import Shape

CUES = ("rate", "pitch", "range", "level", "tilt", "tremor", "breath", "rise")

# One unit is what a speaker does at full strength; directions after Juslin & Laukka 2003
# (Communication of emotions in vocal expression and music performance, table 7).
PROFILES = {
    #             rate  pitch  range level  tilt tremor breath rise
    "anger":     (+0.8, +0.5, +0.6, +1.2, +1.2, +0.1, +0.0, -0.5),
    "fear":      (+0.9, +1.1, -0.4, -0.2, +0.2, +1.0, +0.7, +0.2),
    "happiness": (+0.5, +0.9, +1.0, +0.7, +0.6, +0.0, +0.0, +0.2),
    "neutral":   (+0.0, +0.0, +0.0, +0.0, +0.0, +0.0, +0.0, +0.0),
    "sadness":   (-1.0, -0.5, -0.9, -1.0, -1.0, +0.3, +0.5, -0.3),
    "surprise":  (-0.1, +1.1, +1.1, +0.4, +0.3, +0.0, +0.2, +1.2),
}  # fmt: skip

WOBBLE = 0.26
"""Standard deviation, in units, by which a clip strays on each cue for no reason."""

HABIT = 0.2
"""The same for how much more or less than others a speaker makes of a cue in an emotion."""


@dataclass(frozen=True)
class Voice:
    """A synthetic speaker: an espeak-ng voice and variant, who it passes for, and its habits.

    `rate` (words a minute), `pitch` (espeak-ng's 0 to 100) and `level_db` are where it is at
    rest; `habits` is how much it makes of each cue, by emotion: arrays (len(CUES),) around 1.
    """

    speaker: str
    name: str
    gender: str
    age: int
    language: str
    rate: float = 165.0
    pitch: float = 50.0
    level_db: float = 0.0
    habits: dict[str, np.ndarray] = field(default_factory=dict)


def settled(voice: Voice, rng: np.random.Generator) -> Voice:
    """The voice with a rest position and habits of its own."""
    return Voice(
        voice.speaker,
        voice.name,
        voice.gender,
        voice.age,
        voice.language,
        rate=float(rng.normal(165, 12)),
        pitch=float(rng.normal(46, 6)),
        level_db=float(rng.normal(0, 3)),
        habits={name: rng.normal(1, HABIT, len(CUES)) for name in PROFILES},
    )


def act(
    voice: Voice, emotion: str, strength: float, rng: np.random.Generator
) -> tuple[Delivery, Shape]:
    """How the voice says something in an emotion at a strength in [0, 1]."""
    aim = np.asarray(PROFILES[emotion]) * voice.habits[emotion] * strength
    rate, pitch, span, level, tilt, tremor, breath, rise = aim + rng.normal(0, WOBBLE, len(CUES))
    delivery = Delivery(
        rate=voice.rate * float(np.exp(0.22 * rate)),
        pitch=voice.pitch + 15 * pitch,
        pitch_range=50 * float(np.exp(0.5 * span)),
    )
    shape = Shape(
        level_db=voice.level_db + 4.5 * float(level),
        tilt_db=5.0 * float(tilt),
        tremor=max(0.0, 0.6 * float(tremor)),
        breath=max(0.0, 0.6 * float(breath)),
        rise_semitones=2.0 * float(rise),
    )
    return delivery, shape
