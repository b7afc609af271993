"""The loop played on data whose truth is planted."""

from dataclasses import replace

import numpy as np
import pytest

from labels.scheme import Scheme
from rounds.simulated_sides import Game, LabelledCorpus, check, held_out, n_in_pool
from rounds.simulation import COLUMNS, play, simulate

SCHEME = Scheme.default()


def _planted(n=240, n_speakers=6, seed=0, spread=1.0):
    """Three classes as clouds in four dimensions, evenly over the speakers."""
    rng = np.random.default_rng(seed)
    truth = np.tile([0, 3, 5], n // 3)
    centres = rng.normal(0, 2.0, (len(SCHEME.classes), 4))
    return LabelledCorpus(
        inputs=(centres[truth] + rng.normal(0, spread, (n, 4))).astype(np.float32),
        truth=truth,
        speakers=np.array([f"s{i % n_speakers}" for i in np.arange(n) // 3]),
        segment_ids=np.array([f"{i:016x}" for i in range(n)]),
        classes=SCHEME.classes,
    )


@pytest.mark.slow
def test_a_step_for_each_batch_up_to_the_budget():
    rows = play(_planted(), Game("random", 0, batch=20, budget=50), SCHEME)
    assert [row["n_labels"] for row in rows] == [20, 40, 50]
    assert rows[-1]["uar"] > 0.8


@pytest.mark.slow
def test_the_table_has_a_row_a_strategy_seed_and_step():
    games = [Game(name, seed, 15, 30) for name in ("default", "random") for seed in (0, 1)]
    curve = simulate(_planted(), games, scheme=SCHEME)
    assert tuple(curve.columns) == (*COLUMNS, "minutes")
    assert curve.groupby(["strategy", "seed"]).size().tolist() == [2, 2, 2, 2]
    again = simulate(_planted(), games, scheme=SCHEME)
    assert curve.equals(again), "the same seeds, the same bits"


@pytest.mark.slow
def test_an_expert_who_errs_teaches_less():
    right = play(_planted(), Game("random", 0, 60, 60), SCHEME)[-1]["uar"]
    wrong = play(_planted(), Game("random", 0, 60, 60, reliability=0.2), SCHEME)[-1]["uar"]
    assert wrong < right - 0.1


def test_one_speaker_cannot_be_on_both_sides():
    with pytest.raises(ValueError, match="one speaker cannot be on both sides"):
        play(_planted(n_speakers=1), Game("random", 0, 10, 10), SCHEME)


@pytest.mark.slow
def test_another_corpus_can_be_the_test():
    rows = play(_planted(), Game("random", 0, 30, 30), SCHEME, _planted(seed=0, spread=0.1))
    assert rows[-1]["uar"] > 0.9


def test_one_emotion_alone_is_nothing_to_learn_and_nothing_to_test_on():
    whole = _planted()
    alone = replace(whole, truth=np.zeros_like(whole.truth))
    check(whole)
    with pytest.raises(ValueError, match=r"one emotion alone \(anger\): two are needed"):
        check(alone)
    with pytest.raises(ValueError, match=r"share fewer than two emotions \(anger, .* / anger\)"):
        check(whole, alone)


def test_how_many_clips_there_are_to_ask_about():
    games = [Game("random", seed, 10, 1000) for seed in (0, 1)]
    assert 156 <= n_in_pool(_planted(), games) <= 162, "four of six speakers, of 39 or 42 clips"


def test_no_choice_of_test_speakers_comes_again_before_all_have_come_once():
    speakers = np.array(list("abcde"))
    chosen = [tuple(held_out(speakers, 2, seed)) for seed in range(10)]
    assert len(set(chosen)) == 10
    assert tuple(held_out(speakers, 2, 10)) == chosen[0]
    many = [tuple(held_out(np.arange(40), 13, seed)) for seed in range(4)]
    assert len(set(many)) == 4
