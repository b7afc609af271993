import pytest

from audio.features import FEATURE_NAMES
from reports.voice_words import sentence, words


def test_deviations_are_said_in_words_a_person_uses():
    moved = [("f0_semitone_mean", 1.4), ("f0_semitone_sd", 0.9), ("syllable_rate_per_s", -1.0)]
    assert sentence(moved) == "higher and more varied pitch, slower speaking rate"
    assert words("hnr_db_mean", -1) == ("noisier", "voice")


def test_what_is_hardly_unusual_or_beyond_words_is_left_out():
    assert sentence([("f0_semitone_mean", 0.3), ("mfcc2_mean", 3.0)]) == ""


def test_nothing_is_called_one_thing_and_its_opposite():
    moved = [("f0_semitone_p50", 1.0), ("f0_semitone_p20", -1.0)]
    assert sentence(moved) == "higher pitch"


@pytest.mark.parametrize("deviation", [-2.0, 2.0])
def test_every_feature_there_is_has_words(deviation):
    for name in FEATURE_NAMES:
        how, what = words(name, deviation)
        assert how and what
