"""Functionals: what the frames of a clip amount to, as named numbers.

Names follow eGeMAPS (Eyben et al. 2016) where the thing is the same; NaN where there is nothing
to measure (the pitch of a clip without voice).
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audio import contour, rhythm
from audio.formants import N_FORMANTS
from audio.grid import HOP_S
from audio.meanings import SHAPES

if TYPE_CHECKING:
    from audio.analysis import Clip

N_MFCC_KEPT = 4
N_MFCC_MOVING = 8
TIMBRE_NAMES = (*SHAPES, *(f"mfcc{k}" for k in range(1, N_MFCC_KEPT + 1)))
FORMANT_NAMES = tuple(
    f"f{k}_{what}"
    for what in ("frequency_hz", "bandwidth_octaves")
    for k in range(1, N_FORMANTS + 1)
)
VOICE_NAMES = ("hnr_db", "jitter_percent", "shimmer_db", "h1_h2_db", "h1_a3_db")
MODULATION_NAMES = tuple(
    f"loudness_modulation_{str(low).replace('.', '_')}_{high}_hz_db"
    for low, high in rhythm.MODULATION_BANDS_HZ
)


def functionals(clip: "Clip") -> dict[str, float]:
    """Every functional of a clip, by name, in the order of `definitions`."""
    return {
        **_pitch(clip),
        **_loudness(clip),
        **_timbre(clip),
        **_rhythm(clip),
        **_contours(clip),
    }


def _pitch(clip: "Clip") -> dict[str, float]:
    semitones = _semitones(clip)
    mean, sd = _mean_sd(semitones[clip.voiced])
    p20, p50, p80 = _percentiles(semitones[clip.voiced])
    found = {
        "f0_semitone_mean": mean,
        "f0_semitone_sd": sd,
        "f0_semitone_p20": p20,
        "f0_semitone_p50": p50,
        "f0_semitone_p80": p80,
        "f0_semitone_range": p80 - p20,
        "f0_slope_st_per_s": _slope(semitones, clip.voiced),
    }
    return found | _rises_and_falls("f0", "st_per_s", semitones, clip.voiced)


def _loudness(clip: "Clip") -> dict[str, float]:
    loudness = clip.spectrum.loudness_db
    mean, sd = _mean_sd(loudness[clip.speech])
    p20, _, p80 = _percentiles(loudness[clip.speech])
    found = {
        "loudness_db_mean": mean + clip.level_db,
        "loudness_db_sd": sd,
        "loudness_db_range": p80 - p20,
        "loudness_slope_db_per_s": _slope(loudness, clip.speech),
    }
    return found | _rises_and_falls("loudness", "db_per_s", loudness, clip.speech)


def _timbre(clip: "Clip") -> dict[str, float]:
    """Of timbre, voice quality and formants: mean and deviation over the voiced frames.

    Of timbre also the mean over the unvoiced frames of speech (fricatives, whisper, breath).
    """
    timbre = np.concatenate([clip.spectrum.shape, clip.spectrum.mfcc[:, :N_MFCC_KEPT]], axis=1)
    voice = np.stack([getattr(clip.voice, name) for name in VOICE_NAMES], axis=1)
    tract = np.concatenate([clip.formants.hz, clip.formants.bandwidth_octaves], axis=1)
    means, sds = _means_sds(np.concatenate([timbre, voice, tract], axis=1)[clip.voiced])
    unvoiced, _ = _means_sds(timbre[clip.speech & ~clip.voiced])
    cepstra = np.pad(clip.spectrum.mfcc[:, :N_MFCC_MOVING], ((1, 1), (0, 0)), mode="edge")
    moving = np.abs(cepstra[2:] - cepstra[:-2]).mean(axis=1) / (2 * HOP_S)
    found: dict[str, float] = {}
    for k, name in enumerate(TIMBRE_NAMES + VOICE_NAMES + FORMANT_NAMES):
        found[f"{name}_mean"], found[f"{name}_sd"] = float(means[k]), float(sds[k])
    for k, name in enumerate(TIMBRE_NAMES):
        found[f"{name}_unvoiced_mean"] = float(unvoiced[k])
    found["mfcc_speed_per_s"] = _mean_sd(moving[clip.voiced])[0]
    return found


def _rhythm(clip: "Clip") -> dict[str, float]:
    on = np.flatnonzero(clip.speech)
    span_s = float(on[-1] - on[0] + 1) * HOP_S if len(on) else np.nan
    runs, gaps = rhythm.stretches(clip.voiced), rhythm.pauses(clip.speech)
    length_mean, length_sd = _mean_sd(runs.length * HOP_S)
    n_syllables = rhythm.n_syllables(clip.spectrum.loudness_db, clip.voiced)
    return {
        "voiced_fraction": float(clip.voiced.sum()) * HOP_S / span_s,
        "voiced_segments_per_s": len(runs.start) / span_s,
        "voiced_segment_s_mean": length_mean,
        "voiced_segment_s_sd": length_sd,
        "pause_fraction": float(gaps.length.sum()) * HOP_S / span_s,
        "pauses_per_s": len(gaps.start) / span_s,
        "syllable_rate_per_s": n_syllables / span_s,
        "speech_s": span_s,
        "duration_s": clip.duration_s,
    }


def _contours(clip: "Clip") -> dict[str, float]:
    semitones, loudness = _semitones(clip), clip.spectrum.loudness_db
    slopes, ranges = contour.run_slopes(semitones, rhythm.stretches(clip.voiced))
    slope_mean, slope_sd = _mean_sd(slopes)
    onset, offset = contour.edges(semitones, clip.voiced)
    parts = {
        "f0_contour": contour.shape(semitones, clip.voiced),
        "loudness_contour": contour.shape(loudness, clip.speech),
    }
    bands = rhythm.modulation_db(loudness, clip.speech)
    return {
        "f0_run_slope_st_per_s_mean": slope_mean,
        "f0_run_slope_st_per_s_sd": slope_sd,
        "f0_run_range_st_mean": _mean_sd(ranges)[0],
        "f0_onset_st": onset,
        "f0_offset_st": offset,
        **{
            f"{what}_{part}": value
            for what, found in parts.items()
            for part, value in found.items()
        },
        **{name: float(db) for name, db in zip(MODULATION_NAMES, bands, strict=True)},
        "f0_loudness_correlation": contour.correlation(semitones, loudness, clip.voiced),
        "loudness_alpha_ratio_correlation": contour.correlation(
            loudness, clip.spectrum.shape[:, SHAPES.index("alpha_ratio_db")], clip.voiced
        ),
    }


def _semitones(clip: "Clip") -> NDArray[np.float32]:
    octaves: NDArray[np.float32] = np.log2(clip.pitch.f0_hz / np.float32(27.5))
    return 12 * octaves


def _mean_sd(values: NDArray[np.floating]) -> tuple[float, float]:
    known = values[~np.isnan(values)].astype(np.float64)
    if not len(known):
        return np.nan, np.nan
    return float(known.mean()), float(known.std())


def _means_sds(
    columns: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column of (n, k), of what is not NaN; (k,) each."""
    known = ~np.isnan(columns)
    n_known = np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    means = np.where(known, columns, 0.0).sum(axis=0, dtype=np.float64) / n_known
    squares = np.square(np.where(known, columns - means, 0.0))
    return means, np.sqrt(squares.sum(axis=0) / n_known)


