"""The bench: what each labelling function is worth on the pool as it is now, in seconds."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import labeling_functions
from labeling_functions import LabelingFunction, redundancy
from labeling_functions.machinery.analysis import analysis, class_names
from labeling_functions.machinery.intervals import share_interval
from labels.votes import Votes
from models.explaining import Joined, join
from rounds.function_ground import Bench, open_bench
from rounds.function_votes import Cast, FunctionPool, cast, joined
from rounds.workspace import Workspace

__all__ = ["Bench", "Checked", "check", "judge", "loaded_functions", "open_bench"]

N_TO_HEAR = 5
_FIT_ON = 20_000


@dataclass(frozen=True)
class Checked:
    """What a check found.

    `functions`: a row a function (index its name), columns as `labeling_functions.analysis` and
    `estimated`, `estimated_low`, `estimated_high` (share of its votes that the joined votes bear
    out), `backed` (the same by the others' votes alone), `gold_low`, `gold_high`, `n_gold`,
    `seconds`, `version`, `doc`, `file`. `values`: a row a function and value: `function`, `value`,
    `n_votes`, `estimated`, `n_gold`, `accuracy`, `chance`. `to_hear`: a row a segment on which a
    function contradicts the others most surely: `function`, `rank`, `segment_id`, `path`,
    `start_s`, `end_s`, `speaker`, `says`, `others_say`, `others_share`, `truth`. `pairs` as
    `labeling_functions.redundancy`, with `on`. `yardstick` says what "true" means here.
    """

    functions: pd.DataFrame
    values: pd.DataFrame
    to_hear: pd.DataFrame
    pairs: pd.DataFrame
    problems: list[str]
    n_segments: int
    n_speakers: int
    yardstick: str


def loaded_functions(
    workspace: Workspace, names: Sequence[str] = ()
) -> tuple[tuple[LabelingFunction, ...], list[str]]:
    """Every function that loads, and a line for each file that does not.

    Raises ValueError for a name in `names` that no function has, with near misses.
    """
    loaded = labeling_functions.load(workspace.function_dirs)
    problems = [str(problem) for problem in loaded.problems]
    known = [f.name for f in loaded.functions]
    for name in names:
        if name not in known:
            raise ValueError(_unknown(name, known, problems))
    return loaded.functions, problems


def check(bench: Bench, names: Sequence[str] = (), *, n_to_hear: int = N_TO_HEAR) -> Checked:
    """What the functions named (default: all) are worth beside all others there are.

    `n_to_hear` segments a function are listed. Functions that fail are named in `problems`.
    """
    functions, problems = loaded_functions(bench.workspace, names)
    problems += _without_features(bench.pool)
    said, failed = cast(bench.pool, functions)
    return judge(bench, functions, said, names, [*problems, *failed], n_to_hear)


def judge(
    bench: Bench,
    functions: Sequence[LabelingFunction],
    said: Mapping[str, Cast],
    names: Sequence[str],
    problems: list[str],
    n_to_hear: int = N_TO_HEAR,
) -> Checked:
    """What votes cast by all functions, by name, are worth; figures of the ones named."""
    scheme, n = bench.workspace.scheme, len(bench.pool.frame)
    wanted = [name for name in said if not names or name in names]
    votes = {d: joined(said.values(), d, n, scheme.n_classes(d)) for d in scheme.dimensions}
    figures = analysis(votes, scheme, truth=bench.truth).reindex(wanted)
    figures["j"] = np.arange(len(figures))
    extra: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    hear: list[pd.DataFrame] = []
    for dimension, one in votes.items():
        if not set(one.sources) & set(wanted):
            continue
        of_dimension = _join_with_crowd(
            one, bench.crowd.get(dimension), bench.workspace.scheme.shares(dimension)
        )
        for name in one.sources:
            if name in wanted:
                view = _View(bench, dimension, name, of_dimension)
                extra.append(view.figures())
                values += view.values()
                hear.append(view.to_hear(n_to_hear))
    figures = figures.join(pd.DataFrame(extra).set_index("function")) if extra else figures
    about = {f.name: f for f in functions}
    figures["seconds"] = [said[name].seconds for name in wanted]
    figures["version"] = [said[name].version for name in wanted]
    figures["doc"] = [about[name].doc for name in wanted]
    figures["file"] = [about[name].file for name in wanted]
    pairs = [redundancy(one).assign(on=d) for d, one in votes.items() if one.sources]
    return Checked(
        functions=figures,
        values=pd.DataFrame(values),
        to_hear=pd.concat(hear, ignore_index=True) if hear else pd.DataFrame(),
        pairs=pd.concat(pairs, ignore_index=True) if pairs else redundancy(Votes.empty(0, 2)),
        problems=problems,
        n_segments=n,
        n_speakers=int(bench.pool.frame["speaker_id"].nunique()),
        yardstick=bench.yardstick,
    )


@dataclass(frozen=True)
class _View:
    """One function's votes among those of all sources of its dimension."""

    bench: Bench
    dimension: str
    name: str
    joined: Joined

    @property
    def _own(self) -> NDArray[np.int64]:
        votes = self.joined.votes
        return np.flatnonzero(votes.source == votes.sources.index(self.name))

    def _truth(self) -> NDArray[np.int64]:
        unknown = np.full(self.joined.votes.n_items, -1)
        return self.bench.truth.get(self.dimension, unknown)

    def figures(self) -> dict[str, Any]:
        """What the joined votes and the truth say of it."""
        own, votes = self._own, self.joined.votes
        item = votes.item[own]
        speakers = self.bench.speakers[item]
        allowed = votes.allowed()[votes.value[own]]
        right = (self.joined.proba[item] * allowed).sum(axis=1)
        low, high = share_interval(right, speakers)
        truth = self._truth()[item]
        known = truth >= 0
        hits = allowed[known, truth[known]]
        gold_low, gold_high = share_interval(hits, speakers[known])
        return {
            "function": self.name,
            "estimated": float(right.mean()) if len(own) else np.nan,
            "estimated_low": low,
            "estimated_high": high,
            "backed": float((self.joined.others[own] * allowed).sum(axis=1).mean())
            if len(own)
            else np.nan,
            "n_gold": int(known.sum()),
            "gold_low": gold_low,
            "gold_high": gold_high,
        }

    def values(self) -> list[dict[str, Any]]:
        """The same for each value that it votes for."""
        own, votes = self._own, self.joined.votes
        names = class_names(self.dimension, self.bench.workspace.scheme)
        truth = self._truth()
        rates = np.bincount(truth[truth >= 0], minlength=votes.n_classes)
        rows = []
        for v in np.unique(votes.value[own]):
            some = own[votes.value[own] == v]
            item, allowed = votes.item[some], sorted(votes.vocabulary[v])
            known = truth[item][truth[item] >= 0]
            rows.append(
                {
                    "function": self.name,
                    "value": "|".join(names[c] for c in allowed),
                    "n_votes": len(some),
                    "estimated": float(self.joined.proba[item][:, allowed].sum(axis=1).mean()),
                    "n_gold": len(known),
                    "accuracy": float(np.isin(known, allowed).mean()) if len(known) else np.nan,
                    "chance": float(rates[allowed].sum() / rates.sum()) if rates.sum() else np.nan,
                }
            )
        return rows

    def to_hear(self, n: int) -> pd.DataFrame:
        """Segments where the others are surest that it is wrong; of equal ones, many speakers."""
        own, votes = self._own, self.joined.votes
        others = self.joined.others[own]
        against = 1 - (others * votes.allowed()[votes.value[own]]).sum(axis=1)
        some = min(40 * n, len(own))
        top = np.sort(np.argpartition(-against, some - 1)[:some]) if some else own[:0]
        speaker = pd.Series(self.bench.speakers[votes.item[own[top]]])
        turn = speaker.groupby(speaker).cumcount().to_numpy()
        top = top[np.lexsort((turn, -np.round(against[top], 2)))][:n]
        return self._shown(own[top], others[top])

    def _shown(self, vote: NDArray[np.int64], others: NDArray[np.float64]) -> pd.DataFrame:
        votes = self.joined.votes
        names = class_names(self.dimension, self.bench.workspace.scheme)
        item, best = votes.item[vote], others.argmax(axis=1)
        about = self.bench.pool.frame.iloc[item].reset_index(drop=True)
        truth = self._truth()[item]
        shown = about[["segment_id", "path", "start_s", "end_s", "speaker_id"]]
        shown = shown.rename(columns={"speaker_id": "speaker"})
        shown.insert(0, "rank", np.arange(1, len(vote) + 1))
        shown.insert(0, "function", self.name)
        says = ["|".join(names[c] for c in sorted(votes.vocabulary[v])) for v in votes.value[vote]]
        return shown.assign(
            says=says,
            others_say=[names[c] for c in best],
            others_share=others[np.arange(len(vote)), best],
            truth=[names[c] if c >= 0 else None for c in truth],
        )


def _join_with_crowd(
    votes: Votes, crowd: Votes | None, shares: NDArray[np.float64] | None
) -> Joined:
    both = votes if crowd is None else votes.merge(crowd)
    fit_on = None if crowd is not None else _FIT_ON
    return join(both, votes.sources, class_balance=shares, fit_on=fit_on)


def _without_features(pool: FunctionPool) -> list[str]:
    """A line on segments that functions cannot hear. Raises ValueError where that is all."""
    n = pool.n_without_features
    if n == len(pool.frame):
        raise ValueError("no segment has acoustic features yet; `undertone features` first")
    if not n:
        return []
    return [f"{n} of {len(pool.frame)} segments have no acoustic features; `undertone features`"]


def _unknown(name: str, known: Sequence[str], problems: Sequence[str]) -> str:
    for problem in problems:
        if f"{name}.py" in problem:
            return problem
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else "`undertone lf list` names them"
    return f"there is no labelling function {name!r} ({hint})"
