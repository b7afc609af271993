"""The tables. `db/migrations` builds them; a test holds the two together."""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from db.column_types import Instant, Json, Real, Text, Whole
from db.desk_schema import (
    DESK_APPEND_ONLY,
    account,
    adjudication,
    annotator_flag,
    api_token,
    batch_grant,
    calibration,
    calibration_item,
    desk_secret,
    desk_session,
    guideline,
    guideline_example,
    invitation,
    judgement_detail,
    lease,
    login_failure,
    webhook,
    webhook_delivery,
    withdrawal,
)
from db.labelstudio_schema import labelstudio_person, labelstudio_project
from db.metadata import metadata
from db.metadata import one_of as _one_of
from db.metadata import serial as _serial

__all__ = [
    "APPEND_ONLY",
    "account",
    "adjudication",
    "annotator_flag",
    "api_token",
    "artifact",
    "audit",
    "batch",
    "batch_grant",
    "batch_item",
    "calibration",
    "calibration_item",
    "champion_move",
    "desk_secret",
    "desk_session",
    "guideline",
    "guideline_example",
    "invitation",
    "judgement",
    "judgement_detail",
    "judgement_value",
    "labelstudio_person",
    "labelstudio_project",
    "lease",
    "lock",
    "login_failure",
    "metadata",
    "quarantine",
    "recording",
    "reference_label",
    "round_",
    "round_step",
    "segment",
    "source_file",
    "speaker",
    "webhook",
    "webhook_delivery",
    "withdrawal",
]


speaker = Table(
    "speaker",
    metadata,
    Column("id", Text, primary_key=True),
    Column("gender", Text),
    Column("age", Real),
    Column("split", Text),
    _one_of("split", "training", "held_out"),
)

recording = Table(
    "recording",
    metadata,
    Column("id", Text, primary_key=True),
    Column("content_sha256", Text, nullable=False, unique=True),
    Column("uri", Text, nullable=False),
    Column("path", Text),
    # The file's name without folder and suffix: what people's lists of items mostly give.
    Column("stem", Text, nullable=False, index=True),
    Column("corpus", Text, nullable=False),
    Column("duration_s", Real, nullable=False),
    Column("sample_rate_hz", Whole, nullable=False),
    Column("n_channels", Whole, nullable=False),
    Column("speaker_id", Text, ForeignKey("speaker.id"), nullable=False, index=True),
    Column("speaker", Text),
    Column("gender", Text),
    Column("age", Real),
    Column("language", Text),
    Column("dialect", Text),
    Column("style", Text),
    Column("session", Text),
    Column("turn", Text),
    Column("consent", Text),
    Column("transcript", Text),
    Column("added_at", Instant, nullable=False),
)

