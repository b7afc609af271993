import numpy as np
import pytest

from labels.alpha import Coincidences, alpha
from labels.bootstrap import over_items
from labels.kappa import cohen_kappa
from labels.pairs import pair_table, pairwise_agreement
from labels.raters import rater_summary
from labels.ratings import Ratings
from labels.scheme import Scheme
from labels.simulation import crowd, crowd_judgements
from labels.suspects import suspects, suspects_among

X = np.nan


def _crowd(n_items=300, n_raters=8, skill=0.65, k=5, seed=0):
    """Answers (n_items, n_raters) of equally good raters, with gaps."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(k, n_items, p=np.array([4, 2, 2, 1, 1]) / 10)
    guess = rng.integers(0, k, (n_items, n_raters))
    said = np.where(rng.random(guess.shape) < skill, truth[:, None], guess).astype(float)
    said[rng.random(said.shape) < 0.3] = X
    return said


def _kappa(skill, k=5):
    """What two raters of `_crowd` must agree beyond chance."""
    share = np.array([4, 2, 2, 1, 1]) / 10
    said = skill * np.eye(k) + (1 - skill) / k
    agreement, chance = share @ (said**2).sum(axis=1), ((share @ said) ** 2).sum()
    return (agreement - chance) / (1 - chance)


def _scale(n_items=200, n_raters=8, seed=0):
    """Ratings on a scale of 1 to 9, with each rater's own bias."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(2, 8, n_items)[:, None]
    noise = rng.normal(0, 1, (n_items, n_raters)) + rng.normal(0, 0.5, n_raters)
    return np.clip(np.rint(truth + noise), 1, 9)


def _suspected(said, level="nominal"):
    return {s.rater: s for s in suspects(rater_summary(Ratings.of_matrix(said), level), level)}


def test_nobody_of_an_honest_crowd_is_suspected():
    for seed in range(10):
        assert _suspected(_crowd(seed=seed)) == {}
        assert _suspected(_scale(seed=seed), "ordinal") == {}
        assert _suspected(_scale(seed=seed), "interval") == {}


def test_a_planted_spammer_is_found_and_said_why():
    said = _crowd()
    rng = np.random.default_rng(1)
    said[:, 3] = rng.choice(5, len(said), p=[0.4, 0.2, 0.2, 0.1, 0.1])
    found = _suspected(said)
    assert list(found) == ["rater_3"]
    assert found["rater_3"].kind == "spammer"
    assert "% of 300 items, chance gives" in found["rater_3"].reason


def test_a_planted_one_class_clicker_is_found_even_on_the_commonest_class():
    said = _crowd()
    said[:, 5] = 0
    found = _suspected(said)
    assert [(s.rater, s.kind) for s in found.values()] == [("rater_5", "one-class clicker")]
    assert found["rater_5"].reason.startswith("says 0 on 100% of 300 items")


def test_who_mostly_says_what_most_items_are_is_no_clicker():
    rng = np.random.default_rng(0)
    truth = (rng.random(400) < 0.06).astype(float)[:, None]
    said = np.where(rng.random((400, 6)) < 0.97, truth, 1 - truth)
    assert _suspected(said) == {}


@pytest.mark.parametrize("level", ["ordinal", "interval"])
def test_a_planted_reversed_scale_is_found(level):
    said = _scale()
    said[:, 2] = 10 - said[:, 2]
    found = _suspected(said, level)
    assert [(s.rater, s.kind) for s in found.values()] == [("rater_2", "reversed scale")]
    assert "correlates -0." in found["rater_2"].reason


@pytest.mark.parametrize("level", ["ordinal", "interval"])
def test_clickers_and_spammers_on_a_scale_are_found(level):
    said = _scale()
    said[:, 0] = 5
    said[:, 1] = np.random.default_rng(1).integers(1, 10, len(said))
    kinds = {s.rater: s.kind for s in _suspected(said, level).values()}
    assert kinds == {"rater_0": "one-class clicker", "rater_1": "spammer"}


def test_swapped_labels_are_contrary():
    said = _crowd(k=5)
    said[:, 4] = np.array([1, 0, 3, 4, 2])[np.nan_to_num(said[:, 4]).astype(int)]
    assert [s.kind for s in _suspected(said).values()] == ["contrary"]


def test_the_simulated_crowds_spammer_is_the_only_suspect():
    scheme = Scheme.default()
    people = crowd(scheme, seed=3)
    rng = np.random.default_rng(0)
    classes = rng.choice(scheme.classes, 400)
    truth = {f"s{i}": {"emotion": str(name)} for i, name in enumerate(classes)}
    names = {person.name: j for j, person in enumerate(people)}
    place = {name: i for i, name in enumerate(truth)}
    judged = list(crowd_judgements(people, truth))
    ratings = Ratings.of(
        len(truth),
        list(names),
        [place[j.segment_id] for j in judged],
        [names[j.annotator] for j in judged],
        [scheme.class_index(j.values["emotion"]) for j in judged],
    )
    found = suspects(rater_summary(ratings), "nominal")
    assert [s.rater for s in found] == [person.name for person in people if person.is_spammer]


def test_a_handful_of_ratings_makes_nobody_a_suspect():
    said = _crowd()
    said[9:, 3] = X
    said[:9, 3] = 4
    assert _suspected(said) == {}


def test_where_nobody_agrees_nobody_is_told_apart():
    said = np.random.default_rng(0).integers(0, 4, (300, 6)).astype(float)
    assert _suspected(said) == {}


