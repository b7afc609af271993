"""Guidelines: what annotators go by. Each change is a version of its own; all are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt

import db.audit
import db.clips
import db.guidelines
import db.segments
from annotation.desk.desk import Desk
from annotation.desk.errors import ConflictError, DeskError, NotFoundError
from annotation.naming import segment_named
from db.desk_records import Guideline, GuidelineExample
from labels.scheme import SchemeError

MAX_TEXT = 200_000
MAX_EXAMPLES = 200
KINDS = ("typical", "borderline")


@dataclass(frozen=True)
class Guidelines:
    """A version, its examples, and how many versions there are."""

    guideline: Guideline
    examples: tuple[GuidelineExample, ...]
    n_versions: int


def read(desk: Desk, version: int | None = None) -> Guidelines | None:
    """A version (default: the newest); None where nothing is written yet.

    Raises NotFoundError for a version that there is not.
    """
    with desk.workspace.reading() as tx:
        newest = db.guidelines.current_version(tx)
        if newest is None and version is None:
            return None
        found = db.guidelines.get(tx, newest if version is None else version)  # type: ignore[arg-type]
        if found is None:
            raise NotFoundError(f"there is no version {version} of the guidelines")
        return Guidelines(found, tuple(db.guidelines.examples(tx, found.version)), newest or 0)


def history(desk: Desk) -> list[Guideline]:
    """All versions, the newest first."""
    with desk.workspace.reading() as tx:
        return db.guidelines.list_versions(tx)[::-1]


def write(
    desk: Desk,
    by: str,
    text: str,
    *,
    remark: str = "",
    examples: Sequence[GuidelineExample] | None = None,
    base: int | None = None,
) -> int:
    """Store a new version; its number.

    `examples` name their clip by id, path or file name; None keeps those of the version before.
    `base` is the version that was edited (0: none): ConflictError where there is a newer one by
    now. Raises DeskError for an empty or overlong text, an unknown emotion or clip.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > MAX_TEXT:
        raise DeskError(f"guidelines have 1 to {MAX_TEXT:,} characters, not {len(text):,}")
    with desk.workspace.writing() as tx:
        newest = db.guidelines.current_version(tx) or 0
        if base is not None and base != newest:
            raise ConflictError(
                f"version {newest} was written while you edited version {base}: copy your text, "
                "open the newest version and put it in there"
            )
        if examples is None:
            kept = db.guidelines.examples(tx, newest)
        else:
            kept = [_checked(desk, tx, one) for one in examples]
        if len(kept) > MAX_EXAMPLES:
            raise DeskError(f"{len(kept)} examples: at most {MAX_EXAMPLES}")
        version = db.guidelines.add(tx, text, remark=remark.strip()[:500], by=by, examples=kept)
        detail = {"examples": len(kept), "remark": remark.strip()[:500]}
        db.audit.note(
            tx, actor=by, action="write guidelines", subject=f"version {version}", detail=detail
        )
    return version


def as_html(text: str) -> str:
    """Markdown as HTML that can do no harm: HTML in the text is text, links lead to the web or
    within the page, pictures are left out (the desk loads nothing from other hosts)."""
    parser = _markdown()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            # The page has a first heading of its own.
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return str(parser.renderer.render(tokens, parser.options, {}))


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _checked(desk: Desk, tx: Any, one: GuidelineExample) -> GuidelineExample:
    if one.kind not in KINDS:
        raise DeskError(f"an example is {' or '.join(KINDS)}, not {one.kind!r}")
    try:
        emotion = desk.workspace.scheme.resolve(one.emotion)
        known = db.segments.resolve_items(tx, [one.segment_id])
        segment_id = segment_named(known, one.segment_id)
    except (SchemeError, ValueError) as error:
        raise DeskError(f"example {one.segment_id!r}: {error}") from error
    return GuidelineExample(emotion, segment_id, one.kind, one.remark.strip()[:500])
