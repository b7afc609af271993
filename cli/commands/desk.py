"""`undertone desk`: the pages where people judge."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from cli.console import remark, say
from cli.main import app

if TYPE_CHECKING:
    from annotation.desk.desk import Desk
    from config.settings import Settings

desk_app = typer.Typer(invoke_without_command=True)
app.add_typer(desk_app, name="desk")

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@desk_app.callback()
def desk(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address to answer at; 0.0.0.0 is every one of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8300,
) -> None:
    """Serve the desk: pages where people listen and judge, and the API.

    Example: undertone desk --port 8300
    """
    if context.invoked_subcommand is not None:
        return
    import uvicorn

    from annotation.desk.keeping_watch import keeping_watch
    from annotation.desk.web.app import create_app
    from config.settings import Settings

    settings = Settings()
    listeners: list[Callable[[], None]] = []
    fetchers: list[Callable[[int | None], bool]] = []
    the_desk = open_desk(
        settings,
        _teller(settings, listeners),
        lambda project: any(tell(project) for tell in fetchers),
    )
    _say_how_to_begin(the_desk)
    sock = _bound(host, port)
    shown = f"[{host}]" if ":" in host else host
    say(f"The desk is at http://{shown}:{sock.getsockname()[1]} (Ctrl+C ends it)")
    if host not in _LOOPBACK:
        remark(
            "note: others can reach this address, and http can be read on the way: put a server "
            "that speaks https in front of it (docs/desk.md)"
        )
    config = uvicorn.Config(
        create_app(the_desk), log_level="warning", access_log=False, server_header=False
    )
    with keeping_watch(the_desk) as watch, _fetching(settings, the_desk, fetchers):
        listeners.append(watch.nudge)
        uvicorn.Server(config).run(sockets=[sock])


def open_desk(
    settings: "Settings",
    on_event: "Callable[[str, str], None] | None" = None,
    on_annotated: "Callable[[int | None], bool] | None" = None,
) -> "Desk":
    """The desk over the workspace of these settings."""
    from annotation.desk.desk import Desk, Rules
    from config.opening import open_workspace

    rules = Rules(
        lease_s=settings.desk_lease_minutes * 60,
        repeat_share=settings.desk_repeat_share,
        max_extra=settings.desk_extra_judgements,
        show_model=settings.desk_show_model,
        calibration_clips=settings.desk_calibration_clips,
        calibration_days=settings.desk_calibration_days,
        calibration_pass=settings.desk_calibration_pass,
        cache_bytes=settings.desk_cache_mb << 20,
        internal_webhooks=settings.desk_internal_webhooks == "yes",
        seed=settings.seed,
        sound_origins=_sound_origins(settings),
    )
    workspace = open_workspace(settings)
    told: dict[str, Any] = {"on_event": on_event, "on_annotated": on_annotated}
    return Desk(workspace, rules, **{name: one for name, one in told.items() if one is not None})


def _sound_origins(settings: "Settings") -> tuple[str, ...]:
    """Pages of Label Studio play our sounds, where it is given links to them."""
    if settings.labelstudio_url is None or settings.labelstudio_audio != "link":
        return ()
    parts = urlsplit(settings.labelstudio_url)
    return (f"{parts.scheme}://{parts.netloc}",)


@contextmanager
def _fetching(
    settings: "Settings", the_desk: "Desk", fetchers: "list[Callable[[int | None], bool]]"
) -> Iterator[None]:
    """Fetch annotations from Label Studio, where one is configured, while the block lasts."""
    from annotation.labelstudio.fetching import fetching
    from cli.commands.labelstudio import bridge_of

    bridge = bridge_of(settings, the_desk)
    if bridge is None:
        yield
        return
    with bridge.server, fetching(bridge, remark) as fetcher:
        fetchers.append(fetcher.tell)
        yield


def _teller(
    settings: "Settings", listeners: "list[Callable[[], None]]"
) -> "Callable[[str, str], None]":
    """Tells the listeners of everything, and Prefect of completed batches, in the background:
    whoever judged does not wait."""

    def announce(batch_id: str) -> None:
        from flows.announcing import AnnounceError, announce_complete

        try:
            announce_complete(settings, batch_id)
        except AnnounceError as error:  # the judgements are stored all the same
            remark(f"note: {error}")

    def tell(event: str, batch_id: str) -> None:
        for one in listeners:
            one()
        if event != "completed":
            return
        say(f"{batch_id} is complete: the next round can begin (undertone round)")
        threading.Thread(target=announce, args=(batch_id,), daemon=True).start()

    return tell


def _say_how_to_begin(the_desk: "Desk") -> None:
    import db.accounts

    with the_desk.workspace.reading() as tx:
        accounts = db.accounts.list_accounts(tx)
        invited = db.accounts.list_invitations(tx)
    if any(one.role == "admin" and one.revoked_at is None for one in accounts):
        return
    waiting = [
        one.name
        for one in invited
        if one.role == "admin" and one.used_at is None and one.expires_at > the_desk.now()
    ]
    if waiting:
        say(f"No admin has signed in yet: the link of {waiting[0]} waits to be opened")
    else:
        say("Nobody can sign in yet. Invite the first admin: undertone user add NAME --role admin")


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ValueError(f"cannot answer at {host} port {port}: {reason}") from None
    return sock
