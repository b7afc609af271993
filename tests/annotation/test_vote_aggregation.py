import csv
import os
from pathlib import Path

import numpy as np
import pytest

from annotation.label_tables import check_writable, write_labels
from annotation.tables import TableError
from annotation.vote_aggregation import AggregationError, Labels, aggregate_table, parse_prior
from annotation.vote_tables import read_gold, read_votes

DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
CLASSES = ("anger", "joy", "sad, or not")


def _votes(folder, n_items=120, seed=0, names=CLASSES):
    """A file of votes by 8 annotators of different skill, and the truth by item."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, len(names), n_items)
    path = folder / "votes.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["task", "worker", "label"])
        for i in range(n_items):
            for j in rng.choice(8, 5, replace=False):
                knows = rng.random() < 0.4 + 0.06 * j
                said = truth[i] if knows else rng.integers(len(names))
                writer.writerow([f"clip {i}", f"worker {j}", names[said]])
    return path, {f"clip {i}": names[t] for i, t in enumerate(truth)}


def test_planted_classes_are_recovered_and_the_summary_says_how(tmp_path):
    path, truth = _votes(tmp_path)
    found = aggregate_table(read_votes(path))
    right = [found.classes[c] == truth[i] for i, c in zip(found.items, found.label, strict=True)]
    assert np.mean(right) > 0.85
    assert found.classes == CLASSES
    assert np.allclose(found.proba.sum(axis=1), 1)
    told = found.summary
    assert (told["n_items"], told["n_annotators"], told["n_votes"]) == (120, 8, 600)
    assert told["winner"] in ("label model", "majority") and told["why"]
    assert sum(told["class_prior"].values()) == pytest.approx(1)
    assert 0.2 < told["alpha"] < 0.8
    assert "gold" not in told


@pytest.mark.slow
def test_the_same_votes_and_seed_give_the_same_bits(tmp_path):
    read = read_votes(_votes(tmp_path)[0])
    one, other = aggregate_table(read, seed=3), aggregate_table(read, seed=3)
    assert np.array_equal(one.proba, other.proba) and one.summary == other.summary


@pytest.mark.slow
def test_enough_gold_is_judged_on_itself_only_across_folds(tmp_path):
    path, truth = _votes(tmp_path)
    gold = dict(list(truth.items())[:60])
    told = aggregate_table(read_votes(path), gold=gold).summary["gold"]
    assert told["how"] == "cross-fitted over 5 folds"
    assert told["n_known"] == 60 and told["n_on_other_items"] == 0
    assert told["accuracy"] > 0.8 and told["log_loss"] < 0.7 and told["ece"] < 0.3


def test_a_little_gold_judges_without_having_had_a_part(tmp_path):
    path, truth = _votes(tmp_path)
    gold = {**dict(list(truth.items())[:10]), "elsewhere": "joy"}
    read = read_votes(path)
    found = aggregate_table(read, gold=gold)
    assert found.summary["gold"]["how"] == "gold had no part in the labels"
    assert found.summary["gold"]["n_on_other_items"] == 1
    assert np.array_equal(found.proba, aggregate_table(read).proba)


@pytest.mark.slow
def test_gold_that_scrambles_the_truth_is_told_as_wrong_not_fitted(tmp_path):
    path, truth = _votes(tmp_path)
    shuffled = list(np.random.default_rng(0).permutation(list(truth.values())))
    gold = dict(zip(truth, map(str, shuffled), strict=True))
    told = aggregate_table(read_votes(path), gold=gold).summary["gold"]
    assert told["accuracy"] < 0.5
    # Guessing costs log 3. The calibrator's prior trusts the votes a little longer than it should.
    assert np.log(3) - 0.1 < told["log_loss"] < np.log(3) + 0.2


def test_a_class_only_gold_knows_has_its_column_and_numbers_match_however_written(tmp_path):
    path, truth = _votes(tmp_path, names=("1", "2", "10"))
    items = list(truth)
    gold = {items[0]: "1.0", items[1]: "3", items[2]: "10"}
    found = aggregate_table(read_votes(path), gold=gold)
    assert found.classes == ("1", "2", "3", "10")
    assert found.summary["gold"]["classes_nobody_voted_for"] == {"3": 1}


def test_one_class_one_vote_and_one_annotator_each_have_an_answer(tmp_path):
    for rows in ("a,x,joy\n", "a,x,joy\nb,y,joy\nb,x,joy\n", "a,x,joy\nb,x,fear\nc,x,joy\n"):
        path = tmp_path / "few.csv"
        path.write_text("item,annotator,value\n" + rows)
        found = aggregate_table(read_votes(path))
        assert found.classes[found.label[0]] == "joy"
        assert np.isfinite(found.proba).all()


@pytest.mark.slow
def test_a_stated_prior_is_used(tmp_path):
    read = read_votes(_votes(tmp_path)[0])
    found = aggregate_table(read, prior='anger=.2,joy=.3,"sad, or not"=.5')
    assert list(found.summary["class_prior"].values()) == pytest.approx([0.2, 0.3, 0.5])
    assert set(aggregate_table(read, prior="uniform").summary["class_prior"].values()) == {1 / 3}
    learned = aggregate_table(read, prior="learned")
    assert learned.summary["class_prior_from"].startswith("learned")


@pytest.mark.parametrize(
    ("prior", "said"),
    [
        ("equal", "prior 'equal' is none of uniform, learned, CLASS=SHARE"),
        ("a=.5,c=.5", r"unknown class 'c' \(known: a, b\)"),
        ("a=1", "no share to b"),
        ("a=.5,b=.9", "add up to 1.4, not 1"),
        ("a=.5,b=half", r"class 'b' has share 'half', not in \(0, 1\]"),
        ("a=0,b=1", r"class 'a' has share '0'"),
        ("a=.5,a=.5", "class 'a' is named twice"),
        ("", "prior '' is none of uniform, learned"),
    ],
)
def test_a_bad_prior_is_named_in_one_line(prior, said):
    with pytest.raises(AggregationError, match=said):
        parse_prior(prior, ("a", "b"))


def test_labels_are_written_as_a_row_an_item_in_first_seen_order(tmp_path):
    found = Labels(('say "a", b', "2"), CLASSES, np.array([[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]]), {})
    path = tmp_path / "labels.csv"
    path.write_text("old")
    write_labels(found, path)
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["item", "label", "confidence", "p_anger", "p_joy", "p_sad, or not"],
        ['say "a", b', "joy", "0.7", "0.2", "0.7", "0.1"],
        ["2", "anger", "0.5", "0.5", "0.25", "0.25"],
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["labels.csv"]
    write_labels(found, tmp_path / "labels.tsv")
    assert (tmp_path / "labels.tsv").read_text().startswith("item\tlabel\tconfidence\tp_anger")


def test_a_place_that_cannot_be_written_is_named_before_any_work(tmp_path):
    votes = tmp_path / "votes.csv"
    votes.write_text("x")
    for path, said in (
        (tmp_path / "none" / "x.csv", "no folder"),
        (tmp_path, "it is a folder"),
        (votes, "would be overwritten"),
    ):
        with pytest.raises(TableError, match=said):
            check_writable(path, votes)
    check_writable(tmp_path / "labels.csv", votes)


@pytest.mark.slow
def test_real_votes_on_faces_are_aggregated_at_least_as_well_as_their_majority():
    folder = DATA / "crowd" / "face-sentiment"
    if not folder.exists():
        pytest.skip(f"no real votes at {folder} (set UNDERTONE_TEST_DATA)")
    gold, _ = read_gold(folder / "truth.csv")
    found = aggregate_table(read_votes(folder / "answer.csv"), gold=gold)
    assert found.summary["gold"]["accuracy"] >= 0.638
    assert found.summary["gold"]["log_loss"] <= 0.9
    assert found.items[0] == "344"
