"""The model beside people: the same items, one rater more."""

import numpy as np
import pytest

from annotation.agreement_report import agreement
from annotation.model_votes import MODEL, with_model
from annotation.tables import TableError
from annotation.vote_tables import VoteTable


def _table(n=300, seed=0):
    """Three people who are right four times in five, on items whose truth is known."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n)
    item = np.repeat(np.arange(n), 3)
    wrong = rng.random(3 * n) < 0.2
    table = VoteTable(
        items=tuple(f"clip {i}" for i in range(n)),
        annotators=("ann", "bob", "cy"),
        values=("anger", "sadness"),
        item=item,
        annotator=np.tile(np.arange(3), n),
        value=np.where(wrong, 1 - truth[item], truth[item]),
        n_rows=3 * n,
        n_duplicates=0,
        problems=(),
    )
    return table, truth


def test_a_model_that_is_right_is_the_most_reliable_rater_and_one_that_guesses_the_least():
    table, truth = _table()
    names = np.array(["anger", "sadness"])
    for says, best in ((names[truth], True), (names[np.arange(300) % 2], False)):
        _, both = with_model(table, dict(zip(table.items, says, strict=True)))
        reliability = agreement(both).raters["reliability"]
        assert (reliability.idxmax() if best else reliability.idxmin()) == MODEL


def test_people_alone_are_compared_on_the_same_items():
    table, truth = _table()
    says = {f"clip {i}": "fear" if truth[i] else "anger" for i in range(0, 300, 2)}
    people, both = with_model(table, says)
    assert people.items == both.items and len(people.items) == 150
    assert len(both.item) == len(people.item) + 150
    assert both.values == ("anger", "fear", "sadness")
    assert MODEL not in people.annotators
    said = both.annotator == 3
    assert [both.values[v] for v in both.value[said]] == [says[item] for item in both.items]


def test_where_people_judged_nothing_that_the_model_may_be_asked_it_is_said():
    with pytest.raises(TableError, match="nobody has judged a segment of a speaker"):
        with_model(_table()[0], {"another clip": "anger"})
