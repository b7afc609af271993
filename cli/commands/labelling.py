"""`undertone label`: votes joined into soft labels, and why a segment is labelled as it is."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import function_tables as shown
from cli.console import bars, out, remark, say, sentence, table
from cli.main import app
from cli.writing import check_out

_MOST_ANNOTATORS = 12

label_app = typer.Typer()
app.add_typer(label_app, name="label")


def _open() -> tuple[Any, Any, Any]:
    from config.opening import open_workspace, round_plan
    from config.settings import Settings

    settings = Settings()
    return settings, open_workspace(settings), round_plan(settings)


@label_app.callback(invoke_without_command=True)
def label(
    context: typer.Context,
    votes: Annotated[Path | None, typer.Option(help="Crowd votes to read first.")] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write the soft labels (.csv or .parquet).")
    ] = None,
) -> None:
    """Cast the votes and join them into soft labels; show what each source is worth.

    Example: undertone label --out soft_labels.csv
    """
    if context.invoked_subcommand is not None:
        _refuse(context, votes, out_file)
        return
    from rounds import workbench

    if out_file is not None:
        check_out(out_file, (".csv", ".parquet"))
    settings, workspace, plan = _open()
    if votes is not None:
        from annotation.crowd_files import import_votes

        for problem in import_votes(workspace, votes).problems:
            remark(f"passed over: {problem}")
    with bars() as progress:
        done = workbench.label(workspace, plan, n_workers=settings.n_workers, progress=progress)
    for problem in done.votes.report["problems"]:
        remark(f"left out: {problem}")
    for note in done.votes.report["notes"]:
        remark(note)
    for dimension in workspace.scheme.dimensions:
        _show_dimension(dimension, done.soft.report.get(dimension) or {})
    if out_file is not None:
        frame = done.soft.frame()
        if out_file.suffix == ".parquet":
            frame.to_parquet(out_file, index=False)
        else:
            frame.to_csv(out_file, index=False)
        remark(f"wrote {out_file}")


@label_app.command()
def explain(
    segment: Annotated[str, typer.Argument(help="A segment's id, or the path or name of a file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Why a segment is labelled as it is: every vote on it and what that vote contributed.

    Example: undertone label explain recording.wav
    """
    from rounds import workbench
    from rounds.explaining import explain_segment

    settings, workspace, plan = _open()
    with bars() as progress:
        labelled = workbench.label(workspace, plan, n_workers=settings.n_workers, progress=progress)
    found = explain_segment(workspace, labelled, segment)
    if as_json:
        typer.echo(shown.as_json([shown.explained(one) for one in found]))
        return
    for one in found:
        shown.print_explanation(one)


def _refuse(context: typer.Context, *given: Path | None) -> None:
    """An option of the step itself before a command below it would be passed over in silence."""
    if any(one is not None for one in given):
        raise typer.BadParameter(f"--votes and --out do not go with {context.invoked_subcommand!r}")


def _show_dimension(dimension: str, report: dict[str, Any]) -> None:
    if not report:
        return
    sources = report.get("sources", {})
    crowd = {name: one for name, one in sources.items() if name.startswith("crowd:")}
    doubtful = sorted(crowd, key=lambda name: crowd[name].get("accuracy") or 0.0)
    left_out = set(doubtful[_MOST_ANNOTATORS:])
    rows = [
        (
            name.removeprefix("function:"),
            source.get("n_votes"),
            source.get("coverage"),
            source.get("accuracy"),
            source.get("accuracy_low"),
            source.get("accuracy_high"),
        )
        for name, source in sources.items()
        if name not in left_out
    ]
    if not rows:
        return
    columns = ("source", "votes", "coverage", "estimated accuracy", "low", "high")
    by = report.get("ratings") or report  # annotators' ratings have a model of their own
    out.print(table(f"{dimension}: {by.get('winner')} ({by.get('why')})", columns, rows))
    if "class_prior_from" in by:
        sentence(f"class shares: {by['class_prior_from']}")
    if left_out:
        say(f"… and {len(left_out):,} annotators whose estimated accuracy is higher")
