"""Shares of a batch by what is known of its clips: how they are written, and what they may be."""

import difflib
import json
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from rounds.plan import GROUPED


def _shares(value: Any) -> Any:
    """Shares written in one text: a JSON object, or name=share parted by commas; "none" is none."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"is no JSON object: {error}") from None
    if value.strip().casefold() == "none":
        return {}
    parts = [part.partition("=") for part in value.split(",") if part.strip()]
    bad = next((name.strip() for name, found, _ in parts if not found), None)
    if bad is not None:
        raise ValueError(f"{bad!r} is no share (write name=share, such as speaker=0.2)")
    return {name.strip(): _number(name.strip(), share.strip()) for name, _, share in parts}


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"the share of {name} is no number: {text!r}") from None


def _known_shares(value: dict[str, float]) -> dict[str, float]:
    for name, share in value.items():
        if name not in GROUPED:
            near = difflib.get_close_matches(name, GROUPED, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(GROUPED)}"
            raise ValueError(f"{name!r} is nothing to share a batch by ({hint})")
        if not 0 <= share <= 1:
            raise ValueError(f"the share of {name} must lie in [0, 1], not {share:g}")
    return value


Shares = Annotated[dict[str, float], BeforeValidator(_shares), AfterValidator(_known_shares)]


def read_shares(text: str) -> dict[str, float]:
    """Shares from the text that stands for them in a setting. Raises ValueError in one line."""
    return _known_shares({name: float(share) for name, share in _shares(text).items()})
