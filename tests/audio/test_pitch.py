import numpy as np
import pytest
import torch
from scipy.signal import lfilter

from audio import decoding, pitch

RATE_HZ = 16_000


def tracked(sound) -> np.ndarray:
    return pitch.track(torch.from_numpy(np.asarray(sound, dtype=np.float32)), RATE_HZ).f0_hz


def pulses(f0_hz: float, duration_s: float = 1.0) -> np.ndarray:
    """A pulse train through three formants: a glottis and a vowel."""
    sound = np.zeros(round(duration_s * RATE_HZ))
    at = np.arange(0, len(sound) - 2, RATE_HZ / f0_hz)
    first = at.astype(int)
    sound[first] += 1 - (at - first)
    sound[first + 1] += at - first
    for formant_hz, width_hz in ((700, 80), (1200, 90), (2500, 120)):
        r = np.exp(-np.pi * width_hz / RATE_HZ)
        turn = -2 * r * np.cos(2 * np.pi * formant_hz / RATE_HZ)
        sound = lfilter([1], [1, turn, r * r], sound)
    return sound / np.abs(sound).max()


@pytest.mark.parametrize("f0_hz", [80.0, 110.0, 173.3, 233.1, 310.0, 440.0, 570.0])
@pytest.mark.parametrize("kind", ["sine", "harmonics", "pulses"])
def test_a_steady_pitch_is_found_to_a_thousandth(voice, f0_hz, kind):
    t = np.arange(RATE_HZ) / RATE_HZ
    sound = {
        "sine": lambda: np.sin(2 * np.pi * f0_hz * t),
        "harmonics": lambda: voice(f0_hz),
        "pulses": lambda: pulses(f0_hz),
    }[kind]()
    inner = tracked(sound)[5:-5]
    np.testing.assert_allclose(inner, f0_hz, rtol=1e-3)


def test_a_pitch_in_noise_is_found(noise):
    inner = tracked(pulses(140.0) + noise(1.0, 0.03))[5:-5]
    assert np.isnan(inner).mean() < 0.05
    assert np.nanmax(np.abs(inner - 140)) < 3


@pytest.mark.parametrize("ends_hz", [(100.0, 250.0), (400.0, 180.0)])
def test_a_glide_is_followed(voice, ends_hz):
    course = np.geomspace(*ends_hz, 2 * RATE_HZ)
    found = tracked(voice(course, 2.0))
    true = course[np.minimum(np.arange(len(found)) * 160, len(course) - 1)]
    np.testing.assert_allclose(found[6:-6], true[6:-6], rtol=0.01)


def test_vibrato_has_its_depth(voice):
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    found = tracked(voice(200 * 2 ** (np.sin(2 * np.pi * 5 * t) / 12), 2.0))[6:-6]
    semitones = 12 * np.log2(found / 200)
    assert semitones.std() == pytest.approx(1 / np.sqrt(2), rel=0.06)


def test_a_missing_fundamental_is_heard():
    t = np.arange(RATE_HZ) / RATE_HZ
    sound = sum(np.sin(2 * np.pi * 150 * k * t) for k in (3, 4, 5, 6))
    np.testing.assert_allclose(tracked(sound)[6:-6], 150, rtol=5e-3)


def test_noise_and_silence_have_no_pitch(noise):
    assert np.isnan(tracked(noise(3.0))).mean() > 0.97
    assert np.isnan(tracked(np.zeros(8000))).all()


def test_a_voice_between_pauses_is_voiced_where_it_is(voice, noise):
    pause = np.zeros(4800, dtype=np.float32)
    sound = np.concatenate([pause, voice(180.0, 0.5), pause]) + noise(1.1, 1e-4)
    voiced = np.flatnonzero(~np.isnan(tracked(sound)))
    assert voiced[0] == pytest.approx(30, abs=3)
    assert voiced[-1] == pytest.approx(80, abs=3)


def test_periodicity_falls_with_noise(noise):
    found = [
        np.nanmean(
            pitch.track(
                torch.from_numpy((pulses(140.0) + noise(1.0, level)).astype(np.float32)), RATE_HZ
            ).periodicity
        )
        for level in (0.0, 0.02, 0.1)
    ]
    assert found[0] > 0.97
    assert found[0] > found[1] > found[2]


@pytest.mark.slow
def test_pitch_of_real_speech_is_praats(real_data):
    parselmouth = pytest.importorskip("parselmouth", reason="praat-parselmouth is an extra: .[dev]")
    wrong = n = 0
    correlations = []
    for path in sorted((real_data / "nemo" / "samples").glob("*.flac"))[::160]:
        sound = decoding.read(path)
        ours = tracked(sound)
        theirs = parselmouth.Sound(sound.astype(np.float64), RATE_HZ).to_pitch_ac(
            time_step=0.01, pitch_floor=75.0, pitch_ceiling=600.0
        )
        hz, at = theirs.selected_array["frequency"], theirs.xs() / 0.01
        # Praat's frames lie between ours: half-way in pitch as well.
        before = np.clip(at.astype(int), 0, len(ours) - 2)
        mine = ours[before] ** (1 - at + before) * ours[before + 1] ** (at - before)
        both = (hz > 0) & ~np.isnan(mine)
        wrong += int((np.abs(mine[both] / hz[both] - 1) > 0.2).sum())
        n += int(both.sum())
        correlations.append(np.corrcoef(mine[both], hz[both])[0, 1])
    assert n > 1000
    assert wrong / n < 0.05
    assert np.median(correlations) > 0.97
