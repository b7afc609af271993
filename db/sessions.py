"""Who is signed in: browsers' sessions, API tokens, failed logins. Only hashes of secrets."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from db.desk_records import Account, ApiToken, Session
from db.inserting import insert_new
from db.schema import account, api_token, desk_secret, desk_session, login_failure

_SESSION = [desk_session.c[name] for name in Session.__dataclass_fields__]
_ACCOUNT = [account.c[name].label(f"of_{name}") for name in Account.__dataclass_fields__]
_TOKEN = [api_token.c[name] for name in ApiToken.__dataclass_fields__]

_FIND = (
    sa.select(*_SESSION, *_ACCOUNT)
    .join_from(desk_session, account, desk_session.c.account_id == account.c.id)
    .where(
        desk_session.c.token_sha256 == sa.bindparam("token"),
        desk_session.c.ended_at.is_(None),
        desk_session.c.expires_at > sa.bindparam("now"),
        account.c.revoked_at.is_(None),
    )
)
_FIND_TOKEN = (
    sa.select(*_ACCOUNT)
    .join_from(api_token, account, api_token.c.account_id == account.c.id)
    .where(
        api_token.c.token_sha256 == sa.bindparam("token"),
        api_token.c.revoked_at.is_(None),
        sa.or_(api_token.c.expires_at.is_(None), api_token.c.expires_at > sa.bindparam("now")),
        account.c.revoked_at.is_(None),
    )
)


def begin(tx: Connection, session: Session) -> None:
    """Store a session."""
    tx.execute(sa.insert(desk_session).values(vars(session)))


def find(tx: Connection, token_sha256: str, now: datetime) -> tuple[Session, Account] | None:
    """The session with that cookie's hash and whose it is; None where it is over or revoked."""
    row = tx.execute(_FIND, {"token": token_sha256, "now": now}).one_or_none()
    return None if row is None else (Session(**_part(row, _SESSION)), _account(row))


def touch(tx: Connection, token_sha256: str, seen_at: datetime, expires_at: datetime) -> None:
    """Let a session live on."""
    mine = desk_session.c.token_sha256 == token_sha256
    seen = {"seen_at": seen_at, "expires_at": expires_at}
    tx.execute(sa.update(desk_session).where(mine).values(**seen))


def end(tx: Connection, token_sha256: str, at: datetime) -> None:
    """End a session."""
    mine = (desk_session.c.token_sha256 == token_sha256, desk_session.c.ended_at.is_(None))
    tx.execute(sa.update(desk_session).where(*mine).values(ended_at=at))


def end_all(tx: Connection, account_id: str, at: datetime) -> None:
    """End all sessions of an account, and revoke its API tokens."""
    open_ = (desk_session.c.account_id == account_id, desk_session.c.ended_at.is_(None))
    tx.execute(sa.update(desk_session).where(*open_).values(ended_at=at))
    valid = (api_token.c.account_id == account_id, api_token.c.revoked_at.is_(None))
    tx.execute(sa.update(api_token).where(*valid).values(revoked_at=at))


def add_token(tx: Connection, token: ApiToken) -> None:
    """Store an API token."""
    tx.execute(sa.insert(api_token).values(vars(token)))


def find_token(tx: Connection, token_sha256: str, now: datetime) -> Account | None:
    """Whose token it is; None where it is unknown, revoked or over."""
    row = tx.execute(_FIND_TOKEN, {"token": token_sha256, "now": now}).one_or_none()
    return None if row is None else _account(row)


def list_tokens(tx: Connection, account_id: str) -> list[ApiToken]:
    """An account's API tokens that are not revoked, oldest first."""
    query = sa.select(*_TOKEN).where(
        api_token.c.account_id == account_id, api_token.c.revoked_at.is_(None)
    )
    return [ApiToken(**row._mapping) for row in tx.execute(query.order_by(api_token.c.created_at))]


def revoke_token(tx: Connection, identity: str, account_id: str, at: datetime) -> bool:
    """Revoke a token of an account; whether there was one."""
    mine = (
        api_token.c.id == identity,
        api_token.c.account_id == account_id,
        api_token.c.revoked_at.is_(None),
    )
    return bool(tx.execute(sa.update(api_token).where(*mine).values(revoked_at=at)).rowcount)


def note_failure(tx: Connection, name_key: str, address: str, at: datetime) -> None:
    """Remember that somebody failed to sign in."""
    tx.execute(sa.insert(login_failure).values(name_key=name_key, address=address, at=at))


def n_failures(
    tx: Connection, since: datetime, *, name_key: str | None = None, address: str | None = None
) -> int:
    """How often signing in failed since then, as that name or from that address."""
    query = sa.select(sa.func.count()).select_from(login_failure).where(login_failure.c.at > since)
    if name_key is not None:
        query = query.where(login_failure.c.name_key == name_key)
    if address is not None:
        query = query.where(login_failure.c.address == address)
    return tx.scalars(query).one()


def forget_failures(tx: Connection, before: datetime) -> None:
    """Forget failures from before then."""
    tx.execute(sa.delete(login_failure).where(login_failure.c.at < before))


def secret(tx: Connection, name: str, fresh: str, now: datetime) -> str:
    """The desk's secret of that name: the one that is kept, else `fresh`, kept from now on."""
    insert_new(tx, desk_secret, [{"name": name, "value": fresh, "created_at": now}])
    value: str = tx.scalars(sa.select(desk_secret.c.value).where(desk_secret.c.name == name)).one()
    return value


def _part(row: sa.Row[Any], columns: Iterable[sa.Column[Any]]) -> dict[str, Any]:
    return {column.name: row._mapping[column.name] for column in columns}


def _account(row: sa.Row[Any]) -> Account:
    return Account(**{name: row._mapping[f"of_{name}"] for name in Account.__dataclass_fields__})
