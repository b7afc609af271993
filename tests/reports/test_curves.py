import numpy as np
import pandas as pd
import pytest

from reports.curves import mean_curve, pairs, summarise


def line(strategy: str, slope: float, seeds: tuple[int, ...] = (0,), last: int = 100) -> list:
    return [
        (strategy, seed, n, slope * n, slope * n, 0.1)
        for seed in seeds
        for n in range(10, last + 1, 10)
    ]


def curve(*rows: list) -> pd.DataFrame:
    names = ["strategy", "seed", "n_labels", "uar", "macro_f1", "ece"]
    return pd.DataFrame([row for some in rows for row in some], columns=names)


def test_a_strategy_twice_as_quick_saves_half_the_labels():
    quick = [(s, 0, n, min(2 * u, 0.8), f, e) for s, _, n, u, f, e in line("margin", 0.008)]
    table = summarise(curve(line("random", 0.008), quick), share=0.95).set_index("strategy")
    assert table.loc["random", "labels_needed"] == pytest.approx(95)
    assert np.isnan(table.loc["random", "gain"]), "nothing is better than itself"
    assert table.loc["margin", "labels_needed"] == pytest.approx(47.5)
    assert table.loc["margin", "saved"] == pytest.approx(0.5)
    assert not table.loc["margin", "saved_is_least"]


def test_where_random_never_came_to_the_goal_the_saving_is_a_lower_bound():
    table = summarise(curve(line("random", 0.004), line("margin", 0.008))).set_index("strategy")
    assert np.isnan(table.loc["random", "labels_needed"])
    assert table.loc["margin", "saved"] == pytest.approx(0.05)
    assert table.loc["margin", "saved_is_least"]
    assert not table.loc["random", "saved_is_least"]


def test_without_random_nothing_is_said_to_be_saved():
    assert summarise(curve(line("margin", 0.008)))["saved"].isna().all()


def test_a_goal_reached_at_the_first_step_costs_the_first_step():
    rows = curve([("margin", 0, 10, 0.8, 0.8, 0.1), ("margin", 0, 20, 0.8, 0.8, 0.1)])
    assert summarise(rows)["labels_needed"].tolist() == [10]


def test_the_mean_over_seeds_has_students_interval():
    rows = curve(
        [("a", 0, 10, 0.4, 0, 0), ("a", 1, 10, 0.5, 0, 0), ("a", 2, 10, 0.6, 0, 0)],
        [("a", 0, 20, 0.9, 0, 0)],
    )
    mean = mean_curve(rows, "uar")
    assert mean["n_labels"].tolist() == [10]  # one seed alone reached 20
    assert mean["mean"].iloc[0] == pytest.approx(0.5)
    assert mean["high"].iloc[0] - 0.5 == pytest.approx(4.3027 * 0.1 / np.sqrt(3), rel=1e-4)


def test_one_seed_has_no_interval():
    mean = mean_curve(curve(line("a", 0.01)), "uar")
    assert mean[["low", "high"]].isna().all(axis=None)


def _two(n_seeds=6, lead=0.05):
    """Random, and a strategy that is better by `lead` at every step of every seed."""
    rows = []
    for seed in range(n_seeds):
        for n in (10, 20, 30):
            base = 0.4 + 0.004 * n + 0.01 * seed
            rows += [("random", seed, n, base), ("better", seed, n, base + lead)]
    curve = pd.DataFrame(rows, columns=["strategy", "seed", "n_labels", "uar"])
    return curve.assign(macro_f1=curve["uar"], ece=0.1)


def test_every_pair_of_strategies_has_its_lead_with_an_interval():
    found = pairs(_two()).set_index(["strategy", "other"])
    assert found.loc[("better", "random"), "gain"] == pytest.approx(0.05)
    assert found.loc[("random", "better"), "gain"] == pytest.approx(-0.05)
    assert (found["low"] <= found["gain"]).all()
    assert (found["gain"] <= found["high"]).all()
    assert found.loc[("better", "random"), "n_seeds"] == 6


def test_the_summary_has_a_column_for_each_figure_that_is_promised():
    table = summarise(_two(), full={0: 0.6}).set_index("strategy")
    assert {
        "n_seeds", "goal", "n_labels", "labels_needed", "uar", "uar_low", "uar_high", "macro_f1",
        "ece", "area", "gain", "gain_low", "gain_high", "start", "start_gain", "start_gain_low",
        "start_gain_high", "labels_90", "labels_95", "saved", "saved_is_least",
    } == set(table.columns)  # fmt: skip
    assert table.loc["better", "start_gain"] == pytest.approx(0.05)
    assert table.loc["random", "start"] == pytest.approx(0.465)
