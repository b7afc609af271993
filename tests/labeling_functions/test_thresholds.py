from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import labeling_functions as lf
from labels.scheme import Scheme

SPEAKERS = [f"speaker {i}" for i in range(8)]


def _noise(seed: int, n: int = 90):
    rng = np.random.default_rng(seed)
    return rng.normal(size=n), rng.random(n) < 0.3, rng.choice(SPEAKERS, n)


def test_a_planted_threshold_is_found():
    rng = np.random.default_rng(0)
    x = rng.normal(size=600)
    fitted = lf.fit_threshold(x, x > 0.8, rng.choice(SPEAKERS, 600))
    assert fitted.value == pytest.approx(0.8, abs=0.05)
    assert all(limit == pytest.approx(0.8, abs=0.05) for limit in fitted.folds)
    assert fitted.honest.informedness > 0.97


def test_on_noise_the_cross_fitted_score_is_chance_where_the_tuned_one_flatters():
    fitted = [lf.fit_threshold(*_noise(seed)) for seed in range(60)]
    tuned = np.mean([one.tuned_on.informedness for one in fitted])
    honest = np.mean([one.honest.informedness for one in fitted])
    assert tuned > 0.12
    assert abs(honest) < 0.04


def test_a_function_with_a_learnt_threshold_scores_by_its_honest_score():
    x, right, speakers = _noise(3)
    fitted = lf.fit_threshold(x, right, speakers)
    table = pd.DataFrame({"x": x, "speaker": speakers}, index=[f"s{i}" for i in range(len(x))])
    pasted = eval(repr(fitted), {"Threshold": lf.Threshold})
    assert pasted == replace(fitted)

    @lf.labeling_function(on="emotion")
    def learnt(table):
        return lf.cases(table, (pasted.holds(table, "x"), "anger"))

    gold = pd.Series(np.where(right, "anger", "neutral"), index=table.index)
    found = lf.check(table, [learnt], Scheme.default(), gold=gold).loc["learnt"]
    assert found["Emp. Acc."] == pytest.approx(fitted.honest.precision)
    assert found["Coverage"] == pytest.approx(fitted.honest.coverage)


def test_no_fold_depends_on_the_speakers_that_it_votes_on():
    x, right, speakers = _noise(5, 200)
    before = lf.fit_threshold(x, right, speakers)
    column = pd.DataFrame({"x": np.zeros(200), "speaker": speakers})
    for name in SPEAKERS:
        changed = np.where(speakers == name, ~right, right)
        after = lf.fit_threshold(x, changed, speakers)
        for limit in (-1.0, 0.0, 1.0):
            rows = column.assign(x=limit)[speakers == name]
            assert before.holds(rows, "x").equals(after.holds(rows, "x"))


def test_below_and_a_wanted_precision_are_understood():
    rng = np.random.default_rng(1)
    x = rng.normal(size=2000)
    right = rng.random(2000) < 1 / (1 + np.exp(3 * x))
    fitted = lf.fit_threshold(x, right, rng.choice(SPEAKERS, 2000), above=False, precision=0.9)
    assert fitted.tuned_on.precision == pytest.approx(0.9, abs=0.02)
    assert fitted.honest.precision == pytest.approx(0.9, abs=0.04)
    assert fitted.value < 0


def test_values_and_speakers_that_are_not_known_never_vote_by_their_own_threshold():
    x, right, speakers = _noise(7, 300)
    x[:30] = np.nan
    speakers = np.where(np.arange(300) < 100, None, speakers)
    fitted = lf.fit_threshold(x, right, speakers)
    table = pd.DataFrame({"x": x, "speaker": speakers})
    assert not fitted.holds(table, "x")[:30].any()
    table["speaker"] = table["speaker"].astype("str")
    assert len(fitted.holds(table, "x")) == 300


@pytest.mark.parametrize(
    ("n_right", "speakers", "said"),
    [
        (3, SPEAKERS, "gold on 10 clips to vote on and 10 not to, not 3 and 57"),
        (30, ["one"], "two speakers or more, not of one"),
    ],
)
def test_too_little_gold_is_refused_in_one_line(n_right, speakers, said):
    names = np.random.default_rng(0).choice(speakers, 60)
    with pytest.raises(ValueError, match=said):
        lf.fit_threshold(np.arange(60.0), np.arange(60) < n_right, names)
