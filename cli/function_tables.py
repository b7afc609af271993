"""What the bench of labelling functions found, as tables of 80 columns and as JSON."""

import json
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from cli.console import out

_MOST_CHANGED = 10
_LEGEND = """\
cover: share of segments it votes on; clash: and another function rules its vote
out. est.: share of its votes that all votes joined bear out (too high where
functions err alike), with its interval. lift: times what luck gives. phi: 1 is
a copy of the function most like it. true: by {yardstick}."""


def as_json(found: Any) -> str:
    """JSON with null for what is not known."""
    return json.dumps(_known(found), indent=1, ensure_ascii=False)


def checked(found: Any) -> dict[str, Any]:
    """A check as plain values."""
    return {
        "n_segments": found.n_segments,
        "n_speakers": found.n_speakers,
        "accuracy_is_by": found.yardstick,
        "functions": found.functions.reset_index().to_dict("records"),
        "values": found.values.to_dict("records"),
        "to_hear": found.to_hear.to_dict("records"),
        "problems": found.problems,
    }


def compared(found: Any) -> dict[str, Any]:
    """A comparison as plain values."""
    return {
        "name": found.name,
        "on": found.on,
        "before": found.before.to_dict(),
        "after": found.after.to_dict(),
        "votes": found.counts,
        "accuracy_is_by": found.yardstick,
        "changed": found.changed.to_dict("records"),
        "problems": found.problems,
    }


def explained(one: Any) -> dict[str, Any]:
    """An explanation as plain values."""
    return {**vars(one), "votes": one.votes.to_dict("records")}


def print_check(found: Any, *, in_full: bool) -> None:
    """A line a function; `in_full` also what each of its votes is worth and what to listen to."""
    functions = found.functions
    out.print(f"{found.n_segments:,} segments, {found.n_speakers:,} speakers")
    for dimension, rows in functions.groupby("on", sort=False):
        shown = _table(
            f"on {dimension}", "function", "cover", "clash", "est.", "95 %", "true", "lift",
            "phi", "most like",
        )  # fmt: skip
        for name, row in rows.iterrows():
            _add(
                shown, name, _share(row["Coverage"]), _share(row["Conflicts"]),
                _share(row["estimated"]), _between(row["estimated_low"], row["estimated_high"]),
                _share(row["Emp. Acc."]), _times(row["lift"]), _number(row["phi"]),
                _text(row["redundant_with"]),
            )  # fmt: skip
        out.print(shown)
    out.print(_LEGEND.format(yardstick=found.yardstick), style="dim", markup=False)
    if in_full:
        for name in functions.index:
            _print_one(found, name)
    elif len(functions):
        out.print("undertone lf check NAME shows its votes one by one, and what to listen to")


def _print_one(found: Any, name: str) -> None:
    row = found.functions.loc[name]
    values = found.values[found.values["function"] == name] if len(found.values) else found.values
    out.print()
    title = f"{name} {row['version']}: {row['n_votes']:,} votes in {1000 * row['seconds']:.0f} ms"
    shown = _table(title, "it says", "votes", "est.", "true", "of gold", "by luck")
    for one in values.to_dict("records"):
        _add(
            shown, one["value"], f"{one['n_votes']:,}", _share(one["estimated"]),
            _share(one["accuracy"]), f"{one['n_gold']:,}", _share(one["chance"]),
        )  # fmt: skip
    out.print(shown)
    if row["n_gold"]:
        sure = _between(row["gold_low"], row["gold_high"])
        out.print(f"true {_share(row['Emp. Acc.'])} ({sure}) on {row['n_gold']:,} clips")
    hear = found.to_hear[found.to_hear["function"] == name] if len(found.to_hear) else found.to_hear
    if len(hear):
        out.print("Listen to these: the other votes are surest that it is wrong.")
    for one in hear.to_dict("records"):
        said = f"{one['says']}; others {one['others_say']} {_share(one['others_share'])}"
        known = f"; true: {one['truth']}" if isinstance(one["truth"], str) else ""
        line = f"  {one['segment_id']}  {one['speaker']}: {said}{known}"
        out.print(line, markup=False, soft_wrap=True)
        at = f" from {one['start_s']:.1f} to {one['end_s']:.1f} s" if one["start_s"] else ""
        out.print(f"    {one['path']}{at}", markup=False, soft_wrap=True, style="dim")


