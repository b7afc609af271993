"""What a round costs: the user's own commands on a real corpus, then on pools that grow.

    python bench/round.py [--corpus FOLDER] [--scales 1 4 16]

The corpus is nEMO in the folder UNDERTONE_TEST_DATA or <repo>/../shared/data; any source with
emotion labels will do. Everything is written to a temporary folder. A bigger pool is the corpus
again under new speakers, each copy a little quieter, so that it counts as other sound; copies are
not listened to again: their features are the originals' with a little seeded noise. Everything
else is real. CPU seconds stand beside wall seconds, for a box is rarely idle.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
# bench/active_learning.py would hide the room of that name.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).parent]

import numpy as np
import pandas as pd
import psutil
import soundfile

import db.rounds
from config.opening import open_workspace, round_plan
from config.settings import Settings
from corpora.entries import Entry
from corpora.source import read
from rounds import features
from rounds.durable import sync
from rounds.expert import judge_batch
from rounds.ingest import ingest
from rounds.round import STEPS, begin, run_step
from rounds.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", ROOT.parent / "shared" / "data"))
UNDERTONE = str(Path(sys.executable).with_name("undertone"))

STEP_DB = 0.05
"""How much quieter each copy is than the one before."""

NOISE = 0.05
"""Noise on a copy's features, in standard deviations of the corpus."""

WORST = math.log(16 * math.log(38_400) / math.log(2_400)) / math.log(16)
"""The exponent that n log n has between 2,400 and 38,400 segments."""

_TICK_S = 0.1
"""CPU time is told in hundredths of a second; a shorter step counts as this long."""

_SMALL_S = 0.5
"""A step that takes less CPU time than this on the largest pool has no exponent worth telling."""


class Meter:
    """Wall and CPU seconds of a `with` block, and the most memory that its processes held at once.

    Memory is this process and its descendants; what they share counts once. The CPU time of the
    measuring itself does not count.
    """

    def __init__(self) -> None:
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Meter":
        self.peak_mb = self._watching_s = 0.0
        self._began, self._cpu_before = time.monotonic(), cpu_seconds()
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall_s = time.monotonic() - self._began
        self._done.set()
        self._watcher.join()
        self.cpu_s = cpu_seconds() - self._cpu_before - self._watching_s

    def _watch(self) -> None:
        me = psutil.Process()
        while True:
            tree = [me, *me.children(recursive=True)]
            self.peak_mb = max(self.peak_mb, sum(held(one.pid) for one in tree) / 1024)
            if self._done.wait(0.2):
                break
        self._watching_s = time.thread_time()


def held(pid: int) -> int:
    """KiB of memory that a process holds, with its part of what is shared; 0 when it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(text.partition("\nPss:")[2].split()[0])


def cpu_seconds() -> float:
    """Of this process and of those it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def commands(corpus: str, home: Path) -> pd.DataFrame:
    """The user's commands, one after the other, in an empty workspace: a row each."""
    rounds = [["round", "--simulate-expert"]] * 3
    told = [["ingest", corpus], ["features"], *rounds, ["status"], ["--help"]]
    own = held(os.getpid()) / 1024
    rows = []
    for words in told:
        with Meter() as meter:
            subprocess.run(
                [UNDERTONE, "--home", str(home), *words], check=True, stdout=subprocess.DEVNULL
            )
        shown = f"undertone {' '.join(words)}".replace(corpus, Path(corpus).name)
        rows.append((shown, meter.wall_s, meter.cpu_s, meter.peak_mb - own))
    return pd.DataFrame(rows, columns=["command", "wall s", "CPU s", "peak MB"])


def quality(workspace: Workspace) -> pd.DataFrame:
    """What each round was worth, on the reference labels of held-out speakers."""
    with workspace.reading() as tx:
        rounds = db.rounds.list_rounds(tx)
    wanted = {"n_bought": "labels", "weak_labels.uar": "weak UAR", "reference.uar": "UAR"}
    rows = [{"round": r.number} | {w: r.metrics.get(n) for n, w in wanted.items()} for r in rounds]
    return pd.DataFrame(rows)


def grow(entries: Sequence[Entry], n_copies: int, folder: Path) -> Path:
    """The corpus `n_copies` times, with a manifest: other speakers, a little quieter each time."""
    folder.mkdir(parents=True)

    def write(entry: Entry) -> list[dict[str, Any]]:
        sound, rate = soundfile.read(entry.path, always_2d=True)
        rows = []
        for copy in range(n_copies):
            path = folder / f"{copy:02d}" / f"{entry.path.stem}.flac"
            path.parent.mkdir(exist_ok=True)
            quieter = sound * 10 ** (-STEP_DB * copy / 20)
            soundfile.write(path, quieter, rate, subtype="PCM_16", compression_level=0.0)
            about = {name: value for name, value in vars(entry.metadata).items() if value}
            speaker = f"{entry.metadata.speaker}-{copy:02d}"
            where = str(path.relative_to(folder))
            rows.append({"path": where, **about, "speaker": speaker, **entry.labels})
        return rows

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        rows = [row for some in threads.map(write, entries) for row in some]
    manifest = folder / "manifest.csv"
    pd.DataFrame(rows).sort_values("path").to_csv(manifest, index=False)
    return manifest


