"""Which segments go out to be heard."""

import pytest

import db.batches
import db.judgements
from active_learning.rules import Rules
from db.records import BatchItem
from labels.judgements import Judgement
from rounds import pool, workbench
from rounds.ingest import ingest
from rounds.plan import RoundPlan
from rounds.querying import Asked
from rounds.selection import choose

pytestmark = pytest.mark.slow

N_CLIPS, N_SPEAKERS = 40, 5


@pytest.fixture(scope="module")
def trained(open_at, write_voice, tmp_path_factory):
    """A workspace with gold on six training segments, and what was made of it."""
    folder = tmp_path_factory.mktemp("speech")
    lines = ["path,speaker"]
    for i in range(N_CLIPS):
        write_voice(folder / f"{i:02}.wav", 110 + 15 * (i % N_SPEAKERS) + i, 0.6, seed=i)
        lines.append(f"{i:02}.wav,s{i % N_SPEAKERS}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    workspace = open_at(tmp_path_factory.mktemp("workspace"))
    ingest(workspace, str(folder))
    table = pool.read(workspace)
    judged = table.loc[table["split"] == "training", "segment_id"].head(6).tolist()
    with workspace.writing() as tx:
        db.judgements.add(
            tx,
            [
                Judgement(
                    id=f"ada:{segment_id}",
                    segment_id=segment_id,
                    annotator="ada",
                    role="expert",
                    values={"emotion": ("anger", "sadness")[i % 2]},
                    source="test",
                )
                for i, segment_id in enumerate(judged)
            ],
        )
    plan = RoundPlan(seed=1, batch_size=8, evaluation_share=0.25)
    labelled = workbench.label(workspace, plan)
    model, _ = workbench.train(workspace, plan, labelled)
    return workspace, labelled, model, set(judged)


def _choose(trained, **options):
    return _made(trained, **options).frame()


def _made(trained, **options):
    workspace, labelled, model, _ = trained
    options = {"n_items": 8, "evaluation_share": 0.25, "strategy": "default", "seed": 1, **options}
    asked = Asked(**options)
    return choose(
        workspace, labelled.snapshot, model, asked, soft=labelled.soft, votes=labelled.votes
    )


def test_queries_come_from_training_voices_and_the_slice_from_held_out_ones(trained):
    split = pool.read(trained[0]).set_index("segment_id")["split"]
    batch = _choose(trained)
    where = split[batch["segment_id"]].to_numpy()
    assert (batch["purpose"] == "evaluation").sum() == 2
    assert set(where[batch["purpose"] == "evaluation"]) == {"held_out"}
    assert set(where[batch["purpose"] == "query"]) == {"training"}
    assert batch["rank"].tolist() == list(range(1, 9))


@pytest.mark.parametrize(
    "strategy", ["random", "entropy", "margin", "least-confidence", "ranked-batch"]
)
def test_nothing_that_an_expert_has_judged_is_asked_again(trained, strategy):
    batch = _choose(trained, strategy=strategy)
    assert not set(batch["segment_id"]) & trained[3]
    assert batch["segment_id"].is_unique
    assert batch["reason"].str.len().min() > 10


def test_the_same_seed_asks_for_the_same_segments(trained):
    again = [_choose(trained, strategy="random", seed=seed)["segment_id"] for seed in (3, 3, 4)]
    assert again[0].equals(again[1])
    assert not again[0].equals(again[2])


def test_asked_for_more_than_there_is_everything_left_is_chosen(trained):
    assert len(_choose(trained, n_items=500)) == N_CLIPS - len(trained[3])


def test_one_side_fills_up_where_the_other_runs_short(trained):
    table = pool.read(trained[0])
    n_held_out = int((table["split"] == "held_out").sum())
    batch = _choose(trained, n_items=30, evaluation_share=0.9)
    assert (batch["purpose"] == "evaluation").sum() == n_held_out
    assert len(batch) == 30


def test_what_waits_in_a_batch_is_not_sent_out_again(trained):
    workspace = trained[0]
    first = _choose(trained, strategy="random", seed=9)
    with workspace.writing() as tx:
        items = [
            BatchItem("by-hand", row.segment_id, row.rank, row.purpose, row.reason)
            for row in first.itertuples()
        ]
        db.batches.publish_batch(tx, "by-hand", items)
    second = _choose(trained, strategy="random", seed=9)
    assert not set(first["segment_id"]) & set(second["segment_id"])


def test_an_unknown_strategy_is_named_with_the_nearest(trained):
    with pytest.raises(ValueError, match=r"unknown strategy 'entrpy' \(did you mean entropy"):
        _choose(trained, strategy="entrpy")


def test_quotas_and_floors_are_held_and_said(trained):
    table = pool.read(trained[0]).set_index("segment_id")
    rules = Rules(most={"speaker": 0.4}, least={"speaker": 0.25})
    batch = _choose(trained, n_items=12, evaluation_share=0, rules=rules)
    counts = table.loc[batch["segment_id"], "speaker_id"].value_counts()
    assert len(batch) == 12
    assert counts.max() <= 5
    assert counts.min() >= 3


def test_a_budget_of_minutes_makes_the_batch_and_counts_listening(trained):
    made = _made(trained, n_items=None, rules=Rules(budget_s=120), handling_s=5.4)
    batch, report = made.frame(), made.report
    assert report["minutes"] <= 2.0
    assert len(batch) == 20, "clips of 0.6 s, 6 s each"
    assert report["n_evaluation"] == 5
    twice = _made(trained, n_items=None, rules=Rules(budget_s=120), handling_s=5.4, overlap=2)
    assert len(twice.frame()) == 10


def test_the_slice_is_the_same_whatever_the_strategy_and_is_named_as_chance(trained):
    chosen = [_choose(trained, strategy=name) for name in ("default", "margin", "core-set")]
    slices = [set(one.loc[one["purpose"] == "evaluation", "segment_id"]) for one in chosen]
    assert slices[0] == slices[1] == slices[2]
    reasons = chosen[0].loc[chosen[0]["purpose"] == "evaluation", "reason"]
    assert all("drawn by chance" in reason for reason in reasons)
