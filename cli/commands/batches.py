"""`undertone batch`: what experts are asked to hear, and what they said."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import out, remark, remarks, say, span, table
from cli.main import app
from cli.writing import check_out

if TYPE_CHECKING:
    from config.settings import Settings

batch_app = typer.Typer(help="Batches for experts: out, and back in.", no_args_is_help=True)
app.add_typer(batch_app, name="batch")

Batch = Annotated[str, typer.Argument(help="A batch's name, such as round-1.")]


@batch_app.command("list")
def list_() -> None:
    """List batches and how far each is judged.

    Example: undertone batch list
    """
    import db.batches
    from config.opening import open_workspace
    from config.settings import Settings

    with open_workspace(Settings()).reading() as tx:
        batches = db.batches.list_batches(tx)
        done = {batch.id: db.batches.progress(tx, batch.id) for batch in batches}
    rows = [
        (b.id, b.state, b.n_items, done[b.id].n_judged, f"{b.created_at:%Y-%m-%d %H:%M}")
        for b in batches
    ]
    out.print(table("Batches", ("batch", "state", "segments", "judged", "published (UTC)"), rows))


@batch_app.command()
def show(batch: Batch) -> None:
    """Show a batch: each segment, and why it was chosen.

    Example: undertone batch show round-1
    """
    import db.batches
    import db.segments
    from config.opening import open_workspace
    from config.settings import Settings

    with open_workspace(Settings()).reading() as tx:
        items = db.batches.items(tx, batch)
        pool = db.segments.frame(tx, consented_only=False).set_index("segment_id")
        judged = db.batches.judged_segments(tx, batch)
    rows = [
        (
            i.rank,
            i.segment_id,
            pool.at[i.segment_id, "speaker"],
            span(pool.at[i.segment_id, "end_s"] - pool.at[i.segment_id, "start_s"]),
            i.reason,
            i.segment_id in judged,
        )
        for i in sorted(items, key=lambda item: item.rank)
    ]
    columns = ("#", "segment", "speaker", "length", "why this one", "judged")
    out.print(table(f"Batch {batch}", columns, rows))


@batch_app.command()
def export(
    batch: Batch,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="File to write (.csv or .jsonl); else the terminal."),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", help="csv or jsonl (default: by --out, else csv).")
    ] = None,
) -> None:
    """Write a batch as a table with empty columns for the judgements.

    Example: undertone batch export round-1 --out round-1.csv
    """
    from annotation.batch_files import export_batch
    from config.opening import open_workspace
    from config.settings import Settings

    if out_file is not None:
        check_out(out_file, (".csv", ".jsonl", ".ndjson"))
    told = "jsonl" if out_file and out_file.suffix in {".jsonl", ".ndjson"} else "csv"
    text = export_batch(open_workspace(Settings()), batch, form or told)
    if out_file is None:
        typer.echo(text, nl=False)
        return
    try:
        out_file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{out_file} cannot be written: {error.strerror}") from error
    remark(f"wrote {out_file}")


@batch_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The exported table, filled in wholly or in part.")],
    annotator: Annotated[
        str | None, typer.Option(help="Who judged, where the file does not say.")
    ] = None,
) -> None:
    """Read expert judgements back. Reading the same file again stores nothing twice.

    Example: undertone batch import round-1.csv --annotator ada
    """
    from annotation.batch_files import import_judgements
    from config.opening import open_workspace
    from config.settings import Settings

    settings = Settings()
    report = import_judgements(open_workspace(settings), file, annotator=annotator)
    rows = [
        ("rows", report.n_rows),
        ("new judgements", report.n_new),
        ("known before", report.n_known),
        ("not judged yet", report.n_blank),
        ("problems", len(report.problems)),
    ]
    out.print(table(f"Judgements from {file}", ("what", "count"), rows))
    remarks([f"problem: {problem}" for problem in report.problems], "")
    announce(settings, report.complete)


@batch_app.command()
def simulate(
    batch: Batch,
    reliability: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="How often the simulated expert is right.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulated expert.")] = 0,
) -> None:
    """Let a simulated expert judge a batch from the reference labels its corpus came with.

    Example: undertone batch simulate round-1
    """
    import db.batches
    from config.opening import open_workspace
    from config.settings import Settings
    from rounds.expert import judge_batch

    settings = Settings()
    workspace = open_workspace(settings)
    with workspace.reading() as tx:
        before = db.batches.get(tx, batch)
    n_new = judge_batch(workspace, batch, reliability=reliability, seed=seed)
    with workspace.reading() as tx:
        after = db.batches.get(tx, batch)
    say(f"{n_new} new judgements by the simulated expert; {batch} is {after.state}")
    if before.state != after.state and after.state == "complete":
        announce(settings, [batch])


def announce(settings: "Settings", complete: list[str]) -> None:
    """Say which batches are complete, and tell a Prefect server that waits for it."""
    from flows.announcing import AnnounceError, announce_complete

    for name in complete:
        say(f"{name} is complete: the next round can begin (undertone round)")
        try:
            announce_complete(settings, name)
        except AnnounceError as error:  # the judgements are stored all the same
            remark(f"note: {error}")
