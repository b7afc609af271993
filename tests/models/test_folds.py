import numpy as np
import pytest

from models.folds import speaker_folds


def test_no_speaker_straddles_two_folds():
    rng = np.random.default_rng(0)
    speakers = [f"s{i}" for i in rng.integers(0, 17, 500)]
    folds = speaker_folds(speakers, np.ones(500), n_folds=5, seed=0)
    assert folds.by == "speaker"
    assert folds.n_folds == 5
    for name in set(speakers):
        rows = [i for i, s in enumerate(speakers) if s == name]
        assert len(set(folds.of_row[rows].tolist())) == 1


def test_folds_weigh_about_the_same():
    rng = np.random.default_rng(1)
    speakers = [f"s{i}" for i in rng.integers(0, 20, 2000)]
    folds = speaker_folds(speakers, np.ones(2000), n_folds=4, seed=0)
    assert np.bincount(folds.of_row) == pytest.approx(np.full(4, 500), rel=0.15)


def test_three_speakers_make_three_folds():
    folds = speaker_folds(["a", "b", "c"] * 10, np.ones(30), n_folds=5)
    assert folds.n_folds == 3


def test_with_gold_from_one_speaker_only_clips_are_dealt():
    weight = np.r_[np.ones(20), np.zeros(20)]
    folds = speaker_folds(["a"] * 20 + ["b"] * 20, weight, n_folds=5)
    assert folds.by == "clip"
    assert set(np.bincount(folds.of_row[:20], minlength=5)) == {4}


def test_clips_without_a_speaker_are_speakers_of_their_own():
    folds = speaker_folds([None, "", None, "", None, ""], np.ones(6), n_folds=3)
    assert folds.by == "speaker"
    assert set(np.bincount(folds.of_row)) == {2}


def test_a_single_clip_leaves_nothing_to_hold_out():
    assert speaker_folds(["a"], np.ones(1)).n_folds == 1


def test_many_speakers_are_dealt_evenly():
    speakers = [f"s{i // 2}" for i in range(4000)]
    folds = speaker_folds(speakers, np.ones(4000), n_folds=5, seed=3)
    assert np.bincount(folds.of_row) == pytest.approx(np.full(5, 800), abs=4)
