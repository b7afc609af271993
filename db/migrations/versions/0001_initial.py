"""The first tables, and the triggers that keep what is append-only.

A later migration that rebuilds one of these tables on SQLite (batch mode) drops its triggers
there: it has to call `protect` again.

Revision 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

from db.migrations.protecting import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("judgement", "judgement_value", "champion_move", "audit")


def _serial() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _refusal() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% is append-only: no %', TG_TABLE_NAME, TG_OP; END $$"
        )


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _serial(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_table(
        "lock",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("acquired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lock")),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", _serial(), autoincrement=True, nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("corpus", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index(
        "uq_quarantine_open",
        "quarantine",
        ["uri", "place"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "round",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("mlflow_run_id", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('running', 'done')", name=op.f("ck_round_state")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_round")),
    )
    op.create_index(
        "uq_round_running",
        "round",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "speaker",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("age", sa.Double(), nullable=True),
        sa.Column("split", sa.Text(), nullable=True),
        sa.CheckConstraint("split IN ('training', 'held_out')", name=op.f("ck_speaker_split")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker")),
    )
    op.create_table(
        "artifact",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("n_rows", sa.BigInteger(), nullable=False),
        sa.Column("made_from", sa.JSON(), nullable=False),
        sa.Column("round_number", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_number"], ["round.number"], name=op.f("fk_artifact_round_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact")),
    )
    op.create_index(op.f("ix_artifact_kind"), "artifact", ["kind"], unique=False)
    op.create_index(op.f("ix_artifact_round_number"), "artifact", ["round_number"], unique=False)
    op.create_table(
        "batch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("round_number", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("n_items", sa.BigInteger(), nullable=False),
        sa.Column("overlap", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'complete', 'closed')", name=op.f("ck_batch_state")),
        sa.ForeignKeyConstraint(
            ["round_number"], ["round.number"], name=op.f("fk_batch_round_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_round_number"), "batch", ["round_number"], unique=False)
    op.create_table(
        "champion_move",
        sa.Column("id", _serial(), autoincrement=True, nullable=False),
        sa.Column("round_number", sa.BigInteger(), nullable=False),
        sa.Column("from_version", sa.Text(), nullable=True),
        sa.Column("to_version", sa.Text(), nullable=True),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("old_score", sa.Double(), nullable=True),
        sa.Column("new_score", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_number"], ["round.number"], name=op.f("fk_champion_move_round_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_champion_move")),
        sa.UniqueConstraint("round_number", name=op.f("uq_champion_move_round_number")),
    )
    op.create_table(
        "recording",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("corpus", sa.Text(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("sample_rate_hz", sa.BigInteger(), nullable=False),
        sa.Column("n_channels", sa.BigInteger(), nullable=False),
        sa.Column("speaker_id", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("age", sa.Double(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("dialect", sa.Text(), nullable=True),
        sa.Column("style", sa.Text(), nullable=True),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("turn", sa.Text(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("transcript", sa.Text(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["speaker.id"], name=op.f("fk_recording_speaker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("content_sha256", name=op.f("uq_recording_content_sha256")),
    )
    op.create_index(op.f("ix_recording_speaker_id"), "recording", ["speaker_id"], unique=False)
    op.create_index(op.f("ix_recording_stem"), "recording", ["stem"], unique=False)
    op.create_table(
        "round_step",
        sa.Column("round_number", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_number"], ["round.number"], name=op.f("fk_round_step_round_number")
        ),
        sa.PrimaryKeyConstraint("round_number", "step", name=op.f("pk_round_step")),
    )
    op.create_table(
        "segment",
        sa.Column("seq", _serial(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("transcript", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "level IN ('phone', 'word', 'utterance', 'turn')", name=op.f("ck_segment_level")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["segment.id"], name=op.f("fk_segment_parent_id")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_segment_recording_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_segment")),
        sa.UniqueConstraint("id", name=op.f("uq_segment_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_segment_parent_id"), "segment", ["parent_id"], unique=False)
    op.create_index(op.f("ix_segment_recording_id"), "segment", ["recording_id"], unique=False)
    op.create_table(
        "source_file",
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("recording_id", sa.Text(), nullable=True),
        sa.Column("corpus", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_source_file_recording_id")
        ),
        sa.PrimaryKeyConstraint("uri", name=op.f("pk_source_file")),
    )
    op.create_index(
        op.f("ix_source_file_recording_id"), "source_file", ["recording_id"], unique=False
    )
    op.create_index(op.f("ix_source_file_stem"), "source_file", ["stem"], unique=False)
    op.create_table(
        "batch_item",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('query', 'evaluation')", name=op.f("ck_batch_item_purpose")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_item_batch_id")),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_batch_item_segment_id")
        ),
        sa.PrimaryKeyConstraint("batch_id", "segment_id", name=op.f("pk_batch_item")),
    )
    op.create_index(op.f("ix_batch_item_segment_id"), "batch_item", ["segment_id"], unique=False)
    op.create_table(
        "judgement",
        sa.Column("seq", _serial(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("guideline_version", sa.Text(), nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('crowd', 'expert', 'adjudicator')", name=op.f("ck_judgement_role")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_judgement_batch_id")),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_judgement_segment_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_judgement")),
        sa.UniqueConstraint("id", name=op.f("uq_judgement_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_judgement_batch_id"), "judgement", ["batch_id"], unique=False)
    op.create_index(op.f("ix_judgement_role"), "judgement", ["role"], unique=False)
    op.create_index(op.f("ix_judgement_segment_id"), "judgement", ["segment_id"], unique=False)
    op.create_table(
        "reference_label",
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_reference_label_segment_id")
        ),
        sa.PrimaryKeyConstraint(
            "segment_id", "dimension", "source", name=op.f("pk_reference_label")
        ),
    )
    op.create_table(
        "judgement_value",
        sa.Column("judgement_seq", _serial(), autoincrement=False, nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["judgement_seq"], ["judgement.seq"], name=op.f("fk_judgement_value_judgement_seq")
        ),
        sa.PrimaryKeyConstraint("judgement_seq", "dimension", name=op.f("pk_judgement_value")),
        sqlite_with_rowid=False,
    )
    _refusal()
    for table in APPEND_ONLY:
        protect(table)


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first tables: remove the database")
