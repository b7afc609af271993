import numpy as np
import pytest

from reports import curves, plots, simulation_report
from tests.reports import examples
from tests.reports.html_reading import Page
from tests.reports.test_round_report import assert_offline


@pytest.mark.slow
def test_a_simulation_report_shows_every_strategy_and_curve():
    text = simulation_report.render(
        examples.curve(), next_commands=[("undertone simulate --help", "More.")]
    )
    page = Page(text)
    assert page.faults == []
    assert len(page.named("img")) == 3
    assert "cluster-margin" in page.text
    assert "repeated with 3 seeds" in page.text
    assert "undertone simulate --help" in page.text
    assert_offline(text)


def test_the_band_of_two_seeds_far_apart_does_not_flatten_the_lines():
    table = examples.curve(n_seeds=2)
    table["uar"] = 0.4 + table["n_labels"] / 1e5 + np.where(table["seed"] == 0, -0.1, 0.1)
    low, high = plots.simulation_curve(table).figure.axes[0].get_ylim()
    assert 0.25 < low < 0.4 < high < 0.55


@pytest.mark.slow
def test_a_single_seed_is_said_to_prove_little():
    page = Page(simulation_report.render(examples.curve(n_seeds=1)))
    assert "luck may explain any difference" in page.text
    assert "nan" not in page.text


@pytest.mark.slow
def test_a_summary_made_elsewhere_is_shown_as_it_is():
    curve = examples.curve()
    summary = curves.summarise(curve).assign(uar=[0.111, 0.222, 0.333])
    text = Page(simulation_report.render(curve, summary)).text
    assert text.index("0.33") < text.index("0.22") < text.index("0.11")


@pytest.mark.slow
def test_hostile_strategy_names_stay_text():
    evil = "<script>alert(1)</script>$x"
    curve = examples.curve().replace({"strategy": {"margin": evil}})
    page = Page(simulation_report.render(curve, title=evil, data_note=evil, synthetic=True))
    assert page.faults == []
    assert page.named("script") == []


def test_a_curve_that_lacks_a_column_is_named():
    with pytest.raises(ValueError, match="lacks the column 'ece'"):
        simulation_report.render(examples.curve().drop(columns="ece"))


def test_an_empty_curve_is_refused():
    with pytest.raises(ValueError, match="has no row"):
        simulation_report.render(examples.curve().head(0).astype({"uar": np.float64}))
