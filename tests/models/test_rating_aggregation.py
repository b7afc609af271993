"""Values from ratings against planted raters: shifts, scales, spammers, few and many ratings."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from labels.ratings import Ratings
from models.held_out_ratings import weigh
from models.rater_fit import fit
from models.rater_model import KINDS
from models.rating_aggregation import rate

DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


def raters(*, n=300, m=30, each=5, seed=0, shift=0.0, stretch=0.0, spam=0.0, noise=15.0):
    """Ratings from 0 to 100 by raters of these shifts (sd), scales (sd of logs) and spammers."""
    rng = np.random.default_rng(seed)
    value = np.clip(rng.normal(50, 20, n), 0, 100)
    item = np.repeat(np.arange(n), each)
    rater = np.concatenate([rng.choice(m, each, replace=False) for _ in range(n)])
    shifts, scales = rng.normal(0, shift, m), np.exp(rng.normal(0, stretch, m))
    shifts, scales = shifts - shifts.mean(), scales / scales.mean()
    said = 50 + shifts[rater] + scales[rater] * (value[item] - 50)
    said += rng.normal(0, noise, len(item))
    idle = rng.random(m) < spam
    said = np.where(idle[rater], rng.uniform(0, 100, len(item)), said)
    names = [f"rater {j}" for j in range(m)]
    ratings = Ratings.of(n, names, item, rater, np.clip(np.rint(said), 0, 100))
    return ratings, value, shifts


def off(estimate, value):
    return float(np.sqrt(np.mean((estimate - value) ** 2)))


def plain_mean(ratings):
    total = np.bincount(ratings.item, ratings.value, ratings.n_items)
    return total / np.maximum(ratings.per_item(), 1)


CROWDS = {
    "alike": {},
    "shifted": {"shift": 12},
    "of many scales": {"stretch": 0.5},
    "with spammers": {"spam": 0.3, "each": 6},
    "all of it": {"shift": 10, "stretch": 0.4, "spam": 0.15},
    "few ratings": {"each": 2},
    "many raters": {"m": 200, "each": 4, "shift": 10},
    "small": {"n": 40, "m": 8, "each": 3, "shift": 8},
}


@pytest.mark.parametrize("crowd", CROWDS)
def test_the_choice_is_never_clearly_worse_than_the_mean_and_deviations_hold(crowd):
    ours, theirs, inside, foretold = [], [], [], []
    for seed in range(3):
        ratings, value, _ = raters(seed=seed, **CROWDS[crowd])
        found = rate(ratings, seed=seed)
        ours.append(off(found.mean, value))
        theirs.append(off(plain_mean(ratings), value))
        inside.append(np.mean(np.abs(found.mean - value) < 1.645 * found.sd))
        foretold.append(found.report["held_out_ratings_within_90"])
    assert np.mean(ours) < 1.02 * np.mean(theirs)
    assert 0.78 < np.mean(inside) < 0.97
    assert 0.84 < np.mean(foretold) < 0.96


@pytest.mark.parametrize(
    ("crowd", "kind", "gain"),
    [("shifted", KINDS[2], 0.9), ("with spammers", KINDS[3], 0.8), ("all of it", KINDS[3], 0.8)],
)
def test_raters_who_differ_are_found_out(crowd, kind, gain):
    ratings, value, _ = raters(**CROWDS[crowd])
    found = rate(ratings)
    assert found.report["winner"] == kind
    assert off(found.mean, value) < gain * off(plain_mean(ratings), value)


def test_raters_who_do_not_differ_are_not_corrected():
    assert rate(raters()[0]).report["winner"] in KINDS[:2]


def test_planted_shifts_scales_and_noise_are_recovered():
    rng = np.random.default_rng(0)
    value = rng.normal(50, 20, 2000)
    shifts, scales = np.array([-10, 0, 4, 6]), np.array([1.4, 1.0, 0.5, 1.1])
    noise = np.array([5, 10, 10, 20])
    item, rater = np.repeat(np.arange(2000), 4), np.tile(np.arange(4), 2000)
    said = 50 + shifts[rater] + scales[rater] * (value[item] - 50)
    said += rng.normal(0, 1, len(item)) * noise[rater]
    model = fit(Ratings.of(2000, list("abcd"), item, rater, said), KINDS[3])
    assert np.abs(model.shift - shifts).max() < 2
    assert np.abs(model.scale - scales).max() < 0.06
    assert np.abs(np.sqrt(model.noise) - noise).max() < 2


def test_a_reversed_rater_is_used_backwards_and_a_spammer_not_at_all():
    ratings, value, _ = raters(m=10, each=6)
    turned = np.where(ratings.rater == 0, 100 - ratings.value, ratings.value)
    turned = np.where(
        ratings.rater == 1, np.random.default_rng(1).uniform(0, 100, len(turned)), turned
    )
    odd = Ratings(ratings.n_items, ratings.raters, ratings.item, ratings.rater, turned)
    model = fit(odd, KINDS[3])
    assert model.scale[0] < -0.5
    assert abs(model.scale[1]) < 0.3
    assert off(rate(odd).mean, value) < 1.15 * off(plain_mean(ratings), value)


def test_items_people_differ_on_have_wider_deviations():
    rng = np.random.default_rng(0)
    item = np.repeat(np.arange(400), 8)
    noise = np.where(np.arange(400) < 200, 5, 20)
    value = rng.normal(50, 20, 400)
    said = value[item] + rng.normal(0, 1, len(item)) * noise[item]
    ratings = Ratings.of(
        400, [f"r{j}" for j in range(40)], item, rng.permutation(len(item)) % 40, said
    )
    found = rate(ratings)
    assert np.median(found.sd[200:]) > 1.5 * np.median(found.sd[:200])
    assert np.median(found.rating_sd[200:]) > 1.5 * np.median(found.rating_sd[:200])


def test_gold_calibrates_the_deviation_and_moves_the_means_only_where_that_pays():
    ratings, value, _ = raters(n=400)
    at = np.arange(100)
    same = rate(ratings, gold=(at, value[:100]))
    assert same.report["calibrator"] == "gold"
    assert np.array_equal(same.mean, rate(ratings).mean)
    assert 0.8 < np.mean(np.abs(same.mean - value)[100:] < 1.645 * same.sd[100:]) < 0.97
    others = 20 + 0.5 * value + np.random.default_rng(9).normal(0, 8, 400)
    moved = rate(ratings, gold=(at, others[:100]))
    assert "a line for the means" in moved.report["calibrator"]
    assert moved.report["gold_slope"] == pytest.approx(0.5, abs=0.15)
    assert 0.8 < np.mean(np.abs(moved.mean - others)[100:] < 1.645 * moved.sd[100:]) < 0.97
    assert len(moved.gold_at) == len(moved.gold_mean) == 100
    few = rate(ratings, gold=(at[:29], others[:29]))
    assert np.array_equal(few.mean, rate(ratings).mean) and not len(few.gold_at)


def test_degenerate_ratings_have_sensible_answers():
    names = ["a", "b"]
    once = rate(Ratings.of(4, names, [0, 1, 2], [0, 1, 0], [10, 20, 60]))
    assert once.mean[:3].tolist() == [10, 20, 60] and np.isnan(once.mean[3])
    assert once.report["winner"] == "mean" and "no item has enough" in once.report["why"]
    assert np.isfinite(once.sd[:3]).all() and once.sd[0] > 5
    same = rate(Ratings.of(2, names, [0, 0, 1, 1], [0, 1, 0, 1], [5, 5, 5, 5]))
    assert same.mean.tolist() == [5, 5] and np.isfinite(same.sd).all()
    lone = rate(Ratings.of(1, names, [0, 0], [0, 1], [1, 3]))
    assert lone.mean.tolist() == [2] and lone.sd[0] > 0
    one = rate(Ratings.of(50, ["a"], range(50), [0] * 50, range(50)))
    assert one.mean == pytest.approx(np.arange(50))
    for found in (once, same, lone, one):
        json.dumps(found.report, allow_nan=False)
    with pytest.raises(ValueError, match="no ratings"):
        rate(Ratings.of(2, names, [], [], []))


def test_order_and_names_are_no_matter_and_the_same_seed_gives_the_same_bits():
    ratings, _, _ = raters(n=120, shift=10, stretch=0.3)
    found, again = rate(ratings, seed=4), rate(ratings, seed=4)
    assert np.array_equal(found.mean, again.mean) and found.report == again.report
    rng = np.random.default_rng(0)
    items, people = rng.permutation(120), rng.permutation(30)
    moved = Ratings.of(
        120, [f"r{j}" for j in range(30)], items[ratings.item], people[ratings.rater], ratings.value
    )
    for kind in KINDS:
        one, other = fit(ratings, kind), fit(moved, kind)
        means = one.estimate(ratings)[0], other.estimate(moved)[0]
        assert np.abs(means[0] - means[1][items]).max() < 1e-6


def test_a_rater_who_rated_nothing_changes_nothing():
    ratings, _, _ = raters(n=100, shift=5)
    more = Ratings(100, (*ratings.raters, "idle"), ratings.item, ratings.rater, ratings.value)
    for kind in KINDS:
        means = fit(ratings, kind).estimate(ratings)[0], fit(more, kind).estimate(more)[0]
        assert np.abs(means[0] - means[1]).max() < 0.05


def test_ratings_in_other_units_give_the_same_answer_in_those_units():
    ratings, _, _ = raters(n=150, shift=10, stretch=0.3)
    other = Ratings(150, ratings.raters, ratings.item, ratings.rater, ratings.value / 50 - 1)
    one, two = rate(ratings), rate(other)
    assert one.report["winner"] == two.report["winner"]
    assert np.abs(one.mean / 50 - 1 - two.mean).max() < 1e-3
    assert np.abs(one.sd / 50 - two.sd).max() < 1e-3


def test_bad_gold_is_named():
    ratings, _, _ = raters(n=40)
    with pytest.raises(ValueError, match="two equally long"):
        rate(ratings, gold=([0, 1], [5.0]))
    with pytest.raises(ValueError, match=r"names item 0\.\.40"):
        rate(ratings, gold=([0, 40], [5.0, 6.0]))
    with pytest.raises(ValueError, match="finite numbers"):
        rate(ratings, gold=([0, 1], [5.0, np.nan]))


@pytest.mark.skipif(not DATA.exists(), reason=f"no {DATA} (set UNDERTONE_TEST_DATA)")
def test_affective_text_is_no_further_from_the_experts_than_the_mean():
    folder = DATA / "crowd" / "affective-text"
    answers = pd.read_csv(folder / "answer.csv")
    truth = pd.read_csv(folder / "truth.csv").set_index("question").truth
    item, items = pd.factorize(answers.question)
    rater, names = pd.factorize(answers.worker)
    value = truth.reindex(items).to_numpy(dtype=float)
    whole = Ratings.of(len(items), list(names), item, rater, answers.answer)
    assert off(rate(whole).mean, value) < 17.83  # the mean is 17.84 off
    rank = pd.Series(np.random.default_rng(0).random(len(item))).groupby(item).rank().to_numpy()
    for each in (5, 3, 2):
        kept = rank <= each
        few = Ratings.of(len(items), list(names), item[kept], rater[kept], answers.answer[kept])
        assert off(rate(few).mean, value) < off(plain_mean(few), value) - 0.5


def test_what_is_weighed_is_the_item_not_the_rater():
    ratings, _, _ = raters(shift=12)
    found = weigh(ratings)
    # Each held-out rating keeps its rater's own shift: knowing the item is all that helps.
    assert found.rmse[KINDS[2]] > 15
    assert found.rmse[KINDS[2]] < found.rmse["mean"]
    assert found.gain > 2 * found.gain_error > 0
