"""What the values of a labelling function mean under a scheme: sets of class indices."""

from collections.abc import Set
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeling_functions.machinery.snorkel_functions import ClassIndex
from labels.scheme import Scale, Scheme, SchemeError
from labels.votes import Value

_NOTHING: Value = frozenset()


def meaning(said: Any, on: str, scheme: Scheme) -> Value:
    """The classes (or bins of a scale) that a value allows; empty where it says nothing.

    An emotion that only the default scheme knows is none of yours: it is taken out of a set, and
    alone it says nothing. Neither does a set of all classes. Raises SchemeError for any other
    unknown name and for a level outside the scale.
    """
    parts = said if isinstance(said, Set) else (said,)
    one = _emotion if on == "emotion" else _level
    allowed = frozenset[int]().union(*(one(part, on, scheme) for part in parts))
    return _NOTHING if len(allowed) == scheme.n_classes(on) else allowed


def meanings(
    values: tuple[Any, ...], on: str, scheme: Scheme
) -> tuple[NDArray[np.int64], tuple[Value, ...]]:
    """For each value the place of its meaning among the distinct meanings (-1: none), and those.

    Plain numbers on a scale are taken all at once, so that a function may rate continuously.
    """
    if on != "emotion" and values and all(type(v) in (int, float) for v in values):
        scale = scheme.scale(on)
        ratings = np.array(values, dtype=float)
        outside = ratings[~((ratings >= scale.low) & (ratings <= scale.high))]
        if len(outside):
            _level(float(outside[0]), on, scheme)
        bins, place = np.unique(scale.to_bin(ratings), return_inverse=True)
        return place.astype(np.int64), tuple(frozenset({int(b)}) for b in bins)
    meant = [meaning(value, on, scheme) for value in values]
    distinct = tuple(dict.fromkeys(m for m in meant if m))
    place_of = {m: place for place, m in enumerate(distinct)}
    return np.array([place_of.get(m, -1) for m in meant], dtype=np.int64), distinct


def _emotion(said: Any, _on: str, scheme: Scheme) -> Value:
    if isinstance(said, ClassIndex):
        if not 0 <= said < len(scheme.classes):
            raise SchemeError(f"class index {int(said)} is not in [0, {len(scheme.classes)})")
        return frozenset({int(said)})
    try:
        return frozenset({scheme.class_index(said)})
    except SchemeError:
        try:
            _default().resolve(said)
        except SchemeError:
            pass
        else:
            return _NOTHING
        raise


def _level(said: Any, on: str, scheme: Scheme) -> Value:
    scale = scheme.scale(on)
    if said in ("low", "mid", "high"):
        return _third(scale, said)
    try:
        return frozenset({int(scale.to_bin(scale.parse(said)))})
    except SchemeError as error:
        raise SchemeError(f"{error}, nor low, mid or high") from error


def _third(scale: Scale, word: str) -> Value:
    """The bins of "low", "mid" or "high": of five bins two, one and two; of three one each."""
    share = np.linspace(0, 1, scale.n_bins)
    inside = {"low": share < 0.3, "mid": (share >= 0.3) & (share <= 0.7), "high": share > 0.7}
    bins = np.flatnonzero(inside[word])
    return frozenset(bins.tolist() or range(scale.n_bins))


@cache
def _default() -> Scheme:
    return Scheme.default()
