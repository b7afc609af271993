"""What leads should look at about an annotator, until somebody settles it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.desk_records import Flag
from db.schema import account, annotator_flag

_COLUMNS = [annotator_flag.c[name] for name in Flag.__dataclass_fields__]


def raise_flag(tx: Connection, one: Flag) -> bool:
    """Store a flag; False where one of its kind is open for the account already."""
    # Whoever raises flags of one account at the same moment waits here.
    tx.execute(sa.select(account.c.id).where(account.c.id == one.account_id).with_for_update())
    same = (
        annotator_flag.c.account_id == one.account_id,
        annotator_flag.c.kind == one.kind,
        annotator_flag.c.settled_at.is_(None),
    )
    if tx.scalar(sa.select(annotator_flag.c.id).where(*same)) is not None:
        return False
    tx.execute(sa.insert(annotator_flag).values(**vars(one)))
    return True


def list_flags(tx: Connection, *, account_id: str | None = None) -> list[Flag]:
    """Flags (of an account), the newest first."""
    query = sa.select(*_COLUMNS).order_by(annotator_flag.c.raised_at.desc(), annotator_flag.c.id)
    if account_id is not None:
        query = query.where(annotator_flag.c.account_id == account_id)
    return [Flag(**row._mapping) for row in tx.execute(query)]


def settle(tx: Connection, identity: str, by: str, at: datetime) -> bool:
    """Settle an open flag; whether there was one."""
    mine = (annotator_flag.c.id == identity, annotator_flag.c.settled_at.is_(None))
    done = {"settled_at": at, "settled_by": by}
    return bool(tx.execute(sa.update(annotator_flag).where(*mine).values(**done)).rowcount)
