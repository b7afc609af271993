"""The table of rounds, as the demo, `undertone round` and `undertone status` show it."""

import db.rounds
from cli.console import out, table
from rounds.workspace import Workspace

COLUMNS = {
    "round": "round",
    "n_gold": "gold labels",
    "n_judgements": "judgements",
    "weak_coverage": "weak coverage",
    "weak_labels.uar": "weak UAR",
    "weak_labels.log_loss": "weak log-loss",
    "reference.uar": "UAR",
    "reference.ccc_valence": "CCC V",
    "reference.ccc_arousal": "CCC A",
    "reference.ccc_dominance": "CCC D",
    "reference.ece": "ECE",
    "held_out_gold.uar": "gold UAR",
    "held_out_gold.n": "on",
    "champion_moved": "new champion",
}


def show_rounds(workspace: Workspace) -> None:
    """Print a row for each finished round; columns that nobody has figures for are left out."""
    with workspace.reading() as tx:
        rounds = [r for r in db.rounds.list_rounds(tx) if r.state == "done"]
    if not rounds:
        out.print("No round is finished yet: undertone round")
        return
    rows = [dict(r.metrics or {}) for r in rounds]
    shown = [name for name in COLUMNS if any(row.get(name) is not None for row in rows)]
    out.print(
        table(
            "Rounds (UAR, CCC, ECE: on reference labels of held-out speakers)"
            if "reference.uar" in shown
            else "Rounds",
            [COLUMNS[name] for name in shown],
            [[row.get(name) for name in shown] for row in rows],
        )
    )
