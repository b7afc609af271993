"""A round over a small synthetic corpus, from nothing to the third batch."""

import math
from pathlib import Path

import numpy as np
import pytest

import db.batches
import db.champions
import db.judgements
import db.locks
import db.rounds
import db.segments
from corpora.synthetic import make_synthetic_corpus
from labels.scheme import Scheme
from rounds.artifacts import get
from rounds.expert import judge_batch
from rounds.ingest import ingest
from rounds.plan import RoundPlan
from rounds.round import STEPS, begin, run_step
from rounds.turn import RoundBusy, acquire, release
from rounds.workspace import Workspace

pytestmark = pytest.mark.slow

N_ROUNDS = 3
PLAN = RoundPlan(
    seed=3, batch_size=12, evaluation_share=0.25, quotas={"speaker": 0.34}, floors={"gender": 0.3}
)


def _open(folder):
    return Workspace.open(
        database_url=f"sqlite:///{folder}/undertone.db", data_dir=folder, scheme=Scheme.default()
    )


def _run_rounds(workspace, n_rounds):
    for _ in range(n_rounds):
        number = begin(workspace, PLAN).number
        for name in STEPS:
            run_step(workspace, number, name)
        judge_batch(workspace, f"round-{number}")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return make_synthetic_corpus(tmp_path_factory.mktemp("speech"), n_clips=72, n_voices=6, seed=1)


@pytest.fixture(scope="module")
def done(corpus, tmp_path_factory):
    workspace = _open(tmp_path_factory.mktemp("workspace"))
    ingest(workspace, str(corpus))
    _run_rounds(workspace, N_ROUNDS)
    return workspace


@pytest.fixture(scope="module")
def metrics(done):
    with done.reading() as tx:
        return [r.metrics for r in db.rounds.list_rounds(tx)]


def _results(workspace, number):
    with workspace.reading() as tx:
        return db.rounds.results(tx, number)


def test_each_round_learns_from_the_batch_before_it(metrics):
    assert [row["n_bought"] for row in metrics] == [0, 12, 24]
    assert [row["n_gold"] for row in metrics] == sorted(row["n_gold"] for row in metrics)
    assert metrics[-1]["n_gold"] > 0


def test_a_model_of_weak_and_gold_labels_beats_guessing_on_voices_it_never_heard(metrics):
    assert metrics[-1]["reference.n"] >= 12
    # A round's figure is of twelve clips: all rounds' together are judged.
    assert np.mean([row["reference.uar"] for row in metrics]) > 1 / 6 + 0.1
    assert max(row["reference.log_loss"] for row in metrics) < np.log(6)


def test_no_segment_is_sent_out_twice(done):
    with done.reading() as tx:
        sent = [
            item.segment_id
            for batch in db.batches.list_batches(tx)
            for item in db.batches.items(tx, batch.id)
        ]
    assert len(sent) == len(set(sent)) == N_ROUNDS * PLAN.batch_size


def test_every_chosen_segment_says_why(done):
    with done.reading() as tx:
        items = db.batches.items(tx, "round-2")
    assert all(item.reason.strip() for item in items)
    assert {item.purpose for item in items} == {"query", "evaluation"}


def test_a_round_with_quotas_and_floors_holds_to_them(done):
    with done.reading() as tx:
        about = db.segments.frame(tx).set_index("segment_id")
        for number in range(1, N_ROUNDS + 1):
            items = db.batches.items(tx, f"round-{number}")
            query = about.loc[[one.segment_id for one in items if one.purpose == "query"]]
            n = len(query)
            assert query["speaker_id"].value_counts().max() <= math.ceil(0.34 * n)
            there = about.loc[about["split"] != "held_out", "gender"].nunique()
            assert query["gender"].value_counts().min() >= int(0.3 * n)
            assert query["gender"].nunique() == there


