"""`undertone evaluate`: how well a model does on voices it never heard, on any labelled corpus."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.console import bars, out, remark, remarks, say, table
from cli.main import app
from cli.writing import check_out

_FIGURES = ("n", "uar", "macro_f1", "accuracy", "log_loss", "ece", "chance_ece")
_MOST_SPEAKERS = 40


@app.command()
def evaluate(
    source: Annotated[
        str, typer.Argument(help="A labelled corpus: anything that `ingest` can read.")
    ],
    train: Annotated[
        str | None, typer.Option(help="Train on this corpus instead of on other speakers.")
    ] = None,
    protocol: Annotated[
        Literal["loso", "folds"] | None,
        typer.Option(help="Leave one speaker out, or folds of speakers (default: by how many)."),
    ] = None,
    enrol: Annotated[
        str,
        typer.Option(help="Unlabelled utterances known of a test speaker: a number, all, none."),
    ] = "all",
    emotion: Annotated[
        list[str] | None, typer.Option(help="Only these emotions; may be repeated.")
    ] = None,
    frames: Annotated[
        bool,
        typer.Option(help="Also fit a network over frames, for where it pays (takes minutes)."),
    ] = False,
    augment: Annotated[
        bool,
        typer.Option(help="Also learn from a copy of each clip in another room, noise and line."),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random choice.")] = 0,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="JSON to write the whole report to.")
    ] = None,
    predictions: Annotated[Path | None, typer.Option(help="CSV to write every answer to.")] = None,
    save: Annotated[
        Path | None, typer.Option(help="Also train on all of it, and write that model here (.npz).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Train on a corpus' own labels and test on speakers kept apart. Needs no workspace.

    Example: undertone evaluate ../shared/data/emodb --enrol none --out report.json
    """
    from config.opening import evaluation_folder, front_end
    from config.settings import Settings
    from labels.scheme import Scheme
    from rounds.corpus_evaluation import evaluate as run
    from rounds.corpus_reading import read_corpus
    from rounds.corpus_training import fit_corpus
    from rounds.evaluation_report import report_of
    from rounds.evaluation_sides import Plan
    from rounds.evaluation_tables import predictions_table

    for path, kind, option in (
        (out_file, ".json", "--out"),
        (predictions, ".csv", "--predictions"),
        (save, ".npz", "--save"),
    ):
        if path is not None:
            check_out(path, (kind,), option)
    if frames and augment:
        raise typer.BadParameter(
            "copies have no frames: --augment or --frames, not both", param_hint="--augment"
        )
    plan = Plan(protocol or "", _enrolment(enrol), seed, emotions=tuple(emotion or ()))
    settings = Settings()
    scheme = Scheme.load(settings.scheme_path)
    for name in plan.emotions:
        scheme.resolve(name)
    folder, n = evaluation_folder(settings), settings.n_workers
    with bars() as progress:
        test, other = (
            None
            if one is None
            else read_corpus(
                one,
                scheme,
                folder=folder,
                n_workers=n,
                front_end=front_end(settings),
                with_tracks=frames,
                with_altered=augment and (one is train or train is None),
                progress=progress,
            )
            for one in (source, train)
        )
        found = run(test, scheme, plan, train=other, n_workers=n, progress=progress)
        report = report_of(found, scheme)
        if save is not None:
            heard = found.train or found.test
            fit_corpus(heard, scheme, found.leaves, seed=seed).save(save)
    for corpus in filter(None, (test, other)):
        lines = [f"refused: {' '.join(one)}" for one in corpus.refused]
        remarks(lines, " (all of them: --out)", 10)
    if out_file is not None:
        text = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False)
        out_file.write_text(text + "\n", encoding="utf-8")
    if predictions is not None:
        predictions_table(found, scheme).to_csv(predictions, index=False, float_format="%.6f")
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        _show(report)
    for path in filter(None, (out_file, predictions, save)):
        remark(f"wrote {path}")


