"""People: invited, let in, given batches, revoked. Each step is in the log."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from typing import Any

import db.accounts
import db.audit
import db.batches
import db.grants
import db.leases
import db.sessions
from annotation.desk.desk import Desk
from annotation.desk.errors import ConflictError, DeskError, NotFoundError
from annotation.desk.passwords import digest, hashed, is_right, new_secret
from annotation.desk.roles import ROLES
from db.desk_records import Account, Invitation

MAX_NAME = 60
_SPACE = re.compile(r"\s+")


def checked_name(name: str) -> str:
    """A name as it is kept. Raises DeskError for one that would be unreadable or too long."""
    plain = _SPACE.sub(" ", unicodedata.normalize("NFC", name)).strip()
    odd = [char for char in plain if unicodedata.category(char)[0] == "C"]
    if not plain or len(plain) > MAX_NAME or odd:
        raise DeskError(f"a name has 1 to {MAX_NAME} letters, digits, signs or spaces")
    return plain


def invite(
    desk: Desk,
    by: str,
    role: str,
    *,
    name: str | None = None,
    all_batches: bool = False,
    batches: Sequence[str] = (),
) -> tuple[Invitation, str]:
    """An invitation, and the secret that its link ends in (shown once, only its hash is kept).

    Raises DeskError for a bad role, name or batch, ConflictError for a name that is taken.
    """
    if role not in ROLES:
        raise DeskError(f"role {role!r} is not one of {', '.join(ROLES)}")
    token = new_secret()
    one = Invitation(
        id=secrets.token_hex(8),
        token_sha256=digest(token),
        role=role,
        created_by=by,
        created_at=desk.now(),
        expires_at=desk.after(desk.rules.invitation_s),
        name=None if name is None else checked_name(name),
        all_batches=all_batches,
        batches=tuple(dict.fromkeys(batches)),
    )
    with desk.workspace.writing() as tx:
        for batch_id in one.batches:
            db.batches.get(tx, batch_id)
        if one.name is not None and db.accounts.find(tx, one.name) is not None:
            raise ConflictError(f"there is an account {one.name!r} already")
        db.accounts.invite(tx, one)
        detail = {"role": role, "name": one.name, "all_batches": all_batches}
        db.audit.note(tx, actor=by, action="invite", subject=one.id, detail=detail)
    return one, token


def invitation(desk: Desk, token: str) -> Invitation:
    """The invitation of a link. Raises NotFoundError for one that is unknown, used or over."""
    with desk.workspace.reading() as tx:
        one = db.accounts.find_invitation(tx, digest(token))
    if one is None or one.used_at is not None or one.expires_at <= desk.now():
        raise NotFoundError("this invitation is not known, was used, or is over: ask for a new one")
    return one


def accept(desk: Desk, token: str, name: str, password: str) -> Account:
    """Become an account. Raises DeskError for a bad name or password, ConflictError for a name
    that is taken, NotFoundError for a bad invitation."""
    one = invitation(desk, token)
    name = checked_name(one.name or name)
    account = Account(
        id=secrets.token_hex(8),
        name=name,
        role=one.role,
        created_at=desk.now(),
        created_by=one.created_by,
        all_batches=one.all_batches,
        password_hash=hashed(password),
    )
    with desk.workspace.writing() as tx:
        if not db.accounts.add(tx, account):
            raise ConflictError(f"the name {name!r} is taken: choose another one")
        if not db.accounts.use_invitation(tx, one.id, account.id, desk.now()):
            raise NotFoundError("this invitation was used a moment ago: ask for a new one")
        for batch_id in one.batches:
            db.grants.grant(tx, batch_id, account.id, one.created_by, desk.now())
        detail = {"role": account.role, "invitation": one.id}
        db.audit.note(tx, actor=name, action="join", subject=name, detail=detail)
    return account


def end_invitation(desk: Desk, by: str, identity: str) -> None:
    """Take an invitation back. Raises NotFoundError for one that is unknown, used or over."""
    with desk.workspace.writing() as tx:
        if not db.accounts.drop_invitation(tx, identity, desk.now()):
            raise NotFoundError(f"there is no open invitation {identity!r}")
        db.audit.note(tx, actor=by, action="end invitation", subject=identity)


def revoke(desk: Desk, by: str, name: str) -> Account:
    """End an account: its sessions and tokens are over, its clips go to others. Its judgements
    stay. Raises NotFoundError for an unknown name, DeskError for the last admin."""
    with desk.workspace.writing() as tx:
        account = _named(tx, name)
        _keep_an_admin(tx, account)
        now = desk.now()
        db.accounts.change(tx, account.id, revoked_at=now)
        db.sessions.end_all(tx, account.id, now)
        db.leases.give_back_all(tx, account.id, now)
        db.audit.note(tx, actor=by, action="revoke", subject=account.name)
    return account


def restore(desk: Desk, by: str, name: str) -> Account:
    """Let a revoked account sign in again. Raises NotFoundError for an unknown name."""
    with desk.workspace.writing() as tx:
        account = _named(tx, name)
        db.accounts.change(tx, account.id, revoked_at=None)
        db.audit.note(tx, actor=by, action="restore", subject=account.name)
    return account


def set_role(desk: Desk, by: str, name: str, role: str) -> None:
    """Give an account another role. Raises DeskError for a bad role or the last admin."""
    if role not in ROLES:
        raise DeskError(f"role {role!r} is not one of {', '.join(ROLES)}")
    with desk.workspace.writing() as tx:
        account = _named(tx, name)
        if role != "admin":
            _keep_an_admin(tx, account)
        db.accounts.change(tx, account.id, role=role)
        detail = {"from": account.role, "to": role}
        db.audit.note(tx, actor=by, action="change role", subject=account.name, detail=detail)


def set_password(desk: Desk, who: Account, old: str, new: str) -> None:
    """Change one's own password; other browsers are signed out. Raises DeskError."""

    if not is_right(old, who.password_hash):
        raise DeskError("the present password is another one")
    kept = hashed(new)
    with desk.workspace.writing() as tx:
        db.accounts.change(tx, who.id, password_hash=kept)
        db.sessions.end_all(tx, who.id, desk.now())
        db.audit.note(tx, actor=who.name, action="change password", subject=who.name)


