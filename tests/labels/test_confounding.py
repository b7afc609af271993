import numpy as np
import pytest

from labels.confounding import confounding


def test_speakers_of_one_emotion_each_are_found_and_it_is_general():
    speakers = np.repeat(["ada", "ben", "cem", "dea"], 10)
    found = confounding(np.repeat([0, 1, 2, 3], 10), speakers.tolist())
    assert found.single == ("ada", "ben", "cem", "dea")
    assert found.is_general
    assert "4 of 4 speakers show a single emotion (ada, ben, cem, dea)" in found.note()


def test_one_such_speaker_among_many_is_named_alone():
    random = np.random.default_rng(0)
    labels = np.concatenate([random.integers(0, 4, 90), np.full(10, 2)])
    speakers = [f"s{i // 10}" for i in range(100)]
    found = confounding(labels, speakers)
    assert found.single == ("s9",)
    assert not found.is_general
    assert "their features" in found.note()


def test_speakers_of_many_emotions_are_rarely_suspected():
    random = np.random.default_rng(1)
    speakers = [f"s{i % 10}" for i in range(60)]
    found = [confounding(random.integers(0, 3, 60), speakers) for _ in range(200)]
    assert sum(bool(one.single) for one in found) <= 10
    assert not any(one.is_general for one in found)
    assert {one.n_judged for one in found} == {10}
    assert next(one for one in found if not one.single).note() == ""


def test_ten_neutral_clips_mean_nothing_in_a_neutral_corpus():
    labels = np.where(np.arange(200) % 20 == 0, 1, 0)
    found = confounding(labels, [f"s{i // 10}" for i in range(200)])
    assert found.n_judged == 20
    assert found.single == ()


def test_too_few_labels_and_unknown_ones_do_not_judge():
    assert confounding([0, 0, 0, 0, 1, 1, 1, 1], list("aaaabbbb")).n_judged == 0
    assert confounding([-1] * 20, ["a"] * 20).single == ()
    assert confounding([], []).n_judged == 0


def test_labels_and_speakers_of_different_number_are_an_error():
    with pytest.raises(ValueError, match="2,"):
        confounding([0, 1, 2], ["a", "b"])