def filling(known: pd.DataFrame, seed: int = 0) -> features.MapChunks:
    """Chunks filled without listening: rows of `known` (by file stem) and a little noise."""
    spread = known.std().to_numpy()

    def fill(chunks: Sequence[features.Chunk]) -> Iterator[features.Extracted]:
        rng = np.random.default_rng(seed)
        for chunk in chunks:
            frame = known.loc[[Path(row[1]).stem for row in chunk.rows]].reset_index(drop=True)
            frame += (NOISE * spread * rng.standard_normal(frame.shape)).astype(np.float32)
            frame.insert(0, "segment_id", [row[0] for row in chunk.rows])
            frame.to_parquet(chunk.target, index=False, compression="zstd")
            sync(chunk.target)
            yield features.Extracted(chunk.target, len(frame), ())

    return fill


def known_features(workspace: Workspace) -> pd.DataFrame:
    """The features that a workspace has, by the stem of the sound's file."""
    segments = features.pool.read(workspace)
    found = features.load(workspace, segments["segment_id"].tolist())
    stem_of = segments.set_index("segment_id")["path"].map(lambda path: Path(path).stem)
    return found.set_axis(stem_of[found.index], axis=0)


def scaled(manifest: Path, home: Path, known: pd.DataFrame) -> tuple[int, dict[str, tuple]]:
    """Two rounds on a grown corpus: (segments, what each step of the second cost).

    The second, for in the first one libraries are loaded, and there is no gold yet.
    """
    settings = Settings(home=home)
    workspace = open_workspace(settings)
    cost: dict[str, tuple] = {}

    def measured(name: str, work: Callable[[], Any]) -> None:
        with Meter() as meter:
            work()
        cost[name] = (meter.wall_s, meter.cpu_s, meter.peak_mb)

    measured("ingest", lambda: ingest(workspace, str(manifest), n_workers=settings.n_workers))
    measured("features (filled)", lambda: features.compute(workspace, map_chunks=filling(known)))
    for _ in range(2):
        number = begin(workspace, round_plan(settings)).number
        for name in STEPS:
            measured(name, lambda n=number, step=name: run_step(workspace, n, step))
        measured("expert", lambda n=number: judge_batch(workspace, f"round-{n}"))
    return len(features.pool.read(workspace)), cost


def growth(corpus: str, scales: Sequence[int], known: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """CPU seconds and peak memory of each step by size of the pool, and how they grow."""
    scheme = open_workspace(Settings(home=folder)).scheme
    entries = [e for e in read(corpus, scheme, cache_dir=folder / "cache") if isinstance(e, Entry)]
    costs: dict[int, dict[str, tuple]] = {}
    for scale in scales:
        manifest = grow(entries, scale, folder / f"corpus-{scale}")
        home = folder / f"home-{scale}"
        home.mkdir()
        # A process of its own, so that memory is this scale's alone.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            n, costs[scale] = alone.submit(scaled, manifest, home, known).result()
        print(f"{scale}x: {n:,} segments, peak {max(c[2] for c in costs[scale].values()):,.0f} MB")
    first, last = costs[scales[0]], costs[scales[-1]]
    table = pd.DataFrame(index=list(first))
    for scale in scales:
        for j, what in enumerate(("wall s", "CPU s", "peak MB")):
            table[f"{scale}x {what}"] = [costs[scale][name][j] for name in table.index]
    if len(scales) > 1:
        span = math.log(scales[-1] / scales[0])
        table["exponent"] = [
            math.log(last[name][1] / max(first[name][1], _TICK_S)) / span
            if last[name][1] >= _SMALL_S
            else math.nan
            for name in table.index
        ]
    return table


def show(title: str, table: pd.DataFrame, *, index: bool = False) -> None:
    """Print a table."""
    text = table.to_string(index=index, na_rep="-", float_format=lambda x: f"{x:,.2f}")
    print(f"\n{title}\n{text}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", default=str(DATA / "nemo"))
    parser.add_argument("--scales", type=int, nargs="*", default=[1, 4, 16])
    args = parser.parse_args()
    corpus = str(Path(args.corpus).resolve())
    if not Path(corpus).exists():
        sys.exit(f"round.py: {args.corpus} does not exist; --corpus names a labelled corpus")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        home = folder / "home"
        subprocess.run([UNDERTONE, "init", str(home)], check=True, stdout=subprocess.DEVNULL)
        table = commands(corpus, home)
        show("The user's commands", table)
        print(f"total {table['wall s'].sum():.1f} s wall, {table['CPU s'].sum():.1f} s CPU")
        workspace = open_workspace(Settings(home=home))
        show("Rounds", quality(workspace))
        if args.scales:
            table = growth(corpus, args.scales, known_features(workspace), folder)
            show("A round as the pool grows (the second one)", table, index=True)
            worse = [name for name, e in table.get("exponent", pd.Series()).items() if e > WORST]
            print(f"n log n is an exponent of {WORST:.2f}; worse: {', '.join(worse) or 'none'}")


if __name__ == "__main__":
    main()
