"""What the files of a round are made from, and what they must never be made from."""

import csv

import pandas as pd
import pytest

import db.judgements
import db.reference_labels
from labels.judgements import Judgement
from rounds import pool, snapshot, workbench
from rounds.artifacts import digest_frame, get, make, write_frame
from rounds.ingest import ingest
from rounds.plan import RoundPlan

pytestmark = pytest.mark.slow

PLAN = RoundPlan(seed=5, batch_size=8, evaluation_share=0.25)
EMOTIONS = ("anger", "sadness", "happiness", "fear")
N_SPEAKERS = 6
N_CLIPS = 48


@pytest.fixture(scope="module")
def speech(tmp_path_factory, write_voice):
    """A folder of clips with two manifests: with labels, and without."""
    folder = tmp_path_factory.mktemp("speech")
    rows = []
    for i in range(N_CLIPS):
        speaker = i % N_SPEAKERS
        pitch = 110 + 17 * speaker + 9 * (i % 4)
        write_voice(folder / f"{i:02}.wav", pitch, 0.6 + 0.1 * (i % 3), seed=i)
        rows.append(
            {
                "path": f"{i:02}.wav",
                "speaker": f"s{speaker}",
                "corpus": "made",
                "emotion": EMOTIONS[i % 4],
                "arousal": 1 + i % 5,
            }
        )
    for name, columns in (("labelled", list(rows[0])), ("bare", ["path", "speaker", "corpus"])):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, columns, extrasaction="ignore")
            table.writeheader()
            table.writerows(rows)
    return folder


def _run(workspace):
    labelled = workbench.label(workspace, PLAN)
    model, scores = workbench.train(workspace, PLAN, labelled)
    chosen = workbench.select(workspace, PLAN, labelled, model)
    return {
        "snapshot": labelled.snapshot,
        "votes": labelled.votes,
        "soft labels": labelled.soft,
        "model": model,
        "scores": scores,
        "batch": chosen,
    }


def _files(made):
    found = sorted(path for path in made.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(made.folder)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def bare(speech, open_at, tmp_path_factory):
    workspace = open_at(tmp_path_factory.mktemp("bare"))
    ingest(workspace, str(speech / "bare.csv"))
    return _run(workspace)


@pytest.fixture(scope="module")
def labelled_workspace(speech, open_at, tmp_path_factory):
    workspace = open_at(tmp_path_factory.mktemp("labelled"))
    ingest(workspace, str(speech / "labelled.csv"))
    return workspace


def test_the_labels_of_a_corpus_change_nothing_that_a_round_makes(bare, labelled_workspace):
    with labelled_workspace.reading() as tx:
        assert len(db.reference_labels.frame(tx)) == 2 * N_CLIPS
    for name, made in _run(labelled_workspace).items():
        assert made.id == bare[name].id, name
        assert _files(made) == _files(bare[name]), name


def test_asked_for_as_gold_the_labels_of_a_corpus_are_learned_from(
    bare, speech, open_at, tmp_path_factory
):
    workspace = open_at(tmp_path_factory.mktemp("gold"))
    ingest(workspace, str(speech / "labelled.csv"), as_gold=True)
    made = _run(workspace)
    n_training = (pool.read(workspace)["split"] == "training").sum()
    assert bare["model"].report["n_gold"] == 0
    assert made["model"].report["n_gold"] == n_training
    assert made["model"].id != bare["model"].id


def test_what_experts_say_of_held_out_speakers_teaches_nothing(
    bare, speech, open_at, tmp_path_factory
):
    workspace = open_at(tmp_path_factory.mktemp("held"))
    ingest(workspace, str(speech / "bare.csv"))
    held_out = pool.read(workspace).query("split == 'held_out'")["segment_id"]
    with workspace.writing() as tx:
        db.judgements.add(
            tx,
            [
                Judgement(
                    id=f"ada:{segment_id}",
                    segment_id=segment_id,
                    annotator="ada",
                    role="expert",
                    values={"emotion": "anger", "arousal": "5"},
                    source="test",
                )
                for segment_id in held_out
            ],
        )
    made = _run(workspace)
    assert len(held_out) >= N_CLIPS // N_SPEAKERS
    assert made["model"].report["n_gold"] == 0
    for name in ("votes", "soft labels", "scores"):
        assert made[name].frame().equals(bare[name].frame()), name
    assert _files(made["model"]) == _files(bare["model"])


def test_of_two_judgements_of_one_expert_the_later_is_gold(speech, open_at, tmp_path_factory):
    workspace = open_at(tmp_path_factory.mktemp("twice"))
    ingest(workspace, str(speech / "bare.csv"))
    segment_id = pool.read(workspace)["segment_id"].iat[0]
    for identity, emotion in (("z", "anger"), ("m", "sadness"), ("a", "fear")):
        said = Judgement(
            id=identity,
            segment_id=segment_id,
            annotator="ada",
            role="expert",
            values={"emotion": emotion},
            source="test",
        )
        with workspace.writing() as tx:
            db.judgements.add(tx, [said])
    frozen = snapshot.take(workspace)
    classes, _ = snapshot.gold_of(workspace, frozen)
    assert classes == {segment_id: workspace.scheme.class_index("fear")}
    assert frozen.report["n_expert_judgements"] == 3, "what was bought stays counted"


def test_a_decision_that_nobody_can_tell_leaves_a_segment_without_gold(
    speech, open_at, tmp_path_factory
):
    workspace = open_at(tmp_path_factory.mktemp("nobody"))
    ingest(workspace, str(speech / "bare.csv"))
    first, second = pool.read(workspace)["segment_id"].iloc[:2]
    for identity, segment_id, role, values, verdict in (
        ("a", first, "expert", {"emotion": "anger"}, None),
        ("b", second, "expert", {"emotion": "anger"}, None),
        ("c", second, "adjudicator", {}, "cannot tell"),
    ):
        said = Judgement(
            id=identity, segment_id=segment_id, annotator=identity, role=role, values=values,
            verdict=verdict, source="test",
        )  # fmt: skip
        with workspace.writing() as tx:
            db.judgements.add(tx, [said])
    frozen = snapshot.take(workspace)
    assert snapshot.gold_of(workspace, frozen)[0] == {first: workspace.scheme.class_index("anger")}
    assert frozen.report["n_expert_judgements"] == 3


def test_an_artifact_is_built_once_and_whole_or_not_at_all(workspace):
    calls = []

    def build(folder):
        calls.append(folder)
        write_frame(pd.DataFrame({"a": [1]}), folder)
        if len(calls) == 1:
            raise RuntimeError("the disk is full")
        return {"n_rows": 1}

    with pytest.raises(RuntimeError):
        make(workspace, "thing", "1", {"x": 1}, build)
    assert list((workspace.artifacts / "thing").iterdir()) == []
    first = make(workspace, "thing", "1", {"x": 1}, build)
    assert make(workspace, "thing", "1", {"x": 1}, build) == first
    assert len(calls) == 2
    assert get(workspace, "thing", first.id) == first


def test_an_artifact_whose_files_are_gone_is_named(workspace):
    with pytest.raises(ValueError, match="the files of thing 0123 are gone"):
        get(workspace, "thing", "0123")


def test_a_digest_of_a_table_tells_values_names_and_order_apart():
    table = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    others = [table[::-1], table[["b", "a"]], table.rename(columns={"a": "c"}), table.replace(1, 3)]
    assert digest_frame(table) == digest_frame(table.copy())
    assert len({digest_frame(other) for other in (table, *others)}) == 5
