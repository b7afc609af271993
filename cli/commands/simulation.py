"""`undertone simulate`: what a strategy would have been worth."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import bars, out, remark, table
from cli.main import app
from cli.writing import check_out


@app.command()
def simulate(
    source: Annotated[str, typer.Argument(help="A labelled corpus: its labels are hidden.")],
    strategy: Annotated[
        list[str] | None, typer.Option(help="Strategy to play; may be repeated.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds (0, 1, …) each.")] = 3,
    batch: Annotated[int, typer.Option(min=1, help="Labels asked for at a time.")] = 18,
    budget: Annotated[int, typer.Option(min=1, help="Labels asked for in all.")] = 200,
    test: Annotated[str | None, typer.Option(help="Another labelled corpus to test on.")] = None,
    reliability: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="How often the expert is right.")
    ] = 1.0,
    out_file: Annotated[
        Path, typer.Option("--out", help="CSV to write; the report stands beside it.")
    ] = Path("curve.csv"),
) -> None:
    """Play the whole loop on a labelled corpus, on speakers kept apart, and draw the curves.

    Example: undertone simulate ../shared/data/nemo --strategy default --strategy random
    """
    from active_learning.strategies import strategy as known
    from config.opening import open_beside
    from config.settings import Settings
    from reports.curves import summarise
    from reports.simulation_report import render
    from rounds.simulation import Game, read_corpus
    from rounds.simulation import simulate as play

    names = list(dict.fromkeys(strategy or ["default", "random"]))
    for name in names:
        known(name)
    check_out(out_file, (".csv",))
    settings = Settings()
    with bars() as progress:
        corpora = [
            read_corpus(
                open_beside(settings, one), one, n_workers=settings.n_workers, progress=progress
            )
            for one in ([source] if test is None else [source, test])
        ]
        games = [Game(n, s, batch, budget, reliability) for n in names for s in range(seeds)]
        curve = play(
            corpora[0],
            games,
            scheme=open_beside(settings, source).scheme,
            test=corpora[1] if test is not None else None,
            n_workers=settings.n_workers,
            progress=progress,
        )
    curve.to_csv(out_file, index=False, float_format="%.6f")
    summary = summarise(curve)
    page = out_file.with_suffix(".html")
    note = f"{source}, tested on {test or 'speakers outside the pool'}"
    page.write_text(render(curve, summary, data_note=note), encoding="utf-8")
    columns = [
        "strategy",
        "n_seeds",
        "n_labels",
        "uar",
        "macro_f1",
        "ece",
        "labels_needed",
        "saved",
    ]
    out.print(table("Simulated labelling", columns, summary[columns].values.tolist()))
    remark(f"wrote {out_file} and {page}")
