"""Label Studio: which project there is which batch, and who is who.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "labelstudio_project",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("guideline_version", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_labelstudio_project_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labelstudio_project")),
    )
    op.create_index(
        "ix_labelstudio_project_batch_id", "labelstudio_project", ["batch_id"], unique=False
    )
    op.create_table(
        "labelstudio_person",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("mapped_by", sa.Text(), nullable=False),
        sa.Column("mapped_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_labelstudio_person")),
    )


def downgrade() -> None:
    op.drop_table("labelstudio_person")
    op.drop_table("labelstudio_project")
