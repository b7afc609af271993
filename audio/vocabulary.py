"""Vocabulary: the name, the unit and the meaning of every acoustic feature of a clip."""

from audio.formants import N_FORMANTS
from audio.functionals import MODULATION_NAMES, N_MFCC_KEPT, N_MFCC_MOVING, VOICE_NAMES
from audio.meanings import MEANINGS, SHAPES
from audio.rhythm import MODULATION_BANDS_HZ


def _of_frames(name: str, *, has_unvoiced: bool) -> dict[str, tuple[str, str]]:
    unit, meaning = MEANINGS[name]
    found = {
        f"{name}_mean": (unit, f"{meaning}; mean over voiced frames"),
        f"{name}_sd": (unit, f"{meaning}; standard deviation over voiced frames"),
    }
    if has_unvoiced:
        found[f"{name}_unvoiced_mean"] = (unit, f"{meaning}; mean over unvoiced frames of speech")
    return found


def _of_contour(name: str, unit: str, ascii_unit: str, over: str) -> dict[str, tuple[str, str]]:
    return {
        f"{name}_{way}_{ascii_unit}_{part}": (
            unit,
            f"{what} of the frame-to-frame slope where {name} {way}s, over {over}",
        )
        for way in ("rise", "fall")
        for part, what in (("mean", "mean"), ("sd", "standard deviation"))
    }


_PITCH = {
    f"f0_semitone_{part}": ("semitones re 27.5 Hz", f"{what} of F0 over voiced frames")
    for part, what in (
        ("mean", "mean"),
        ("sd", "standard deviation"),
        ("p20", "20th percentile"),
        ("p50", "median"),
        ("p80", "80th percentile"),
        ("range", "80th less 20th percentile"),
    )
} | {"f0_slope_st_per_s": ("semitones/s", "regression slope of F0 over voiced frames")}

_LOUDNESS = {
    "loudness_db_mean": ("dB re full scale", "mean A-weighted level of speech frames"),
    "loudness_db_sd": ("dB", "standard deviation of the A-weighted level of speech frames"),
    "loudness_db_range": ("dB", "80th less 20th percentile of the A-weighted level"),
    "loudness_slope_db_per_s": ("dB/s", "regression slope of the A-weighted level"),
}

_MFCC = {
    f"mfcc{k}_{part}": ("", f"{what} of mel-frequency cepstral coefficient {k}, {over} frames")
    for k in range(1, N_MFCC_KEPT + 1)
    for part, what, over in (
        ("mean", "mean", "voiced"),
        ("sd", "standard deviation", "voiced"),
        ("unvoiced_mean", "mean", "unvoiced"),
    )
} | {
    "mfcc_speed_per_s": (
        "1/s",
        f"mean change of coefficients 1 to {N_MFCC_MOVING} a second over voiced frames: "
        "how fast the voice moves from sound to sound",
    )
}

_FORMANTS = {
    f"f{k}_{what}_{part}": (unit, f"{name} of formant {k}'s {about} over voiced frames")
    for k in range(1, N_FORMANTS + 1)
    for what, unit, about in (
        ("frequency_hz", "Hz", "frequency"),
        ("bandwidth_octaves", "octaves re 1 Hz", "bandwidth"),
    )
    for part, name in (("mean", "mean"), ("sd", "standard deviation"))
}

_RHYTHM = {
    "voiced_fraction": ("", "voiced part of the stretch from first to last speech"),
    "voiced_segments_per_s": ("1/s", "runs of voiced frames a second of that stretch"),
    "voiced_segment_s_mean": ("s", "mean length of a run of voiced frames"),
    "voiced_segment_s_sd": ("s", "standard deviation of that length"),
    "pause_fraction": ("", "part of the stretch in pauses of 0.15 s or more"),
    "pauses_per_s": ("1/s", "such pauses a second"),
    "syllable_rate_per_s": ("1/s", "voiced loudness peaks of 3 dB or more a second"),
    "speech_s": ("s", "from the first frame of speech to the last"),
    "duration_s": ("s", "length of the clip"),
}

_CONTOURS = {
    "f0_run_slope_st_per_s_mean": ("semitones/s", "mean of F0's slope in each voiced stretch"),
    "f0_run_slope_st_per_s_sd": ("semitones/s", "standard deviation of that slope"),
    "f0_run_range_st_mean": ("semitones", "mean of F0's range in each voiced stretch"),
    "f0_onset_st": ("semitones", "F0 of the first 80 ms of voice, less the mean"),
    "f0_offset_st": ("semitones", "F0 of the last 80 ms of voice, less the mean"),
    **{
        f"{course}_contour_{part}": (unit if of_course else "", f"{what} of the {course} contour")
        for course, unit in (("f0", "semitones"), ("loudness", "dB"))
        for part, of_course, what in (
            ("first_third", True, "mean of the first third, less the mean,"),
            ("middle_third", True, "mean of the middle third, less the mean,"),
            ("last_third", True, "mean of the last third, less the mean,"),
            ("peak_position", False, "place of the highest point, 0 = begin and 1 = end,"),
            ("curvature", True, "quadratic term (positive: a valley, negative: a hill)"),
            ("skewness", False, "skewness"),
        )
    },
    **{
        name: ("dB", f"part of loudness' modulation that is at {low} to {high} Hz")
        for name, (low, high) in zip(MODULATION_NAMES, MODULATION_BANDS_HZ, strict=True)
    },
    "f0_loudness_correlation": ("", "Pearson correlation of F0 and loudness, voiced frames"),
    "loudness_alpha_ratio_correlation": (
        "",
        "Pearson correlation of loudness and alpha ratio, voiced frames",
    ),
}

DEFINITIONS: dict[str, tuple[str, str]] = {
    **_PITCH,
    **_of_contour("f0", "semitones/s", "st_per_s", "voiced frames"),
    **_LOUDNESS,
    **_of_contour("loudness", "dB/s", "db_per_s", "speech frames"),
    **{key: value for name in SHAPES for key, value in _of_frames(name, has_unvoiced=True).items()},
    **_MFCC,
    **{
        key: value
        for name in VOICE_NAMES
        for key, value in _of_frames(name, has_unvoiced=False).items()
    },
    **_FORMANTS,
    **_RHYTHM,
    **_CONTOURS,
}
"""Of every feature, in order: its unit ("" = none) and its definition."""

FEATURE_VERSION = "3"
"""Changes whenever the same sound would give other numbers."""

FEATURE_NAMES: tuple[str, ...] = tuple(DEFINITIONS)
FEATURE_UNITS: dict[str, str] = {name: unit for name, (unit, _) in DEFINITIONS.items()}
FEATURE_DEFINITIONS: dict[str, str] = {name: what for name, (_, what) in DEFINITIONS.items()}
