"""What an edit of a labelling function changed: its votes before and after, and their worth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from labeling_functions.machinery.analysis import class_names
from rounds.function_bench import Bench, judge, loaded_functions
from rounds.function_votes import Cast, cast, cast_before


@dataclass(frozen=True)
class Compared:
    """`before` and `after`: a row each of `Checked.functions`, beside the same other functions.

    `counts`: votes gained (it abstained before), lost, changed (another value) and kept.
    `changed`: a row a segment whose vote is another now: `segment_id`, `path`, `start_s`,
    `end_s`, `speaker`, `said`, `says`, `truth` (abstaining: None).
    """

    name: str
    on: str
    before: pd.Series
    after: pd.Series
    counts: dict[str, int]
    changed: pd.DataFrame
    problems: list[str]
    yardstick: str


def compare(bench: Bench, name: str, *, against: str | None = None) -> Compared:
    """The function as it is beside the version of it last recorded (or one `against`).

    Raises ValueError where there is no such function or version, or where it fails.
    """
    functions, problems = loaded_functions(bench.workspace, [name])
    function = next(f for f in functions if f.name == name)
    said, failed = cast(bench.pool, functions)
    if name not in said:
        raise ValueError(next((line for line in failed if line.startswith(name)), failed[0]))
    former = cast_before(bench.pool, function, against)
    problems += failed
    now = judge(bench, functions, said, [name], problems, 0).functions.loc[name]
    then = judge(bench, functions, {**said, name: former}, [name], problems, 0).functions.loc[name]
    changed, counts = _changes(bench, former, said[name])
    return Compared(
        name=name,
        on=function.on,
        before=then,
        after=now,
        counts=counts,
        changed=changed,
        problems=problems,
        yardstick=bench.yardstick,
    )


def _changes(bench: Bench, before: Cast, after: Cast) -> tuple[pd.DataFrame, dict[str, int]]:
    frame = bench.pool.frame
    said, says = _values(bench, before, len(frame)), _values(bench, after, len(frame))
    spoke, speaks = said != "", says != ""
    counts = {
        "gained": int((~spoke & speaks).sum()),
        "lost": int((spoke & ~speaks).sum()),
        "changed": int((spoke & speaks & (said != says)).sum()),
        "kept": int((spoke & (said == says)).sum()),
    }
    row = np.flatnonzero(said != says)
    names = class_names(after.on, bench.workspace.scheme)
    truth = bench.truth.get(after.on, np.full(len(frame), -1))[row]
    shown = frame.iloc[row][["segment_id", "path", "start_s", "end_s", "speaker_id"]]
    shown = shown.rename(columns={"speaker_id": "speaker"}).reset_index(drop=True)
    return shown.assign(
        said=[text or None for text in said[row]],
        says=[text or None for text in says[row]],
        truth=[names[c] if c >= 0 else None for c in truth],
    ), counts


def _values(bench: Bench, cast: Cast, n: int) -> np.ndarray:
    """(n,) what it said of each segment, in words; empty where it abstained."""
    names = class_names(cast.on, bench.workspace.scheme)
    texts = ["|".join(names[c] for c in sorted(value)) for value in cast.votes.vocabulary]
    out = np.full(n, "", dtype=object)
    out[cast.votes.item] = np.array(texts, dtype=object)[cast.votes.value] if texts else ""
    return out
