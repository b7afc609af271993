import numpy as np
import pandas as pd
import pytest

from labeling_functions import cases
from labeling_functions.machinery.columns import column_of

TABLE = pd.DataFrame({"x": [0.1, 2.0, np.nan, 3.0]}, index=["a", "b", "c", "d"])


def said(column) -> list:
    return [None if code < 0 else column.values[code] for code in column.codes]


def test_the_first_case_that_holds_wins_and_a_missing_feature_abstains():
    column = cases(
        TABLE, (TABLE["x"] > 2.5, "anger"), (TABLE["x"] > 1, {"anger", "fear"}), (TABLE["x"] < 1, 2)
    )
    assert said(column) == [2, frozenset({"anger", "fear"}), None, "anger"]


def test_no_cases_at_all_abstain_everywhere():
    assert said(cases(TABLE)) == [None] * 4


def test_a_missing_value_in_a_mask_does_not_hold():
    mask = pd.Series([True, None, False, True], index=TABLE.index, dtype="boolean")
    assert said(cases(TABLE, (mask, "fear"))) == ["fear", None, None, "fear"]


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (TABLE["x"], r"the mask of case 1 is float64 of shape \(4,\), not bool"),
        (np.array([True]), r"bool of shape \(1,\), not bool of shape \(4,\)"),
        (True, r"bool of shape \(\), not bool of shape \(4,\)"),
        ((TABLE["x"] > 1).iloc[::-1], "case 1 has other rows than the table"),
    ],
)
def test_a_mask_that_is_no_column_of_the_table_is_refused(mask, reason):
    with pytest.raises(ValueError, match=reason):
        cases(TABLE, (mask, "fear"))


def test_a_series_over_some_rows_abstains_on_the_others_and_is_put_in_order():
    column = column_of(pd.Series({"d": "fear", "a": "anger"}), TABLE)
    assert said(column) == ["anger", None, None, "fear"]


def test_lists_arrays_and_series_of_names_sets_and_numbers_are_columns():
    assert said(column_of(["fear", None, "fear", np.nan], TABLE)) == ["fear", None, "fear", None]
    assert said(column_of(np.array([1.5, np.nan, 2, 2]), TABLE)) == [1.5, None, 2.0, 2.0]
    sets = pd.Series([{"fear"}, None, {"fear"}, "anger"], index=TABLE.index, dtype=object)
    assert said(column_of(sets, TABLE)) == [frozenset({"fear"}), None, frozenset({"fear"}), "anger"]
    categories = pd.Series(["fear", None, "anger", "fear"], index=TABLE.index, dtype="category")
    assert said(column_of(categories, TABLE)) == ["fear", None, "anger", "fear"]


def test_a_column_over_an_empty_table_is_empty():
    empty = TABLE.iloc[:0]
    assert len(column_of([], empty).codes) == 0
    assert len(cases(empty, (empty["x"] > 1, "fear")).codes) == 0


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        (None, r"returned NoneType, not cases\(...\) or a column of 4 votes"),
        ("anger", "returned str"),
        (["anger"], "returned 1 votes for 4 rows"),
        (pd.Series({"z": "anger"}), "rows are not rows of the table"),
    ],
)
def test_what_is_no_column_of_votes_is_refused(returned, reason):
    with pytest.raises(ValueError, match=reason):
        column_of(returned, TABLE)
