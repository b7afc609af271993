"""Who may see which batch."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.desk_records import Account
from db.inserting import insert_new
from db.records import Batch
from db.schema import account, batch, batch_grant

_BATCH = [batch.c[name] for name in Batch.__dataclass_fields__]


def grant(tx: Connection, batch_id: str, account_id: str, by: str, at: datetime) -> bool:
    """Let an account see a batch; whether that is new."""
    row = {"batch_id": batch_id, "account_id": account_id, "granted_by": by, "granted_at": at}
    return bool(insert_new(tx, batch_grant, [row]))


def take_back(tx: Connection, batch_id: str, account_id: str) -> bool:
    """Let an account see a batch no more; whether it could by a grant."""
    mine = (batch_grant.c.batch_id == batch_id, batch_grant.c.account_id == account_id)
    return bool(tx.execute(sa.delete(batch_grant).where(*mine)).rowcount)


def may_see(tx: Connection, who: Account, batch_id: str) -> bool:
    """Whether an account may see a batch: all of them, or by a grant."""
    if sees_all(who):
        return True
    mine = (batch_grant.c.batch_id == batch_id, batch_grant.c.account_id == who.id)
    return tx.scalar(sa.select(batch_grant.c.batch_id).where(*mine)) is not None


def sees_all(who: Account) -> bool:
    """Whether an account sees every batch, by its role or by what it was given."""
    return who.all_batches or who.role != "annotator"


def visible(tx: Connection, who: Account) -> list[Batch]:
    """The batches that an account may see, oldest first."""
    query = sa.select(*_BATCH).order_by(batch.c.created_at, batch.c.id)
    if not sees_all(who):
        query = query.join_from(batch, batch_grant, batch_grant.c.batch_id == batch.c.id)
        query = query.where(batch_grant.c.account_id == who.id)
    return [Batch(**row._mapping) for row in tx.execute(query)]


def granted(tx: Connection, batch_id: str) -> list[str]:
    """Names of the accounts with a grant of a batch of its own, in order."""
    query = (
        sa.select(account.c.name)
        .join_from(batch_grant, account, batch_grant.c.account_id == account.c.id)
        .where(batch_grant.c.batch_id == batch_id, account.c.revoked_at.is_(None))
        .order_by(account.c.name)
    )
    return list(tx.scalars(query))


def grants_of(tx: Connection, account_id: str) -> list[str]:
    """Batches that an account was given one by one."""
    query = sa.select(batch_grant.c.batch_id).where(batch_grant.c.account_id == account_id)
    return sorted(tx.scalars(query))


def others_who_may_judge(tx: Connection, batch_id: str, names: Sequence[str]) -> int:
    """How many annotators may judge a batch, besides these."""
    by_grant = sa.exists().where(
        batch_grant.c.batch_id == batch_id, batch_grant.c.account_id == account.c.id
    )
    query = (
        sa.select(sa.func.count())
        .select_from(account)
        .where(
            account.c.role == "annotator",
            account.c.revoked_at.is_(None),
            account.c.name.not_in(names),
            sa.or_(account.c.all_batches, by_grant),
        )
    )
    return tx.scalars(query).one()
