"""The tables of the bridge to Label Studio: which project is which batch, who is who."""

from sqlalchemy import Column, ForeignKey, Table

from db.column_types import Instant, Text, Whole
from db.metadata import metadata

labelstudio_project = Table(
    "labelstudio_project",
    metadata,
    # Also stands in the project's description there: found again by it, whatever its address.
    Column("id", Text, primary_key=True),
    Column("batch_id", Text, ForeignKey("batch.id"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    # Unknown from before the project is made until it is known to be.
    Column("project_id", Whole),
    Column("guideline_version", Text),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

labelstudio_person = Table(
    "labelstudio_person",
    metadata,
    Column("email", Text, primary_key=True),
    Column("annotator", Text, nullable=False),
    Column("mapped_by", Text, nullable=False),
    Column("mapped_at", Instant, nullable=False),
)