source_file = Table(
    "source_file",
    metadata,
    Column("uri", Text, primary_key=True),
    Column("stem", Text, nullable=False, index=True),
    Column("size", Whole),
    Column("mtime_ns", Whole),
    Column("file_sha256", Text),
    Column("recording_id", Text, ForeignKey("recording.id"), index=True),
    Column("corpus", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

segment = Table(
    "segment",
    metadata,
    _serial("seq"),
    Column("id", Text, nullable=False, unique=True),
    Column("recording_id", Text, ForeignKey("recording.id"), nullable=False, index=True),
    Column("start_s", Real, nullable=False),
    Column("end_s", Real, nullable=False),
    Column("level", Text, nullable=False),
    Column("parent_id", Text, ForeignKey("segment.id"), index=True),
    Column("transcript", Text),
    _one_of("level", "phone", "word", "utterance", "turn"),
    sqlite_autoincrement=True,
)

reference_label = Table(
    "reference_label",
    metadata,
    Column("segment_id", Text, ForeignKey("segment.id"), primary_key=True),
    Column("dimension", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("id", Text, primary_key=True),
    Column("round_number", Whole, ForeignKey("round.number"), index=True),
    Column("state", Text, nullable=False),
    Column("n_items", Whole, nullable=False),
    Column("overlap", Whole, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("completed_at", Instant),
    _one_of("state", "open", "complete", "closed"),
)

batch_item = Table(
    "batch_item",
    metadata,
    Column("batch_id", Text, ForeignKey("batch.id"), primary_key=True),
    Column("segment_id", Text, ForeignKey("segment.id"), primary_key=True, index=True),
    Column("rank", Whole, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("score", Real),
    Column("reason", Text, nullable=False),
    # Judgements asked for beyond the batch's overlap, because those there disagree.
    Column("n_extra", Whole, nullable=False, server_default="0"),
    _one_of("purpose", "query", "evaluation"),
)

judgement = Table(
    "judgement",
    metadata,
    _serial("seq"),
    Column("id", Text, nullable=False, unique=True),
    Column("segment_id", Text, ForeignKey("segment.id"), nullable=False, index=True),
    Column("annotator", Text, nullable=False),
    Column("role", Text, nullable=False, index=True),
    Column("batch_id", Text, ForeignKey("batch.id"), index=True),
    Column("guideline_version", Text),
    Column("duration_s", Real),
    Column("judged_at", Instant),
    Column("note", Text),
    Column("source", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("verdict", Text),
    Column("purpose", Text),
    _one_of("role", "crowd", "expert", "adjudicator"),
    sqlite_autoincrement=True,
)

# What somebody said in a batch; crowd votes, which may be millions, have none and are not in it.
Index(
    "ix_judgement_annotator",
    judgement.c.annotator,
    judgement.c.batch_id,
    sqlite_where=judgement.c.batch_id.is_not(None),
    postgresql_where=judgement.c.batch_id.is_not(None),
)

judgement_value = Table(
    "judgement_value",
    metadata,
    # By number, not by id: values of the same judgement lie together, in order of arrival.
    Column("judgement_seq", ForeignKey("judgement.seq"), primary_key=True),
    Column("dimension", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

quarantine = Table(
    "quarantine",
    metadata,
    _serial("id"),
    Column("uri", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("corpus", Text),
    Column("reason", Text, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("resolved_at", Instant),
)
Index(
    "uq_quarantine_open",
    quarantine.c.uri,
    quarantine.c.place,
    unique=True,
    sqlite_where=quarantine.c.resolved_at.is_(None),
    postgresql_where=quarantine.c.resolved_at.is_(None),
)

artifact = Table(
    "artifact",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False, index=True),
    Column("version", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("n_rows", Whole, nullable=False),
    Column("made_from", Json, nullable=False),
    Column("round_number", Whole, ForeignKey("round.number"), index=True),
    Column("created_at", Instant, nullable=False),
)

round_ = Table(
    "round",
    metadata,
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("seed", Whole, nullable=False),
    Column("state", Text, nullable=False),
    Column("params", Json, nullable=False),
    Column("metrics", Json, nullable=False),
    Column("mlflow_run_id", Text),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    _one_of("state", "running", "done"),
)
# One unfinished round at most, whoever asks at the same moment.
Index(
    "uq_round_running",
    round_.c.state,
    unique=True,
    sqlite_where=sa.text("state = 'running'"),
    postgresql_where=sa.text("state = 'running'"),
)

round_step = Table(
    "round_step",
    metadata,
    Column("round_number", Whole, ForeignKey("round.number"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("result", Json, nullable=False),
    Column("seconds", Real, nullable=False),
    Column("finished_at", Instant, nullable=False),
)

lock = Table(
    "lock",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("acquired_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

champion_move = Table(
    "champion_move",
    metadata,
    _serial("id"),
    Column("round_number", Whole, ForeignKey("round.number"), nullable=False, unique=True),
    Column("from_version", Text),
    Column("to_version", Text),
    Column("metric", Text, nullable=False),
    Column("old_score", Real),
    Column("new_score", Real),
    Column("reason", Text, nullable=False),
    Column("moved", sa.Boolean, nullable=False),
    Column("decided_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    _serial("id"),
    Column("at", Instant, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Json, nullable=False),
)

APPEND_ONLY = ("judgement", "judgement_value", "champion_move", "audit", *DESK_APPEND_ONLY)
"""Tables whose rows are never changed nor removed: triggers of the database refuse it."""
