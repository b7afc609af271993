"""`undertone report`: a round as a page."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import say
from cli.main import app
from cli.writing import check_out


@app.command()
def report(
    round_number: Annotated[
        int | None, typer.Option("--round", min=1, help="Which round (default: the last one done).")
    ] = None,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="HTML file (default: in the workspace's data folder)."),
    ] = None,
) -> None:
    """Write a round's report: one HTML file that works anywhere.

    Example: undertone report --out report.html
    """
    import db.rounds
    from config.opening import open_workspace
    from config.settings import Settings
    from rounds.reporting import finished, write_report

    if out_file is not None:
        check_out(out_file, (".html", ".htm"))
    workspace = open_workspace(Settings())
    done = finished(workspace, round_number)
    with workspace.reading() as tx:
        results = db.rounds.results(tx, done.number)
    path = write_report(workspace, done.number, results, dict(done.metrics or {}), out_file)
    say(f"wrote {path}")
