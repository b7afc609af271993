import pandas as pd

from rounds.prospects import another_hour

POOL = pd.DataFrame({"duration_s": [2.0, 6.0]})


def _row(n, uar):
    return {"n_bought": n, "held_out_gold.uar": uar, "held_out_gold.n": 400}


def test_three_judged_rounds_say_what_another_hour_is_worth():
    said = another_hour([_row(48, 0.40), _row(96, 0.48), _row(144, 0.52)], POOL)
    assert said.startswith("another hour is worth about +")


def test_nothing_is_said_before():
    assert another_hour([{"n_bought": 0}, _row(48, 0.4), _row(96, 0.5)], POOL) is None
