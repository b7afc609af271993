"""Windows: parts of a recording (phones, words, turns, a window that slides) in their context.

A recording is analysed once and as a whole; a part's features are taken from its frames. So a
word has the pitch that is heard across its edges, and what counts as speech is told by the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from audio import features
from audio.analysis import Clip, analyse
from audio.decoding import SAMPLE_RATE_HZ
from audio.formants import Formants
from audio.grid import HOP_S
from audio.pitch import Pitch
from audio.spectrum import Spectrum
from audio.voice import Voice

SHORTEST_S = 0.02
"""A part shorter than this has no two frames."""


@dataclass(frozen=True)
class Mark:
    """A stretch of a recording in seconds, and what it is: a phone, a word, an emotion."""

    start_s: float
    end_s: float
    label: str


def sliding(
    duration_s: float, *, length_s: float = 1.0, hop_s: float = 0.25
) -> list[tuple[float, float]]:
    """Windows (start, end) in seconds over a recording, the last one ending where it ends.

    A recording shorter than a window is one window. Raises ValueError for lengths that are not
    positive, or a window shorter than SHORTEST_S.
    """
    if not (duration_s > 0 and length_s >= SHORTEST_S and hop_s > 0):
        raise ValueError(
            f"duration_s {duration_s}, length_s {length_s}, hop_s {hop_s}: a duration and a hop "
            f"above 0 and a length of at least {SHORTEST_S} s are expected"
        )
    if duration_s <= length_s:
        return [(0.0, duration_s)]
    n = int((duration_s - length_s) / hop_s + 1e-9) + 1
    starts = [k * hop_s for k in range(n)]
    if starts[-1] + length_s < duration_s - 1e-6:
        starts.append(duration_s - length_s)
    return [(start, start + length_s) for start in starts]


def extract(
    waveform: NDArray[np.floating],
    spans: Sequence[tuple[float, float]],
    sample_rate_hz: int = SAMPLE_RATE_HZ,
) -> NDArray[np.float32]:
    """The features of parts (start, end) in seconds of a recording (n,); (n_parts, n_features).

    Columns are `features.FEATURE_NAMES`; a part of a few frames has means, and NaN for what needs
    longer (slopes, contours, rhythm). `loudness_db_mean` is re full scale, as for a clip.
    Raises ValueError for a part that is shorter than SHORTEST_S or not within the recording.
    """
    duration_s = len(waveform) / sample_rate_hz
    for start_s, end_s in spans:
        if not (
            start_s >= 0 and end_s - start_s >= SHORTEST_S - 1e-9 and end_s <= duration_s + 1e-6
        ):
            raise ValueError(
                f"part {start_s:g} to {end_s:g} s: at least {SHORTEST_S} s within the "
                f"{duration_s:g} s of the recording are expected"
            )
    clip = analyse(waveform, sample_rate_hz)
    found = np.empty((len(spans), len(features.FEATURE_NAMES)), dtype=np.float32)
    for row, (start_s, end_s) in enumerate(spans):
        part = None if clip is None else between(clip, start_s, end_s)
        found[row] = features.of_clip(part, end_s - start_s)
    return found


def between(clip: Clip, start_s: float, end_s: float) -> Clip:
    """The part of an analysed clip whose frames are centred in [start_s, end_s)."""
    n_frames = len(clip.speech)
    first = min(int(np.ceil(start_s / HOP_S - 1e-6)), n_frames - 1)
    last = max(first + 1, min(int(np.ceil(end_s / HOP_S - 1e-6)), n_frames))
    own = slice(first, last)
    track, sound, voice = clip.pitch, clip.spectrum, clip.voice
    return replace(
        clip,
        duration_s=end_s - start_s,
        pitch=Pitch(track.f0_hz[own], track.periodicity[own], track.power[own], track.bin_hz),
        spectrum=Spectrum(*(getattr(sound, name)[own] for name in sound.__dataclass_fields__)),
        voice=Voice(*(getattr(voice, name)[own] for name in voice.__dataclass_fields__)),
        formants=Formants(clip.formants.hz[own], clip.formants.bandwidth_octaves[own]),
        speech=clip.speech[own],
        voiced=clip.voiced[own],
    )


def frame_classes(
    marks: Sequence[Mark], classes: Sequence[str], n_frames: int, *, elsewhere: int = -1
) -> NDArray[np.int64]:
    """What each of n_frames frames (one every HOP_S) is: an index into `classes`, (n_frames,).

    A frame belongs to the mark that its centre lies in; `elsewhere` where there is none.
    Raises ValueError for a mark whose label is none of the classes.
    """
    index = {name: i for i, name in enumerate(classes)}
    found = np.full(n_frames, elsewhere, dtype=np.int64)
    for mark in marks:
        if mark.label not in index:
            raise ValueError(f"mark {mark.label!r} is none of {', '.join(classes)}")
        first, last = (int(np.ceil(at / HOP_S - 1e-6)) for at in (mark.start_s, mark.end_s))
        found[max(0, first) : max(0, last)] = index[mark.label]
    return found
