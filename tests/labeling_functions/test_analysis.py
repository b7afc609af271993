import numpy as np
import pandas as pd
import pytest

import labeling_functions as lf
from labeling_functions.machinery.intervals import share_interval
from labels.scheme import Scheme, SchemeError
from labels.votes import Votes

SCHEME = Scheme.default()
N = 400


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    index = [f"s{i}" for i in range(N)]
    return pd.DataFrame(rng.normal(size=(N, 3)), columns=["a", "b", "c"], index=index)


@lf.labeling_function(on="emotion")
def high_a(table):
    return lf.cases(table, (table["a"] > 0.5, "anger"), (table["a"] < -1, "sadness"))


@lf.labeling_function(on="emotion")
def high_a_again(table):
    return lf.cases(table, (table["a"] > 0.5, "anger"), (table["a"] < -1, "sadness"))


@lf.labeling_function(on="emotion")
def high_b(table):
    return lf.cases(table, (table["b"] > 0, "fear"))


@lf.labeling_function(on="emotion")
def either(table):
    return lf.cases(table, (table["c"] > 0, {"fear", "anger"}))


@lf.labeling_function(on="arousal")
def aroused(table):
    return lf.cases(table, (table["c"] > 0, "high"))


@lf.labeling_function(on="emotion")
def broken(table):
    return lf.cases(table, (table["no_such"] > 0, "fear"))


def test_the_columns_are_those_of_snorkels_own_analysis(table):
    from snorkel.labeling import LFAnalysis

    functions = [high_a, high_a_again, high_b]
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 7, N)
    gold = pd.Series([SCHEME.classes[c] for c in truth], index=table.index)
    ours = lf.check(table, functions, SCHEME, gold=gold)
    L = lf.apply(functions, table, SCHEME).votes["emotion"].to_dense()
    theirs = LFAnalysis(L).lf_summary(Y=truth)
    for name in theirs.columns:
        if name == "Polarity":
            assert [list(p) for p in ours[name]] == [list(p) for p in theirs[name]]
        else:
            np.testing.assert_allclose(
                ours[name].to_numpy(dtype=float), theirs[name].to_numpy(dtype=float)
            )


def test_a_copy_is_named_as_redundant_and_an_independent_function_is_not(table):
    found = lf.check(table, [high_a, high_a_again, high_b], SCHEME)
    assert found.loc["high_a", "redundant_with"] == "high_a_again"
    assert found.loc["high_a", "phi"] == pytest.approx(1.0)
    assert found.loc["high_a", "same_votes"] == 1.0
    assert found.loc["high_b", "phi"] < 0.1


def test_a_function_that_is_contained_in_another_is_seen_by_its_votes():
    none = np.zeros(0, dtype=np.int64)
    assert lf.redundancy(Votes(3, 2, ("x",), (frozenset({0}),), none, none, none)).empty
    item = np.array([*range(10), *range(50)])
    votes = Votes(
        100, 2, ("small", "large"), (frozenset({0}),), item,
        np.repeat([0, 1], [10, 50]), np.zeros(60, dtype=np.int64),
    )  # fmt: skip
    pairs = lf.redundancy(votes).set_index("source")
    assert pairs.loc["small", "same_votes"] == 1.0
    assert pairs.loc["large", "same_votes"] == pytest.approx(0.2)
    assert pairs.loc["small", "equal"] == pairs.loc["large", "equal"] == 1.0
    said = np.zeros((2, 100))
    said[0, :10], said[1, :50] = 1, 1
    assert pairs.loc["small", "phi"] == pytest.approx(np.corrcoef(said)[0, 1])


def test_a_set_is_judged_against_what_luck_gives_a_set(table):
    truth = np.where(table["c"] > 0, 2, np.random.default_rng(2).integers(0, 7, N))
    gold = pd.Series([SCHEME.classes[c] for c in truth], index=table.index)
    found = lf.check(table, [either], SCHEME, gold=gold).loc["either"]
    assert found["Emp. Acc."] == 1.0
    share = np.isin(truth, [0, 2]).mean()
    assert found["chance"] == pytest.approx(share)
    assert found["lift"] == pytest.approx(1 / share)
    assert found["Polarity"] == [(0, 2)]
    assert found["votes_for"] == "anger|fear"


def test_functions_on_scales_stand_beside_those_on_emotion(table):
    found = lf.check(table, [aroused, high_b], SCHEME, gold={"arousal": pd.Series({"s0": 4.6})})
    assert list(found.index) == ["aroused", "high_b"]
    assert found.loc["aroused", "on"] == "arousal"
    assert found.loc["aroused", "votes_for"] == "4|5"
    assert found.loc["aroused", ["Correct", "Incorrect"]].sum() == int(table["c"].iloc[0] > 0)
    assert np.isnan(found.loc["high_b", "Emp. Acc."])


def test_what_failed_is_told_and_what_a_label_model_found_stands_beside(table):
    estimates = {"function:high_a": {"accuracy": 0.7, "accuracy_low": 0.6, "accuracy_high": 0.8}}
    found = lf.check(table, [broken, high_a, high_b], SCHEME, estimates=estimates)
    assert list(found.index) == ["high_a", "high_b"]
    assert found.loc["high_a", "estimated_accuracy"] == 0.7
    assert np.isnan(found.loc["high_b", "estimated_accuracy"])
    (problem,) = found.attrs["problems"]
    assert "no_such" in problem


def test_gold_that_the_scheme_does_not_know_is_refused(table):
    with pytest.raises(SchemeError, match="unknown emotion 'angst-ridden'"):
        lf.check(table, [high_a], SCHEME, gold=pd.Series({"s1": "angst-ridden"}))


def test_no_functions_make_an_empty_analysis(table):
    found = lf.check(table, [], SCHEME)
    assert len(found) == 0
    assert {"Coverage", "Emp. Acc.", "lift", "version"} <= set(found.columns)


def test_an_interval_is_as_wide_as_speakers_differ():
    right = np.repeat([1.0, 0.0, 1.0, 0.0], 100)
    alike = np.tile([1.0, 0.0], 200)
    speakers = np.repeat([*"abcd"], 100)
    low, high = share_interval(right, speakers)
    assert low == 0.0
    assert high == 1.0
    low, high = share_interval(alike, speakers)
    assert 0.44 < low < 0.46
    assert 0.54 < high < 0.56
    assert np.isnan(share_interval([], [])[0])
