"""Which project in Label Studio shows which batch, and by whose names its people go here."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.desk_records import LabelStudioProject
from db.inserting import insert_new
from db.schema import judgement, labelstudio_person, labelstudio_project, withdrawal

_COLUMNS = [labelstudio_project.c[name] for name in LabelStudioProject.__dataclass_fields__]


def add(tx: Connection, one: LabelStudioProject) -> None:
    """Store a project."""
    insert_new(tx, labelstudio_project, [vars(one)])


def project_of(tx: Connection, batch_id: str) -> LabelStudioProject | None:
    """The project that shows a batch now, or None."""
    return next((one for one in list_projects(tx) if one.batch_id == batch_id), None)


def list_projects(tx: Connection) -> list[LabelStudioProject]:
    """The projects that show batches now, the newest first."""
    query = (
        sa.select(*_COLUMNS)
        .where(labelstudio_project.c.ended_at.is_(None))
        .order_by(labelstudio_project.c.created_at.desc(), labelstudio_project.c.id)
    )
    return [LabelStudioProject(**row._mapping) for row in tx.execute(query)]


def change(tx: Connection, identity: str, **values: str | int | datetime | None) -> None:
    """Change what is known of a project."""
    mine = labelstudio_project.c.id == identity
    tx.execute(sa.update(labelstudio_project).where(mine).values(**values))


def people(tx: Connection) -> dict[str, str]:
    """E-mail address there (in small letters) -> the annotator's name here."""
    query = sa.select(labelstudio_person.c.email, labelstudio_person.c.annotator)
    return {row.email: row.annotator for row in tx.execute(query)}


def name_person(tx: Connection, email: str, annotator: str, by: str, at: datetime) -> None:
    """Say by which name somebody there goes here."""
    mine = {"annotator": annotator, "mapped_by": by, "mapped_at": at}
    if insert_new(tx, labelstudio_person, [{"email": email, **mine}]):
        return
    here = labelstudio_person.c.email == email
    tx.execute(sa.update(labelstudio_person).where(here).values(**mine))


def versions(tx: Connection, batch_id: str, source: str) -> dict[str, tuple[str, bool]]:
    """Id of each of a batch's judgements from a source -> (its segment, whether it stands, that
    is, was not taken back)."""
    query = (
        sa.select(judgement.c.id, judgement.c.segment_id, withdrawal.c.judgement_seq)
        .outerjoin_from(judgement, withdrawal, judgement.c.seq == withdrawal.c.judgement_seq)
        .where(judgement.c.batch_id == batch_id, judgement.c.source == source)
        .order_by(judgement.c.seq)
    )
    return {row.id: (row.segment_id, row.judgement_seq is None) for row in tx.execute(query)}
