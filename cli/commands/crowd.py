"""`undertone votes`: the crowd's votes."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import out, remarks, table
from cli.main import app

votes_app = typer.Typer(help="Votes of a crowd.", no_args_is_help=True)
app.add_typer(votes_app, name="votes")


@votes_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or JSONL: item, annotator, value.")],
    dimension: Annotated[
        str, typer.Option(help="What is voted on, where the file does not say.")
    ] = "emotion",
) -> None:
    """Read crowd votes; the same vote read again counts once, bad rows are named.

    Example: undertone votes import votes.csv
    """
    from annotation.crowd_files import import_votes
    from config.opening import open_workspace
    from config.settings import Settings

    report = import_votes(open_workspace(Settings()), file, dimension=dimension)
    rows = [
        ("rows", report.n_rows),
        ("new votes", report.n_new),
        ("known before", report.n_known),
        ("annotators", report.n_annotators),
        ("rows passed over", len(report.problems)),
    ]
    out.print(table(f"Votes from {file}", ("what", "count"), rows))
    remarks([f"passed over: {problem}" for problem in report.problems], "")
