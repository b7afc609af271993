"""Signing in and out: sessions of browsers, tokens of programs, and who it is that asks."""

import secrets
from datetime import timedelta

import db.accounts
import db.audit
import db.sessions
from annotation.desk.desk import Desk
from annotation.desk.errors import DeskError, NotFoundError, NotSignedInError, TooManyTriesError
from annotation.desk.passwords import digest, is_right, new_secret
from db.desk_records import Account, ApiToken, Session

_WITHIN = timedelta(minutes=15)
_TRIES_OF_NAME, _TRIES_OF_ADDRESS = 8, 40
_TOUCH = timedelta(minutes=5)
TOKEN_PREFIX = "ut_"


def sign_in(desk: Desk, name: str, password: str, address: str) -> tuple[Account, str]:
    """(the account, the secret of its new session). Both outcomes are in the log.

    Raises NotSignedInError, not saying which of the two is wrong, and TooManyTriesError after 8
    failures of a name, or 40 from an address, within 15 minutes.
    """
    now = desk.now()
    key = db.accounts.name_key(name.strip())[:120]
    with desk.workspace.reading() as tx:
        tries = (
            db.sessions.n_failures(tx, now - _WITHIN, name_key=key),
            db.sessions.n_failures(tx, now - _WITHIN, address=address),
        )
        account = db.accounts.find(tx, name.strip())
    if tries[0] >= _TRIES_OF_NAME or tries[1] >= _TRIES_OF_ADDRESS:
        _refused(desk, key, address, "too many tries")
        raise TooManyTriesError("too many failed tries: wait a quarter of an hour, then try again")
    kept = account.password_hash if account and account.revoked_at is None else None
    if not is_right(password, kept) or account is None:
        _refused(desk, key, address, "wrong name or password", count=True)
        raise NotSignedInError("the name or the password is not right")
    return account, begin_session(desk, account, address)


def begin_session(desk: Desk, account: Account, address: str) -> str:
    """The secret of a new session of an account."""
    token = new_secret()
    now = desk.now()
    session = Session(digest(token), account.id, now, now, desk.after(desk.rules.session_s))
    with desk.workspace.writing() as tx:
        db.sessions.begin(tx, session)
        detail = {"address": address}
        db.audit.note(tx, actor=account.name, action="sign in", subject=account.name, detail=detail)
    return token


def sign_out(desk: Desk, account: Account, token: str) -> None:
    """End a session."""
    with desk.workspace.writing() as tx:
        db.sessions.end(tx, digest(token), desk.now())
        db.audit.note(tx, actor=account.name, action="sign out", subject=account.name)


def of_session(desk: Desk, token: str) -> Account | None:
    """Whose session it is; None where it is over. It lives on while it is used."""
    now = desk.now()
    with desk.workspace.reading() as tx:
        found = db.sessions.find(tx, digest(token), now)
    if found is None:
        return None
    session, account = found
    if now - session.seen_at > _TOUCH:
        with desk.workspace.writing() as tx:
            until = desk.after(desk.rules.session_s)
            db.sessions.touch(tx, session.token_sha256, now, until)
    return account


def new_token(desk: Desk, who: Account, label: str, days: int | None) -> tuple[ApiToken, str]:
    """A token for the API, and its secret (shown once). Raises DeskError for a bad label."""
    label = " ".join(label.split())
    if not 1 <= len(label) <= 80:
        raise DeskError("say in 1 to 80 characters what the token is for")
    secret = TOKEN_PREFIX + new_secret()
    token = ApiToken(
        id=secrets.token_hex(8),
        account_id=who.id,
        label=label,
        token_sha256=digest(secret),
        created_at=desk.now(),
        expires_at=None if days is None else desk.after(days * 86_400.0),
    )
    with desk.workspace.writing() as tx:
        db.sessions.add_token(tx, token)
        db.audit.note(tx, actor=who.name, action="make token", subject=token.id)
    return token, secret


def revoke_token(desk: Desk, who: Account, identity: str) -> None:
    """Revoke one's own token. Raises NotFoundError."""
    with desk.workspace.writing() as tx:
        if not db.sessions.revoke_token(tx, identity, who.id, desk.now()):
            raise NotFoundError(f"you have no token {identity!r}")
        db.audit.note(tx, actor=who.name, action="revoke token", subject=identity)


def of_token(desk: Desk, secret: str) -> Account | None:
    """Whose API token it is; None where it is not known, revoked or over."""
    with desk.workspace.reading() as tx:
        return db.sessions.find_token(tx, digest(secret), desk.now())


def _refused(desk: Desk, key: str, address: str, why: str, *, count: bool = False) -> None:
    now = desk.now()
    with desk.workspace.writing() as tx:
        if count:
            db.sessions.note_failure(tx, key, address, now)
            db.sessions.forget_failures(tx, now - timedelta(days=1))
        detail = {"address": address, "why": why}
        db.audit.note(tx, actor=key, action="refuse sign in", subject=key, detail=detail)
