"""`undertone round` and `undertone status`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.batch_options import Floor, Minutes, Quota, batch_wishes
from cli.console import bars, out, remark, say, span, table
from cli.main import app

if TYPE_CHECKING:
    from rounds.workspace import Workspace


@app.command("round")
def round_(
    rounds: Annotated[
        int, typer.Option("--rounds", min=1, help="How many rounds, one after the other.")
    ] = 1,
    simulate_expert: Annotated[
        bool,
        typer.Option(
            "--simulate-expert", help="Have each batch judged from the corpus' reference labels."
        ),
    ] = False,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Segments a batch.")] = None,
    minutes: Minutes = None,
    quota: Quota = None,
    floor: Floor = None,
    strategy: Annotated[str | None, typer.Option(help="How segments are chosen.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of every random choice.")] = None,
) -> None:
    """Run a round: pull, features, votes, label, train, score, select, publish a batch.

    Killed anywhere, the same command goes on where it was.

    Example: undertone round --rounds 3 --simulate-expert
    """
    from cli.round_table import show_rounds
    from config.opening import open_workspace, round_plan
    from config.settings import Settings
    from flows.running import run_here
    from rounds.expert import judge_batch
    from rounds.pool import check_speech

    settings = Settings()
    workspace = open_workspace(settings)
    overrides: dict[str, Any] = {
        name: value
        for name, value in (("batch_size", batch_size), ("strategy", strategy), ("seed", seed))
        if value is not None
    } | batch_wishes(minutes, quota, floor)
    round_plan(settings, overrides)
    if not settings.sources:
        check_speech(workspace)
    for _ in range(rounds):
        with bars():
            metrics = run_here(settings, overrides)
        batch_id = f"round-{metrics['round']}"
        for problem in metrics.get("problems", []):
            remark(f"left out: {problem}")
        for note in metrics.get("notes", []):
            remark(note)
        if simulate_expert:
            n_new = judge_batch(workspace, batch_id)
            remark(f"{batch_id}: {n_new} judgements by the simulated expert")
    show_rounds(workspace)
    if not simulate_expert:
        _say_what_is_open(workspace, batch_id)
        say(f"Next: undertone batch export {batch_id} --out {batch_id}.csv")


def _say_what_is_open(workspace: "Workspace", batch_id: str) -> None:
    """Batches of former rounds that still wait for judgements."""
    import db.batches

    with workspace.reading() as tx:
        others = [one.id for one in db.batches.list_batches(tx, state="open") if one.id != batch_id]
        far = {name: db.batches.progress(tx, name) for name in others}
    if others:
        told = [f"{name} ({one.n_judged} of {one.n_items} judged)" for name, one in far.items()]
        remark(f"still open from before: {', '.join(told)}")


@app.command()
def status() -> None:
    """Show where the workspace stands: the pool, the batches, the rounds, the champion.

    Example: undertone status
    """
    import db.batches
    import db.quarantine
    from cli.round_table import show_rounds
    from config.opening import open_workspace
    from config.settings import Settings
    from rounds.pool import read as read_pool

    settings = Settings()
    workspace = open_workspace(settings)
    with workspace.reading() as tx:
        batches = db.batches.list_batches(tx)
        quarantined = db.quarantine.list_entries(tx)
    pool = read_pool(workspace)
    seconds = float((pool["end_s"] - pool["start_s"]).sum())
    rows = [
        ("workspace", str(settings.home)),
        ("segments", len(pool)),
        ("speakers", int(pool["speaker_id"].nunique())),
        ("speech", span(seconds)),
        ("open batches", ", ".join(b.id for b in batches if b.state == "open") or "none"),
        ("quarantined", len(quarantined)),
    ]
    out.print(table("Where things stand", ("what", "value"), rows))
    show_rounds(workspace)
