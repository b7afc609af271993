import itertools
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from labels.metrics import ece
from labels.scheme import Scheme
from reports import plots
from reports.images import png, png_uri, svg, svg_uri
from reports.plots.classification import reliability_bins
from reports.round_report import round_plots
from reports.style import emotion_colours, plain
from tests.reports import examples

SCALES = {scale.name: scale for scale in Scheme.default().scales}


def affect_map(pool: pd.DataFrame) -> plots.Plot | None:
    return plots.affect_map(pool, examples.CLASSES, SCALES["valence"], SCALES["arousal"])


def words(plot: plots.Plot) -> list[str]:
    """All the text written inside a figure's axes."""
    return [text.get_text() for axes in plot.figure.axes for text in axes.texts]


@pytest.mark.slow
def test_every_figure_of_a_round_is_drawn_and_explained():
    found = round_plots(examples.full_report())
    assert all(found.values())
    for plot in found.values():
        assert plot.caption.endswith(".")
        assert len(plot.caption) > 80
        assert len(plot.alt) > 20


@pytest.mark.slow
@pytest.mark.parametrize("write", [png_uri, svg_uri])
def test_the_same_data_give_the_same_bytes(write):
    first, again = (write(affect_map(examples.scored(100)).figure) for _ in range(2))
    assert first == again


def test_a_figure_says_neither_when_nor_with_what_it_was_made():
    figure = plots.class_shares({"model": np.full(7, 1 / 7)}, examples.CLASSES).figure
    picture, drawn = png(figure, dpi=40), svg(figure)
    assert picture.startswith(b"\x89PNG")
    assert b"tEXt" not in picture
    assert b"tIME" not in picture
    assert "<metadata" not in drawn


def test_an_svg_turns_its_ink_over_on_a_dark_screen():
    drawn = svg(plots.class_shares({"model": np.full(7, 1 / 7)}, examples.CLASSES).figure)
    assert "prefers-color-scheme:dark" in drawn
    assert "fill: var(--ink0)" in drawn


def test_a_confusion_matrix_shows_the_planted_mix_up():
    truth = np.array([0] * 10 + [1] * 4)
    said = np.array([0] * 7 + [1] * 3 + [1] * 4)
    plot = plots.confusion(truth, np.eye(3)[said], ["anger", "fear", "joy"])
    assert words(plot) == ["70%", "7", "30%", "3", "100%", "4"]
    assert "anger taken for fear (30%)" in plot.alt
    assert "85%" in plot.alt


def test_a_confusion_matrix_without_truth_is_refused_in_one_line():
    with pytest.raises(ValueError, match="at least one clip whose true class is known"):
        plots.confusion([-1, -1], np.full((2, 3), 1 / 3), ["a", "b", "c"])


def test_the_reliability_diagram_gives_the_calibration_error_of_the_metrics():
    truth = np.random.default_rng(0).integers(0, 7, 300)
    proba = examples.proba_near(truth, 1)
    bins = reliability_bins(truth, proba)
    used = bins[bins["n"] > 0]
    gap = np.average((used["accuracy"] - used["confidence"]).abs(), weights=used["n"])
    assert gap == pytest.approx(ece(proba, truth))
    assert bins["n"].sum() == 300
    title = plots.reliability(truth, proba).figure.axes[0].get_legend().get_title().get_text()
    assert title == f"ECE {gap:.3f}, n = 300"


def test_a_learning_curve_leaves_out_what_was_never_measured():
    rows = [{"round": 1, "n_gold": 0, "reference.uar": 0.4}, {"round": 2, "n_gold": 9}]
    plot = plots.learning_curve(rows)
    assert [axes.get_ylabel() for axes in plot.figure.axes] == ["UAR"]
    assert plots.learning_curve([{"round": 1, "n_gold": 0}]) is None
    assert plots.learning_curve([]) is None


@pytest.mark.slow
def test_a_learning_curve_of_rounds_with_equally_many_labels_is_drawn():
    rows = [{**row, "n_gold": 0, "held_out_gold.n": None} for row in examples.round_rows(3)]
    assert png(plots.learning_curve(rows).figure, dpi=40)


