"""Which segment somebody means."""

from db.records import Resolved


def segment_named(found: Resolved, name: str | None) -> str:
    """The segment that goes by a name, of those that db.segments.resolve_items looked up.

    Raises ValueError where nothing, or more than one segment, goes by it.
    """
    if name is None:
        raise ValueError("no segment is named")
    if name in found:
        return found[name]
    if n := found.ambiguous.get(name):
        raise ValueError(f"{name!r} names {n} segments: give a path, or a segment's id")
    raise ValueError(f"{name!r} is no segment's id, path, file name or stem that is known")
