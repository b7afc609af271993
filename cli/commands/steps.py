"""The steps of a round as commands of their own, on the records as they are now."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import bars, out, remark, say, span, table
from cli.main import app
from cli.writing import check_out

_MOST_ANNOTATORS = 12


def _open(overrides: dict[str, Any] | None = None) -> tuple[Any, Any, Any]:
    from config.opening import open_workspace, round_plan
    from config.settings import Settings

    settings = Settings()
    return settings, open_workspace(settings), round_plan(settings, overrides)


@app.command()
def features() -> None:
    """Compute the acoustic features of every segment that has none yet.

    Example: undertone features
    """
    from rounds.features import compute

    settings, workspace, _ = _open()
    with bars() as progress:
        report = compute(workspace, n_workers=settings.n_workers, progress=progress)
    rows = [
        ("segments computed", report["n_computed"]),
        ("segments that could not be read", report["n_failed"]),
        ("time", span(report["seconds"])),
        ("feature version", report["feature_version"]),
    ]
    out.print(table("Features", ("what", "value"), rows))
    if report["n_failed"]:
        remark("undertone quarantine list says what could not be read, and why")


@app.command()
def label(
    votes: Annotated[Path | None, typer.Option(help="Crowd votes to read first.")] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write the soft labels (.csv or .parquet).")
    ] = None,
) -> None:
    """Cast the votes and join them into soft labels; show what each source is worth.

    Example: undertone label --out soft_labels.csv
    """
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


@app.command()
def train() -> None:
    """Train on soft labels and gold; show how good the model is on voices it never heard.

    Example: undertone train
    """
    from rounds import workbench
    from rounds.evaluation import evaluate

    settings, workspace, plan = _open()
    with bars() as progress:
        done = workbench.label(workspace, plan, n_workers=settings.n_workers, progress=progress)
        model, scores = workbench.train(workspace, plan, done, progress=progress)
    figures = evaluate(workspace, done.snapshot, done.soft, scores)
    rows = [
        (yardstick, name, value)
        for yardstick, found in figures.items()
        for name, value in found.items()
    ]
    out.print(
        table(
            f"Trained on {model.report['n_weak']} weak and {model.report['n_gold']} gold labels",
            ("measured on", "metric", "value"),
            rows,
        )
    )


@app.command()
def select(
    batch_size: Annotated[int | None, typer.Option(min=1, help="How many segments.")] = None,
    strategy: Annotated[str | None, typer.Option(help="How they are chosen.")] = None,
) -> None:
    """Show what an expert should hear next and why, without publishing a batch.

    Example: undertone select --strategy margin --batch-size 10
    """
    from rounds import workbench

    given = {"batch_size": batch_size, "strategy": strategy}
    settings, workspace, plan = _open({k: v for k, v in given.items() if v is not None})
    with bars() as progress:
        done = workbench.label(workspace, plan, n_workers=settings.n_workers, progress=progress)
        model, _ = workbench.train(workspace, plan, done, progress=progress)
        chosen = workbench.select(workspace, plan, done, model)
    frame = chosen.frame()
    rows = frame[["rank", "segment_id", "purpose", "score", "reason"]].values.tolist()
    out.print(table("To hear next", ("#", "segment", "purpose", "score", "why this one"), rows))


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
    out.print(table(f"{dimension}: {report.get('winner')} ({report.get('why')})", columns, rows))
    if left_out:
        say(f"… and {len(left_out):,} annotators whose estimated accuracy is higher")
