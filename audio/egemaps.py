"""eGeMAPS' names (Eyben et al. 2016, as openSMILE writes them) of the features that are the same.

The same by definition, not by value: openSMILE's slopes are per Hz, its alpha ratio is high over
low, and each program finds formants and harmonics its own way. What is only akin (loudness, an
A-weighted level here; flux; jitter and shimmer, taken over frames here; logarithmic bandwidths;
slopes of F0, frame to frame here) has no entry.
"""

_F0 = "F0semitoneFrom27.5Hz_sma3nz"
_OF_FRAMES = {
    "alpha_ratio_db": "alphaRatio{}",
    "hammarberg_db": "hammarbergIndex{}",
    "slope_0_500_db_per_khz": "slope{}0-500",
    "slope_500_1500_db_per_khz": "slope{}500-1500",
}

EGEMAPS_NAMES: dict[str, str] = {
    "f0_semitone_mean": f"{_F0}_amean",
    "f0_semitone_p20": f"{_F0}_percentile20.0",
    "f0_semitone_p50": f"{_F0}_percentile50.0",
    "f0_semitone_p80": f"{_F0}_percentile80.0",
    "f0_semitone_range": f"{_F0}_pctlrange0-2",
    **{f"{name}_mean": f"{theirs.format('V')}_sma3nz_amean" for name, theirs in _OF_FRAMES.items()},
    **{
        f"{name}_unvoiced_mean": f"{theirs.format('UV')}_sma3nz_amean"
        for name, theirs in _OF_FRAMES.items()
    },
    **{f"mfcc{k}_mean": f"mfcc{k}V_sma3nz_amean" for k in range(1, 5)},
    "hnr_db_mean": "HNRdBACF_sma3nz_amean",
    "h1_h2_db_mean": "logRelF0-H1-H2_sma3nz_amean",
    "h1_a3_db_mean": "logRelF0-H1-A3_sma3nz_amean",
    **{f"f{k}_frequency_hz_mean": f"F{k}frequency_sma3nz_amean" for k in (1, 2, 3)},
    "voiced_segments_per_s": "VoicedSegmentsPerSec",
    "voiced_segment_s_mean": "MeanVoicedSegmentLengthSec",
    "voiced_segment_s_sd": "StddevVoicedSegmentLengthSec",
}
"""Our name -> eGeMAPS' name."""
