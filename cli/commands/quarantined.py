"""`undertone quarantine`: what could not be used, and why."""

from typing import Annotated

import typer

from cli.console import say
from cli.main import app

quarantine_app = typer.Typer(help="What could not be used, and why.", no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine")


@quarantine_app.command("list")
def list_(
    all_: Annotated[
        bool, typer.Option("--all", help="Also what has been put right since.")
    ] = False,
) -> None:
    """List quarantined entries with the reason for each.

    Example: undertone quarantine list
    """
    import db.quarantine
    from config.opening import open_workspace
    from config.settings import Settings

    with open_workspace(Settings()).reading() as tx:
        entries = db.quarantine.list_entries(tx, include_resolved=all_)
    n_open = sum(one.resolved_at is None for one in entries)
    say(f"Quarantine: {n_open:,} open" + (f", {len(entries) - n_open:,} put right" if all_ else ""))
    for one in entries:
        when = f"put right {one.resolved_at:%Y-%m-%d}" if one.resolved_at else ""
        seen = f"last seen {one.last_seen:%Y-%m-%d %H:%M} UTC"
        say(f"{described(one.uri, one.where, one.reason)} [{when or seen}]")


def described(uri: str, where: str, reason: str) -> str:
    """Something in quarantine on one line: what, where it stood, why."""
    return f"{uri}{f' ({where})' if where else ''}: {reason}"