def test_sources_without_an_estimate_are_not_placed():
    table = examples.sources()
    assert plots.weak_sources(table.assign(accuracy=np.nan)) is None
    assert plots.weak_sources(table, "valence") is None
    assert plots.weak_sources(pd.DataFrame()) is None
    assert plots.disagreement(pd.DataFrame()) is None


@pytest.mark.slow
def test_thousands_of_annotators_are_drawn_and_only_the_busiest_listed():
    plot = plots.disagreement(examples.sources(n_crowd=2000))
    assert len(plot.figure.axes[0].get_yticklabels()) == 24
    assert "24 busiest of 2010" in plot.caption
    named = plots.weak_sources(examples.sources(n_crowd=2000))
    assert len(words(named)) <= 14


@pytest.mark.slow
def test_names_in_a_figure_lie_neither_on_points_nor_on_one_another():
    plot = plots.weak_sources(examples.sources())
    axes = plot.figure.axes[0]
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) >= 8
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_a_pool_without_ratings_has_no_map():
    pool = examples.scored(5)
    nowhere = pool.assign(valence_mean=np.nan)
    for frame in (nowhere, pool.drop(columns="arousal_mean")):
        assert affect_map(frame) is None


@pytest.mark.slow
def test_of_a_large_pool_a_sample_is_drawn_and_said_to_be_one():
    pool = examples.scored(20_000)
    plot = affect_map(pool)
    assert "Drawn: 3,000 of 20,000 clips." in plot.caption
    assert len(svg(plot.figure)) < 400_000


def test_a_single_clip_has_a_map():
    plot = affect_map(examples.scored(1))
    assert png(plot.figure, dpi=40)


@pytest.mark.slow
def test_names_with_formulas_foreign_letters_and_great_length_are_drawn_without_warning():
    names = ["$\\frac{", "声優", "zażółć gęślą", "x" * 300, "two\nlines", "_hidden", "a$b$c"]
    table = examples.sources(n_crowd=0).head(7).assign(source=names)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for plot in (plots.weak_sources(table), plots.disagreement(table)):
            assert png(plot.figure, dpi=40)
    assert plain("声優") == "▯▯"
    assert len(plain("x" * 300)) == 26


@pytest.mark.slow
def test_other_schemes_are_drawn_as_well():
    classes = [f"emotion {i}" for i in range(30)]
    truth = np.arange(30).repeat(3)
    proba = np.eye(30)[truth]
    pool = pd.DataFrame(proba, columns=[f"p_{name}" for name in classes])
    report = replace(
        examples.full_report(), classes=classes, pool=pool, soft=pool.assign(confidence=1.0)
    )
    assert round_plots(replace(report, held_out=None))["class_shares"]
    assert png(plots.confusion(truth, proba, classes).figure, dpi=40)


def test_an_emotion_keeps_its_colour_in_every_scheme():
    assert (
        emotion_colours(["fear", "boredom"])["fear"] == emotion_colours(["anger", "fear"])["fear"]
    )
    colours = emotion_colours([*examples.CLASSES, "boredom", "pride"])
    assert len(set(colours.values())) == 9


# Machado, Oliveira & Fernandes 2009, severity 1: linear RGB as each kind of eye sees it.
EYES = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


def linear_rgb(colour: str) -> np.ndarray:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    t = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1, 1.089])
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", EYES)
def test_the_emotions_colours_are_told_apart_by_every_kind_of_eye(eyes):
    seen = [
        lab(np.array(EYES[eyes]) @ linear_rgb(c))
        for c in emotion_colours(examples.CLASSES).values()
    ]
    nearest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert nearest > 18


def test_the_emotions_colours_stand_out_on_a_light_and_a_dark_page():
    weights = np.array([0.2126, 0.7152, 0.0722])
    dark = linear_rgb("#15191e") @ weights
    for colour in emotion_colours(examples.CLASSES).values():
        brightness = linear_rgb(colour) @ weights
        assert 1.05 / (brightness + 0.05) > 2.9
        assert (brightness + 0.05) / (dark + 0.05) > 2.9
