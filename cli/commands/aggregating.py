"""`undertone aggregate`: labels from any table of votes; needs no workspace."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import out, remark, remarks, table
from cli.main import app

MOST_PROBLEMS = 50


@app.command()
def aggregate(
    votes: Annotated[
        Path,
        typer.Argument(help="CSV, TSV or JSONL: item,annotator,value (task,worker,label; …)."),
    ],
    out_file: Annotated[
        Path, typer.Option("--out", help="Write item,label,confidence,p_<class>… (.csv or .tsv).")
    ],
    gold: Annotated[
        Path | None,
        typer.Option(help="True values, item,value: 30 or more calibrate and judge the labels."),
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
    """Turn a table of votes into a label, a confidence and probabilities for each item.

    The label model and the majority vote are both computed; held-out votes (or gold) decide.

    Example: undertone aggregate votes.csv --gold gold.csv --out labels.csv
    """
    from annotation.label_tables import check_writable, write_labels
    from annotation.vote_aggregation import aggregate_table
    from annotation.vote_tables import read_gold, read_votes

    check_writable(out_file, votes, *([gold] if gold is not None else []))
    read = read_votes(votes, dimension)
    _tell(votes, read.problems)
    truth = None
    if gold is not None:
        truth, problems = read_gold(gold)
        _tell(gold, problems)
    labels = aggregate_table(read, gold=truth, prior=prior, seed=seed)
    write_labels(labels, out_file)
    if gold is not None:
        _tell_of_gold(gold, labels.summary["gold"])
    if as_json:
        typer.echo(json.dumps(labels.summary, ensure_ascii=False, indent=2, allow_nan=False))
        return
    out.print(table(f"Labels from {votes}", ("what", "value"), _rows(labels.summary)))
    remark(f"wrote {out_file}")


def _tell(path: Path, problems: Any) -> None:
    lines = [f"passed over: {path.name} line {one.line}: {one.reason}" for one in problems]
    remarks(lines, " rows that could not be used", MOST_PROBLEMS)


def _tell_of_gold(path: Path, told: dict[str, Any]) -> None:
    if told["n_on_other_items"]:
        remark(f"note: {path.name} has {told['n_on_other_items']:,} items that nobody voted on")
    for name, n in told["classes_nobody_voted_for"].items():
        remark(f"note: nobody voted for {name!r}, true of {n:,} items by {path.name}")


def _rows(summary: dict[str, Any]) -> list[tuple[str, object]]:
    classes = summary["classes"]
    shares = [f"{name} {share:.3f}" for name, share in summary["class_prior"].items()]
    rows: list[tuple[str, object]] = [
        ("items", summary["n_items"]),
        ("annotators", summary["n_annotators"]),
        ("votes", summary["n_votes"]),
        ("votes an item", f"{summary['votes_per_item']:.1f}"),
        ("duplicate votes (the last counts)", summary["n_duplicates"]),
        ("rows passed over", summary["n_rows_passed_over"]),
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


def _short(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
