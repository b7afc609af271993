import re

import numpy as np
import pytest

from labels.scheme import Scheme, SchemeError

SCHEME = Scheme.default()


def test_the_default_scheme_has_seven_emotions_and_four_scales():
    assert SCHEME.classes == (
        "anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise",
    )  # fmt: skip
    assert SCHEME.dimensions == ("emotion", "valence", "arousal", "dominance", "intensity")


def test_names_are_forgiven_their_case_and_known_by_their_aliases():
    assert SCHEME.resolve(" Angry ") == "anger"
    assert SCHEME.resolve("RAGE") == "rage"
    assert SCHEME.basic("rage") == "anger"
    assert SCHEME.class_index("surprised") == 6


def test_an_unknown_emotion_is_answered_with_near_misses_or_with_all():
    with pytest.raises(SchemeError, match=r"unknown emotion 'angre' \(did you mean anger\?\)"):
        SCHEME.resolve("angre")
    with pytest.raises(SchemeError, match="known: anger, disgust, fear"):
        SCHEME.resolve("xyz")


def test_ratings_out_of_range_or_not_numbers_are_refused():
    for bad in ("6", "0", "nan", "much", "", None):
        with pytest.raises(SchemeError, match="is not a number from 1 to 5"):
            SCHEME.parse_value("arousal", bad)
    assert SCHEME.parse_value("arousal", "3.50") == "3.5"


def test_bins_stand_for_their_centres_and_back():
    scale = SCHEME.scale("arousal")
    np.testing.assert_array_equal(scale.to_bin(scale.centres), np.arange(5))
    assert scale.from_unit(-1) == 1
    assert scale.from_unit(0) == 3


def test_the_digest_changes_with_what_the_scheme_says():
    text = "emotions: [{name: a}, {name: b}]\n"
    assert Scheme.parse(text, "x").digest == Scheme.parse(text, "elsewhere").digest
    assert (
        Scheme.parse(text, "x").digest != Scheme.parse(text + "gold: {min_experts: 2}", "x").digest
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- a", "it is not a mapping"),
        ("emotions: [{name: a}]", "at least two classes"),
        ("emotions: [{nam: a}, {name: b}]", "'nam' in entry 1 of `emotions` is not known (did you"),
        ("emotions: [{name: a}, {name: b, aliases: [A]}]", "'a' stands twice"),
        ("emotions: [{name: a, vad: [0, 2, 0]}, {name: b}]", "vad of a must be"),
        (
            "emotions: [{name: a}, {name: b}]\nscales: [{name: v, low: 1, high: 1, n_bins: 5}]",
            "low < high",
        ),
        (
            "emotions: [{name: a}, {name: b}]\n"
            "scales: [&v {name: v, low: 1, high: 2, n_bins: 5}, *v]",
            "the scale 'v' stands twice",
        ),
        ("emotions: [{name: a}, {name: b}]\ngold: [1]", "scheme my.yaml: "),
        ("emotions: [", "is not YAML"),
        ("emotions: 3", "`emotions` is not a list"),
        ("emotions: {a: b}", "`emotions` is not a list"),
        ("emotions: [a, b]", "entry 1 of `emotions`, 'a', is not"),
        ("emotion: [{name: a}, {name: b}]", "did you mean emotions?"),
        ("scales: []", "there are no `emotions`"),
    ],
)
def test_a_scheme_that_does_not_hold_is_named_in_one_line(text, reason):
    with pytest.raises(SchemeError, match=r"^scheme my.yaml") as caught:
        Scheme.parse(text, "my.yaml")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_scheme_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SchemeError, match=r"none.yaml cannot be read"):
        Scheme.load(tmp_path / "none.yaml")


TWO = "emotions: [{name: joy}, {name: calm}]\n"


def test_a_scheme_may_say_how_common_its_classes_are():
    assert Scheme.parse(TWO, "t").class_shares is None
    assert Scheme.parse(TWO + "class_shares: uniform", "t").class_shares == (0.5, 0.5)
    stated = Scheme.parse(TWO + "class_shares: {calm: .8, joy: .2}", "t")
    assert stated.class_shares == pytest.approx((0.2, 0.8))
    assert stated.digest != Scheme.parse(TWO, "t").digest


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ("even", "`class_shares` must be `uniform` or a share of each of ['joy', 'calm']"),
        ("{joy: 1}", "`class_shares` must be `uniform` or a share of each of ['joy', 'calm']"),
        ("{joy: .8, calm: .8}", "`class_shares` must be above 0 and add up to 1, not 1.6"),
        ("{joy: 1, calm: 0}", "`class_shares` must be above 0 and add up to 1, not 1"),
    ],
)
def test_shares_that_do_not_hold_are_named(shares, reason):
    with pytest.raises(SchemeError, match=re.escape(reason)):
        Scheme.parse(f"{TWO}class_shares: {shares}", "t")