def grant(desk: Desk, by: str, batch_id: str, name: str) -> None:
    """Let somebody see a batch. Raises NotFoundError for an unknown name or batch."""
    _change_grant(desk, by, batch_id, name, give=True)


def take_back(desk: Desk, by: str, batch_id: str, name: str) -> None:
    """Let somebody see a batch no more. Raises NotFoundError for an unknown name or batch."""
    _change_grant(desk, by, batch_id, name, give=False)


def set_batches(desk: Desk, by: str, name: str, batches: Sequence[str]) -> None:
    """Say which batches somebody may see: these and no others; "*" is every one, also to come."""
    with desk.workspace.reading() as tx:
        account = _named(tx, name)
        before = set(db.grants.grants_of(tx, account.id))
    if account.all_batches != ("*" in batches):
        see_all(desk, by, name, "*" in batches)
    wanted = set(batches) - {"*"}
    for batch_id in sorted(wanted - before):
        grant(desk, by, batch_id, name)
    for batch_id in sorted(before - wanted):
        take_back(desk, by, batch_id, name)


def see_all(desk: Desk, by: str, name: str, sees: bool) -> None:
    """Let somebody see every batch, also those to come; or only those given one by one."""
    with desk.workspace.writing() as tx:
        account = _named(tx, name)
        db.accounts.change(tx, account.id, all_batches=sees)
        detail = {"all_batches": sees}
        db.audit.note(tx, actor=by, action="change batches", subject=account.name, detail=detail)


def _change_grant(desk: Desk, by: str, batch_id: str, name: str, *, give: bool) -> None:
    with desk.workspace.writing() as tx:
        account = _named(tx, name)
        try:
            db.batches.get(tx, batch_id)
        except ValueError as error:
            raise NotFoundError(str(error)) from error
        if give:
            changed = db.grants.grant(tx, batch_id, account.id, by, desk.now())
        else:
            changed = db.grants.take_back(tx, batch_id, account.id)
        if changed:
            action = "grant batch" if give else "take back batch"
            detail = {"batch": batch_id}
            db.audit.note(tx, actor=by, action=action, subject=account.name, detail=detail)


def _named(tx: Any, name: str) -> Account:
    account = db.accounts.find(tx, name)
    if account is None:
        known = ", ".join(one.name for one in db.accounts.list_accounts(tx)) or "nobody yet"
        raise NotFoundError(f"there is no account {name!r} (known: {known})")
    return account


def _keep_an_admin(tx: Any, account: Account) -> None:
    admins = [
        one
        for one in db.accounts.list_accounts(tx)
        if one.role == "admin" and one.revoked_at is None and one.id != account.id
    ]
    if account.role == "admin" and account.revoked_at is None and not admins:
        raise DeskError(f"{account.name} is the only admin: make somebody else one first")
