"""Links to sounds that work for a while, and for nobody who was not given one."""

import hashlib
import hmac
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from annotation.desk.desk import Desk
from annotation.desk.errors import ForbiddenError
from db.desk_records import Account

KINDS = ("audio", "picture")


def link(desk: Desk, kind: str, segment_id: str, who: Account) -> str:
    """The path of a link to a segment's "audio" or "picture", good for the rules' `link_s`.

    It names who it was made for, so that the log can say who let it out.
    """
    return link_for(desk, kind, segment_id, who.id, desk.rules.link_s)


def link_for(desk: Desk, kind: str, segment_id: str, whose: str, good_for_s: float) -> str:
    """The same for a time of one's own, and for whoever `whose` names."""
    # To the minute: a page that asks again is given the same link, and has it in its cache.
    until = int(desk.after(good_for_s).timestamp()) // 60 * 60
    query = {
        "until": until,
        "for": whose,
        "sign": _signature(desk, kind, segment_id, until, whose),
    }
    return f"/{kind}/{quote(segment_id, safe='')}?{urlencode(query)}"


def until(address: str) -> float | None:
    """When a link ends, as a time stamp; None for what is no link of ours."""
    try:
        return float(dict(parse_qsl(urlsplit(address).query))["until"])
    except (KeyError, ValueError):
        return None


def check(desk: Desk, kind: str, segment_id: str, until: int, account_id: str, sign: str) -> None:
    """Raises ForbiddenError for a link that was not made here, or whose time is over."""
    expected = _signature(desk, kind, segment_id, until, account_id)
    if not hmac.compare_digest(expected.encode(), sign.encode()):
        raise ForbiddenError("this link was not made here")
    if desk.now().timestamp() > until:
        raise ForbiddenError("this link has expired; open the page again for a fresh one")


def _signature(desk: Desk, kind: str, segment_id: str, until: int, account_id: str) -> str:
    said = "\x1f".join((kind, segment_id, str(until), account_id))
    return hmac.new(desk.secret, said.encode(errors="replace"), hashlib.sha256).hexdigest()[:40]
