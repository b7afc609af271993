"""The demo corpus: synthetic speech that acts six emotions, with the truth about each clip."""

import csv
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpora.acting import PROFILES, Voice, act, settled
from corpora.espeak import Speaker, speaking
from corpora.sentences import SENTENCES
from corpora.shaping import shaped
from labels.scheme import Scheme

Progress = Callable[[int, int], None]

VOICES = (
    Voice("syn01", "en-us+f2", "female", 34, "en"),
    Voice("syn02", "en-us+m3", "male", 41, "en"),
    Voice("syn03", "de+f1", "female", 29, "de"),
    Voice("syn04", "de+m1", "male", 52, "de"),
    Voice("syn05", "pl+f3", "female", 38, "pl"),
    Voice("syn06", "pl+m7", "male", 27, "pl"),
    Voice("syn07", "en-gb-scotland+f4", "female", 61, "en"),
    Voice("syn08", "en-gb-x-rp+m2", "male", 36, "en"),
    Voice("syn09", "de+f5", "female", 66, "de"),
    Voice("syn10", "de+m4", "male", 33, "de"),
    Voice("syn11", "en-029+Annie", "female", 23, "en"),
    Voice("syn12", "pl+m8", "male", 45, "pl"),
    Voice("syn13", "en-us-nyc+Andrea", "female", 31, "en"),
    Voice("syn14", "en+m5", "male", 58, "en"),
    Voice("syn15", "pl+f1", "female", 44, "pl"),
    Voice("syn16", "de+Alex", "male", 25, "de"),
)
"""Who speaks. Ages and genders are what the voices pass for."""

_SCALES = ("valence", "arousal", "dominance", "intensity")
_COLUMNS = (
    "path", "corpus", "speaker", "gender", "age", "language", "style", "transcript", "emotion",
    *_SCALES,
)  # fmt: skip
_ROOM_DB = -62.0
_README = """\
Synthetic speech. Nobody speaks here.

{n} clips by {voices} voices of espeak-ng, a speech synthesiser. Six emotions are acted by rule:
rate, pitch, range, level, spectral tilt, tremor, breath and the end of the pitch contour, more
strongly or less, and every voice with habits of its own. manifest.csv says of each clip which
emotion was meant and where it lies on valence, arousal, dominance and intensity (1 to 5).

It shows how Undertone works. What a model learns here says nothing about people.
Seed {seed}.
"""


@dataclass(frozen=True)
class _Clip:
    """A clip to be made: who says what, meaning which emotion, how strongly (0 to 1)."""

    name: str
    voice: Voice
    transcript: str
    emotion: str
    strength: float


def make_synthetic_corpus(
    folder: Path,
    *,
    n_clips: int = 288,
    n_voices: int = 12,
    seed: int = 0,
    progress: Progress | None = None,
) -> Path:
    """Speaks the corpus into `folder` and returns its manifest, which is written last.

    Clips go round the voices and the emotions evenly. The same arguments give the same bytes.
    `progress` is called with (clips made, clips in all). Raises ValueError for counts out of
    range and corpora.espeak.EspeakError when there is no synthesiser.
    """
    if not 1 <= n_voices <= len(VOICES):
        raise ValueError(f"n_voices {n_voices} is not a number from 1 to {len(VOICES)}")
    if n_clips < 1:
        raise ValueError(f"n_clips {n_clips} is not 1 or more")
    (folder / "clips").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    scheme = Scheme.default()
    rows = []
    with speaking() as speaker:
        for index, clip in enumerate(_planned(n_clips, n_voices, rng)):
            _write_wav(folder / clip.name, _rendered(speaker, clip, rng), speaker.sample_rate_hz)
            rows.append(_row(clip, scheme, rng))
            if progress is not None:
                progress(index + 1, n_clips)
    readme = _README.format(n=n_clips, voices=n_voices, seed=seed)
    (folder / "README.txt").write_text(readme, encoding="utf-8")
    manifest = folder / "manifest.csv"
    with manifest.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return manifest


def _planned(n_clips: int, n_voices: int, rng: np.random.Generator) -> Iterator[_Clip]:
    voices = [settled(voice, rng) for voice in VOICES[:n_voices]]
    for index in range(n_clips):
        voice = voices[index % n_voices]
        emotion = tuple(PROFILES)[index // n_voices % len(PROFILES)]
        strength = rng.uniform(0.0, 0.3) if emotion == "neutral" else rng.uniform(0.35, 1.0)
        yield _Clip(
            name=f"clips/{voice.speaker}_{index:04d}.wav",
            voice=voice,
            transcript=str(rng.choice(SENTENCES[voice.language])),
            emotion=emotion,
            strength=float(strength),
        )


def _rendered(speaker: Speaker, clip: _Clip, rng: np.random.Generator) -> NDArray[np.float64]:
    delivery, shape = act(clip.voice, clip.emotion, clip.strength, rng)
    spoken = speaker.speak(
        f"{clip.transcript}.", clip.voice.name, delivery, int(rng.integers(2**31))
    )
    sound = shaped(spoken, speaker.sample_rate_hz, shape, rng)
    room = 10 ** (_ROOM_DB / 20) * rng.standard_normal(len(sound))
    return np.clip(sound + room, -1, 1)


def _row(clip: _Clip, scheme: Scheme, rng: np.random.Generator) -> dict[str, object]:
    voice = clip.voice
    ratings = _truth(clip, scheme, rng)
    return {
        "path": clip.name,
        "corpus": "synthetic",
        "speaker": voice.speaker,
        "gender": voice.gender,
        "age": voice.age,
        "language": voice.language,
        "style": "acted",
        "transcript": clip.transcript,
        "emotion": clip.emotion,
        **{name: f"{rating:.1f}" for name, rating in ratings.items()},
    }


def _truth(clip: _Clip, scheme: Scheme, rng: np.random.Generator) -> dict[str, float]:
    """Ratings by scale: the emotion's usual place, nearer to the middle the weaker it is."""
    usual = scheme.emotions[scheme.class_index(clip.emotion)].vad or (0.0, 0.0, 0.0)
    unit = np.array([*(clip.strength**0.5 * np.asarray(usual)), 2 * clip.strength - 1])
    unit = np.clip(unit + rng.normal(0, 0.1, len(unit)), -1, 1)
    return {
        name: scheme.scale(name).from_unit(float(place))
        for name, place in zip(_SCALES, unit, strict=True)
    }


def _write_wav(path: Path, sound: NDArray[np.float64], sample_rate_hz: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(np.rint(sound * 32767).astype("<i2").tobytes())
