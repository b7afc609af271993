"""`undertone ingest`: pull speech."""

from typing import Annotated

import typer

from cli.commands.quarantined import described
from cli.console import bars, out, remark, remarks, span, table
from cli.main import app


@app.command()
def ingest(
    source: Annotated[
        str,
        typer.Argument(help="Folder, CSV/TSV/JSONL manifest, EMO-DB or nEMO folder, or a URL."),
    ],
    corpus: Annotated[
        str | None, typer.Option(help="Name of the corpus (default: told from the source).")
    ] = None,
    as_: Annotated[
        str | None,
        typer.Option("--as", help="`gold`: the corpus' own labels count as expert judgements."),
    ] = None,
) -> None:
    """Read new speech into the records; what is wrong goes to quarantine, the rest goes on.

    Example: undertone ingest ../shared/data/nemo
    """
    if as_ not in (None, "gold"):
        raise typer.BadParameter(f"{as_!r} is not valid; only `gold` is", param_hint="--as")
    from config.opening import open_workspace
    from config.settings import Settings
    from rounds.ingest import ingest as pull

    settings = Settings()
    with bars() as progress:
        report = pull(
            open_workspace(settings),
            source,
            corpus=corpus,
            as_gold=as_ == "gold",
            n_workers=settings.n_workers,
            progress=progress,
        )
    rows = [
        ("entries read", report.n_entries),
        ("new recordings", report.n_new),
        ("new segments", report.n_segments),
        ("new speech", span(report.hours * 3600)),
        ("unchanged", report.n_unchanged),
        ("described anew", report.n_revised),
        ("duplicates (kept once)", report.n_duplicates),
        ("reference labels", report.n_labels),
        ("put right since last time", report.n_resolved),
        ("quarantined", report.n_quarantined),
    ]
    out.print(table(f"Ingest of {report.source}", ("what", "count"), rows))
    for note in report.notes:
        remark(f"note: {note}")
    refused = [f"quarantined: {described(*one)}" for one in report.quarantined]
    remarks(refused, ": undertone quarantine list")
