import numpy as np
import pytest
import torch

from audio.tracks import TRACKS
from models.device import Device
from models.frame_augmentation import Augmentation
from models.frame_fitting import FrameLesson, FrameRecipe, fit
from models.frame_guides import Guides, GuideShares
from models.frame_scaling import FrameScaling
from models.listener import answered, listen
from tests.models.made_tracks import moving_tracks

QUICK = FrameRecipe(n_epochs=8, least_steps=100, batch_clips=32, learning_rate=0.01)


def _lesson(n=160, seed=0, guides=None, weight=None):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    tracks, places = moving_tracks(truth, seed)
    scaling = FrameScaling.fit(tracks)
    unit = np.stack([np.where(truth == 0, 0.8, -0.8), np.full(n, np.nan)], axis=1)
    weight = np.ones(n) if weight is None else weight
    lesson = FrameLesson(
        scaling.transform(tracks),
        rng.normal(size=(2, n, 5)).astype(np.float32),
        np.eye(3, dtype=np.float32)[truth],
        unit.astype(np.float32),
        weight.astype(np.float32),
        (np.isfinite(unit) * weight[:, None]).astype(np.float32),
        guides,
    )
    return lesson, truth, scaling, places


@pytest.fixture(scope="module")
def taught():
    lesson, _, scaling, _ = _lesson()
    return fit(lesson, QUICK, seed=0)[-1], scaling


def _said(networks, scaling, truth, seed=7):
    tracks, places = moving_tracks(truth, seed)
    heard = listen(networks, scaling.transform(tracks))
    blank = np.zeros((2, len(truth), 5), np.float32)
    return answered(networks, heard.pooled, blank), heard.attention, places


def test_what_happens_over_time_is_learnt_where_the_whole_says_nothing(taught):
    truth = np.arange(90) % 3
    (logits, mean, variance), _, _ = _said(*taught, truth)
    assert logits.shape == (2, 90, 3)
    assert (logits.argmax(axis=2) == truth).mean() > 0.9
    assert mean[0, truth == 0, 0].mean() > mean[0, truth == 1, 0].mean() + 0.8
    assert (variance > 0).all()


def test_attention_goes_where_it_happens(taught):
    _, attention, places = _said(*taught, np.arange(90) % 3)
    for one in attention:
        assert one.sum() == pytest.approx(1, abs=1e-4)
    inside = np.mean([one[at : at + 8].sum() for one, at in zip(attention, places, strict=True)])
    even = np.mean([8 / len(one) for one in attention])
    assert inside > 1.5 * even


def test_a_clips_answer_does_not_depend_on_the_clips_beside_it(taught):
    networks, scaling = taught
    tracks, _ = moving_tracks([0, 1, 2, 0])
    longer = np.concatenate([tracks[3]] * 4)
    together = listen(networks, scaling.transform([*tracks[:3], longer]))
    alone = listen(networks, scaling.transform(tracks[:1]))
    np.testing.assert_allclose(alone.pooled[0, 0], together.pooled[0, 0], atol=1e-4)
    np.testing.assert_allclose(alone.attention[0], together.attention[0], atol=1e-5)


def test_the_same_seed_gives_the_same_bits_and_torch_is_left_as_it_was():
    lesson = _lesson(60)[0]
    recipe = FrameRecipe(n_epochs=1, least_steps=4, augmentation=Augmentation(True, 0.3, 0.3, 0.1))
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first, again, other = (fit(lesson, recipe, seed=seed)[-1][0].state() for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["first"], other["first"])


def test_clips_that_count_nothing_are_not_heard():
    lesson, _, _, _ = _lesson(60, weight=np.r_[np.ones(40), np.zeros(20)])
    recipe = FrameRecipe(n_epochs=1, least_steps=4)
    nonsense = [*lesson.tracks[:40], *(np.full_like(one, 4.0) for one in lesson.tracks[40:])]
    other = FrameLesson(nonsense, *list(vars(lesson).values())[1:])
    one, two = (fit(each, recipe, seed=0)[-1][0].state() for each in (lesson, other))
    assert all(torch.equal(one[name], two[name]) for name in one)
    blank = FrameLesson(*list(vars(_lesson(6, weight=np.zeros(6))[0]).values()))
    with pytest.raises(ValueError, match="nothing to learn"):
        fit(blank, recipe, seed=0)


def test_several_networks_differ_and_their_answers_are_averaged():
    lesson = _lesson(60)[0]
    networks = fit(lesson, FrameRecipe(n_epochs=1, least_steps=4, n_networks=2), seed=0)[-1]
    pooled = listen(networks, lesson.tracks[:5]).pooled
    both, first, second = (
        answered(some, part, lesson.inputs[:, :5])[0]
        for some, part in (
            (networks, pooled),
            (networks[:1], pooled[:1]),
            (networks[1:], pooled[1:]),
        )
    )
    assert np.abs(first - second).max() > 1e-3
    np.testing.assert_allclose(both, (first + second) / 2, atol=1e-6)


def test_in_mixed_precision_it_learns_the_same_within_rounding():
    lesson, truth, _, _ = _lesson(120)
    mixed = fit(lesson, QUICK, seed=0, device=Device(torch.device("cpu"), mixed=True))[-1]
    pooled = listen(mixed, lesson.tracks).pooled
    logits = answered(mixed, pooled, lesson.inputs)[0]
    assert (logits.argmax(axis=2) == truth).mean() > 0.85


def test_guides_are_learnt_from_what_was_masked_and_leave_unknown_phones_out():
    n = 60
    rng = np.random.default_rng(0)
    phones = [rng.integers(-1, 4, 50) for _ in range(n)]
    rhythm = np.where(rng.random((n, 2)) < 0.2, np.nan, rng.normal(size=(n, 2)))
    tracks = _lesson(n)[0].tracks
    cut = [phone[: one.shape[1]] for phone, one in zip(phones, tracks, strict=True)]
    lesson = _lesson(n, guides=Guides.of(rhythm, cut))[0]
    recipe = FrameRecipe(n_epochs=1, least_steps=4, guides=GuideShares(0.5, 0.5, 0.5))
    guided, plain = (
        fit(lesson, one, seed=0)[-1][0].state()
        for one in (recipe, FrameRecipe(n_epochs=1, least_steps=4))
    )
    assert all(torch.isfinite(value).all() for value in guided.values())
    assert not torch.equal(guided["layers"], plain["layers"])
    assert set(guided) == set(plain)


def test_tracks_of_another_kind_are_refused():
    scaling = FrameScaling.fit(moving_tracks([0, 1])[0])
    with pytest.raises(ValueError, match=rf"tracks must be \(T, {len(TRACKS)}\)"):
        scaling.transform([np.zeros((10, 3), np.float16)])
