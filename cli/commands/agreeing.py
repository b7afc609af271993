"""`undertone agreement`: do those who judge agree, and whom should one look at?"""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import out, remark, remarks, say, table
from cli.main import app

if TYPE_CHECKING:
    from annotation.agreement_report import AgreementReport

MOST_RATERS = 30
MOST_PAIRS = 10


@app.command()
def agreement(
    votes: Annotated[
        Path | None,
        typer.Argument(help="CSV, TSV or JSONL: item,annotator,value. Default: the records."),
    ] = None,
    dimension: Annotated[str, typer.Option(help="What is judged.")] = "emotion",
    level: Annotated[
        str | None,
        typer.Option(help="nominal, ordinal or interval (default: by the values)."),
    ] = None,
    model: Annotated[
        bool, typer.Option("--with-model", help="The model as one more rater of the records.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
) -> None:
    """Show how far annotators agree, how reliable each one is, and whom to look at.

    Intervals are 95 %, from resampled items; reliability is agreement with the others.

    Example: undertone agreement votes.csv
    """
    from annotation.agreement_report import agreement as measure

    if model and votes is not None:
        raise typer.BadParameter("it has judged the records, not a file", param_hint="--with-model")
    people = None
    if votes is None:
        from annotation.agreement_report import default_level, recorded_votes
        from config.opening import open_workspace
        from config.settings import Settings

        workspace = open_workspace(Settings())
        read = recorded_votes(workspace, dimension)
        level = level or default_level(workspace, dimension)
        where = ""
        if model:
            from annotation.model_votes import model_says, with_model

            people, read = with_model(read, model_says(workspace, dimension))
    else:
        from annotation.value_levels import without_slips
        from annotation.vote_tables import read_votes

        read = without_slips(read_votes(votes, dimension), level)
        where = f"{votes.name} line "
    told = [f"{where}{one.line}: " if where and one.line else "" for one in read.problems]
    lines = [f"passed over: {w}{one.reason}" for w, one in zip(told, read.problems, strict=True)]
    remarks(lines, " rows that could not be used", 50)
    report = measure(read, level=level, seed=seed)
    alone = measure(people, level=level, seed=seed) if people is not None else None
    if as_json:
        told = report.as_json() | ({"people_alone": alone.as_json()} if alone else {})
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        if alone is not None:
            rows = [(name, one.value, one.low, one.high) for name, one in alone.figures.items()]
            title = "People alone, on voices the model never heard"
            out.print(table(title, ("figure", "value", "low", "high"), rows))
        _show(report, str(votes) if votes is not None else f"Records on {dimension}")


def _show(report: "AgreementReport", source: str) -> None:
    from labels.suspects import MIN_COMPARED

    read = report.table
    say(
        f"{source}: {len(read.item):,} votes by {len(read.annotators):,} annotators, "
        f"{report.n_compared_items:,} of {len(read.items):,} items judged twice or more."
    )
    rows = [(name, one.value, one.low, one.high) for name, one in report.figures.items()]
    title = f"Agreement ({report.level} values)"
    out.print(table(title, ("figure", "value", "low", "high"), rows))
    _show_pairs(report)
    _show_raters(report)
    if math.isnan(report.typical):
        say(f"No annotator shares {MIN_COMPARED} items with others: none can be judged.")
    elif report.suspects:
        found = [(one.rater, one.kind, one.reason) for one in report.suspects]
        out.print(table("To look at", ("annotator", "kind", "why"), found))
    else:
        say("Nobody stands out: no spammer, one-class clicker or reversed scale.")
    if read.n_duplicates:
        remark(f"note: votes cast again, of which the last counts: {read.n_duplicates:,}")
    if report.guessed and report.level == "nominal" and read.numbers() is not None:
        remark("note: the numbers were taken for classes; if they are a scale: --level ordinal")


def _show_pairs(report: "AgreementReport") -> None:
    if not report.pairs["kappa"].notna().any() or report.level != "nominal":
        return
    pairs = report.pairs.sort_values("kappa", kind="stable")
    columns = ("one", "other", "items shared", "agreement", "Cohen's kappa")
    most = len(pairs) > MOST_PAIRS
    title = f"Pairs who agree least, {MOST_PAIRS} of {len(pairs):,}" if most else "Pairs"
    out.print(table(title, columns, pairs.head(MOST_PAIRS).itertuples(index=False)))


def _show_raters(report: "AgreementReport") -> None:
    from labels.suspects import MIN_COMPARED

    nominal = report.level == "nominal"
    what = "reliability" if nominal else "correlation with others"
    raters = report.raters.sort_values("reliability", kind="stable", na_position="first")
    known = raters["n_compared"] >= MIN_COMPARED
    if known.any() and not known.all():
        n_left = int((~known).sum())
        remark(f"note: {n_left:,} annotators share fewer than {MIN_COMPARED} items; see --json")
        raters = raters[known]
    rows = [
        (
            name,
            int(row["n_ratings"]),
            row["agreement"],
            row["reliability"],
            row["low"],
            row["high"],
            row["favourite"] if nominal else row["bias"],
            row["favourite_share"],
        )
        for name, row in raters.head(MOST_RATERS).iterrows()
    ]
    columns = (
        "annotator",
        "votes",
        "agrees",
        what,
        "low",
        "high",
        "favourite" if nominal else "bias",
        "share of favourite",
    )
    most = len(raters) > MOST_RATERS
    title = f"Annotators, {MOST_RATERS} of {len(raters):,}, the least reliable first"
    out.print(table(title if most else "Annotators, the least reliable first", columns, rows))
