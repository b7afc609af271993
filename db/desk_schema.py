"""The tables of the desk: who may judge what, what is out with whom, and what goes with it."""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from db.column_types import Instant, Json, Real, Text, Whole
from db.metadata import metadata, one_of, serial

ACCOUNT_ROLES = ("annotator", "lead", "data scientist", "admin")

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # What tells names apart: "Ada" and "ada" are one person.
    Column("name_key", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("all_batches", sa.Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("revoked_at", Instant),
    one_of("role", *ACCOUNT_ROLES),
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", Text, primary_key=True),
    # Of links and tokens only the hash is kept: who reads the records cannot use them.
    Column("token_sha256", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("role", Text, nullable=False),
    Column("all_batches", sa.Boolean, nullable=False),
    Column("batches", Json, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("account_id", Text, ForeignKey("account.id")),
    one_of("role", *ACCOUNT_ROLES),
)

desk_session = Table(
    "desk_session",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("account.id"), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("token_sha256", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
)

login_failure = Table(
    "login_failure",
    metadata,
    serial("id"),
    Column("name_key", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_login_failure_name", login_failure.c.name_key, login_failure.c.at)
Index("ix_login_failure_address", login_failure.c.address, login_failure.c.at)

desk_secret = Table(
    "desk_secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

batch_grant = Table(
    "batch_grant",
    metadata,
    Column("batch_id", Text, ForeignKey("batch.id"), primary_key=True),
    Column("account_id", Text, ForeignKey("account.id"), primary_key=True, index=True),
    Column("granted_by", Text, nullable=False),
    Column("granted_at", Instant, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("id", Text, primary_key=True),
    Column("batch_id", Text, ForeignKey("batch.id"), nullable=False),
    Column("segment_id", Text, ForeignKey("segment.id"), nullable=False),
    Column("account_id", Text, ForeignKey("account.id"), nullable=False),
    Column("purpose", Text),
    Column("taken_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", Text),
    one_of("outcome", "judged", "returned", "expired"),
    one_of("purpose", "repeat"),
)
Index("ix_lease_segment", lease.c.segment_id, lease.c.batch_id)
Index("ix_lease_account", lease.c.account_id, lease.c.batch_id, lease.c.ended_at)
# Nobody holds a segment twice at once, whoever asks at the same moment.
Index(
    "uq_lease_held",
    lease.c.batch_id,
    lease.c.segment_id,
    lease.c.account_id,
    unique=True,
    sqlite_where=lease.c.ended_at.is_(None),
    postgresql_where=lease.c.ended_at.is_(None),
)

judgement_detail = Table(
    "judgement_detail",
    metadata,
    Column("judgement_seq", ForeignKey("judgement.seq"), primary_key=True),
    Column("secondary", Json, nullable=False),
    Column("marks", Json, nullable=False),
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("judgement_seq", ForeignKey("judgement.seq"), primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

guideline = Table(
    "guideline",
    metadata,
    Column("version", Whole, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("remark", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

guideline_example = Table(
    "guideline_example",
    metadata,
    Column("guideline_version", Whole, ForeignKey("guideline.version"), primary_key=True),
    Column("nth", Whole, primary_key=True, autoincrement=False),
    Column("emotion", Text, nullable=False),
    Column("segment_id", Text, ForeignKey("segment.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("remark", Text, nullable=False),
    one_of("kind", "typical", "borderline"),
)

calibration = Table(
    "calibration",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("account.id"), nullable=False, index=True),
    Column("guideline_version", Whole, ForeignKey("guideline.version")),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("score", Real),
    Column("passed", sa.Boolean),
)

calibration_item = Table(
    "calibration_item",
    metadata,
    Column("calibration_id", Text, ForeignKey("calibration.id"), primary_key=True),
    Column("nth", Whole, primary_key=True, autoincrement=False),
    Column("segment_id", Text, ForeignKey("segment.id"), nullable=False),
    Column("expected", Json, nullable=False),
    Column("judgement_id", Text, ForeignKey("judgement.id")),
    UniqueConstraint("calibration_id", "segment_id"),
)

adjudication = Table(
    "adjudication",
    metadata,
    Column("id", Text, primary_key=True),
    Column("batch_id", Text, ForeignKey("batch.id"), index=True),
    Column("segment_id", Text, ForeignKey("segment.id"), nullable=False, index=True),
    Column("judgement_id", Text, ForeignKey("judgement.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
)

annotator_flag = Table(
    "annotator_flag",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("account.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("detail", Json, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("settled_by", Text),
)

webhook = Table(
    "webhook",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("events", Json, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("id", Text, primary_key=True),
    Column("webhook_id", Text, ForeignKey("webhook.id"), nullable=False, index=True),
    Column("event", Text, nullable=False),
    # What is told once: the same event of the same thing makes no second delivery.
    Column("subject", Text, nullable=False),
    Column("payload", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_try_at", Instant, index=True),
    Column("n_tries", Whole, nullable=False),
    Column("delivered_at", Instant),
    Column("last_error", Text),
    UniqueConstraint("webhook_id", "event", "subject"),
)

DESK_APPEND_ONLY = (
    "judgement_detail", "withdrawal", "guideline", "guideline_example", "adjudication",
)  # fmt: skip
"""Tables of the desk whose rows are never changed nor removed."""
