"""Meanings: the unit and the definition of the descriptors of timbre and voice quality."""

MEANINGS: dict[str, tuple[str, str]] = {
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

SHAPES = (
    "alpha_ratio_db",
    "hammarberg_db",
    "slope_0_500_db_per_khz",
    "slope_500_1500_db_per_khz",
    "spectral_tilt_db_per_octave",
    "spectral_centroid_hz",
    "spectral_flux_db",
    "high_band_db",
)
"""Those of timbre, in the order of `audio.spectrum.Spectrum.shape`."""
