"""A first label or another vote: against what a simulated rater does."""

import numpy as np
import pytest

from active_learning.opinions import believed, is_settled, next_judgements, value_of_vote


def test_the_value_of_a_vote_is_how_much_oftener_the_label_comes_out_right():
    rng = np.random.default_rng(0)
    p, reliability, n = np.array([0.5, 0.3, 0.2]), 0.8, 200_000
    truth = rng.choice(3, n, p=p)
    wrong = (truth + rng.integers(1, 3, n)) % 3
    vote = np.where(rng.random(n) < reliability, truth, wrong)
    likelihood = np.full((3, 3), 0.1) + 0.7 * np.eye(3)
    label = (p[:, None] * likelihood).argmax(axis=0)[vote]
    assert value_of_vote([p], reliability)[0] == pytest.approx(
        (label == truth).mean() - 0.5, abs=5e-3
    )


def test_a_vote_that_can_change_nothing_is_worth_nothing():
    assert value_of_vote([[0.98, 0.01, 0.01], [1.0, 0.0, 0.0]], 0.8).tolist() == [0, 0]
    assert value_of_vote([[0.6, 0.4]], 0.5)[0] == 0
    with pytest.raises(ValueError, match=r"not 1\.2"):
        value_of_vote([[0.5, 0.5]], 1.2)


def test_disputed_clips_get_another_vote_and_settled_ones_none():
    voted = np.array([[0.97, 0.02, 0.01], [0.45, 0.45, 0.10]])
    assert is_settled(voted).tolist() == [True, False]
    sure_model = np.tile([0.99, 0.005, 0.005], (4, 1))
    bought = next_judgements(sure_model, voted, [3, 2], 5, reliability=0.8, model_weight=0.9)
    assert (bought[0].index, bought[0].first) == (1, False)
    assert "2 votes leave it at 0.45 against 0.45" in bought[0].reason
    assert not any(one.index == 0 and not one.first for one in bought)


def test_a_clip_nobody_heard_comes_before_one_that_is_nearly_settled():
    bought = next_judgements([[0.4, 0.3, 0.3]], [[0.9, 0.05, 0.05]], [3], 1, reliability=0.8)
    assert bought[0].first
    assert "best guess 0.40" in bought[0].reason


def test_a_label_that_may_well_be_wrong_comes_before_a_new_clip():
    voted = np.array([[0.7, 0.2, 0.1], [0.5, 0.45, 0.05]])
    new = np.full((2, 3), 1 / 3)
    bought = next_judgements(new, voted, [1, 1], 4, reliability=0.8, standing=[0.7, 0.5])
    assert [(one.index, one.first) for one in bought[:2]] == [(1, False), (0, True)]


def test_raters_are_known_by_what_they_say_and_the_better_one_is_believed():
    rng = np.random.default_rng(0)
    n, k, right = 300, 5, np.array([0.9, 0.75, 0.5])
    truth = rng.integers(0, k, n)
    prior = np.full((n, k), 0.5 / (k - 1))
    prior[np.arange(n), np.where(rng.random(n) < 0.5, truth, rng.integers(0, k, n))] = 0.5
    prior /= prior.sum(axis=1, keepdims=True)
    item, rater = (
        np.repeat(np.arange(n), 2),
        np.concatenate([rng.permutation(3)[:2] for _ in truth]),
    )
    wrong = (truth[item] + rng.integers(1, k, 2 * n)) % k
    said = np.where(rng.random(2 * n) < right[rater], truth[item], wrong)
    posterior, found = believed(prior, item, rater, said, 3)
    np.testing.assert_allclose(found, right, atol=0.1)
    best = posterior.argmax(axis=1) == truth
    assert best.mean() > max((said.reshape(n, 2)[:, j] == truth).mean() for j in (0, 1))
    assert best.mean() == pytest.approx(posterior.max(axis=1).mean(), abs=0.05)


def test_without_an_answer_what_was_known_before_stands():
    posterior, found = believed([[0.7, 0.3]], [], [], [], 0)
    np.testing.assert_allclose(posterior, [[0.7, 0.3]])
    assert len(found) == 0


def _surer_than_right(n, k, sure, right, seed):
    """Truth (n,), and a prior (n, k) that gives one class `sure`, the true one in `right`."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    named = np.where(rng.random(n) < right, truth, (truth + rng.integers(1, k, n)) % k)
    prior = np.full((n, k), (1 - sure) / (k - 1))
    prior[np.arange(n), named] = sure
    return truth, prior


def test_soft_labels_surer_than_right_do_not_put_a_rater_at_fault_who_is_always_right():
    shares = ((0.95, 0.7), (0.7, 0.45), (0.4, 0.3))
    parts = [_surer_than_right(50, 6, *one, seed=i) for i, one in enumerate(shares)]
    truth, prior = (np.concatenate(both) for both in zip(*parts, strict=True))
    posterior, found = believed(prior, np.arange(150), np.zeros(150), truth, 1)
    assert found[0] > 0.8
    assert (posterior.argmax(axis=1) == truth).mean() > 0.95


def test_soft_labels_that_are_as_right_as_sure_are_believed_beside_a_poor_rater():
    parts = [_surer_than_right(200, 6, sure, sure, seed=i) for i, sure in enumerate((0.95, 0.3))]
    truth, prior = (np.concatenate(both) for both in zip(*parts, strict=True))
    rng = np.random.default_rng(2)
    said = np.where(rng.random(400) < 0.6, truth, (truth + rng.integers(1, 6, 400)) % 6)
    posterior, found = believed(prior, np.arange(400), np.zeros(400), said, 1)
    assert found[0] == pytest.approx(0.6, abs=0.1)
    assert (posterior.argmax(axis=1) == truth)[:200].mean() > 0.9
