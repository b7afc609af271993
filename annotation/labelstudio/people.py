"""By which name somebody of Label Studio goes here."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import db.accounts
import db.audit
import db.labelstudio
from annotation.desk.desk import Desk
from annotation.desk.people import checked_name
from annotation.labelstudio.bridge import Bridge
from annotation.labelstudio.server import LabelStudioError


@dataclass(frozen=True)
class Person:
    """Somebody there. `annotator` is their name here, None where nobody said; `why` says how it
    is known."""

    email: str
    annotator: str | None
    why: str


def everybody(bridge: Bridge) -> list[Person]:
    """The people there, and who they are here."""
    return sorted(Names(bridge).people.values(), key=lambda one: one.email)


def say(desk: Desk, email: str, name: str, by: str) -> str:
    """Keep by which name somebody goes here; the name as it is kept: an account's, where there
    is one. Raises LabelStudioError for what is no address, DeskError for a bad name."""
    email = email.strip().lower()
    if not 3 <= len(email) <= 254 or "@" not in email or any(c.isspace() for c in email):
        raise LabelStudioError(f"{email!r} is no e-mail address of somebody in Label Studio")
    with desk.workspace.writing() as tx:
        account = db.accounts.find(tx, name)
        kept = checked_name(name) if account is None else account.name
        db.labelstudio.name_person(tx, email, kept, by, desk.now())
        detail = {"annotator": kept}
        db.audit.note(tx, actor=by, action="map person", subject=email, detail=detail)
    return kept


class Names:
    """Who is who: as somebody said, else the account whose name is their address, what stands
    before its @, or the name they gave there, unless that is two people's. With `by_email`
    everybody else goes by their address. `people` is by their number there."""

    def __init__(self, bridge: Bridge, *, by_email: bool = False) -> None:
        with bridge.desk.workspace.reading() as tx:
            self._said = db.labelstudio.people(tx)
            accounts = db.accounts.list_accounts(tx)
        self._accounts = {db.accounts.name_key(one.name): one.name for one in accounts}
        self._by_email = by_email
        users = bridge.server.users()
        found = {number: self._account(user) for number, user in users.items()}
        n_found = Counter(found.values())
        self.people = {
            number: self._person(user, found[number] if n_found[found[number]] == 1 else None)
            for number, user in users.items()
        }

    def _account(self, user: Mapping[str, Any]) -> str | None:
        """The account that somebody's address or name is that of, if any."""
        email = _email(user)
        full = f"{user.get('first_name') or ''} {user.get('last_name') or ''}".strip()
        for name in (email, email.partition("@")[0], full, str(user.get("username") or "")):
            if name and db.accounts.name_key(name) in self._accounts:
                return self._accounts[db.accounts.name_key(name)]
        return None

    def _person(self, user: Mapping[str, Any], account: str | None) -> Person:
        email = _email(user)
        if email in self._said:
            return Person(email, self._said[email], "as told")
        if account is not None:
            return Person(email, account, "by the name of the account")
        if self._by_email and email:
            return Person(email, email, "by the address")
        return Person(email, None, "")


def _email(user: Mapping[str, Any]) -> str:
    return str(user.get("email") or "").strip().lower()