def test_the_row_says_how_far_successive_models_agree_and_how_good_weak_labels_are(metrics, done):
    assert "model_agreement" not in metrics[0]
    for row in metrics[1:]:
        assert -1 <= row["model_agreement"] <= 1
        assert 0 <= row["answers_changed"] <= 1
        assert f"agree to {row['model_agreement']:.2f} (kappa)" in row["prospect"]
        assert row["weak_labels_gold.n"] <= row["held_out_gold.n"]
    page = Path(_results(done, N_ROUNDS)["report"]["path"]).read_text(encoding="utf-8")
    assert "clips are the random slice" in page
    assert "this model and the last agree to" in page.replace("This", "this")


def test_queries_are_of_training_voices_and_the_random_slice_of_held_out_ones(done):
    results = _results(done, 2)
    pool = get(done, *results["votes"]["snapshot"]).frame("pool").set_index("segment_id")
    batch = get(done, *results["select"]["artifact"]).frame()
    split = pool.loc[batch["segment_id"], "split"].to_numpy()
    assert (split[batch["purpose"] == "query"] == "training").all()
    assert (split[batch["purpose"] == "evaluation"] == "held_out").all()


def test_the_champion_moves_only_for_a_lower_log_loss_on_held_out_gold(done):
    with done.reading() as tx:
        moves = db.champions.list_moves(tx)
    assert [move.round_number for move in moves] == [1, 2, 3]
    assert not moves[0].moved, "no expert has judged anything in round 1"
    assert moves[1].moved
    assert moves[2].moved == (moves[2].new_score < moves[2].old_score)
    champion = done.tracker().champion()
    assert champion is not None
    assert champion.version == [m.to_version for m in moves if m.moved][-1]


def test_a_finished_step_run_again_gives_what_it_gave(done):
    before = _results(done, 1)["label"]
    assert run_step(done, 1, "label") == before


def test_another_workspace_with_the_same_seed_gives_the_same_artifacts(
    done, corpus, tmp_path_factory
):
    other = _open(tmp_path_factory.mktemp("again"))
    ingest(other, str(corpus))
    _run_rounds(other, 1)
    ours, theirs = _results(done, 1), _results(other, 1)
    for step in ("label", "train", "score", "select"):
        assert ours[step]["artifact"] == theirs[step]["artifact"], step
        one, two = (get(w, *r[step]["artifact"]) for w, r in ((done, ours), (other, theirs)))
        for file in sorted(p for p in one.folder.rglob("*") if p.is_file()):
            same = two.folder / file.relative_to(one.folder)
            assert file.read_bytes() == same.read_bytes(), f"{step}: {file.name}"


def test_what_the_simulated_expert_says_is_stored_once(done):
    with done.reading() as tx:
        before = len(db.judgements.read(tx))
    assert judge_batch(done, "round-1") == 0
    with done.reading() as tx:
        assert len(db.judgements.read(tx)) == before


def test_a_second_round_at_the_same_time_is_told_who_runs_the_first(done):
    me = acquire(done, 60)
    try:
        with done.writing() as tx:
            taken = db.locks.acquire(tx, "round", "elsewhere:1:1", 60)
        assert not taken
    finally:
        release(done, me.holder)
    with done.writing() as tx:
        db.locks.acquire(tx, "round", "elsewhere:1:1", 60)
    with pytest.raises(RoundBusy, match="already running by elsewhere:1:1"):
        acquire(done, 60)
    release(done, "elsewhere:1:1")


def test_the_round_leaves_a_report_and_one_finished_mlflow_run_each(done):
    import mlflow

    client = mlflow.MlflowClient(done.tracking_uri)
    experiment = client.get_experiment_by_name(done.experiment)
    runs = client.search_runs([experiment.experiment_id], max_results=200)
    tops = [r for r in runs if "mlflow.parentRunId" not in r.data.tags]
    assert len(tops) == N_ROUNDS
    assert {r.info.status for r in runs} == {"FINISHED"}
    last = max(tops, key=lambda r: int(r.data.params["round"]))
    logged = {f.path for f in client.list_artifacts(last.info.run_id)}
    assert {"round-3.html", "confusion.png", "reliability.png"} <= logged
    stages = {r.data.tags["mlflow.runName"] for r in runs if r not in tops}
    assert {"votes", "label", "train", "score"} <= stages
    assert (done.artifacts.parent / "reports" / "round-3.html").is_file()
