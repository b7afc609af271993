import csv
import warnings

import numpy as np
import pytest

from audio import decoding
from audio.features import (
    FEATURE_DEFINITIONS,
    FEATURE_NAMES,
    FEATURE_UNITS,
    extract,
    extract_many,
)

RATE_HZ = 16_000


def named(sound, rate_hz=RATE_HZ) -> dict[str, float]:
    return dict(zip(FEATURE_NAMES, extract(sound, rate_hz).tolist(), strict=True))


def syllables(voice, noise, rate_per_s=4.0, duration_s=4.0, f0_hz=150.0):
    """Vowels of equal length and pause, over a faint noise."""
    n = round(duration_s * RATE_HZ)
    t = np.arange(n) / RATE_HZ
    envelope = np.clip(np.sin(2 * np.pi * rate_per_s * t), 0, None) ** 0.5
    return voice(f0_hz, duration_s) * envelope.astype(np.float32) + noise(duration_s, 1e-4)


def test_every_feature_has_a_unit_and_a_definition_and_a_value(voice, noise):
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)
    assert set(FEATURE_UNITS) == set(FEATURE_DEFINITIONS) == set(FEATURE_NAMES)
    assert all(FEATURE_DEFINITIONS.values())
    found = extract(np.concatenate([syllables(voice, noise), noise(0.5)]))
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


@pytest.mark.parametrize("f0_hz", [110.0, 220.0, 440.0])
def test_pitch_is_in_semitones_above_27_5_hz(voice, f0_hz):
    found = named(voice(f0_hz))
    expected = 12 * np.log2(f0_hz / 27.5)
    assert found["f0_semitone_mean"] == pytest.approx(expected, abs=0.05)
    assert found["f0_semitone_p50"] == pytest.approx(expected, abs=0.02)
    assert found["f0_semitone_range"] == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("slope", [-8.0, 5.0])
def test_a_glide_has_its_slope_in_semitones_a_second(voice, slope):
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    found = named(voice(200 * 2 ** (slope * (t - 1) / 12), 2.0))
    assert found["f0_slope_st_per_s"] == pytest.approx(slope, rel=0.02)
    way = "rise" if slope > 0 else "fall"
    assert found[f"f0_{way}_st_per_s_mean"] == pytest.approx(slope, rel=0.05)


@pytest.mark.parametrize("rate_per_s", [2.0, 4.0, 6.0])
def test_syllables_and_voiced_stretches_are_counted(voice, noise, rate_per_s):
    found = named(syllables(voice, noise, rate_per_s))
    assert found["syllable_rate_per_s"] == pytest.approx(rate_per_s, rel=0.12)
    assert found["voiced_segments_per_s"] == pytest.approx(rate_per_s, rel=0.12)
    assert 0.3 < found["voiced_fraction"] < 0.8


def test_pauses_are_counted_within_speech_and_not_around_it(voice):
    pause = np.zeros(RATE_HZ, dtype=np.float32)
    found = named(np.concatenate([pause, voice(), pause[:8000], voice(), pause]))
    assert found["speech_s"] == pytest.approx(2.5, abs=0.06)
    assert found["pause_fraction"] == pytest.approx(0.2, abs=0.03)
    assert found["pauses_per_s"] == pytest.approx(0.4, abs=0.02)
    assert found["duration_s"] == pytest.approx(4.5)


@pytest.mark.parametrize("bow", [-6.0, 6.0])
def test_a_hill_and_a_valley_of_pitch_are_told_apart(voice, bow):
    time = np.linspace(-1, 1, 2 * RATE_HZ)
    found = named(voice(200 * 2 ** (bow * time**2 / 12), 2.0))
    assert found["f0_contour_curvature"] == pytest.approx(bow, rel=0.1)
    assert np.sign(found["f0_onset_st"]) == np.sign(found["f0_offset_st"]) == np.sign(bow)
    assert np.sign(found["f0_contour_middle_third"]) == -np.sign(bow)
    if bow < 0:
        assert found["f0_contour_peak_position"] == pytest.approx(0.5, abs=0.05)


