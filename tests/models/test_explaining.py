import numpy as np
import pytest

from labels.votes import Votes
from models.explaining import explain, join
from models.label_model import LabelModel


def _votes(n: int = 600, seed: int = 0) -> tuple[Votes, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    said = np.full((n, 4), -1)
    for j, accuracy in enumerate((0.9, 0.7, 0.7, 0.34)):
        right = rng.random(n) < accuracy
        said[:, j] = np.where(right, truth, (truth + rng.integers(1, 3, n)) % 3)
        said[rng.random(n) < 0.3, j] = -1
    return Votes.from_dense(said, 3, ["good", "fair", "fair2", "random"]), truth


def test_contributions_and_the_prior_add_up_to_the_label_models_answer():
    votes, _ = _votes()
    joined = join(votes, votes.sources)
    model = LabelModel(3)
    model.fit(votes, functions=frozenset(votes.sources))
    np.testing.assert_allclose(joined.proba, model.predict_proba(votes), atol=1e-12)
    for item in range(20):
        said = explain(joined, item)
        logits = np.log(said.prior) + said.contributions.sum(axis=0)
        np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(), said.proba)
        whole = np.log(said.proba[said.winner] / said.proba[said.runner_up])
        prior = np.log(said.prior[said.winner] / said.prior[said.runner_up])
        assert whole == pytest.approx(prior + said.log_odds().sum())


def test_a_better_source_moves_the_odds_more():
    votes, _ = _votes(3000)
    joined = join(votes, votes.sources)
    strength = np.abs(joined.evidence).max(axis=1)
    by_source = [strength[votes.source == j].mean() for j in range(4)]
    assert by_source[0] > by_source[1] > by_source[3]


def test_what_the_others_say_leaves_the_vote_itself_out():
    votes, _ = _votes()
    joined = join(votes, votes.sources)
    alone = np.flatnonzero(np.bincount(votes.item, minlength=votes.n_items)[votes.item] == 1)
    np.testing.assert_allclose(joined.others[alone], np.tile(joined.prior, (len(alone), 1)))
    assert (
        joined.share_right(joined.others).mean()
        < joined.share_right(joined.proba[votes.item]).mean()
    )


def test_a_source_that_repeats_another_counts_once():
    votes, _ = _votes()
    kept = votes.source == 0
    copy = Votes(
        votes.n_items, 3, ("good copy",), votes.vocabulary,
        votes.item[kept], votes.source[kept], votes.value[kept],
    )  # fmt: skip
    twice = votes.merge(copy)
    joined = join(twice, twice.sources)
    np.testing.assert_allclose(joined.proba, join(votes, votes.sources).proba)
    assert not joined.evidence[twice.source == 4].any()


def test_an_item_nobody_voted_on_has_the_prior_and_no_contributions():
    votes = Votes.from_dense(np.array([[0, 0], [-1, -1]]), 2)
    said = explain(join(votes, votes.sources), 1)
    assert len(said.vote) == 0
    np.testing.assert_allclose(said.proba, said.prior)
    with pytest.raises(ValueError, match="item 2 is not in"):
        explain(join(votes, votes.sources), 2)
