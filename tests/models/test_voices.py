import numpy as np
import pytest

from models.voices import VoiceScaling

D, N_SPEAKERS, N_EACH = 6, 30, 40


def _pool(between=1.0, within=2.0, seed=0):
    """Planted truth: speakers' means vary by `between`, one speaker by `within`."""
    rng = np.random.default_rng(seed)
    means = rng.normal(scale=between, size=(N_SPEAKERS, D))
    of_row = np.repeat(np.arange(N_SPEAKERS), N_EACH)
    features = 100 + means[of_row] + rng.normal(scale=within, size=(len(of_row), D))
    return features, [f"s{i}" for i in of_row], means


def test_the_spread_within_and_between_speakers_is_recovered():
    features, speakers, _ = _pool()
    scaling = VoiceScaling.fit(features, speakers)
    assert scaling.spread == pytest.approx(np.full(D, 2.0), rel=0.1)
    assert scaling.between == pytest.approx(np.ones(D), rel=0.6)
    assert scaling.between.mean() == pytest.approx(1.0, rel=0.25)
    assert scaling.centre == pytest.approx(np.full(D, 100.0), abs=0.6)


@pytest.mark.parametrize("n", [1, 3, 10])
def test_a_shrunk_mean_is_nearer_to_the_truth_than_the_plain_one_and_than_the_pools(n):
    features, speakers, _ = _pool()
    scaling = VoiceScaling.fit(features, speakers)
    unheard, _, means = _pool(seed=1)
    few = unheard.reshape(N_SPEAKERS, N_EACH, D)[:, :n]
    found = scaling.voices(few.reshape(-1, D), np.repeat(np.arange(N_SPEAKERS), n)).usual

    def off(guess):
        return np.square(guess - 100 - means).mean()

    assert off(found) < off(few.mean(axis=1))
    assert off(found) < off(np.broadcast_to(scaling.centre, found.shape))


@pytest.mark.parametrize("n_speakers", [1, 2, 3])
def test_of_few_speakers_one_still_believes_that_speakers_differ(n_speakers):
    rng = np.random.default_rng(0)
    inside = [0.5, 0.02][n_speakers == 2]  # two speakers may happen to be alike
    means = rng.normal(scale=inside, size=(n_speakers, D))
    of_row = np.repeat(np.arange(n_speakers), N_EACH)
    features = means[of_row] + rng.normal(size=(len(of_row), D))
    scaling = VoiceScaling.fit(features, [f"s{i}" for i in of_row])
    assert (scaling.between > 0.02).mean() > 0.6
    usual = scaling.voices(5 + rng.normal(size=(40, D)), np.zeros(40, dtype=np.int64)).usual
    assert np.median(usual) > 3


def test_of_a_speaker_nobody_heard_the_pool_is_the_usual():
    features, speakers, _ = _pool()
    scaling = VoiceScaling.fit(features, speakers)
    plain = scaling.branches(features[:5])
    wide = scaling.branches(scaling.wide(features[:5]))
    np.testing.assert_array_equal(plain, wide)
    assert scaling.enrolled(features[:5], speakers[:5], 0, seed=0)[:, -1].tolist() == [0] * 5


def test_enrolled_rows_know_that_many_others_and_never_themselves():
    features, speakers, _ = _pool()
    scaling = VoiceScaling.fit(features, speakers)
    odd = features.copy()
    odd[0] += 1000.0
    usual = scaling.enrolled(odd, speakers, 38, seed=0)[:, D : 2 * D]
    assert (usual[0] < 110).all()
    few = scaling.enrolled(features, speakers, 4, seed=0)
    assert set(few[:, -1]) == {4}
    np.testing.assert_array_equal(few, scaling.enrolled(features, speakers, 4, seed=0))
    assert (few != scaling.enrolled(features, speakers, 4, seed=1)).any()


def test_a_speakers_offset_is_gone_from_the_second_view():
    features, speakers, _ = _pool(between=5.0)
    scaling = VoiceScaling.fit(features, speakers)
    _, own = scaling.branches(scaling.wide(features, speakers))
    assert np.abs(own.reshape(N_SPEAKERS, N_EACH, D).mean(axis=1)).max() < 0.1


def test_whoever_has_no_name_is_a_speaker_alone():
    features, _, _ = _pool()
    scaling = VoiceScaling.fit(features, [None] * len(features))
    assert (scaling.wide(features[:3], [None, None, ""])[:, -1] == 1).all()
    assert np.isfinite(scaling.branches(scaling.wide(features, [None] * len(features)))).all()


def test_what_is_missing_or_constant_stays_at_nought():
    features, speakers, _ = _pool()
    features[:, 0], features[:, 1] = np.nan, 7.0
    features[::3, 2] = np.nan
    scaling = VoiceScaling.fit(features, speakers)
    views = scaling.branches(scaling.wide(features, speakers))
    assert np.isfinite(views).all()
    assert (views[:, :, :2] == 0).all()
    assert views.shape[2] == D + 1  # whether the third is missing


def test_features_of_another_width_are_refused_in_one_line():
    features, speakers, _ = _pool()
    scaling = VoiceScaling.fit(features, speakers)
    with pytest.raises(ValueError, match=r"features must be \(n, 6\).*not \(2, 5\)"):
        scaling.branches(np.zeros((2, 5)))
