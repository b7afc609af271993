"""`undertone simulate`: what a strategy would have been worth."""

import math
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
    import numpy as np

    from active_learning.strategies import strategy as known
    from config.opening import open_beside
    from config.settings import Settings
    from reports.curves import pairs, summarise
    from reports.simulation_report import render
    from rounds.simulated_sides import Game, check, n_in_pool
    from rounds.simulation import COLUMNS, full_scores, read_corpus
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
        check(*corpora)
        games = [Game(n, s, batch, budget, reliability) for n in names for s in range(seeds)]
        curve = play(
            corpora[0],
            games,
            scheme=open_beside(settings, source).scheme,
            test=corpora[1] if test is not None else None,
            n_workers=settings.n_workers,
            progress=progress,
        )
        full = full_scores(corpora[0], games, corpora[1] if test is not None else None, progress)
    curve[list(COLUMNS)].to_csv(out_file, index=False, float_format="%.6f")
    summary = summarise(curve, full=full)
    beside = out_file.with_name(f"{out_file.stem}-summary.csv")
    summary.to_csv(beside, index=False, float_format="%.6f")
    against_others = pairs(curve)
    against = out_file.with_name(f"{out_file.stem}-pairs.csv")
    against_others.to_csv(against, index=False, float_format="%.6f")
    page = out_file.with_suffix(".html")
    note = f"{source}, tested on {test or 'speakers outside the pool'}"
    page.write_text(render(curve, summary, data_note=note), encoding="utf-8")
    columns = [
        "strategy",
        "n_labels",
        "uar",
        "macro_f1",
        "ece",
        "area",
        "over_random",
        "labels_90",
        "labels_95",
    ]
    summary["over_random"] = [
        _lead(*one)
        for one in zip(summary["gain"], summary["gain_low"], summary["gain_high"], strict=True)
    ]
    out.print(table("Simulated labelling", columns, summary[columns].values.tolist()))
    if len(names) > 1:
        cells = {
            (one.strategy, one.other): _lead(one.gain, one.low, one.high)
            for one in against_others.itertuples()
        }
        rows = [(name, *(cells.get((name, other)) for other in names)) for name in names]
        heads = ("strategy", *(f"over\n{name}" for name in names))
        out.print(table("Area under the curve over one another's", heads, rows))
    remark(
        "over_random: area under the curve over random's, with its 95 % interval; labels to 90 "
        f"and 95 % of the UAR with all labels ({np.mean(list(full.values())):.3f})"
    )
    n_pool = n_in_pool(corpora[0], games, corpora[1] if test is not None else None)
    if n_pool < budget:
        remark(f"a budget of {budget} is more than there is: pools have {n_pool} clips or more")
    remark(f"wrote {out_file}, {beside}, {against} and {page}")


def _lead(gain: float, low: float, high: float) -> str | None:
    """A difference with its interval, None where there is nothing to differ from."""
    if math.isnan(gain):
        return None
    return f"{gain:+.3f}" + (f" ({low:+.3f} to {high:+.3f})" if math.isfinite(low) else "")