def test_syllables_five_a_second_put_the_modulation_there(voice, noise):
    found = named(syllables(voice, noise, rate_per_s=5.0))
    bands = {name: found[name] for name in FEATURE_NAMES if name.startswith("loudness_modulation")}
    assert max(bands, key=bands.get) == "loudness_modulation_4_8_hz_db"
    assert sum(10 ** (db / 10) for db in bands.values()) == pytest.approx(1, abs=0.01)


def test_pitch_that_rises_with_loudness_correlates_with_it(voice):
    time = np.linspace(0, 1, 2 * RATE_HZ)
    sound = voice(150 * 2**time, 2.0) * (0.1 + time).astype(np.float32)
    assert named(sound)["f0_loudness_correlation"] > 0.9


@pytest.mark.parametrize(("slow", "fast"), [(2.0, 6.0)])
def test_a_voice_that_moves_faster_from_sound_to_sound_has_the_greater_speed(voice, slow, fast):
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    dark, bright = voice(150.0, 3.0), np.diff(voice(150.0, 3.0), prepend=0).astype(np.float32) * 8

    def moving(rate_per_s):
        share = 0.5 + 0.5 * np.sin(2 * np.pi * rate_per_s * t)
        return named(share * dark + (1 - share) * bright)["mfcc_speed_per_s"]

    assert moving(fast) > 1.8 * moving(slow)


def test_formants_of_a_clip_are_in_hertz_and_ascend(voice, noise):
    found = named(voice(120.0, 2.0) + noise(2.0, 1e-3))
    hz = [found[f"f{k}_frequency_hz_mean"] for k in (1, 2, 3)]
    assert 150 < hz[0] < hz[1] < hz[2] < 5000


def test_a_full_scale_tone_of_1_khz_is_three_db_below_full_scale():
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ)
    assert named(tone)["loudness_db_mean"] == pytest.approx(-3.01, abs=0.1)


def test_a_brighter_voice_has_less_alpha_ratio_and_tilt_and_a_higher_centroid(voice):
    dull = voice(150.0)
    bright = np.diff(dull, prepend=0).astype(np.float32)
    a, b = named(dull), named(bright)
    assert b["alpha_ratio_db_mean"] < a["alpha_ratio_db_mean"] - 3
    assert b["hammarberg_db_mean"] < a["hammarberg_db_mean"] - 3
    assert b["spectral_tilt_db_per_octave_mean"] > a["spectral_tilt_db_per_octave_mean"] + 1
    assert b["spectral_centroid_hz_mean"] > a["spectral_centroid_hz_mean"]
    assert b["h1_h2_db_mean"] == pytest.approx(a["h1_h2_db_mean"] - 6, abs=0.5)


def test_noise_lowers_hnr_and_an_uneven_period_raises_jitter(voice, noise):
    clean, rough = named(voice()), named(voice() + noise(1.0, 0.02))
    assert rough["hnr_db_mean"] < clean["hnr_db_mean"] - 3
    shaken = 150 * (1 + 0.03 * np.repeat(np.random.default_rng(0).standard_normal(100), 160))
    assert named(voice(shaken))["jitter_percent_mean"] > 5 * clean["jitter_percent_mean"]


