import numpy as np
import pytest

from models.blend import KINDS, LEVELS, Blend, choose
from models.calibration import softmax

K, N = 3, 400


def _answers(*, own_from=2, network_noise=3.0, seed=0):
    """Held-out logits; the normalised view is good from `own_from` utterances on, bad below."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, N)
    target = np.eye(K)[truth]

    def said(noise):
        return 2 * target + rng.normal(scale=noise, size=(N, K))

    return {
        level: [
            [said(1.5), said(1.5), said(network_noise)],
            [said(n), said(n), said(network_noise)]
            if (n := 0.8 if level >= own_from else 6.0)
            else [],
        ]
        for level in LEVELS
    }, target


def test_a_speakers_usual_is_leaned_on_where_it_helps_and_not_where_it_hurts():
    answers, target = _answers(own_from=5)
    blend, _ = choose(answers, target, np.ones(N))
    assert blend.leaning[:2].max() <= 0.25
    assert blend.leaning[2:].min() >= 0.5
    assert (np.diff(blend.leaning) >= 0).all()


def test_the_better_member_is_chosen_and_its_rivals_losses_are_told():
    answers, target = _answers(network_noise=0.3)
    blend, losses = choose(answers, target, np.ones(N))
    assert blend.kind in {"network", "blend"}
    assert losses[blend.kind] == pytest.approx(min(losses.values()), abs=0.002)
    answers, target = _answers(network_noise=9.0)
    assert choose(answers, target, np.ones(N))[0].kind == "linear"
    assert set(losses) == set(KINDS)


def test_bold_answers_are_tempered_at_every_level():
    answers, target = _answers()
    bold = {
        level: [[4 * part for part in view] for view in views] for level, views in answers.items()
    }
    plain, tempered = (choose(one, target, np.ones(N))[0] for one in (answers, bold))
    joined = [
        blend.join(one[20], np.full(N, 20)) for blend, one in ((plain, answers), (tempered, bold))
    ]
    np.testing.assert_allclose(softmax(joined[0]), softmax(joined[1]), atol=0.05)


def test_between_levels_it_is_between():
    blend = Blend("linear", np.ones((2, 3)), np.array([0, 0.5, 0.5, 1, 1, 1.0]), np.ones((6, 2)))
    leaning, temperature = blend.at([0, 1, 2, 7, 10**6])
    assert leaning[0] == 0 and 0 < leaning[1] < 0.5 and leaning[2] == pytest.approx(0.5)
    assert 0.5 < leaning[3] < 1 and leaning[4] == 1
    assert temperature.tolist() == [[1, 1]] * 5


def test_the_simpler_kind_answers_unless_another_is_clearly_better_on_most_speakers():
    answers, target = _answers(network_noise=0.3)
    one_likes_it = np.where(np.arange(N) < N // 2, 0, 1)
    few, _ = choose(answers, target, np.ones(N), speakers=one_likes_it)
    many, _ = choose(answers, target, np.ones(N), speakers=np.arange(N) % 20)
    assert many.kind != "linear"
    hated = {
        level: [[view[0], view[1], np.where(one_likes_it[:, None] == 1, -view[2], view[2])]
                for view in views]
        for level, views in answers.items()
    }  # fmt: skip
    assert choose(hated, target, np.ones(N), speakers=one_likes_it)[0].kind == "linear"
    assert few.temperature.shape == many.temperature.shape


def test_a_new_voice_may_be_as_hard_as_any_that_was_heard():
    answers, target = _answers()
    speakers = np.arange(N) % 4
    hard = {
        level: [[np.where(speakers[:, None] == 0, 0.2 * part[::-1], part) for part in view]
                for view in views]
        for level, views in answers.items()
    }  # fmt: skip
    blend, _ = choose(hard, target, np.ones(N), speakers=speakers)
    assert blend.temperature[-1].max() > 1.5 * blend.temperature[-1].min()
    same, _ = choose(answers, target, np.ones(N), speakers=speakers)
    spread = same.temperature[-1].max() / same.temperature[-1].min()
    assert spread < blend.temperature[-1].max() / blend.temperature[-1].min()


def test_of_another_voice_one_is_less_sure_where_only_one_was_heard():
    answers, target = _answers()
    alone, _ = choose(answers, target, np.ones(N), one_voice=True)
    several, _ = choose(answers, target, np.ones(N), ("linear",))
    sure, said = (softmax(b.join(answers[20], np.full(N, 20))).max(axis=1).mean()
                  for b in (several, alone))  # fmt: skip
    assert alone.kind == "linear" and said < sure
