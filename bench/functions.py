"""What labelling functions cost: applied beside Snorkel, and checked on a large pool.

    python bench/functions.py [--segments 100000]

First the same rules written both ways, as vectorised functions and as Snorkel's own: votes are
compared cell by cell, and the rate is votes asked for (rows x functions) a second. Then
`undertone lf check` as a user types it, in a process of its own, on a pool whose features are
made up and cached: the first time, again, after one function was edited, and for that one alone.
Everything is written to a temporary folder.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from made_pool import made_up

os.environ.setdefault("OMP_NUM_THREADS", "1")
# bench/active_learning.py would hide the room of that name.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).parent]

import numpy as np
import pandas as pd
from snorkel.labeling import LabelingFunction as SnorkelFunction
from snorkel.labeling import LFAnalysis, PandasLFApplier

import db.artifacts
import db.judgements
import db.recordings
import db.segments
import db.speakers
import labeling_functions
from audio.features import FEATURE_NAMES, FEATURE_VERSION
from config.opening import open_workspace
from config.settings import Settings
from labeling_functions import cases, labeling_function
from labels.judgements import Judgement
from labels.scheme import Scheme
from rounds.workspace import Workspace

UNDERTONE = str(Path(sys.executable).with_name("undertone"))
N_FOR_SNORKEL = 5_000
"""Rows for Snorkel's applier: its rate does not depend on how many there are."""
N_SPEAKERS = 200
_FEATURES_AT_ONCE = 10_000

Row = Callable[[pd.Series], int]


@dataclass(frozen=True)
class Rule:
    """Two features beyond two limits mean one class."""

    first: str
    above: float
    second: str
    below: float
    emotion: str

    def vectorised(self, name: str) -> labeling_functions.LabelingFunction:
        """As our functions are written."""

        def rule(table: pd.DataFrame) -> object:
            return cases(
                table,
                (
                    (table[self.first] > self.above) & (table[self.second] < self.below),
                    self.emotion,
                ),
            )

        rule.__name__ = name
        rule.__doc__ = "A rule of the bench."
        return labeling_function(on="emotion")(rule)

    def by_row(self, name: str, place: int) -> SnorkelFunction:
        """As Snorkel's are."""
        first, above, second, below = self.first, self.above, self.second, self.below

        def rule(row: pd.Series) -> int:
            return place if row[first] > above and row[second] < below else -1

        return SnorkelFunction(name=name, f=rule)


def rules(n: int, seed: int = 0) -> list[Rule]:
    rng = np.random.default_rng(seed)
    classes = Scheme.default().classes
    return [
        Rule(
            *(FEATURE_NAMES[rng.integers(len(FEATURE_NAMES))], float(rng.normal(0.3, 0.3))),
            *(FEATURE_NAMES[rng.integers(len(FEATURE_NAMES))], float(rng.normal(0.7, 0.3))),
            classes[j % len(classes)],
        )
        for j in range(n)
    ]


def table_of(n: int, columns: Sequence[str], seed: int = 0) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(n, len(columns))).astype(np.float32)
    return pd.DataFrame(values, columns=list(columns))


def applied(n_segments: int, n_rules: int = 20) -> None:
    scheme, written = Scheme.default(), rules(n_rules)
    ours = [rule.vectorised(f"rule_{j}") for j, rule in enumerate(written)]
    theirs = [
        rule.by_row(f"rule_{j}", scheme.classes.index(rule.emotion))
        for j, rule in enumerate(written)
    ]
    print(f"\n{n_rules} rules over two features each, votes asked for a second:")
    print("                                          rows     seconds      votes/s   times Snorkel")
    needed = tuple(dict.fromkeys(name for r in written for name in (r.first, r.second)))
    for what, columns in (("only the columns they need", needed), ("every feature", FEATURE_NAMES)):
        few, many = table_of(N_FOR_SNORKEL, columns), table_of(n_segments, columns)
        began = time.perf_counter()
        matrix = PandasLFApplier(theirs).apply(few, progress_bar=False)
        slow = time.perf_counter() - began
        votes = labeling_functions.apply(ours, few, scheme).votes["emotion"]
        if not np.array_equal(votes.to_dense(), matrix):
            raise SystemExit("the two ways do not vote alike")
        began = time.perf_counter()
        labeling_functions.apply(ours, many, scheme)
        fast = time.perf_counter() - began
        rates = N_FOR_SNORKEL * n_rules / slow, n_segments * n_rules / fast
        print(f"  {what}")
        print(
            f"    Snorkel's PandasLFApplier    {N_FOR_SNORKEL:12,} {slow:11.2f} {rates[0]:12,.0f}"
        )
        print(
            f"    labeling_functions.apply     {n_segments:12,} {fast:11.2f} {rates[1]:12,.0f}"
            f"   {rates[1] / rates[0]:8.0f}"
        )
    began = time.perf_counter()
    summary = labeling_functions.analysis({"emotion": votes}, scheme)
    seconds = time.perf_counter() - began
    stock = LFAnalysis(matrix, theirs).lf_summary()
    same = np.allclose(stock["Coverage"].to_numpy(), summary["Coverage"].to_numpy())
    print(f"  the analysis' coverage is LFAnalysis': {'yes' if same else 'NO'} ({seconds:.2f} s)")