@pytest.mark.parametrize("gain", [0.25, 1e-3, 0.3, 7.0])
def test_gain_moves_the_level_and_nothing_else(voice, noise, gain):
    sound = syllables(voice, noise).astype(np.float64)
    before, after = named(sound), named(gain * sound)
    gain_db = 20 * np.log10(gain)
    assert after.pop("loudness_db_mean") - before.pop("loudness_db_mean") == pytest.approx(
        gain_db, abs=1e-3
    )
    np.testing.assert_allclose(list(after.values()), list(before.values()), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("offset", [0.2, -0.7])
def test_an_offset_changes_nothing(voice, noise, offset):
    sound = syllables(voice, noise)
    np.testing.assert_allclose(extract(sound + offset), extract(sound), rtol=1e-2, atol=1e-2)


def test_a_clip_has_the_same_bits_alone_and_among_others_and_again(voice, noise):
    clips = [syllables(voice, noise, duration_s=d) for d in (0.3, 2.2, 1.1, 5.0)]
    together = extract_many(clips)
    np.testing.assert_array_equal(together, extract_many(clips[::-1])[::-1])
    for clip, row in zip(clips, together, strict=True):
        np.testing.assert_array_equal(extract(clip), row)


@pytest.mark.parametrize("duration_s", [1 / RATE_HZ, 0.01, 0.05, 0.1, 0.25])
@pytest.mark.parametrize("kind", ["voice", "noise", "click"])
def test_the_shortest_clips_give_numbers_or_nan_without_a_warning(voice, noise, duration_s, kind):
    n = max(1, round(duration_s * RATE_HZ))
    sound = {"voice": voice(200.0), "noise": noise(), "click": np.eye(1, RATE_HZ)[0]}[kind][:n]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = named(sound + np.float32(0.01) * (np.arange(n) == 0))
    assert not np.isinf(list(found.values())).any()
    assert found["duration_s"] == pytest.approx(n / RATE_HZ)


@pytest.mark.slow
def test_a_minute_is_one_clip(voice, noise):
    found = named(np.tile(syllables(voice, noise), 15))
    assert found["duration_s"] == 60
    assert found["syllable_rate_per_s"] == pytest.approx(4, rel=0.12)


def test_noise_has_no_pitch_and_silence_has_nothing_but_its_length(noise):
    assert np.isnan(named(noise(0.3))["f0_semitone_mean"])
    silent = named(np.full(8000, 0.3))
    assert silent.pop("duration_s") == 0.5
    assert np.isnan(list(silent.values())).all()


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000])
def test_another_sample_rate_gives_nearly_the_same(voice, rate_hz):
    here, there = named(voice(150.0)), named(voice(150.0, rate_hz=rate_hz), rate_hz)
    for name in ("f0_semitone_mean", "loudness_db_mean", "h1_h2_db_mean", "duration_s"):
        assert there[name] == pytest.approx(here[name], abs=0.3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (np.zeros(0), "shape"),
        (np.zeros((2, 50)), "shape"),
        (np.array([0.0, np.nan, 1.0]), "NaN or infinite"),
        (np.array([0.0, np.inf, 1.0]), "NaN or infinite"),
    ],
)
def test_what_is_not_a_mono_waveform_is_an_error(wrong, said):
    with pytest.raises(ValueError, match=said):
        extract(wrong)


@pytest.mark.slow
def test_real_anger_is_louder_higher_and_brighter_than_real_sadness(real_data):
    folder = real_data / "nemo"
    with (folder / "data.tsv").open(encoding="utf-8") as file:
        rows = [
            {key: value.strip() for key, value in row.items()}
            for row in csv.DictReader(file, delimiter="\t")
        ]
    chosen = {
        emotion: [
            row["file_id"].removesuffix(".flac").removesuffix(".wav")
            for row in rows
            if row["emotion"] == emotion
        ][::12]
        for emotion in ("anger", "sadness")
    }
    found = {
        emotion: extract_many(
            [decoding.read(folder / "samples" / f"{stem}.flac") for stem in stems]
        )
        for emotion, stems in chosen.items()
    }
    mean = {
        emotion: dict(zip(FEATURE_NAMES, np.nanmean(values, axis=0), strict=True))
        for emotion, values in found.items()
    }
    for name in ("loudness_db_mean", "f0_semitone_p80", "spectral_centroid_hz_mean"):
        assert mean["anger"][name] > mean["sadness"][name]
    assert mean["anger"]["alpha_ratio_db_mean"] < mean["sadness"]["alpha_ratio_db_mean"]
    assert sum(np.isnan(values[:, :-1]).mean() for values in found.values()) < 0.01
