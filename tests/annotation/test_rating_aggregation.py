import csv
import json

import numpy as np
import pytest

from annotation.label_tables import write_ratings
from annotation.rating_aggregation import aggregate_ratings, level_proba
from annotation.tables import TableError
from annotation.value_levels import level_of, without_slips
from annotation.vote_tables import read_votes


def _ratings(folder, *, low=0, high=100, n_items=80, seed=0):
    """A file of whole numbers by 8 raters, one of them 20 % of the scale too high; the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(low, high, n_items)
    path = folder / "ratings.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "worker", "answer"])
        for i in range(n_items):
            for j in rng.choice(8, 4, replace=False):
                said = truth[i] + ((j == 0) * 0.2 + rng.normal(0, 0.12)) * (high - low)
                writer.writerow([f"q{i}", f"w{j}", int(np.clip(np.rint(said), low, high))])
    return path, {f"q{i}": f"{t:.2f}" for i, t in enumerate(truth)}


def test_values_are_near_the_truth_and_the_summary_says_how(tmp_path):
    path, truth = _ratings(tmp_path)
    found = aggregate_ratings(read_votes(path), "interval")
    off = found.mean - [float(truth[item]) for item in found.items]
    assert np.sqrt(np.mean(off**2)) < 9
    assert np.mean((off > found.low - found.mean) & (off < found.high - found.mean)) > 0.5
    assert found.low.min() >= 0 and found.high.max() <= 100
    assert found.n_ratings.tolist() == [4] * 80
    assert (found.rating_sd > found.sd).all()
    told = json.loads(json.dumps(found.summary, allow_nan=False))
    assert (told["n_items"], told["n_votes"], told["level"]) == (80, 320, "interval")
    assert told["winner"] and told["why"] and 0.8 < told["held_out_ratings_within_90"] < 1
    assert set(told["raters"]) == {f"w{j}" for j in range(8)}
    assert "gold" not in told


def test_gold_is_measured_with_and_without_a_part_in_the_values(tmp_path):
    path, truth = _ratings(tmp_path)
    read = read_votes(path)
    few = {**dict(list(truth.items())[:10]), "elsewhere": "5", "q70": "high"}
    told = aggregate_ratings(read, "interval", gold=few).summary["gold"]
    assert told["how"] == "gold had no part in the values"
    assert (told["n_known"], told["n_on_other_items"], told["odd"]) == (10, 1, ["q70"])
    told = aggregate_ratings(read, "interval", gold=truth).summary["gold"]
    assert told["how"] == "cross-fitted over 5 folds"
    assert told["rmse"] < 9 and told["pearson"] > 0.9 and told["ccc"] > 0.9 and told["mae"] < 8
    assert 0.85 < told["within_95"] <= 1 and told["rmse"] < 1.05 * told["rmse_of_plain_mean"]


def test_an_ordinal_scale_has_a_distribution_over_its_steps(tmp_path):
    path, truth = _ratings(tmp_path, low=1, high=5)
    read = read_votes(path)
    found = aggregate_ratings(read, "ordinal")
    assert found.levels == ("1", "2", "3", "4", "5")
    assert np.allclose(found.level_proba.sum(axis=1), 1)
    nearest = np.rint([float(truth[item]) for item in found.items]).astype(int) - 1
    assert found.level_proba[np.arange(80), nearest].mean() > 0.4
    out = tmp_path / "values.tsv"
    write_ratings(found, out)
    rows = [line.split("\t") for line in out.read_text().splitlines()]
    assert rows[0] == [
        *("item", "mean", "sd", "low", "high", "rating_sd", "n_ratings"),
        *("p_1", "p_2", "p_3", "p_4", "p_5"),
    ]
    assert [row[0] for row in rows[1:]] == list(found.items)
    assert float(rows[1][1]) == pytest.approx(found.mean[0], abs=1e-6)


def test_a_certain_rating_is_one_step():
    proba = level_proba(np.array([2.0, 9.0]), np.array([0.0, 0.1]), np.array([1.0, 2.0, 4.0]))
    assert proba == pytest.approx(np.array([[0, 1, 0], [0, 0, 1]]))


def test_the_level_is_told_or_seen_by_the_values(tmp_path):
    many = read_votes(_ratings(tmp_path)[0])
    few = read_votes(_ratings(tmp_path, low=1, high=5)[0])
    assert level_of(many) == "interval" and level_of(many, "nominal") == "nominal"
    assert level_of(few) == "nominal" and level_of(few, "ordinal") == "ordinal"
    (tmp_path / "texts.csv").write_text("item,annotator,value\na,x,joy\nb,x,2\n")
    texts = read_votes(tmp_path / "texts.csv")
    with pytest.raises(TableError, match="level interval needs numbers, but 'joy' is none"):
        level_of(texts, "interval")
    with pytest.raises(TableError, match="level 'ratio' is not one of nominal, ordinal, interval"):
        level_of(texts, "ratio")


def test_a_few_texts_among_ratings_are_slips_that_are_named_and_passed_over(tmp_path):
    path, _ = _ratings(tmp_path)
    path.write_text(path.read_text() + "q1,w9,n/a\nq99,w9,?\n")
    read = without_slips(read_votes(path))
    assert level_of(read) == "interval"
    assert [one.reason for one in read.problems] == [
        "'w9' on 'q1': 'n/a' is no number",
        "'w9' on 'q99': '?' is no number",
    ]
    assert "q99" not in read.items and len(read.item) == 320
    found = aggregate_ratings(read, "interval")
    assert np.isfinite(found.mean).all() and found.summary["n_rows_passed_over"] == 2
    assert without_slips(read_votes(path), "nominal").values[-1] != read.values[-1]


def test_texts_among_few_numbers_are_classes(tmp_path):
    path, _ = _ratings(tmp_path, low=1, high=5)
    path.write_text(path.read_text() + "q1,w9,n/a\n")
    assert "n/a" in without_slips(read_votes(path)).values
    assert "n/a" not in without_slips(read_votes(path), "ordinal").values


def test_one_rating_an_item_and_a_single_value_have_values(tmp_path):
    path = tmp_path / "few.csv"
    for rows in ("a,x,1.5\n", "a,x,1.5\nb,x,2\n", "a,x,3\na,y,3\nb,x,3\n"):
        path.write_text("item,annotator,value\n" + rows)
        found = aggregate_ratings(read_votes(path), "interval")
        assert np.isfinite(found.mean).all() and np.isfinite(found.sd).all()
        json.dumps(found.summary, allow_nan=False)
