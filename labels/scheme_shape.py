"""What a scheme file must look like before it can mean anything: lists, mappings, known keys."""

import difflib
from collections.abc import Mapping
from typing import Any

_TOP = ("name", "version", "emotions", "scales", "gold", "class_shares")
_NODES = {
    "emotions": ("name", "aliases", "finer", "vad"),
    "scales": ("name", "low", "high", "n_bins", "low_means", "high_means"),
}


def check_shape(raw: Any) -> None:
    """Raises ValueError, in one line, for what is no scheme or has keys that mean nothing."""
    if not isinstance(raw, Mapping):
        raise ValueError("it is not a mapping with `emotions` and `scales`")
    _check_keys(raw, _TOP, "at the top")
    if raw.get("emotions") is None:
        raise ValueError("there are no `emotions`")
    for name, keys in _NODES.items():
        nodes = raw.get(name) or []
        if not isinstance(nodes, list):
            raise ValueError(f"`{name}` is not a list")
        for number, node in enumerate(nodes, start=1):
            if not isinstance(node, Mapping):
                raise ValueError(f"entry {number} of `{name}`, {node!r}, is not `name: …`")
            _check_keys(node, keys, f"in entry {number} of `{name}`")


def _check_keys(node: Mapping[Any, Any], known: tuple[str, ...], where: str) -> None:
    for key in node:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise ValueError(f"{key!r} {where} is not known ({hint})")
