"""`undertone labelstudio`: batches to Label Studio, and what is said there back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands.batches import announce
from cli.commands.desk import open_desk
from cli.console import bars, out, remark, remarks, say, table
from cli.main import app

if TYPE_CHECKING:
    from annotation.desk.desk import Desk
    from annotation.labelstudio.bridge import Bridge
    from annotation.labelstudio.pulling import PullReport
    from config.settings import Settings

studio_app = typer.Typer(help="Batches in Label Studio, and back.", no_args_is_help=True)
app.add_typer(studio_app, name="labelstudio")

Batch = Annotated[str, typer.Argument(help="A batch's name, such as round-1.")]
SomeBatch = Annotated[
    str | None, typer.Argument(help="A batch's name (default: all that were pushed).")
]
Predictions = Annotated[
    bool, typer.Option("--predictions", help="Also show what the model thinks, with its score.")
]
ByEmail = Annotated[
    bool,
    typer.Option("--by-email", help="People whom nobody mapped go by their e-mail address here."),
]


@studio_app.command()
def push(
    batch: Batch,
    predictions: Predictions = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Make a new project; the one before is left alone.")
    ] = False,
) -> None:
    """Show a batch in Label Studio. Pushed again, only what is missing there is added.

    Example: undertone labelstudio push round-1
    """
    from config.settings import Settings

    with _bridge(Settings()) as bridge:
        _push(bridge, batch, predictions=predictions, anew=anew)


@studio_app.command()
def pull(batch: SomeBatch = None, by_email: ByEmail = False) -> None:
    """Bring annotations back as judgements. Pulled again, nothing is stored twice.

    Example: undertone labelstudio pull round-1
    """
    from config.settings import Settings

    settings = Settings()
    with _bridge(settings) as bridge:
        _each(bridge, batch, lambda name: _pull(settings, bridge, name, by_email))


@studio_app.command()
def sync(
    batch: SomeBatch = None, predictions: Predictions = False, by_email: ByEmail = False
) -> None:
    """Pull, then push: what is missing on either side, guidelines and links made fresh.

    Example: undertone labelstudio sync round-1
    """
    from config.settings import Settings

    settings = Settings()

    def both(name: str) -> None:
        _pull(settings, bridge, name, by_email)
        _push(bridge, name, predictions=predictions)

    with _bridge(settings) as bridge:
        _each(bridge, batch, both)


@studio_app.command()
def people() -> None:
    """List the people in Label Studio, and by which name each goes here.

    Example: undertone labelstudio people
    """
    from annotation.labelstudio.people import everybody
    from config.settings import Settings

    with _bridge(Settings()) as bridge:
        rows = [(one.email, one.annotator, one.why) for one in everybody(bridge)]
    out.print(table("People in Label Studio", ("there", "here", "how it is known"), rows))
    if any(name is None for _, name, _ in rows):
        remark("say who somebody is: undertone labelstudio map E-MAIL NAME")


@studio_app.command("map")
def map_(
    email: Annotated[str, typer.Argument(help="Somebody's e-mail address in Label Studio.")],
    name: Annotated[str, typer.Argument(help="The annotator they are here.")],
) -> None:
    """Say by which name somebody of Label Studio goes here.

    Example: undertone labelstudio map ada@example.org ada
    """
    from annotation.labelstudio.people import say as say_who
    from config.settings import Settings

    kept = say_who(open_desk(Settings()), email, name, "the command line")
    say(f"{email.strip().lower()} is {kept} here; pull once more for what waited for that")


@contextmanager
def _bridge(settings: "Settings") -> "Iterator[Bridge]":
    made = bridge_of(settings, open_desk(settings))
    if made is None:
        raise ValueError(
            "no Label Studio is configured: set labelstudio_url (undertone.toml) and "
            "labelstudio_token (.env: UNDERTONE_LABELSTUDIO_TOKEN=…)"
        )
    with made.server:
        yield made


def bridge_of(settings: "Settings", the_desk: "Desk") -> "Bridge | None":
    """The bridge that the settings describe; None where they name no server or no token."""
    from annotation.labelstudio.bridge import Bridge
    from annotation.labelstudio.server import LabelStudio

    token = settings.labelstudio_token
    if settings.labelstudio_url is None or token is None or not token.get_secret_value():
        return None
    return Bridge(
        the_desk,
        LabelStudio(settings.labelstudio_url, token.get_secret_value()),
        sounds=settings.labelstudio_audio,
        desk_url=settings.desk_url,
        link_s=settings.labelstudio_link_days * 86_400,
    )


def _each(bridge: "Bridge", batch: str | None, work: "Callable[[str], None]") -> None:
    """Do it for a batch, or for all that were pushed: what fails for one is said, and the others
    go on."""
    import db.labelstudio

    if batch is not None:
        work(batch)
        return
    with bridge.desk.workspace.reading() as tx:
        names = sorted({one.batch_id for one in db.labelstudio.list_projects(tx)})
    if not names:
        raise ValueError("nothing is in Label Studio yet: undertone labelstudio push BATCH")
    failed = []
    for name in names:
        try:
            work(name)
        except ValueError as error:
            failed.append(str(error))
    if len(failed) == 1:
        raise ValueError(failed[0])
    if failed:
        remarks([f"problem: {one}" for one in failed], "")
        raise ValueError(f"{len(failed)} of {len(names)} batches could not be brought up to date")


def _push(bridge: "Bridge", batch: str, *, predictions: bool, anew: bool = False) -> None:
    from annotation.labelstudio.pushing import push as push_batch

    with bars() as tell:
        report = push_batch(bridge, batch, predictions=predictions, anew=anew, tell=tell)
    rows = [
        ("new tasks", report.n_new),
        ("there before", report.n_there),
        ("new predictions", report.n_predictions),
        ("links renewed", report.n_renewed),
        ("asked of more or fewer", report.n_asked),
        ("problems", len(report.problems)),
    ]
    out.print(table(f"{batch} to Label Studio", ("what", "count"), rows))
    remarks([f"problem: {one}" for one in report.problems], "")
    say(report.url)


def _pull(settings: "Settings", bridge: "Bridge", batch: str, by_email: bool) -> None:
    from annotation.labelstudio.pulling import pull as pull_batch

    with bars() as tell:
        report = pull_batch(bridge, batch, by_email=by_email, tell=tell)
    rows = [
        ("annotations there", report.n_annotations),
        ("new judgements", report.n_new),
        ("known before", report.n_known),
        ("changed there", report.n_changed),
        ("deleted there", report.n_gone),
        ("skipped there", report.n_skipped),
        ("asked of more or fewer", report.n_asked),
        ("waiting for a name", report.waiting.total()),
        ("problems", len(report.problems)),
    ]
    out.print(table(f"{batch} from Label Studio", ("what", "count"), rows))
    _say_who_waits(report)
    remarks([f"problem: {one}" for one in report.problems], "")
    if report.completed:
        announce(settings, [batch])


def _say_who_waits(report: "PullReport") -> None:
    for who, n in sorted(report.waiting.items()):
        many = f"{n} annotations wait" if n > 1 else "1 annotation waits"
        hint = f": undertone labelstudio map {who} NAME" if "@" in who else ""
        remark(f"{many} for {who} to be somebody here{hint}")
