import numpy as np
import pandas as pd
import pytest

from rounds import features
from rounds.explaining import explain_segment
from rounds.function_bench import check, open_bench
from rounds.function_changes import compare
from rounds.function_reporting import write_page
from rounds.plan import RoundPlan
from rounds.votes import function_table
from rounds.workbench import label
from tests.rounds.made_pool import add_segments, open_pool, truth_of, write_function

pytestmark = pytest.mark.slow

COUNTING = (
    "    from pathlib import Path\n    Path(__file__).with_suffix('.ran').open('a').write('x')\n"
)


@pytest.fixture
def workspace(tmp_path):
    workspace = open_pool(tmp_path)
    write_function(workspace, "loud", 0.5)
    return workspace


def test_a_function_is_judged_by_gold_of_training_speakers_alone(workspace):
    bench = open_bench(workspace)
    found = check(bench, ["loud"])
    row = found.functions.loc["loud"]
    frame = bench.pool.frame
    voted = bench.pool.table["loudness_db_mean_z"].to_numpy() > 0.5
    has_gold = frame["segment_id"].str[1:].astype(int).to_numpy() % 2 == 0
    known = voted & has_gold & (frame["split"] == "training").to_numpy()
    truth = np.array([truth_of(int(s[1:])) for s in frame["segment_id"]])
    assert row["Coverage"] == pytest.approx(voted.mean())
    assert row["n_gold"] == known.sum()
    assert row["Emp. Acc."] == pytest.approx((truth[known] == "anger").mean())
    assert row["gold_low"] < row["Emp. Acc."] < row["gold_high"]
    assert row["lift"] > 2
    assert row["estimated_low"] <= row["estimated"] <= row["estimated_high"]
    assert found.problems == []
    assert found.values["value"].tolist() == ["anger"]


def test_a_copy_is_named_and_disagreements_to_hear_are_the_surest_first(workspace):
    write_function(workspace, "loud_again", 0.5)
    found = check(open_bench(workspace), ["loud_again", "pressed_voice"])
    assert found.functions.loc["loud_again", "redundant_with"] == "loud"
    assert found.functions.loc["loud_again", "phi"] == pytest.approx(1)
    hear = found.to_hear[found.to_hear["function"] == "pressed_voice"]
    assert len(hear) == 5
    assert hear["segment_id"].is_unique
    assert hear["path"].str.startswith("/made/").all()


def test_functions_see_what_they_see_in_a_round(workspace):
    pool = open_bench(workspace).pool
    known = features.load(workspace, pool.frame["segment_id"].tolist())
    pd.testing.assert_frame_equal(pool.table, function_table(pool.frame, known, pool.apart))


def test_an_unchanged_function_is_not_run_again_and_an_edited_one_is(workspace):
    file = write_function(workspace, "counted", 0.5, more=COUNTING)
    ran = file.with_suffix(".ran")
    for _ in range(2):
        check(open_bench(workspace))
    assert ran.read_text() == "x"
    write_function(workspace, "counted", 0.6, more=COUNTING)
    check(open_bench(workspace))
    assert ran.read_text() == "xx"


def test_an_edit_is_compared_with_the_version_before(workspace):
    before = check(open_bench(workspace)).functions.loc["loud"]
    write_function(workspace, "loud", 1.0)
    found = compare(open_bench(workspace), "loud")
    assert found.before["version"] == before["version"] != found.after["version"]
    assert found.before["n_votes"] == before["n_votes"]
    assert found.counts["gained"] == found.counts["changed"] == 0
    assert found.counts["kept"] == found.after["n_votes"]
    assert found.counts["lost"] == len(found.changed) == before["n_votes"] - found.after["n_votes"]
    assert found.changed["said"].unique().tolist() == ["anger"]
    assert found.after["Emp. Acc."] > found.before["Emp. Acc."]


def test_on_a_grown_pool_the_former_version_votes_anew_by_the_text_it_had(workspace):
    check(open_bench(workspace))
    former = check(open_bench(workspace)).functions.loc["loud", "version"]
    add_segments(workspace, 600, 60)
    write_function(workspace, "loud", 1.0)
    found = compare(open_bench(workspace), "loud", against=former[:6])
    table = open_bench(workspace).pool.table
    assert len(table) == 660
    assert found.before["version"] == former
    assert found.before["n_votes"] == (table["loudness_db_mean_z"] > 0.5).sum()


def test_a_function_without_a_former_version_or_that_is_unknown_is_one_line(workspace):
    bench = open_bench(workspace)
    with pytest.raises(ValueError, match="loud has no version other than"):
        compare(bench, "loud")
    with pytest.raises(ValueError, match=r"no labelling function 'lout'.*did you mean loud"):
        check(bench, ["lout"])


def test_broken_functions_and_segments_without_features_are_named(workspace):
    write_function(workspace, "broken", 0.5, more="    raise RuntimeError('no')\n")
    add_segments(workspace, 600, 3, features=False)
    found = check(open_bench(workspace))
    assert "broken" not in found.functions.index
    assert any("RuntimeError: no" in problem for problem in found.problems)
    assert any("3 of 603 segments have no acoustic features" in p for p in found.problems)


def test_a_pool_without_speech_or_without_features_is_one_line(tmp_path):
    workspace = open_pool(tmp_path, n=0)
    with pytest.raises(ValueError, match="there is no speech yet"):
        open_bench(workspace)
    add_segments(workspace, 0, 3, features=False)
    with pytest.raises(ValueError, match="no segment has acoustic features yet"):
        check(open_bench(workspace))


def test_the_page_holds_the_functions_and_a_vanished_sound_is_a_dash(workspace, tmp_path):
    found = check(open_bench(workspace), ["loud", "pressed_voice"])
    text = write_page(found, tmp_path / "pages" / "check.html").read_text(encoding="utf-8")
    assert "pressed_voice" in text
    assert "<audio" not in text


def test_each_vote_on_a_segment_is_explained_and_adds_up(workspace):
    labelled = label(workspace, RoundPlan(seed=1, batch_size=5, evaluation_share=0.2))
    emotion, *scales = explain_segment(workspace, labelled, "0.wav")
    assert emotion.segment_id == "g0"
    assert "function:loud" in emotion.votes["source"].tolist()
    whole = np.log(emotion.proba[emotion.winner] / emotion.proba[emotion.runner_up])
    assert whole == pytest.approx(emotion.prior_log_odds + emotion.votes["log_odds"].sum())
    assert sum(emotion.label.values()) == pytest.approx(1)
    assert all(set(one.label) == {"mean", "sd"} for one in scales)
    with pytest.raises(ValueError, match=r"'none\.wav' is no segment's id"):
        explain_segment(workspace, labelled, "none.wav")
