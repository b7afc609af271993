"""A round that cannot be done as it was asked for, and the one after things are put right."""

import pytest

import db.rounds
from rounds.ingest import ingest
from rounds.plan import RoundPlan
from rounds.round import STEPS, begin, run_step


def _steps(workspace):
    with workspace.reading() as tx:
        return list(db.rounds.results(tx, 1))


def test_without_speech_no_round_begins(workspace):
    with pytest.raises(ValueError, match="there is no speech yet; `undertone ingest SOURCE`"):
        begin(workspace, RoundPlan())
    with workspace.reading() as tx:
        assert db.rounds.list_rounds(tx) == []


def test_with_an_unknown_strategy_there_is_no_plan():
    with pytest.raises(ValueError, match="unknown strategy 'entrpy'"):
        RoundPlan(strategy="entrpy")


def test_a_source_that_is_wrong_can_be_put_right(workspace, tmp_path, write_voice):
    begin(workspace, RoundPlan(sources=(str(tmp_path / "gone"),)))
    with pytest.raises(ValueError, match="gone does not exist"):
        run_step(workspace, 1, "pull")
    write_voice(tmp_path / "speech" / "a.wav")
    again = begin(workspace, RoundPlan(sources=(str(tmp_path / "speech"),)))
    assert again.number == 1
    assert run_step(workspace, 1, "pull")["sources"][0]["n_new"] == 1


@pytest.mark.slow
def test_a_round_with_too_little_to_learn_from_sees_what_comes_in_later(
    workspace, tmp_path, write_voice
):
    folder = tmp_path / "speech"
    write_voice(folder / "a.wav")
    ingest(workspace, str(folder))
    begin(workspace, RoundPlan(batch_size=2))
    for name in ("pull", "features", "votes", "label"):
        run_step(workspace, 1, name)
    with pytest.raises(ValueError, match="learn") as caught:
        run_step(workspace, 1, "train")
    assert "\n" not in str(caught.value)
    assert _steps(workspace) == []

    for i in range(8):
        write_voice(folder / f"more{i}.wav", 110 + 20 * i, 0.6 + 0.1 * (i % 3), seed=i)
    ingest(workspace, str(folder))
    assert begin(workspace, RoundPlan(batch_size=2)).number == 1
    for name in list(STEPS)[: list(STEPS).index("train") + 1]:
        run_step(workspace, 1, name)
    assert _steps(workspace)[-1] == "train"
