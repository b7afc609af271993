import hashlib
import json
from datetime import UTC, datetime

import numpy as np
import pytest

import db.judgements
import db.recordings
import db.segments
from annotation.agreement_report import agreement, default_level, recorded_votes
from annotation.tables import TableError
from annotation.vote_tables import read_votes
from db.records import Recording, Segment
from labels.judgements import Judgement
from labels.scheme import Scheme, SchemeError
from rounds.workspace import Workspace


def _table(folder, said):
    """A table of votes from answers (n_items, n_raters), None where somebody did not answer."""
    path = folder / "votes.csv"
    rows = [
        f"clip {i},worker {j},{value}\n"
        for i, row in enumerate(said)
        for j, value in enumerate(row)
        if value is not None
    ]
    path.write_text("item,annotator,value\n" + "".join(rows))
    return read_votes(path)


def _classes(n_items=150, n_raters=6, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n_items)[:, None]
    guess = rng.integers(0, 3, (n_items, n_raters))
    said = np.where(rng.random(guess.shape) < 0.7, truth, guess)
    return np.array(["anger", "joy", "sad"])[said]


def test_classes_have_kappas_and_no_intraclass_correlation(tmp_path):
    said = _classes()
    said[:, 2] = "joy"
    report = agreement(_table(tmp_path, said))
    assert report.level == "nominal"
    assert set(report.figures) == {
        "Krippendorff's alpha, nominal",
        "Fleiss' kappa",
        "Cohen's kappa, mean of pairs",
        "pairwise agreement",
    }
    alpha = report.figures["Krippendorff's alpha, nominal"]
    assert alpha.low < alpha.value < alpha.high
    assert len(report.pairs) == 15
    assert [(s.rater, s.kind) for s in report.suspects] == [("worker 2", "one-class clicker")]
    assert report.suspects[0].reason.startswith("says 'joy' on 100% of 150 items")


def test_numbers_of_many_kinds_are_an_interval_scale(tmp_path):
    rng = np.random.default_rng(0)
    said = np.rint(rng.uniform(20, 80, (60, 1)) + rng.normal(0, 8, (60, 5))).astype(int)
    said[:, 1] = 100 - said[:, 1]
    report = agreement(_table(tmp_path, said))
    assert report.level == "interval" and report.guessed
    assert "ICC(1,1)" in report.figures and "ICC(2,k)" in report.figures
    assert "Fleiss' kappa" not in report.figures
    assert [(s.rater, s.kind) for s in report.suspects] == [("worker 1", "reversed scale")]


def test_few_numbers_are_classes_unless_one_says_otherwise(tmp_path):
    said = np.random.default_rng(0).integers(1, 6, (40, 3))
    table = _table(tmp_path, said)
    assert agreement(table).level == "nominal"
    report = agreement(table, level="ordinal")
    assert report.level == "ordinal" and not report.guessed
    assert {"Krippendorff's alpha, ordinal", "ICC(1,1)", "Fleiss' kappa"} <= set(report.figures)


def test_a_level_that_does_not_go_with_the_values_is_refused(tmp_path):
    table = _table(tmp_path, _classes(5))
    with pytest.raises(TableError, match="level interval needs numbers, but 'anger' is none"):
        agreement(table, level="interval")
    with pytest.raises(TableError, match="level 'cardinal' is not one of"):
        agreement(table, level="cardinal")


def test_where_nothing_was_judged_twice_figures_are_unknown_not_made_up(tmp_path):
    report = agreement(_table(tmp_path, [["joy", None], [None, "sad"]]))
    told = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert told["n_items_judged_twice"] == 0
    assert told["figures"]["Fleiss' kappa"] == {"value": None, "low": None, "high": None}
    assert told["raters"][0]["reliability"] is None
    assert told["suspects"] == [] and told["typical_reliability"] is None


def test_the_same_seed_gives_the_same_report(tmp_path):
    table = _table(tmp_path, _classes())
    assert agreement(table, seed=2).as_json() == agreement(table, seed=2).as_json()


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open(
        database_url=f"sqlite:///{tmp_path}/undertone.db",
        data_dir=tmp_path / "data",
        scheme=Scheme.default(),
    )


def _clip(tx, name):
    content = hashlib.sha256(name.encode()).hexdigest()
    recording = Recording(
        id=content[:16],
        content_sha256=content,
        uri=f"file:///speech/{name}.wav",
        path=f"/speech/{name}.wav",
        corpus="sample",
        duration_s=3.0,
        sample_rate_hz=16_000,
        n_channels=1,
        speaker_id="ada",
        added_at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    db.recordings.add(tx, [recording])
    segment = Segment(
        id=content[:12], recording_id=recording.id, start_s=0.0, end_s=3.0, level="utterance"
    )
    db.segments.add(tx, [segment])
    return segment.id


@pytest.mark.slow
def test_the_records_judgements_are_read_with_the_latest_of_each_annotator(workspace):
    with workspace.writing() as tx:
        one, other = _clip(tx, "a"), _clip(tx, "b")
        said = [
            (one, "ann", "expert", {"emotion": "anger", "arousal": "4"}),
            (one, "bob", "crowd", {"emotion": "sadness"}),
            (other, "ann", "expert", {"emotion": "sadness", "arousal": "2"}),
            (one, "bob", "crowd", {"emotion": "anger"}),
        ]
        db.judgements.add(
            tx,
            [
                Judgement(id=str(n), segment_id=s, annotator=a, role=r, values=v)
                for n, (s, a, r, v) in enumerate(said)
            ],
        )
    table = recorded_votes(workspace, "emotion")
    assert table.items == (one, other) and table.annotators == ("ann", "bob")
    assert table.n_duplicates == 1
    assert agreement(table).figures["pairwise agreement"].value == 1
    assert recorded_votes(workspace, "arousal").values == ("2", "4")
    assert default_level(workspace, "arousal") == "ordinal"
    assert default_level(workspace, "emotion") == "nominal"
    with pytest.raises(TableError, match="nobody has judged valence yet"):
        recorded_votes(workspace, "valence")
    with pytest.raises(SchemeError, match="unknown dimension 'mood'"):
        recorded_votes(workspace, "mood")