def test_reliability_is_agreement_beyond_chance_within_its_interval():
    said = _crowd(n_items=2000, skill=0.7)
    table = rater_summary(Ratings.of_matrix(said))
    assert table["reliability"].std() < 0.03
    inside = (table["low"] < _kappa(0.7)) & (table["high"] > _kappa(0.7))
    assert inside.sum() >= 6
    assert (table["high"] - table["low"]).between(0.02, 0.1).all()


def test_bias_is_the_distance_from_the_others_mean():
    said = np.array([[1, 2, 6], [2, 3, 7], [3, 4, 8], [5, 6, 10.0]])
    table = rater_summary(Ratings.of_matrix(said), "interval")
    assert table["bias"].tolist() == pytest.approx([-3, -1.5, 4.5])
    assert table["reliability"].tolist() == pytest.approx([1, 1, 1])


def test_a_pairs_kappa_is_cohens():
    said = _crowd(n_items=120, n_raters=5)
    table = pair_table(Ratings.of_matrix(said))
    assert len(table) == 10
    for row in table.itertuples():
        one, other = said[:, int(row.one[-1])], said[:, int(row.other[-1])]
        assert row.kappa == pytest.approx(cohen_kappa(one, other))
        assert row.n_shared == (np.isfinite(one) & np.isfinite(other)).sum()


def test_pairwise_agreement_counts_equal_pairs():
    found = pairwise_agreement(Ratings.of_matrix([[1, 1, 2], [3, 3, X], [1, 2, X]]))
    assert found.value == pytest.approx(2 / 5)


def test_too_many_pairs_are_sampled_and_said_so(monkeypatch):
    said = _crowd(n_items=400, n_raters=8, skill=0.8)
    whole = pair_table(Ratings.of_matrix(said))
    monkeypatch.setattr("labels.pairs.MAX_PAIRINGS", 3000)
    part = pair_table(Ratings.of_matrix(said))
    assert part.attrs["sampled"] and not whole.attrs["sampled"]
    assert part["n_shared"].sum() <= 3000
    assert part["kappa"].mean() == pytest.approx(whole["kappa"].mean(), abs=0.05)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_weighting_an_item_is_repeating_it(level):
    said = _scale(n_items=20, n_raters=4)
    often = np.random.default_rng(0).integers(0, 4, 20)
    once = Coincidences.of(*_cells(said))
    repeated = Coincidences.of(*_cells(np.repeat(said, often, axis=0)))
    assert once.alpha(level, often.astype(float)) == pytest.approx(repeated.alpha(level))


def test_alphas_interval_holds_the_truth_and_narrows_with_items():
    wide, narrow = (alpha(Ratings.of_matrix(_crowd(n)), "nominal", seed=1) for n in (60, 2000))
    assert narrow.low < _kappa(0.65) < narrow.high
    assert narrow.high - narrow.low < 0.3 * (wide.high - wide.low)


def test_no_interval_is_made_up_from_four_items():
    found = over_items(lambda weight: float(weight.sum()), 4)
    assert found.value == 4 and np.isnan(found.low) and np.isnan(found.high)


def test_the_last_of_a_raters_answers_counts():
    ratings = Ratings.of(2, ["a", "b"], [0, 0, 1, 0], [0, 1, 0, 0], [1, 2, 3, 4])
    assert ratings.value.tolist() == [4, 2, 3]
    with pytest.raises(ValueError, match=r"rater holds an index outside \[0, 2\)"):
        Ratings.of(2, ["a", "b"], [0], [2], [1])


@pytest.mark.slow
def test_votes_of_two_thousand_raters_take_seconds_and_planted_suspects_are_found():
    rng = np.random.default_rng(0)
    n_items, n_raters = 10_000, 2_000
    item = np.repeat(np.arange(n_items), 10)
    rater = rng.integers(0, n_raters, len(item))
    truth = rng.integers(0, 7, n_items)
    value = np.where(rng.random(len(item)) < 0.6, truth[item], rng.integers(0, 7, len(item)))
    spam, clicks = rater < 20, (rater >= 20) & (rater < 30)
    value[spam] = rng.integers(0, 7, spam.sum())
    value[clicks] = 3
    ratings = Ratings.of(n_items, [str(j) for j in range(n_raters)], item, rater, value)
    found = suspects(rater_summary(ratings), "nominal")
    planted = [s for s in found if int(s.rater) < 30]
    assert len(planted) >= 28
    assert len(found) - len(planted) <= 4


def _cells(said):
    item, rater = np.nonzero(np.isfinite(said))
    return item, said[item, rater]


def test_of_three_the_one_who_says_anything_is_found_and_nobody_else():
    """40 items, six classes: two who know, one who does not; over many draws."""
    n_found = n_wrong = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, 6, 40)
        said = [
            np.where(rng.random(40) < right, truth, (truth + rng.integers(1, 6, 40)) % 6)
            for right in (0.9, 0.8)
        ]
        matrix = np.array([*said, rng.integers(0, 6, 40)]).T.astype(float)
        told = suspects_among(Ratings.of_matrix(matrix, ["ada", "ben", "zoe"]), "nominal")
        n_found += "zoe" in {one.rater for one in told}
        n_wrong += bool({one.rater for one in told} - {"zoe"})
    assert n_found >= 54  # 98 % of 300 draws; 69 % where all three say what is typical
    assert n_wrong <= 2
