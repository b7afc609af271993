import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

from models.calibration import softmax
from models.linear import fit_discriminant, fit_logistic, said

K, D = 3, 5


def _rows(n=300, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, n)
    places = np.random.default_rng(9).normal(size=(K, D))
    return places[truth] + rng.normal(size=(n, D)), truth


def test_the_logistic_member_is_scikit_learns_on_hard_labels():
    x, y = _rows()
    ours = softmax(said(fit_logistic(x, np.eye(K)[y], np.ones(len(y)), l2=10.0), x))
    theirs = LogisticRegression(C=0.1, tol=1e-8, max_iter=1000).fit(x, y).predict_proba(x)
    np.testing.assert_allclose(ours, theirs, atol=5e-3)


def test_the_discriminant_is_scikit_learns_on_hard_labels():
    x, y = _rows()
    ours = said(fit_discriminant(x, np.eye(K)[y], np.ones(len(y))), x)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.0).fit(x, y)
    plain = said(fit_discriminant(x, np.eye(K)[y], np.ones(len(y)), shrinkage=0.0), x)
    np.testing.assert_allclose(softmax(plain), theirs.predict_proba(x), atol=1e-6)
    assert (ours.argmax(axis=1) == plain.argmax(axis=1)).mean() > 0.9


@pytest.mark.parametrize("fit", [fit_logistic, fit_discriminant])
def test_a_soft_label_is_as_good_as_as_many_hard_ones(fit):
    x, y = _rows(60)
    soft = 0.7 * np.eye(K)[y] + 0.1
    twice = np.repeat(x, K, axis=0)
    hard = np.tile(np.eye(K), (len(x), 1))
    np.testing.assert_allclose(
        said(fit(x, soft, np.ones(len(x))), x),
        said(fit(twice, hard, soft.ravel()), x),
        atol=0.02,
    )


@pytest.mark.parametrize("fit", [fit_logistic, fit_discriminant])
def test_rows_that_weigh_nothing_teach_nothing_and_none_at_all_are_no_error(fit):
    x, y = _rows(80)
    weight = np.ones(80)
    weight[40:] = 0
    np.testing.assert_allclose(
        said(fit(x, np.eye(K)[y], weight), x),
        said(fit(x[:40], np.eye(K)[y[:40]], weight[:40]), x),
        atol=1e-6,
    )
    assert np.isfinite(said(fit(x, np.eye(K)[y], np.zeros(80)), x)).all()


def test_a_class_that_nobody_is_stays_improbable():
    x, y = _rows(200)
    kept = y != 2
    target, weight = np.eye(K)[y[kept]], np.ones(int(kept.sum()))
    for fit in (fit_logistic, fit_discriminant):
        assert softmax(said(fit(x[kept], target, weight), x[kept]))[:, 2].mean() < 0.05
