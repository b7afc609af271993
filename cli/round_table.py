"""The table of rounds, as the demo, `undertone round` and `undertone status` show it."""

from collections.abc import Mapping
from typing import Any

import db.rounds
from cli.console import out, table
from rounds.workspace import Workspace

_COLUMNS = {
    "round": "round",
    "n_bought": "labels\nbought",
    "weak_coverage": "weak\ncover",
    "weak_labels.uar": "weak\nUAR",
    "reference.uar": "UAR",
    "reference.ccc_valence": "CCC\nval.",
    "reference.ccc_arousal": "CCC\narou.",
    "reference.ccc_dominance": "CCC\ndom.",
    "reference.ece": "ECE",
    "held_out_gold.uar": "gold\nUAR",
    "champion_moved": "champ-\nion?",
}


def show_rounds(workspace: Workspace) -> None:
    """Print a row for each finished round; columns that nobody has figures for are left out."""
    with workspace.reading() as tx:
        rounds = [r for r in db.rounds.list_rounds(tx) if r.state == "done"]
    if not rounds:
        out.print("No round is finished yet: undertone round")
        return
    rows = [dict(r.metrics) for r in rounds if r.metrics]
    shown = [name for name in _COLUMNS if any(row.get(name) is not None for row in rows)]
    cells = [[_short(row, name) for name in shown] for row in rows]
    out.print(table("Rounds", [_COLUMNS[name] for name in shown], cells))
    if "reference.uar" in shown:
        out.print("UAR, CCC and ECE on the reference labels of held-out speakers; weak UAR on the")
        out.print("soft labels of the others; gold UAR on the few held-out clips experts judged.")
        out.print("Nothing in a round learns from reference labels.")


def _short(row: Mapping[str, Any], name: str) -> str | int | None:
    value = row.get(name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "weak_coverage" and value is not None:
        return f"{value:.0%}"
    if isinstance(value, float):
        return f"{value:.2f}"
    return value
