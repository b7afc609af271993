"""The steps of a round as commands of their own, on the records as they are now."""

from typing import Annotated, Any

import typer

from cli.batch_options import Floor, Minutes, Quota, batch_wishes
from cli.console import bars, out, remark, sentence, span, table
from cli.main import app


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
        ("heard by", " and ".join(dict.fromkeys(("undertone", settings.features)))),
        ("feature version", report["feature_version"]),
    ]
    out.print(table("Features", ("what", "value"), rows))
    if report["n_failed"]:
        remark("undertone quarantine list says what could not be read, and why")


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
    minutes: Minutes = None,
    quota: Quota = None,
    floor: Floor = None,
    strategy: Annotated[str | None, typer.Option(help="How they are chosen.")] = None,
) -> None:
    """Show what an expert should hear next and why, without publishing a batch.

    Example: undertone select --strategy margin --minutes 10 --quota speaker=0.3
    """
    from rounds import workbench

    given = {"batch_size": batch_size, "strategy": strategy}
    wishes = {k: v for k, v in given.items() if v is not None}
    settings, workspace, plan = _open(wishes | batch_wishes(minutes, quota, floor))
    with bars() as progress:
        done = workbench.label(workspace, plan, n_workers=settings.n_workers, progress=progress)
        model, _ = workbench.train(workspace, plan, done, progress=progress)
        chosen = workbench.select(workspace, plan, done, model)
    frame = chosen.frame()
    rows = frame[["rank", "segment_id", "purpose", "score", "reason"]].values.tolist()
    out.print(table("To hear next", ("#", "segment", "purpose", "score", "why this one"), rows))
    made = chosen.report
    sentence(
        f"{made['n_query']} to teach, of which {made['n_opinions']} further opinions; "
        f"{made['n_evaluation']} drawn by chance to judge by; about {made['minutes']:.1f} min"
    )