def print_comparison(found: Any) -> None:
    """Figures before and after, and segments whose vote changed."""
    before, after = found.before, found.after
    versions = f"{before['version']} → {after['version']}"
    shown = _table(f"{found.name} on {found.on}: {versions}", "", "before", "after")
    for label, column, form in (
        ("votes", "n_votes", "{:,}".format),
        ("coverage", "Coverage", _share),
        ("contradicted", "Conflicts", _share),
        ("estimated accuracy", "estimated", _share),
        ("borne out by the others", "backed", _share),
        ("true accuracy", "Emp. Acc.", _share),
        ("lift over luck", "lift", _times),
        ("phi with the most like", "phi", _number),
    ):
        _add(shown, label, form(before[column]), form(after[column]))
    out.print(shown)
    counts = ", ".join(f"{n:,} {what}" for what, n in found.counts.items())
    out.print(f"votes: {counts}; true is by {found.yardstick}")
    changed = found.changed
    for one in changed.head(_MOST_CHANGED).to_dict("records"):
        known = f" (true: {one['truth']})" if isinstance(one["truth"], str) else ""
        said = f"{_text(one['said'])} → {_text(one['says'])}{known}"
        line = f"  {one['segment_id']}  {one['speaker']}: {said}"
        out.print(line, markup=False, soft_wrap=True)
    if len(changed) > _MOST_CHANGED:
        out.print(f"  and {len(changed) - _MOST_CHANGED:,} more (--json has them all)")


def print_explanation(one: Any) -> None:
    """The votes on a segment, and the distribution they make."""
    title = f"{one.dimension} of {one.segment_id}"
    odds = f"for {one.winner}, not {one.runner_up}"
    shown = _table(title, "who", "says", f"log-odds {odds}")
    for row in one.votes.to_dict("records"):
        name = row["source"].removeprefix("function:")
        _add(shown, name, row["says"], f"{row['log_odds']:+.2f}")
    _add(shown, "(before any vote)", "", f"{one.prior_log_odds:+.2f}")
    whole = one.prior_log_odds + one.votes["log_odds"].sum()
    _add(shown, "together", "", f"{whole:+.2f}")
    out.print(shown)
    out.print(f"these votes: {_distribution(one.proba)}", markup=False)
    label = (
        _distribution(one.label)
        if one.dimension == "emotion"
        else f"{one.label['mean']:.1f} ± {one.label['sd']:.1f}"
    )
    out.print(f"soft label:  {label}", markup=False)
    out.print(f"             ({one.joined_by})", markup=False, style="dim")


def _distribution(proba: dict[str, float]) -> str:
    ranked = sorted(proba.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{name} {_share(p)}" for name, p in ranked[:4])


def _table(title: str, first: str, *others: str) -> Table:
    shown = Table(
        title=escape(title), title_justify="left", header_style="bold", box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0), pad_edge=False,
    )  # fmt: skip
    shown.add_column(first, overflow="fold", min_width=20 if "most like" in others else 8)
    for name in others:
        words = name in ("most like", "says")
        crop = name == "most like"
        shown.add_column(
            name,
            justify="left" if words else "right",
            overflow="ellipsis" if crop else "fold",
            no_wrap=crop or not words,
            ratio=1 if crop else None,
        )
    return shown


def _add(shown: Table, *cells: object) -> None:
    shown.add_row(*(escape(str(cell)) for cell in cells))


def _unknown(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))


def _share(value: float) -> str:
    return "–" if _unknown(value) else f"{100 * value:.{1 if 0 < value < 0.0995 else 0}f}%"


def _between(low: float, high: float) -> str:
    return "–" if _unknown(low) else f"{100 * low:.0f}–{100 * high:.0f}"


def _times(value: float) -> str:
    return "–" if _unknown(value) else f"×{value:.1f}"


def _number(value: float) -> str:
    return "–" if _unknown(value) else f"{value:.2f}"


def _text(value: object) -> str:
    return "–" if _unknown(value) else str(value)


def _known(found: Any) -> Any:
    if isinstance(found, dict):
        return {str(key): _known(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [_known(value) for value in found]
    if hasattr(found, "item"):
        found = found.item()
    return None if isinstance(found, float) and _unknown(found) else found
