"""`undertone quarantine`: what could not be used, and why."""

from typing import Annotated

import typer

from cli.console import out, table
from cli.main import app

quarantine_app = typer.Typer(help="What could not be used, and why.", no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine")


@quarantine_app.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Also what has been put right since.")] = False,
) -> None:
    """List quarantined entries with the reason for each.

    Example: undertone quarantine list
    """
    import db.quarantine
    from config.opening import open_workspace
    from config.settings import Settings

    with open_workspace(Settings()).reading() as tx:
        entries = db.quarantine.list_entries(tx, include_resolved=all_)
    rows = [
        (e.uri, e.where or "", e.reason, f"{e.last_seen:%Y-%m-%d %H:%M}", "yes" if e.resolved_at else "")
        for e in entries
    ]
    out.print(table(f"Quarantine: {len(rows)}", ("what", "where", "reason", "last seen (UTC)", "put right"), rows))
