"""What another hour is worth: models whose answers are planted."""

import numpy as np
import pandas as pd
import pytest

from rounds.prospects import Spoken, prospects

K, N = 4, 800
TRUTH = np.random.default_rng(0).integers(0, K, N)
IDS = [f"g{i}" for i in range(N)]
GOLD = dict(zip(IDS[:200], TRUTH[:200].tolist(), strict=True))
LUCK = np.random.default_rng(1).random(N)


def _model(n, share):
    """Right on `share` of the clips, those of a better model among them."""
    said = np.where(share > LUCK, TRUTH, (TRUTH + 1) % K)
    return Spoken(n, pd.Series(said, index=IDS))


def test_three_models_measured_on_the_same_clips_say_what_another_hour_is_worth():
    models = [_model(n, 0.8 - 1.2 * n**-0.5) for n in (50, 100, 150, 200)]
    found = prospects(models, GOLD, 0.01)
    worth = found["another_hour"]
    # 100 further judgements: from .715 to .731
    assert worth["low"] <= 0.8 - 1.2 * 300**-0.5 - (0.8 - 1.2 * 200**-0.5) <= worth["high"]
    assert worth["high"] - worth["low"] < 0.12, "clips are the same, so the models alone differ"
    assert found["prospect"].startswith("another hour is worth about +")


def test_nothing_is_said_before_three_rounds_or_with_hardly_a_clip_to_judge_by():
    models = [_model(n, 0.5) for n in (50, 100, 150)]
    assert "another_hour" not in prospects(models[:2], GOLD, 0.01)
    assert "another_hour" not in prospects(models, dict(list(GOLD.items())[:5]), 0.01)
    assert prospects(models[:1], GOLD, 0.01) == {}


def test_models_that_hardly_change_hold_the_promise_down():
    models = [_model(n, share) for n, share in ((50, 0.40), (100, 0.500), (200, 0.505))]
    worth = prospects(models, GOLD, 0.01)["another_hour"]
    changed = np.mean(models[-1].answers.to_numpy() != models[-2].answers.to_numpy())
    assert worth["high"] <= 1.5 * changed
    assert prospects(models, GOLD, 0.01)["answers_changed"] == pytest.approx(changed)


def test_two_steady_rounds_are_said_to_be_the_time_to_stop():
    models = [_model(n, 0.6) for n in (50, 100, 150)]
    assert prospects(models, GOLD, 0.01, before=0.995)["prospect"].endswith("time to stop")
    assert "stop" not in prospects(models, GOLD, 0.01, before=0.9)["prospect"]
