"""`undertone demo`: the whole job on synthetic speech."""

import shutil
import time
from pathlib import Path
from typing import Annotated

import typer

from cli.console import bars, out
from cli.main import app

_MARK = "SYNTHETIC_DEMO"
_N_CLIPS = 480
_BATCH = 48
_RELIABILITY = 0.95


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to put it.")] = Path("demo"),
    rounds: Annotated[int, typer.Option(min=1, help="How many rounds.")] = 3,
    seed: Annotated[
        int, typer.Option(min=0, help="Seed of the speech, the crowd and the rounds.")
    ] = 0,
) -> None:
    """Run three rounds on synthetic speech with a simulated crowd and expert, and write a report.

    Example: undertone demo
    """
    from config.opening import open_workspace
    from config.settings import Settings
    from flows.running import run_here
    from rounds.demonstration import N_ANNOTATORS, set_up
    from rounds.expert import judge_batch

    began = time.monotonic()
    _prepare(folder, rounds)
    settings = Settings(home=folder.resolve())
    workspace = open_workspace(settings)
    out.print(
        f"Speaking {_N_CLIPS} clips with espeak-ng: synthetic speech, six acted emotions, "
        f"{N_ANNOTATORS} simulated annotators, one simulated expert (right "
        f"{_RELIABILITY:.0%} of the time)."
    )
    with bars() as progress:
        n_votes = set_up(
            workspace, folder / "speech", seed=seed, n_clips=_N_CLIPS,
            n_workers=settings.n_workers, progress=progress,
        )  # fmt: skip
    out.print(
        f"The crowd cast {n_votes:,} judgements. Now {rounds} rounds (the first starts Prefect)."
    )
    overrides = {"seed": seed, "batch_size": _BATCH}
    for _ in range(rounds):
        with bars():
            row = run_here(settings, overrides)
        out.print(_line(row))
        judge_batch(workspace, f"round-{row['round']}", reliability=_RELIABILITY, seed=seed)
    (folder / _MARK).write_text("finished\n", encoding="utf-8")
    _tell(folder, workspace, time.monotonic() - began)


def _prepare(folder: Path, rounds: int) -> None:
    """An unfinished demo is gone on with; a finished one makes room for a new one."""
    mark = folder / _MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise ValueError(f"{folder} holds something else; name another folder: undertone demo NAME")
    if mark.exists() and mark.read_text(encoding="utf-8").startswith("finished"):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(f"{rounds} rounds, begun\n", encoding="utf-8")


def _line(row: dict[str, object]) -> str:
    uar, weak = row.get("reference.uar"), row.get("weak_labels.uar")
    return (
        f"Round {row['round']}: {row['n_gold']} gold labels to train on, weak labels cover "
        f"{row['weak_coverage']:.0%} (UAR {weak:.2f}); model UAR {uar:.2f} on voices it never heard"
    )


def _tell(folder: Path, workspace: object, seconds: float) -> None:
    import db.rounds
    from cli.round_table import show_rounds
    from rounds.reporting import finished, write_report

    show_rounds(workspace)
    last = finished(workspace)
    with workspace.reading() as tx:
        results = db.rounds.results(tx, last.number)
    home = folder.name
    commands = [
        (f"undertone --home {folder} status", "where the demo stands"),
        (f"undertone --home {folder} batch show round-{last.number}", "what to hear next, and why"),
        (f"undertone --home {folder} label", "what each labelling function is worth"),
        ("undertone init my-speech", "a workspace of your own"),
        (
            "cd my-speech && undertone ingest /path/to/your/speech",
            "a folder of audio, or a manifest",
        ),
        ("undertone round", "votes, soft labels, a model, and a batch for your experts"),
    ]
    ui = f"mlflow ui --backend-store-uri sqlite:///{folder}/.undertone/mlflow.db"
    page = write_report(
        workspace, last.number, results, dict(last.metrics or {}), folder / "report.html",
        title="Undertone on synthetic speech", synthetic=True,
        data_note="spoken by espeak-ng: every voice, vote and expert here is simulated",
        next_commands=commands, paths={"workspace": home, "MLflow": ui},
    )  # fmt: skip
    out.print(f"\nDone in {seconds:.0f} s. Report: {page}", markup=False)
    out.print(f"MLflow: {ui}", markup=False)
    out.print("\nNext:")
    for command, what in commands:
        out.print(f"  {command}", markup=False)
        out.print(f"      {what}", markup=False, style="dim")
