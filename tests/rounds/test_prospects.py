import pandas as pd
import pytest

from rounds.prospects import another_hour

POOL = pd.DataFrame({"duration_s": [2.0, 6.0]})
ROWS = [(48, 0.40), (96, 0.48), (144, 0.52)]


def _row(n, uar, **figures):
    return {"n_bought": n, "held_out_gold.uar": uar, "held_out_gold.n": 400, **figures}


def _said(*rows):
    return another_hour(rows, POOL, 6.0)


def test_three_judged_rounds_say_what_another_hour_is_worth():
    found = _said(*(_row(*one) for one in ROWS))
    assert found["prospect"].startswith("another hour is worth about +")
    worth = found["another_hour"]
    assert worth["low"] <= worth["gain"] <= worth["high"]


def test_nothing_is_said_before():
    assert _said({"n_bought": 0}, _row(48, 0.4), _row(96, 0.5)) == {}


def test_models_that_hardly_change_hold_the_promise_down():
    steady = {"model_agreement": 0.995, "answers_changed": 0.001}
    rows = [_row(*one) for one in ROWS[:2]] + [_row(*ROWS[2], **steady)]
    worth = _said(*rows)["another_hour"]
    # An hour is 7.5 times what lies between the rounds, so .75 of a point is the most there is.
    assert worth["high"] == pytest.approx(0.0075, abs=1e-6)
    assert (
        "agree to 0.99" in _said(*rows)["prospect"] or "agree to 1.00" in _said(*rows)["prospect"]
    )


def test_two_steady_rounds_are_said_to_be_the_time_to_stop():
    steady = {"model_agreement": 0.995, "answers_changed": 0.001}
    said = _said({"n_bought": 48, **steady}, {"n_bought": 96, **steady})["prospect"]
    assert said.endswith("it may be time to stop")
