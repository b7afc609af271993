import pytest

from labeling_functions.machinery.meaning import meaning, meanings
from labeling_functions.machinery.snorkel_functions import ClassIndex
from labels.scheme import Scheme, SchemeError

SCHEME = Scheme.default()
SMALL = Scheme.parse(
    "emotions: [{name: anger}, {name: joy, aliases: [happiness]}, {name: neutral}]\n"
    "scales: [{name: arousal, low: 0, high: 1, n_bins: 3}]",
    "small",
)


def test_a_finer_emotion_a_synonym_and_a_set_mean_their_classes():
    assert meaning("rage", "emotion", SCHEME) == {0}
    assert meaning(frozenset({"rage", "Angst"}), "emotion", SCHEME) == {0, 2}


def test_an_emotion_that_only_the_default_scheme_has_is_taken_out_of_a_set():
    assert meaning(frozenset({"anger", "happiness", "surprise"}), "emotion", SMALL) == {0, 1}
    assert meaning("surprise", "emotion", SMALL) == frozenset()


def test_a_set_of_every_class_says_nothing():
    assert meaning(frozenset(SMALL.classes), "emotion", SMALL) == frozenset()


def test_a_name_that_nobody_knows_is_refused_even_inside_a_set():
    with pytest.raises(SchemeError, match=r"unknown emotion 'angger' \(did you mean anger\?\)"):
        meaning(frozenset({"fear", "angger"}), "emotion", SCHEME)


def test_low_mid_and_high_are_thirds_of_a_scale():
    words = ("low", "mid", "high")
    assert [meaning(w, "arousal", SCHEME) for w in words] == [{0, 1}, {2}, {3, 4}]
    assert [meaning(w, "arousal", SMALL) for w in words] == [{0}, {1}, {2}]
    assert meaning(frozenset({"mid", "high"}), "arousal", SCHEME) == {2, 3, 4}


def test_a_scale_of_two_steps_has_no_middle_to_vote_for():
    two = Scheme.parse(
        "emotions: [{name: a}, {name: b}]\nscales: [{name: v, low: 0, high: 1, n_bins: 2}]", "two"
    )
    assert [meaning(w, "v", two) for w in ("low", "mid", "high")] == [{0}, frozenset(), {1}]


def test_levels_are_numbers_in_scale_units_and_no_others():
    assert meaning(4.2, "arousal", SCHEME) == {3}
    with pytest.raises(SchemeError, match="arousal 7 is not a number from 1 to 5, nor low, mid or"):
        meaning(7, "arousal", SCHEME)
    with pytest.raises(SchemeError, match="arousal 'lots' is not"):
        meaning("lots", "arousal", SCHEME)


def test_many_numbers_are_binned_at_once_and_one_outside_is_named():
    place, distinct = meanings((1.0, 4.9, 2, 1.2), "valence", SCHEME)
    assert [distinct[p] for p in place] == [{0}, {4}, {1}, {0}]
    with pytest.raises(SchemeError, match=r"valence 5\.5 is not a number from 1 to 5, nor low"):
        meanings((1.0, 5.5), "valence", SCHEME)


def test_values_of_equal_meaning_share_one_place():
    place, distinct = meanings(("anger", "rage", frozenset({"fear"})), "emotion", SCHEME)
    assert place.tolist() == [0, 0, 1]
    assert distinct == (frozenset({0}), frozenset({2}))


def test_a_class_index_outside_the_scheme_is_refused():
    assert meaning(ClassIndex(6), "emotion", SCHEME) == {6}
    with pytest.raises(SchemeError, match=r"class index 7 is not in \[0, 7\)"):
        meaning(ClassIndex(7), "emotion", SCHEME)