def _enrolment(text: str) -> int:
    from rounds.evaluation_sides import ALL

    named = {"all": ALL, "none": 0}
    word = text.strip().lower()
    if word in named:
        return named[word]
    if not word.isdigit():
        raise typer.BadParameter(f"{text!r} is no number, `all` or `none`", param_hint="--enrol")
    return int(word)


def _show(report: dict[str, Any]) -> None:
    protocol, data = report["protocol"], report["data"]
    test, overall = data["test"], report["overall"]
    learnt = (
        f"trained on {report['train']} ({data['train']['n_used']:,} segments)"
        if report["train"]
        else f"one {protocol['held_out']} left out at a time"
    )
    say(
        f"{report['source']}: {test['n_used']:,} segments, {test['n_speakers']} speakers, "
        f"{_emotions(overall['n'], report['classes'])}; {learnt}; {_enrolled(protocol['enrol'])}."
    )
    for note in [*data["notes"], *test["notes"]]:
        remark(f"note: {note}")
    if overall["n"]:
        _show_emotions(report)
    if overall["ccc"]:
        out.print(table("Ratings", ("scale", "CCC"), overall["ccc"].items()))
    _by("Speakers", "speaker", report["by_speaker"])
    for name, found in report["by_group"].items():
        _by(f"By {name}", name, found)


def _show_emotions(report: dict[str, Any]) -> None:
    overall = report["overall"]
    rows = [("classes of the scheme", *(overall[name] for name in _FIGURES))]
    if report["finest"]:
        rows.append(("labels as given", *(report["finest"][name] for name in _FIGURES)))
    columns = ("", "n", "UAR", "macro-F1", "accuracy", "log-loss", "ECE", "by chance")
    out.print(table("On speakers never heard", columns, rows))
    gain = overall["selective_gain_80"]
    if gain is not None:
        say(
            f"Said of the surest 80 %: {overall['selective_accuracy_80']:.3f} right, a risk of "
            f"{overall['selective_risk_80']:.3f} ({gain:+.3f} over saying all)."
        )
    finest = report["finest"] or {"recall": report["recall"]}
    out.print(table("Recall", ("emotion", "recall"), finest["recall"].items()))
    curve = [(n, one["uar"], one["log_loss"], one["ece"]) for n, one in _ordered(report)]
    out.print(
        table("By utterances known of the speaker", ("known", "UAR", "log-loss", "ECE"), curve)
    )


def _ordered(report: dict[str, Any]) -> list[tuple[str, Any]]:
    found = report["enrolment_curve"].items()
    return sorted(found, key=lambda one: float("inf") if one[0] == "all" else int(one[0]))


def _by(title: str, what: str, found: dict[str, Any]) -> None:
    names = ("n", "uar", "macro_f1", "log_loss", "ece")
    if not found:
        return
    ordered = sorted(found.items(), key=lambda one: one[1]["uar"] if one[1]["uar"] else 0.0)
    if len(ordered) > _MOST_SPEAKERS:
        title = f"{title}, the {_MOST_SPEAKERS} least well heard of {len(ordered)}"
    scales = sorted({s for one in found.values() for s in one["ccc"]})
    rows = [
        (name, *(one[f] for f in names), *(one["ccc"].get(s) for s in scales))
        for name, one in ordered[:_MOST_SPEAKERS]
    ]
    columns = (what, "n", "UAR", "macro-F1", "log-loss", "ECE", *(f"CCC {s}" for s in scales))
    out.print(table(title, columns, rows))


def _emotions(n: int, classes: list[str]) -> str:
    return f"{len(classes)} emotions" if n else "ratings alone"


def _enrolled(enrol: str | int) -> str:
    if enrol == 0:
        return "nothing is known of a test speaker"
    known = "all" if enrol == "all" else f"{enrol}"
    return f"{known} utterances of a test speaker are known, without labels"
