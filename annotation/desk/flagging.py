"""Flags: what a lead should look at about an annotator. Raised by what they do, settled by a lead.

Drift: somebody's answers have come away from what the others say, or from what was decided.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import db.accounts
import db.audit
import db.batches
import db.flags
import db.said
from annotation.desk.desk import Desk
from annotation.desk.errors import NotFoundError
from db.desk_records import Account, Flag
from db.records import Said
from labels.scheme import Scheme

DRIFT, CALIBRATION = "drift", "calibration"
RECENT = 30
"""The latest comparisons of an annotator that are held against those before."""
_LESS = 0.15
_SIGNIFICANT = 2.326  # one side, 1 %


@dataclass(frozen=True)
class Flagged:
    """A flag and whose it is."""

    flag: Flag
    name: str
    words: str


def flags(desk: Desk) -> list[Flagged]:
    """All flags, open ones first, then the newest first."""
    with desk.workspace.reading() as tx:
        found = db.flags.list_flags(tx)
        names = db.accounts.names(tx, sorted({one.account_id for one in found}))
    shown = [Flagged(one, names[one.account_id], _words(one)) for one in found]
    return sorted(shown, key=lambda one: one.flag.settled_at is not None)


def settle(desk: Desk, who: Account, flag_id: str) -> None:
    """Settle a flag. Raises NotFoundError for one that is unknown or settled."""
    with desk.workspace.writing() as tx:
        if not db.flags.settle(tx, flag_id, who.name, desk.now()):
            raise NotFoundError(f"there is no open flag {flag_id!r}")
        db.audit.note(tx, actor=who.name, action="settle flag", subject=flag_id)


def raise_for(tx: Any, desk: Desk, account: Account, kind: str, detail: Mapping[str, Any]) -> bool:
    """Raise a flag; False where one of the kind is open."""
    one = Flag(secrets.token_hex(8), account.id, kind, dict(detail), desk.now())
    if not db.flags.raise_flag(tx, one):
        return False
    db.audit.note(
        tx, actor="desk", action="raise flag", subject=account.name, detail={"kind": kind}
    )
    return True


def look_for_drift(desk: Desk) -> list[str]:
    """Flag annotators whose latest answers agree less than their earlier ones; their names.

    Each answer is held against the others on its segment, or against the decision where there is
    one. The last 30 comparisons against all before (30 at least): flagged where the share that
    agrees has fallen by 15 points or more, and by more than chance would have it once in a
    hundred times (two proportions, one side).
    """
    with desk.workspace.reading() as tx:
        said = db.said.read(tx, db.batches.EXPERTS)
        accounts = {one.name: one for one in db.accounts.list_accounts(tx)}
        known = {
            one.account_id: one.settled_at or one.raised_at
            for one in reversed(db.flags.list_flags(tx))
            if one.kind == DRIFT
        }
    raised = []
    for name, agreed in comparisons(said, desk.workspace.scheme).items():
        account = accounts.get(name)
        if account is None or account.role != "annotator" or account.revoked_at is not None:
            continue
        since = known.get(account.id)
        if since is not None:  # what was settled is not raised again by the same answers
            new = sum(1 for one in said if one.annotator == name and one.judged_at
                      and one.judged_at > since)  # fmt: skip
            if new < RECENT:
                continue
        told = drift(agreed)
        if told is None:
            continue
        with desk.workspace.writing() as tx:
            if raise_for(tx, desk, account, DRIFT, told):
                raised.append(name)
    return raised


def drift(agreed: Sequence[float]) -> dict[str, float] | None:
    """Whether agreement (each in [0, 1], oldest first) has fallen: its figures, or None."""
    before, lately = agreed[:-RECENT], agreed[-RECENT:]
    if len(before) < RECENT:
        return None
    was, is_ = sum(before) / len(before), sum(lately) / len(lately)
    pooled = sum(agreed) / len(agreed)
    error = sqrt(pooled * (1 - pooled) * (1 / len(before) + 1 / len(lately)))
    if was - is_ < _LESS or error == 0 or (was - is_) / error < _SIGNIFICANT:
        return None
    return {"before": round(was, 3), "lately": round(is_, 3), "n_before": len(before)}


def comparisons(said: Sequence[Said], scheme: Scheme) -> dict[str, list[float]]:
    """Annotator -> how far each of their answers agrees, in the order they gave them.

    1 or 0 against a decision; else the share of the others on the segment who named the class.
    """
    votes: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    answers: list[tuple[str, str, str]] = []
    for one in said:
        if "emotion" not in one.values:
            continue
        try:
            named = scheme.basic(one.values["emotion"])
        except ValueError:  # an older scheme's
            continue
        votes[one.segment_id][one.role, one.annotator] = named
        if one.role == "expert":
            answers.append((one.annotator, one.segment_id, named))
    found: dict[str, list[float]] = defaultdict(list)
    for annotator, segment_id, named in answers:
        others = votes[segment_id]
        decided = [value for (role, _), value in others.items() if role == "adjudicator"]
        peers = [value for (role, who), value in others.items() if who != annotator]
        against = decided[-1:] or peers
        if against:
            found[annotator].append(sum(one == named for one in against) / len(against))
    return found


def _words(one: Flag) -> str:
    detail = one.detail
    if one.kind == DRIFT:
        return (
            f"agreed on {detail['before']:.0%} of {detail['n_before']} answers, "
            f"on {detail['lately']:.0%} of the last {RECENT}"
        )
    score, needed = detail.get("score", 0), detail.get("needed", 0)
    return f"had {score:.0%} right in a calibration; {needed:.0%} are needed"
