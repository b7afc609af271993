"""`undertone aggregate`: labels from any table of votes; needs no workspace."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import cell, out, remark, remarks, table
from cli.main import app

MOST_PROBLEMS = 50


@app.command()
def aggregate(
    votes: Annotated[
        Path,
        typer.Argument(help="CSV, TSV or JSONL: item,annotator,value (task,worker,label; …)."),
    ],
    out_file: Annotated[
        Path,
        typer.Option(
            "--out", help="Write item,label,confidence,p_<class>… or item,mean,sd,… (.csv or .tsv)."
        ),
    ],
    gold: Annotated[
        Path | None,
        typer.Option(help="True values, item,value: 30 or more calibrate and judge the labels."),
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(help="nominal (classes), ordinal or interval (default: by the values)."),
    ] = None,
    prior: Annotated[
        str | None,
        typer.Option(help="How common classes are: uniform, learned, or CLASS=SHARE,…"),
    ] = None,
    dimension: Annotated[
        str | None, typer.Option(help="What is voted on, where the file has a column for it.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random split.")] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="The summary as JSON instead of a table.")
    ] = False,
) -> None:
    """Turn a table of votes into a label with probabilities, or a mean with its deviation, an item.

    Classes: the label model and the majority vote are both computed; held-out votes (or gold)
    decide. Ratings (more than 20 different numbers, or --level): the plain mean and models of
    raters' shifts, scales and noise; held-out ratings decide.

    Example: undertone aggregate votes.csv --gold gold.csv --out labels.csv
    """
    from annotation.label_tables import check_writable, write_labels, write_ratings
    from annotation.rating_aggregation import aggregate_ratings
    from annotation.value_levels import level_of, without_slips
    from annotation.vote_aggregation import AggregationError, aggregate_table
    from annotation.vote_tables import read_gold, read_votes

    check_writable(out_file, votes, *([gold] if gold is not None else []))
    read = without_slips(read_votes(votes, dimension), level)
    _tell(votes, read.problems)
    truth = None
    if gold is not None:
        truth, problems = read_gold(gold)
        _tell(gold, problems)
    told = level_of(read, level)
    if told == "nominal":
        labels = aggregate_table(read, gold=truth, prior=prior, seed=seed)
        write_labels(labels, out_file)
        summary, rows = labels.summary, _rows
    elif prior is not None:
        raise AggregationError(f"--prior is for classes; these votes are {told} ratings")
    else:
        values = aggregate_ratings(read, told, gold=truth, seed=seed)
        write_ratings(values, out_file)
        summary, rows = values.summary, _rating_rows
    summary["level_guessed"] = level is None
    if gold is not None:
        _tell_of_gold(gold, summary["gold"])
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False, indent=2, allow_nan=False))
        return
    title = f"Labels from {votes}" if told == "nominal" else f"Values from {votes}"
    out.print(table(title, ("what", "value"), rows(summary)))
    remark(f"wrote {out_file}")


def _tell(path: Path, problems: Any) -> None:
    places = [f"{path.name} line {one.line}" if one.line else path.name for one in problems]
    lines = [f"passed over: {at}: {one.reason}" for at, one in zip(places, problems, strict=True)]
    remarks(lines, " rows that could not be used", MOST_PROBLEMS)


def _tell_of_gold(path: Path, told: dict[str, Any]) -> None:
    if told["n_on_other_items"]:
        remark(f"note: {path.name} has {told['n_on_other_items']:,} items that nobody voted on")
    for name, n in told.get("classes_nobody_voted_for", {}).items():
        remark(f"note: nobody voted for {name!r}, true of {n:,} items by {path.name}")
    odd = [
        f"passed over: {path.name}: of {item!r} it has no number" for item in told.get("odd", ())
    ]
    remarks(odd, " gold values that are no numbers", MOST_PROBLEMS)


def _rows(summary: dict[str, Any]) -> list[tuple[str, object]]:
    classes = summary["classes"]
    shares = [f"{name} {share:.3f}" for name, share in summary["class_prior"].items()]
    rows: list[tuple[str, object]] = [
        *_counts(summary),
        ("classes", f"{len(classes)}: {_short(classes)}"),
        ("by", f"{summary['winner']}: {summary['why']}"),
        ("calibrated by", summary["calibrator"]),
        ("class prior", f"{summary['class_prior_from']}: {_short(shares)}"),
        ("mean confidence", summary["mean_confidence"]),
        ("agreement (Krippendorff's alpha)", summary["alpha"]),
    ]
    gold = summary.get("gold")
    if gold is None:
        return rows
    return [
        *rows,
        ("gold on these items", gold["n_known"]),
        ("accuracy on gold", gold["accuracy"]),
        ("log-loss on gold", gold["log_loss"]),
        ("ECE on gold", gold["ece"]),
        ("measured", gold["how"]),
    ]


def _rating_rows(summary: dict[str, Any]) -> list[tuple[str, object]]:
    guessed = " (by the values; --level says otherwise)" if summary["level_guessed"] else ""
    rows: list[tuple[str, object]] = [
        *_counts(summary),
        ("level", f"{summary['level']}, {summary['lowest']:g} to {summary['highest']:g}{guessed}"),
        ("by", f"{summary['winner']}: {summary['why']}"),
        ("held-out ratings within their 90 %", summary["held_out_ratings_within_90"]),
        ("deviation from", summary["calibrator"]),
        ("mean deviation", summary["mean_sd"]),
        ("agreement (Krippendorff's alpha)", summary["alpha"]),
    ]
    gold = summary.get("gold")
    if gold is None:
        return rows
    return [
        *rows,
        ("gold on these items", gold["n_known"]),
        ("RMSE on gold (plain mean)", f"{cell(gold['rmse'])} ({cell(gold['rmse_of_plain_mean'])})"),
        ("MAE on gold", gold["mae"]),
        ("Pearson's r with gold", gold["pearson"]),
        ("CCC with gold", gold["ccc"]),
        ("gold within the 95 % intervals", gold["within_95"]),
        ("measured", gold["how"]),
    ]


def _counts(summary: dict[str, Any]) -> list[tuple[str, object]]:
    return [
        ("items", summary["n_items"]),
        ("annotators", summary["n_annotators"]),
        ("votes", summary["n_votes"]),
        ("votes an item", f"{summary['votes_per_item']:.1f}"),
        ("duplicate votes (the last counts)", summary["n_duplicates"]),
        ("rows passed over", summary["n_rows_passed_over"]),
    ]


def _short(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
