"""Does jobs in child processes that kill themselves (SIGKILL) at a named point.

A process of its own, so that the heavy libraries are read once and each job is a fork: a real
process that really dies. Reads a line of JSON a job from stdin, `{"do", "home", "kill", …}`, and
answers with a line: how the child ended.

A point is `MODULE:NAME:before|after[:WORD]`: just before or after the call of that function (a
dotted name reaches into a class) whose positional arguments, written out, hold WORD.
"""

import importlib
import json
import os
import pickle
import signal
import sys
import traceback
from pathlib import Path

WORKER = "KILL_WORKER_AT"
HEAVY = (
    "torch", "sklearn.linear_model", "snorkel.labeling.model", "mlflow", "mlflow.pyfunc",
    "mlflow.store.tracking.sqlalchemy_store", "mlflow.store.model_registry.sqlalchemy_store",
    "matplotlib.figure", "rounds.round", "rounds.expert", "annotation.batch_files",
    "flows.holding", "config.opening", "corpora.source", "active_learning.selection",
)  # fmt: skip


def arm(point: str) -> None:
    """Have this process killed when it comes to the point."""
    module, name, when, *words = point.split(":", 3)
    *path, last = name.split(".")
    holder = importlib.import_module(module)
    for part in path:
        holder = getattr(holder, part)
    real = getattr(holder, last)

    def wrapped(*args, **kwargs):
        hit = all(word in repr(args) for word in words)
        if hit and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*args, **kwargs)
        if hit and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(holder, last, wrapped)


def do_round(home: str, sources: list[str], batch_size: int, n_workers: int = 1) -> None:
    """What the flow does, without Prefect."""
    import rounds.round
    from config.opening import open_workspace, round_plan
    from config.settings import Settings
    from flows.holding import one_round_at_a_time

    settings = Settings(home=home)
    workspace = open_workspace(settings)
    plan = round_plan(settings, {"sources": sources, "batch_size": batch_size})
    with one_round_at_a_time(workspace, settings.round_lock_ttl_s) as turn:
        number = rounds.round.begin(workspace, plan, follows=turn.follows).number
        for name in rounds.round.STEPS:
            rounds.round.run_step(workspace, number, name, n_workers=n_workers)


def do_judge(home: str, batch: str) -> None:
    """The simulated expert answers a batch."""
    from config.opening import open_workspace
    from config.settings import Settings
    from rounds.expert import judge_batch

    judge_batch(open_workspace(Settings(home=home)), batch)


def do_import(home: str, file: str) -> None:
    """Judgements from a file."""
    from annotation.batch_files import import_judgements
    from config.opening import open_workspace
    from config.settings import Settings

    import_judgements(open_workspace(Settings(home=home)), Path(file), annotator="ada")


def do_ingest(home: str, source: str) -> None:
    """A source into the records."""
    from config.opening import open_workspace
    from config.settings import Settings
    from rounds.ingest import ingest

    ingest(open_workspace(Settings(home=home)), source)


def do_write_down(home: str, file: str) -> None:
    """What the workspace holds, pickled. In a child, for MLflow remembers a file by its path."""
    from tests.rounds.killed.normal_form import whole

    Path(file).write_bytes(pickle.dumps(whole(Path(home))))


JOBS = {
    "round": do_round,
    "judge": do_judge,
    "import": do_import,
    "ingest": do_ingest,
    "write down": do_write_down,
}


def _in_child(do: str, kill: str | None, kill_worker: str | None, answers: int, **job) -> None:
    code = 1
    try:
        if kill_worker:
            os.environ[WORKER] = kill_worker
        if kill:
            arm(kill)
        JOBS[do](**job)
        code = 0
    except BaseException:
        os.write(answers, traceback.format_exc().encode()[-60_000:])
    finally:
        os._exit(code)


def _fork(job: dict) -> dict:
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(readable)
        _in_child(answers=writable, **job)
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        said = pipe.read().decode(errors="replace")
    _, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {"killed": killed, "done": status == 0, "said": said}


def main() -> None:
    """Answer jobs until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is not an answer
    import torch

    torch.set_num_threads(1)
    for name in HEAVY:
        importlib.import_module(name)
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        print(
            json.dumps(_fork({"kill": None, "kill_worker": None, **json.loads(line)})), file=answers
        )


if __name__ == "__main__":
    main()
elif __name__ == "__mp_main__" and (point := os.environ.get(WORKER)):
    arm(point)  # a worker process of a job
