"""Speakers who show a single emotion are not normalised by themselves, and the round says so."""

import pytest

from rounds import snapshot, usual
from rounds.votes import cast, function_table
from tests.rounds import made_pool


@pytest.fixture
def one_emotion_each(tmp_path, monkeypatch):
    """Six speakers, each of one emotion throughout."""
    monkeypatch.setattr(made_pool, "truth_of", lambda i: made_pool.CLASSES[i // 3 % 6])
    return made_pool.open_pool(tmp_path, 180)


@pytest.mark.slow
def test_where_speaker_and_emotion_are_one_the_features_are_left_and_the_votes_say_so(
    one_emotion_each,
):
    frozen = snapshot.take(one_emotion_each)
    alike = usual.of(one_emotion_each, frozen)
    pool = frozen.frame("pool")
    assert alike.is_general
    assert not set(alike.single) & set(pool.loc[pool["split"] == "held_out", "speaker_id"])
    assert usual.apart(alike, pool) == set(pool["speaker_id"])
    made_pool.write_function(one_emotion_each, "loud_is_anger", 1.0)
    said = cast(one_emotion_each, frozen)
    [note] = said.report["notes"]
    assert "show a single emotion (s" in note
    assert "not normalised by speaker" in note


@pytest.mark.slow
def test_where_speakers_show_several_emotions_nothing_is_said(tmp_path):
    workspace = made_pool.open_pool(tmp_path, 180)
    frozen = snapshot.take(workspace)
    alike = usual.of(workspace, frozen)
    assert alike.single == ()
    assert usual.notes(alike, frozen.frame("pool")) == []


@pytest.mark.slow
def test_a_speaker_set_apart_stays_as_loud_as_they_are_among_all(one_emotion_each):
    from rounds import features

    frame = snapshot.take(one_emotion_each).frame("pool")
    known = features.load(one_emotion_each, frame["segment_id"].tolist())
    angry = (frame["speaker"] == "s0").to_numpy()
    column = f"{made_pool.LOUD}_z"
    plain = function_table(frame, known)[column].to_numpy()
    apart = function_table(frame, known, frozenset(frame["speaker_id"]))[column].to_numpy()
    assert abs(plain[angry].mean()) < 0.3
    assert apart[angry].mean() > 1.2
