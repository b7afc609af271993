import numpy as np
import pandas as pd
import pytest

from reports.function_report import FunctionReport, render
from reports.plots.functions import borne_out, likeness
from tests.reports.html_reading import Page
from tests.reports.test_round_report import assert_offline

EVIL = "<script>alert(1)</script>$x"


def _report(**other) -> FunctionReport:
    known = {
        "on": ["emotion", "emotion", "arousal"],
        "Coverage": [0.3, 0.1, 0.0],
        "Overlaps": [0.2, 0.1, 0.0],
        "Conflicts": [0.05, 0.0, 0.0],
        "Emp. Acc.": [0.7, np.nan, np.nan],
        "chance": [0.2, np.nan, np.nan],
        "lift": [3.5, np.nan, np.nan],
        "estimated": [0.8, 0.6, np.nan],
        "estimated_low": [0.7, 0.5, np.nan],
        "estimated_high": [0.9, 0.7, np.nan],
        "backed": [0.6, 0.5, np.nan],
        "gold_low": [0.6, np.nan, np.nan],
        "gold_high": [0.8, np.nan, np.nan],
        "redundant_with": ["quiet", "loud", None],
        "phi": [0.4, 0.4, np.nan],
        "n_votes": [30, 10, 0],
        "seconds": [0.1, 0.2, 0.3],
        "version": ["a" * 12] * 3,
        "doc": ["Loud.", EVIL, ""],
        "file": ["loud.py", "quiet.py", "silent.py"],
    }
    value = {"n_votes": 30, "estimated": 0.8, "n_gold": 9, "accuracy": 0.7, "chance": 0.2}
    hear = {
        "rank": 1, "path": "/x.wav", "start_s": 0.0, "end_s": 1.0, "speaker": EVIL,
        "says": "anger", "others_say": "fear", "others_share": 0.9, "function": "loud",
    }  # fmt: skip
    settings = {
        "functions": pd.DataFrame(known, index=["loud", "quiet", "silent"]),
        "values": pd.DataFrame([{"function": "loud", "value": "anger", **value}]),
        "to_hear": pd.DataFrame(
            [
                {**hear, "segment_id": "s1", "truth": "fear"},
                {**hear, "segment_id": "s2", "truth": None},
            ]
        ),
        "pairs": pd.DataFrame(
            [
                {"source": "loud", "other": "quiet", "phi": 0.4, "on": "emotion"},
                {"source": "quiet", "other": "loud", "phi": 0.4, "on": "emotion"},
            ]
        ),
        "n_segments": 100,
        "n_speakers": 4,
        "yardstick": "expert gold of training speakers",
        "sounds": {"s1": "data:audio/wav;base64,AAAA", "s2": "https://elsewhere/x.wav"},
    }
    return FunctionReport(**{**settings, **other})


@pytest.mark.slow
def test_the_page_shows_each_function_its_votes_and_what_to_hear():
    text = render(_report(problems=["broken.py: does not import"]))
    page = Page(text)
    assert page.faults == []
    assert [a["src"] for a in page.named("audio")] == ["data:audio/wav;base64,AAAA"]
    assert "broken.py: does not import" in page.text
    assert "True is by expert gold of training speakers" in page.text
    assert "It abstains on every clip." in page.text
    assert "nan" not in page.text.split()
    assert len(page.named("img")) == 4
    assert_offline(text)


@pytest.mark.slow
def test_hostile_names_stay_text():
    report = _report()
    functions = report.functions.rename(index={"quiet": EVIL})
    page = Page(render(_report(functions=functions, title=EVIL)))
    assert page.faults == []
    assert page.named("script") == []


@pytest.mark.slow
def test_no_functions_at_all_make_a_page():
    none = pd.DataFrame()
    report = _report(functions=_report().functions.head(0), values=none, to_hear=none, pairs=none)
    assert Page(render(report)).faults == []


def test_what_there_is_nothing_to_draw_of_is_not_drawn():
    assert likeness(pd.DataFrame(columns=["source", "other", "phi", "on"]), "emotion") is None
    assert borne_out(_report().functions, "arousal") is None
    assert "loud is 3.5 times as right as luck" in borne_out(_report().functions, "emotion").alt