def pool(folder: Path, n: int) -> Workspace:
    """A workspace of `n` segments with made-up features and gold on one in a hundred."""
    subprocess.run([UNDERTONE, "init"], cwd=folder, check=True, capture_output=True)
    workspace = open_workspace(Settings())
    recordings, segments = made_up(n, N_SPEAKERS)
    classes = Scheme.default().classes
    judged = [
        Judgement(f"j{i}", segments[i].id, "anna", "expert", {"emotion": classes[i // 100 % 7]})
        for i in range(0, n, 100)
    ]
    with workspace.writing() as tx:
        db.recordings.add(tx, recordings)
        db.segments.add(tx, segments)
        db.judgements.add(tx, judged)
    for first in range(0, n, _FEATURES_AT_ONCE):
        ids = [s.id for s in segments[first : first + _FEATURES_AT_ONCE]]
        frame = table_of(len(ids), FEATURE_NAMES, seed=first)
        frame.insert(0, "segment_id", ids)
        path = f"features/{FEATURE_VERSION}/{first}.parquet"
        file = workspace.artifacts / path
        file.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(file, index=False)
        with workspace.writing() as tx:
            db.artifacts.register(
                tx, id=f"made{first}", kind="features", version=FEATURE_VERSION, path=path,
                n_rows=len(ids), made_from={"segments": ids[0]},
            )  # fmt: skip
    with workspace.writing() as tx:
        db.speakers.assign_splits(tx, held_out_fraction=0.3, seed=0)
    return workspace


LAUNCH = """
import resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(code)
"""
"""Runs a command from a small process: a child's peak memory begins with its parent's."""


def command(folder: Path, *words: str) -> str:
    """Run one command in a process of its own: wall, CPU seconds and peak memory as text."""
    launched = [sys.executable, "-c", LAUNCH, UNDERTONE, *words]
    done = subprocess.run(launched, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"undertone {' '.join(words)} failed")
    wall, cpu, peak = map(float, done.stdout.split())
    return f"{wall:8.1f} {cpu:8.1f} {peak:8.0f}"


def checked(n: int) -> None:
    with tempfile.TemporaryDirectory(prefix="undertone-bench-") as name:
        folder = Path(name)
        os.environ["UNDERTONE_HOME"] = name
        workspace = pool(folder, n)
        print(f"\n{n:,} segments with cached features:                 wall s    CPU s  peak MB")
        print(f"  undertone lf list                             {command(folder, 'lf', 'list')}")
        print(f"  undertone lf check, the first on this pool    {command(folder, 'lf', 'check')}")
        print(f"  undertone lf check, again                     {command(folder, 'lf', 'check')}")
        own = workspace.function_dirs[0] / "bench_rule.py"
        own.write_text(
            "from labeling_functions import cases, labeling_function\n\n"
            '@labeling_function(on="emotion")\ndef bench_rule(table):\n    """Loud."""\n'
            '    return cases(table, (table["loudness_db_mean_z"] > 1.0, {"anger", "fear"}))\n'
        )
        command(folder, "lf", "check", "bench_rule")
        own.write_text(own.read_text().replace("1.0", "1.2"))
        words = ("lf", "check", "bench_rule")
        print(f"  undertone lf check NAME, after an edit        {command(folder, *words)}")
        own.write_text(own.read_text().replace("1.2", "1.1"))
        words = ("lf", "compare", "bench_rule")
        print(f"  undertone lf compare NAME, after another      {command(folder, *words)}")
        page = ("lf", "check", "--html", "check.html")
        print(f"  undertone lf check --html                     {command(folder, *page)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--segments", type=int, default=100_000, help="size of the pool")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    applied(asked.segments)
    checked(asked.segments)


if __name__ == "__main__":
    main()
