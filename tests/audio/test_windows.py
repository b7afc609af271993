import numpy as np
import pytest

from audio import windows
from audio.features import FEATURE_NAMES
from audio.features import extract as extract_whole
from audio.neighbours import among_neighbours
from audio.windows import Mark, extract, frame_classes, sliding

RATE_HZ = 16_000


def column(values, name):
    return values[:, FEATURE_NAMES.index(name)]


def test_windows_slide_to_the_end_and_are_all_of_one_length():
    spans = sliding(2.6, length_s=1.0, hop_s=0.5)
    assert spans[:4] == [(0.0, 1.0), (0.5, 1.5), (1.0, 2.0), (1.5, 2.5)]
    assert spans[4] == pytest.approx((1.6, 2.6))
    assert len(spans) == 5
    assert sliding(2.5, length_s=1.0, hop_s=0.5)[-1] == (1.5, 2.5)
    assert sliding(0.4) == [(0.0, 0.4)]


@pytest.mark.parametrize("wrong", [{"hop_s": 0}, {"length_s": 0.001}, {"duration_s": 0.0}])
def test_windows_that_cannot_be_are_an_error(wrong):
    with pytest.raises(ValueError, match="are expected"):
        sliding(**{"duration_s": 1.0, **wrong})


def test_each_part_has_the_pitch_that_is_sung_there(voice):
    sound = np.concatenate([voice(hz, 0.5) for hz in (120.0, 180.0, 240.0)])
    found = extract(sound, [(0.05, 0.45), (0.55, 0.95), (1.05, 1.45)])
    expected = 12 * np.log2(np.array([120, 180, 240]) / 27.5)
    np.testing.assert_allclose(column(found, "f0_semitone_p50"), expected, atol=0.1)
    np.testing.assert_allclose(column(found, "duration_s"), 0.4, atol=1e-6)


def test_a_phone_too_short_for_a_pitch_of_its_own_has_that_of_its_surroundings(voice, noise):
    sound = voice(110.0, 1.0) + noise(1.0, 1e-3)
    span = (0.5, 0.53)
    alone = dict(zip(FEATURE_NAMES, extract_whole(sound[8000:8480]), strict=True))
    heard = dict(zip(FEATURE_NAMES, extract(sound, [span])[0], strict=True))
    true = 12 * np.log2(110 / 27.5)
    assert heard["f0_semitone_mean"] == pytest.approx(true, abs=0.1)
    assert not abs(alone["f0_semitone_mean"] - true) < 0.1
    assert np.isnan(heard["f0_contour_curvature"])


def test_the_whole_as_a_part_is_nearly_the_clip(voice, noise):
    sound = voice(150.0, 2.0) + noise(2.0, 1e-3)
    whole, part = extract_whole(sound), extract(sound, [(0.0, 2.0)])[0]
    for name in ("f0_semitone_mean", "loudness_db_mean", "hnr_db_mean", "f1_frequency_hz_mean"):
        at = FEATURE_NAMES.index(name)
        assert part[at] == pytest.approx(whole[at], abs=0.5, rel=0.02)


@pytest.mark.parametrize("span", [(0.5, 0.51), (-0.1, 0.5), (0.5, 1.2), (0.7, 0.5)])
def test_a_part_that_is_not_there_is_an_error(voice, span):
    with pytest.raises(ValueError, match="within the 1 s of the recording"):
        extract(voice(), [span])


def test_parts_of_silence_are_nan_but_for_their_length():
    found = extract(np.zeros(RATE_HZ), [(0.1, 0.4)])
    assert column(found, "duration_s")[0] == pytest.approx(0.3)
    assert np.isnan(found).sum() == len(FEATURE_NAMES) - 1


def test_a_turn_sees_those_before_and_after_it_in_its_own_conversation():
    values = np.array([[1.0], [3.0], [8.0], [100.0], [102.0]])
    seen = among_neighbours(values, ["a", "a", "a", "b", "b"], reach=2)
    np.testing.assert_allclose(seen[:, 0], [np.nan, 2, 6, np.nan, 2])
    np.testing.assert_allclose(seen[:, 1], [1 - 5.5, -5, np.nan, -2, np.nan])


def test_what_is_not_known_of_a_neighbour_counts_for_nothing():
    values = np.array([[1.0], [np.nan], [5.0]])
    seen = among_neighbours(values, ["a"] * 3, reach=2)
    np.testing.assert_allclose(seen[:, 0], [np.nan, np.nan, 4])
    assert among_neighbours(np.empty((0, 3)), []).shape == (0, 6)
    with pytest.raises(ValueError, match="reach 0"):
        among_neighbours(values, ["a"] * 3, reach=0)
    with pytest.raises(ValueError, match="2 turns"):
        among_neighbours(values, ["a"] * 2)


def test_frames_belong_to_the_mark_that_their_centre_lies_in():
    marks = [Mark(0.02, 0.045, "b"), Mark(0.045, 0.06, "a")]
    found = frame_classes(marks, ("a", "b"), 8)
    assert found.tolist() == [-1, -1, 1, 1, 1, 0, -1, -1]
    with pytest.raises(ValueError, match="'c' is none of a, b"):
        frame_classes([Mark(0, 1, "c")], ("a", "b"), 3)


def test_a_part_of_frames_has_as_many_of_each_descriptor(voice):
    from audio.analysis import analyse

    clip = windows.between(analyse(voice()), 0.2, 0.5)
    assert len(clip.speech) == len(clip.pitch.f0_hz) == len(clip.spectrum.mfcc) == 30
    assert len(clip.formants.hz) == len(clip.voice.hnr_db) == len(clip.pitch.power) == 30
