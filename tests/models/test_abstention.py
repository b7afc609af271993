import numpy as np
import pytest

from models.abstention import Evidence, conformal_sets
from models.blend import LEVELS

H, K = 1000, 4


def _evidence(seed=0, n=H):
    """Answers that are right as often as they say."""
    rng = np.random.default_rng(seed)
    proba = rng.dirichlet(np.full(K, 0.5), size=n)
    truth = (proba.cumsum(axis=1) > rng.random(n)[:, None]).argmax(axis=1)
    levels = (len(LEVELS), 1)
    return (
        Evidence(
            np.tile(proba.max(axis=1).astype(np.float32), levels),
            np.tile(proba.argmax(axis=1) == truth, levels),
            np.tile(proba[np.arange(n), truth].astype(np.float32), levels),
        ),
        proba,
        truth,
    )


@pytest.mark.parametrize("risk", [0.1, 0.2])
def test_above_the_threshold_no_more_is_wrong_than_was_promised(risk):
    least = _evidence()[0].threshold(risk, 0)
    _, proba, truth = _evidence(seed=1, n=5000)
    said = proba.max(axis=1) >= least
    wrong = (proba.argmax(axis=1) != truth)[said].mean()
    assert wrong < risk + 0.03
    assert said.mean() > 0.08


def test_a_risk_that_all_keep_needs_no_threshold_and_one_that_none_keeps_silences():
    evidence, _, _ = _evidence()
    assert evidence.threshold(0.99, 0) == 0
    wrong = Evidence(evidence.confidence, np.zeros_like(evidence.right), evidence.truth)
    assert wrong.threshold(0.1, 0) == float("inf")


@pytest.mark.parametrize("coverage", [0.8, 0.95])
def test_conformal_sets_hold_the_truth_as_often_as_was_promised(coverage):
    least = _evidence()[0].least_proba(coverage, 5)
    _, proba, truth = _evidence(seed=2, n=5000)
    sets = conformal_sets(proba, least)
    assert sets[np.arange(5000), truth].mean() == pytest.approx(coverage, abs=0.03)
    assert sets.any(axis=1).all()
    assert sets.sum(axis=1).mean() < K


def test_without_evidence_nothing_is_promised_in_one_line():
    with pytest.raises(ValueError, match=r"no risk can be promised.* 0 held-out segments, 20 are"):
        Evidence.none().threshold(0.1, 0)
    with pytest.raises(ValueError, match=r"coverage 1\.5 is not between 0 and 1"):
        _evidence()[0].least_proba(1.5, 0)