def _percentiles(values: NDArray[np.floating]) -> tuple[float, float, float]:
    if not len(values):
        return np.nan, np.nan, np.nan
    p20, p50, p80 = np.percentile(values.astype(np.float64), [20, 50, 80]).tolist()
    return p20, p50, p80


def _slope(course: NDArray[np.floating], on: NDArray[np.bool_]) -> float:
    """The slope of the regression line over time, a second; NaN below five frames."""
    at = np.flatnonzero(on)
    if len(at) < 5:
        return np.nan
    centred = (at - at.mean()) * HOP_S
    return float((centred * course[at]).sum() / np.square(centred).sum())


def _rises_and_falls(
    name: str, unit: str, course: NDArray[np.floating], on: NDArray[np.bool_]
) -> dict[str, float]:
    """How fast a contour rises where it rises and falls where it falls, frame to frame."""
    steps = (np.diff(course)[on[1:] & on[:-1]]) / HOP_S
    up, down = _mean_sd(steps[steps > 0]), _mean_sd(steps[steps < 0])
    return {
        f"{name}_rise_{unit}_mean": up[0],
        f"{name}_rise_{unit}_sd": up[1],
        f"{name}_fall_{unit}_mean": down[0],
        f"{name}_fall_{unit}_sd": down[1],
    }
