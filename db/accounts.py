"""Accounts of the desk, and the invitations by which they come to be."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from db.desk_records import Account, Invitation
from db.errors import RecordError
from db.inserting import insert_new
from db.schema import account, invitation

_COLUMNS = [account.c[name] for name in Account.__dataclass_fields__]
_INVITED = [invitation.c[name] for name in Invitation.__dataclass_fields__]


def name_key(name: str) -> str:
    """What tells names apart: not their case."""
    return name.casefold()


def add(tx: Connection, one: Account) -> bool:
    """Store an account; False, and nothing stored, where its name is taken."""
    return bool(insert_new(tx, account, [{**vars(one), "name_key": name_key(one.name)}]))


def find(tx: Connection, name: str) -> Account | None:
    """The account of that name (in any case), revoked or not."""
    return _one(tx, account.c.name_key == name_key(name))


def get(tx: Connection, identity: str) -> Account:
    """An account by id. Raises RecordError where there is none."""
    found = _one(tx, account.c.id == identity)
    if found is None:
        raise RecordError(f"there is no account {identity!r}")
    return found


def list_accounts(tx: Connection) -> list[Account]:
    """All accounts, oldest first."""
    rows = tx.execute(sa.select(*_COLUMNS).order_by(account.c.created_at, account.c.id))
    return [Account(**row._mapping) for row in rows]


def change(tx: Connection, identity: str, **columns: Any) -> None:
    """Change an account's role, password_hash, all_batches or revoked_at."""
    tx.execute(sa.update(account).where(account.c.id == identity).values(**columns))


def invite(tx: Connection, one: Invitation) -> None:
    """Store an invitation."""
    tx.execute(sa.insert(invitation).values({**vars(one), "batches": list(one.batches)}))


def find_invitation(tx: Connection, token_sha256: str) -> Invitation | None:
    """The invitation with that token's hash, used or not."""
    return _invitation(tx, invitation.c.token_sha256 == token_sha256)


def list_invitations(tx: Connection) -> list[Invitation]:
    """All invitations, oldest first."""
    rows = tx.execute(sa.select(*_INVITED).order_by(invitation.c.created_at, invitation.c.id))
    return [_invited(row) for row in rows]


def use_invitation(tx: Connection, identity: str, account_id: str, at: datetime) -> bool:
    """Mark an invitation as used; False where somebody used it before."""
    unused = (invitation.c.id == identity, invitation.c.used_at.is_(None))
    used = {"used_at": at, "account_id": account_id}
    return bool(tx.execute(sa.update(invitation).where(*unused).values(**used)).rowcount)


def drop_invitation(tx: Connection, identity: str, at: datetime) -> bool:
    """End an unused invitation now; whether there was one."""
    unused = (
        invitation.c.id == identity, invitation.c.used_at.is_(None), invitation.c.expires_at > at
    )  # fmt: skip
    return bool(tx.execute(sa.update(invitation).where(*unused).values(expires_at=at)).rowcount)


def names(tx: Connection, ids: Sequence[str]) -> dict[str, str]:
    """id -> name."""
    rows = tx.execute(sa.select(account.c.id, account.c.name).where(account.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _one(tx: Connection, condition: sa.ColumnElement[bool]) -> Account | None:
    row = tx.execute(sa.select(*_COLUMNS).where(condition)).one_or_none()
    return None if row is None else Account(**row._mapping)


def _invitation(tx: Connection, condition: sa.ColumnElement[bool]) -> Invitation | None:
    row = tx.execute(sa.select(*_INVITED).where(condition)).one_or_none()
    return None if row is None else _invited(row)


def _invited(row: sa.Row[Any]) -> Invitation:
    return Invitation(**{**row._mapping, "batches": tuple(row.batches)})
