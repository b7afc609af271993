import numpy as np
import pytest

from audio.descriptors import DESCRIPTOR_NAMES, describe
from audio.tracks import LEVEL_TRACKS, MEL_TRACKS, TRACK_HOP_S, TRACKS, tracks

RATE = 16_000


def _vowel(seconds=0.6, f0=150.0, gain=0.3):
    time = np.arange(round(seconds * RATE)) / RATE
    return gain * sum(np.sin(2 * np.pi * f0 * k * time) / k for k in range(1, 12)) / 3


def _tone_then_silence():
    return np.concatenate([_vowel(), np.zeros(RATE // 2)]).astype(np.float32)


def test_a_row_is_the_mean_of_what_could_be_measured_in_thirty_milliseconds():
    frames = describe(_tone_then_silence())
    found = tracks(frames)
    assert found.shape == (len(frames.values) // 3, len(TRACKS))
    assert pytest.approx(0.03) == TRACK_HOP_S
    pitch = frames.values[:, DESCRIPTOR_NAMES.index("f0_semitone")]
    own = found[:, TRACKS.index("f0_semitone")]
    for row in range(len(found)):
        part = pitch[3 * row : 3 * row + 3]
        if np.isnan(part).all():
            assert np.isnan(own[row])
        else:
            assert own[row] == pytest.approx(np.nanmean(part), abs=0.05)
    assert np.isnan(own).any() and np.isfinite(own).any()


def test_the_recordings_gain_changes_nothing():
    loud, soft = (tracks(describe(gain * _tone_then_silence())) for gain in (1.0, 0.01))
    np.testing.assert_allclose(loud, soft, atol=0.1)


def test_levels_are_about_nought_in_speech_and_bounded_in_silence():
    found = tracks(describe(_tone_then_silence()))
    loudness = found[:, TRACKS.index("loudness_db")]
    assert abs(float(loudness[2:18].mean())) < 1
    assert float(found[:, LEVEL_TRACKS].min()) >= -60
    assert TRACKS[MEL_TRACKS.start] == "log_mel_1_db" and MEL_TRACKS.stop == len(TRACKS)


@pytest.mark.parametrize("n_samples", [1, 100, 400])
def test_the_shortest_clip_has_a_row(n_samples):
    assert len(tracks(describe(_vowel()[:n_samples] + 1e-3))) == 1


def test_silence_has_rows_and_nothing_in_them():
    found = tracks(describe(np.zeros(RATE, dtype=np.float32)))
    assert len(found) == 33
    flags = [TRACKS.index("is_voiced"), TRACKS.index("is_speech")]
    assert (found[:, flags] == 0).all()
