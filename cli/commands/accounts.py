"""`undertone user`: who may do what at the desk."""

from typing import Annotated

import typer

from cli.commands.desk import open_desk
from cli.console import out, remark, say, table
from cli.main import app

user_app = typer.Typer(help="People at the desk.", no_args_is_help=True)
app.add_typer(user_app, name="user")


@user_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The name they sign in with.")],
    role: Annotated[
        str, typer.Option(help="annotator, lead, data scientist or admin.")
    ] = "annotator",
    batch: Annotated[
        list[str] | None, typer.Option(help="A batch they may judge; as often as needed.")
    ] = None,
    all_batches: Annotated[
        bool, typer.Option("--all-batches", help="Every batch, also those to come.")
    ] = False,
    url: Annotated[
        str | None,
        typer.Option(help="Where the desk is reached (default: desk_url, or this machine's)."),
    ] = None,
) -> None:
    """Invite somebody: prints a link where they choose a password.

    Example: undertone user add ada --role lead
    """
    from annotation.desk.people import invite
    from config.settings import Settings

    settings = Settings()
    one, token = invite(
        open_desk(settings),
        "the command line",
        role,
        name=name,
        all_batches=all_batches,
        batches=batch or [],
    )
    base = url or settings.desk_url or "http://127.0.0.1:8300"
    say(f"{base.rstrip('/')}/invitation/{token}")
    remark(f"{name} can become {one.role} with this link once, until {one.expires_at:%Y-%m-%d}")


@user_app.command("list")
def list_() -> None:
    """List accounts and open invitations.

    Example: undertone user list
    """
    import db.accounts
    import db.grants
    from config.settings import Settings

    the_desk = open_desk(Settings())
    with the_desk.workspace.reading() as tx:
        accounts = db.accounts.list_accounts(tx)
        given = {one.id: db.grants.grants_of(tx, one.id) for one in accounts}
        invited = db.accounts.list_invitations(tx)
    rows = [
        (
            one.name,
            one.role,
            "all" if db.grants.sees_all(one) else ", ".join(given[one.id]),
            "revoked" if one.revoked_at else "active",
            f"{one.created_at:%Y-%m-%d %H:%M}",
        )
        for one in accounts
    ]
    rows += [
        (
            one.name,
            one.role,
            "all" if one.all_batches or one.role != "annotator" else ", ".join(one.batches),
            f"invited until {one.expires_at:%Y-%m-%d}",
            f"{one.created_at:%Y-%m-%d %H:%M}",
        )
        for one in invited
        if one.used_at is None and one.expires_at > the_desk.now()
    ]
    out.print(table("People", ("name", "role", "batches", "state", "since (UTC)"), rows))


@user_app.command()
def revoke(name: Annotated[str, typer.Argument(help="Whose access is to end.")]) -> None:
    """End somebody's access at once. What they judged stays.

    Example: undertone user revoke ada
    """
    from annotation.desk import people
    from config.settings import Settings

    account = people.revoke(open_desk(Settings()), "the command line", name)
    say(f"{account.name} is signed out everywhere and cannot sign in any more")
