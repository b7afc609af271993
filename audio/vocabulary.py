"""Vocabulary: the name, the unit and the meaning of every acoustic feature of a clip."""

from audio.functionals import MODULATION_NAMES, N_MFCC_KEPT, VOICE_NAMES
from audio.rhythm import MODULATION_BANDS_HZ
from audio.spectrum import SHAPES

_MEANINGS: dict[str, tuple[str, str]] = {
    "alpha_ratio_db": ("dB", "power in 50-1000 Hz over power in 1-5 kHz"),
    "hammarberg_db": ("dB", "highest peak in 0-2 kHz over highest peak in 2-5 kHz"),
    "slope_0_500_db_per_khz": ("dB/kHz", "regression slope of the spectrum in 0-500 Hz"),
    "slope_500_1500_db_per_khz": ("dB/kHz", "regression slope of the spectrum in 500-1500 Hz"),
    "spectral_tilt_db_per_octave": ("dB/octave", "regression slope of the mel bands' levels"),
    "spectral_centroid_hz": ("Hz", "mean frequency, weighted by power"),
    "spectral_flux_db": ("dB", "change of the mel spectrum's shape from frame to frame (RMS)"),
    "high_band_db": ("dB", "power above 4 kHz over all power"),
    "hnr_db": ("dB", "harmonics over noise, from the periodicity (Boersma 1993)"),
    "jitter_percent": ("%", "bend of the period's course over three frames, of the period"),
    "shimmer_db": ("dB", "bend of the harmonics' level over three frames"),
    "h1_h2_db": ("dB", "first harmonic over the second: high when breathy, low when pressed"),
    "h1_a3_db": ("dB", "first harmonic over the strongest part between 2 and 4 kHz"),
}


def _of_frames(name: str, *, has_unvoiced: bool) -> dict[str, tuple[str, str]]:
    unit, meaning = _MEANINGS[name]
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
    f"mfcc{k}_{part}": ("", f"{what} of mel-frequency cepstral coefficient {k}, voiced frames")
    for k in range(1, N_MFCC_KEPT + 1)
    for part, what in (("mean", "mean"), ("sd", "standard deviation"))
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
    **_RHYTHM,
    **_CONTOURS,
}
"""Of every feature, in order: its unit ("" = none) and its definition."""
