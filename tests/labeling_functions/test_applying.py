import numpy as np
import pandas as pd
import pytest

from labeling_functions import apply, cases, labeling_function
from labels.scheme import Scheme

SCHEME = Scheme.default()
TABLE = pd.DataFrame({"loud_z": [2.0, -1.0, np.nan, 0.0], "f0_z": [1.0, 1.0, -2.0, 0.0]})


@labeling_function(on="emotion")
def loud(table):
    """Loud is not sad."""
    return cases(table, (table["loud_z"] > 1, {"anger", "fear"}), (table["loud_z"] < 0, "sadness"))


@labeling_function
def high(table):
    return cases(table, (table["f0_z"] > 0.5, frozenset({"fear", "anger"})))


@labeling_function(on="arousal", name="energy")
def loudness_as_arousal(table):
    return (3 + table["loud_z"]).clip(1, 5)


@labeling_function(on="emotion")
def never(table):
    return cases(table)


def test_votes_of_all_functions_come_together_per_dimension():
    applied = apply([loud, high, loudness_as_arousal, never], TABLE, SCHEME)
    assert applied.problems == []
    votes = applied.votes["emotion"]
    assert votes.sources == ("loud", "high", "never")
    said = {
        (int(i), votes.sources[s]): set(votes.vocabulary[v])
        for i, s, v in zip(votes.item, votes.source, votes.value, strict=True)
    }
    assert said == {(0, "loud"): {0, 2}, (1, "loud"): {5}, (0, "high"): {0, 2}, (1, "high"): {0, 2}}
    assert votes.vocabulary == (frozenset({0, 2}), frozenset({5}))
    assert applied.votes["arousal"].to_dense()[:, 0].tolist() == [4, 1, -1, 2]


def test_every_dimension_of_the_scheme_has_votes_even_if_nobody_votes():
    applied = apply([], TABLE, SCHEME)
    assert set(applied.votes) == set(SCHEME.dimensions)
    assert all(len(v.item) == 0 and v.n_items == 4 for v in applied.votes.values())
    assert applied.votes["valence"].n_classes == 5


def test_versions_and_seconds_are_there_by_name():
    applied = apply([loud, loudness_as_arousal], TABLE, SCHEME)
    assert applied.versions == {"loud": loud.version, "energy": loudness_as_arousal.version}
    assert set(applied.seconds) == {"loud", "energy"}
    assert loud.doc == "Loud is not sad."
    assert loud.version != high.version


def _raises(table):
    raise RuntimeError("division of\nlabour")


def _wants_more(table):
    return cases(table, (table["loudd_z"] > 1, "anger"))


def _misspells(table):
    return cases(table, (table["loud_z"] > 1, "angre"))


def _forgets(table):
    cases(table, (table["loud_z"] > 1, "anger"))


@pytest.mark.parametrize(
    ("function", "on", "reason"),
    [
        (_raises, "emotion", "bad: RuntimeError: division of labour"),
        (
            _wants_more,
            "emotion",
            "bad: needs the column 'loudd_z', which the table does not have (did you mean loud_z?)",
        ),
        (_misspells, "emotion", "bad: unknown emotion 'angre' (did you mean anger?)"),
        (
            _forgets,
            "emotion",
            "bad: ValueError: returned NoneType, not cases(...) or a column of 4",
        ),
        (loud.function, "arousl", "bad: votes on 'arousl', which the scheme does not have (it has"),
        (loudness_as_arousal.function, "emotion", "bad: unknown emotion '5.0' (known: anger"),
        (
            lambda table: table["loud_z"] * 9,
            "arousal",
            "bad: arousal 18.0 is not a number from 1 to 5",
        ),
    ],
)
def test_a_function_that_fails_is_left_out_and_named_in_one_line(function, on, reason):
    bad = labeling_function(on=on, name="bad")(function)
    applied = apply([bad, loud], TABLE, SCHEME)
    (problem,) = applied.problems
    assert str(problem).startswith(reason)
    assert "\n" not in str(problem)
    assert set(applied.versions) == {"loud"}
    assert applied.votes["emotion"].sources == ("loud",)


def test_what_a_function_writes_into_its_table_no_other_one_sees():
    @labeling_function
    def greedy(table):
        table["loud_z"] = 99.0
        table.loc[:, "f0_z"] = 99.0
        return cases(table)

    before = TABLE.copy(deep=True)
    applied = apply([greedy, loud], TABLE, SCHEME)
    pd.testing.assert_frame_equal(TABLE, before)
    assert len(applied.votes["emotion"].item) == 2


def test_votes_do_not_hang_on_the_kind_of_index():
    renamed = TABLE.set_axis(["z", "y", "x", "w"])
    a, b = (apply([loud, high], t, SCHEME).votes["emotion"] for t in (TABLE, renamed))
    np.testing.assert_array_equal(a.item, b.item)
    np.testing.assert_array_equal(a.value, b.value)


def test_an_empty_table_gives_no_votes_and_no_problems():
    applied = apply([loud, high, loudness_as_arousal], TABLE.iloc[:0], SCHEME)
    assert applied.problems == []
    assert all(len(votes.item) == 0 for votes in applied.votes.values())
