"""Votes of single functions on the whole pool, kept by the version of the function that cast them.

An unchanged function is not run again on an unchanged pool, and what a function said before it
was edited can be looked up, or cast anew from the text that it had.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyarrow import feather

import db.artifacts
import labeling_functions
from audio.vocabulary import FEATURE_VERSION
from labeling_functions import LabelingFunction
from labeling_functions.machinery.loading import file_of, load_text
from labels.votes import Votes
from rounds import features
from rounds.artifacts import Json, Made, digest, digest_frame, get, make, write_frame
from rounds.votes import function_table
from rounds.workspace import Workspace

KIND = "function_votes"
TABLE = "function_table"
_ABOUT = (
    "segment_id", "recording_id", "corpus", "start_s", "speaker_id", "speaker", "gender", "age",
    "language", "dialect", "style", "session", "turn", "transcript", "duration_s",
)  # fmt: skip


@dataclass(frozen=True)
class FunctionPool:
    """What functions vote on: the segments as they are in `frame` (as `rounds.pool.read`).

    `key` names all that a function can see: the same key, the same table. `apart` as in
    `rounds.votes.function_table`.
    """

    workspace: Workspace
    frame: pd.DataFrame
    key: str
    apart: frozenset[str] = frozenset()

    @cached_property
    def table(self) -> pd.DataFrame:
        """What a function sees, as `rounds.votes.function_table`; gathered once for a pool."""
        read = feather.read_table(self._gathered.folder / "table.feather", memory_map=True)
        return read.to_pandas(split_blocks=True).set_index("segment_id")

    @property
    def n_without_features(self) -> int:
        """How many segments have no acoustic features (of today's kind) yet."""
        return int(self._gathered.report["n_without_features"])

    @cached_property
    def _gathered(self) -> Made:
        def build(folder: Path) -> Json:
            known = features.load(self.workspace, self.frame["segment_id"].tolist())
            table = function_table(self.frame, known, self.apart).reset_index()
            feather.write_feather(table, folder / "table.feather", compression="uncompressed")
            return {"n_rows": len(table), "n_without_features": len(table) - len(known)}

        made = make(self.workspace, TABLE, "2", {"pool": self.key}, build)
        _forget_others(made)
        return made


@dataclass(frozen=True)
class Cast:
    """What one function said of the pool: `votes` (its one source has the function's name)."""

    name: str
    on: str
    version: str
    votes: Votes
    seconds: float


def pool_of(
    workspace: Workspace, frame: pd.DataFrame, apart: frozenset[str] = frozenset()
) -> FunctionPool:
    """The pool in `frame`, named by what is known of its segments and by the features there are."""
    with workspace.reading() as tx:
        known = [a.id for a in db.artifacts.find(tx, features.KIND, version=FEATURE_VERSION)]
    about = frame[[name for name in _ABOUT if name in frame]]
    key = digest(digest_frame(about), FEATURE_VERSION, sorted(known), sorted(apart))
    return FunctionPool(workspace, frame, key, apart)


def cast(
    pool: FunctionPool, functions: Iterable[LabelingFunction]
) -> tuple[dict[str, Cast], list[str]]:
    """What each function says of the pool, by name, and a line for each that failed.

    Votes cast before by the same version on the same pool are read, not cast again.
    """
    found: dict[str, Cast] = {}
    problems: list[str] = []
    for function in functions:
        said = _kept(pool, function.name, function.on, function.version)
        if said is None:
            said, problem = _cast_anew(pool, function, _text_of(function))
            problems += problem
        if said is not None:
            found[function.name] = said
    return found, problems


def cast_before(pool: FunctionPool, function: LabelingFunction, version: str | None = None) -> Cast:
    """What the version of a function last recorded before this one says of the pool.

    `version` (or how it begins) asks for a certain one. Votes kept on this pool are read; on
    another pool the former text of the file votes anew. Raises ValueError where there is no such
    version.
    """
    with pool.workspace.reading() as tx:
        kept = [a for a in db.artifacts.find(tx, KIND) if a.made_from["function"] == function.name]
    known = list(dict.fromkeys(a.made_from["version"] for a in kept))
    fitting = [
        a
        for a in kept
        if (a.made_from["version"].startswith(version) if version else
            a.made_from["version"] != function.version)
    ]  # fmt: skip
    if not fitting:
        recorded = f"recorded: {', '.join(known)}" if known else "none is recorded"
        asked = f"version {version!r}" if version else f"version other than {function.version}"
        raise ValueError(
            f"{function.name} has no {asked} to compare with ({recorded}); `undertone lf check` "
            "records the version there is, then edit and compare"
        )
    last = fitting[-1]
    said = _kept(pool, function.name, last.made_from["on"], last.made_from["version"])
    if said is not None:
        return said
    text = get(pool.workspace, KIND, last.id).report["text"]
    former = [f for f in load_text(text, file_of(function)).functions if f.name == function.name]
    said, problems = _cast_anew(pool, former[0], text) if former else (None, ["it does not load"])
    if said is None:
        raise ValueError(
            f"version {last.made_from['version']} of {function.name} does not run on the pool as "
            f"it is now: {problems[0]}"
        )
    return said


def joined(cast: Iterable[Cast], dimension: str, n_items: int, n_classes: int) -> Votes:
    """The votes of several functions on one dimension; sources in the order given."""
    own = [one for one in cast if one.on == dimension]
    vocabulary = tuple(dict.fromkeys(value for one in own for value in one.votes.vocabulary))
    at = {value: v for v, value in enumerate(vocabulary)}
    none = np.empty(0, dtype=np.int64)
    values = [
        np.array([at[v] for v in one.votes.vocabulary], dtype=np.int64)[one.votes.value]
        for one in own
    ]
    return Votes(
        n_items=n_items,
        n_classes=n_classes,
        sources=tuple(one.name for one in own),
        vocabulary=vocabulary,
        item=np.concatenate([none, *(one.votes.item for one in own)]),
        source=np.repeat(np.arange(len(own)), [len(one.votes.item) for one in own]),
        value=np.concatenate([none, *values]),
    )


def _made_from(pool: FunctionPool, name: str, on: str, version: str) -> dict[str, Any]:
    scheme = pool.workspace.scheme.digest
    return {"function": name, "on": on, "version": version, "pool": pool.key, "scheme": scheme}


def _kept(pool: FunctionPool, name: str, on: str, version: str) -> Cast | None:
    made_from = _made_from(pool, name, on, version)
    try:
        made = get(pool.workspace, KIND, digest(KIND, "1", made_from))
    except ValueError:
        return None
    return _read(pool, made, made_from)


def _cast_anew(
    pool: FunctionPool, function: LabelingFunction, text: str
) -> tuple[Cast | None, list[str]]:
    applied = labeling_functions.apply([function], pool.table, pool.workspace.scheme)
    if applied.problems:
        return None, [str(problem) for problem in applied.problems]
    votes = applied.votes[function.on]

    def build(folder: Path) -> Json:
        frame = pd.DataFrame({"item": votes.item, "value": votes.value}, dtype=np.int32)
        write_frame(frame, folder)
        return {
            "n_rows": len(frame),
            "values": [sorted(value) for value in votes.vocabulary],
            "seconds": applied.seconds[function.name],
            "text": text,
        }

    made_from = _made_from(pool, function.name, function.on, function.version)
    return _read(pool, make(pool.workspace, KIND, "1", made_from, build), made_from), []


def _read(pool: FunctionPool, made: Made, made_from: dict[str, Any]) -> Cast:
    frame = made.frame()
    votes = Votes(
        n_items=len(pool.frame),
        n_classes=pool.workspace.scheme.n_classes(made_from["on"]),
        sources=(made_from["function"],),
        vocabulary=tuple(frozenset(value) for value in made.report["values"]),
        item=frame["item"].to_numpy(dtype=np.int64),
        source=np.zeros(len(frame), dtype=np.int64),
        value=frame["value"].to_numpy(dtype=np.int64),
    )
    return Cast(
        made_from["function"], made_from["on"], made_from["version"], votes, made.report["seconds"]
    )


def _text_of(function: LabelingFunction) -> str:
    """The file's text, if it is still that of this version; else nothing, rather than another's."""
    try:
        text = file_of(function).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    names = {f.name: f.version for f in load_text(text, file_of(function)).functions}
    return text if names.get(function.name) == function.version else ""


def _forget_others(made: Made) -> None:
    """A table of a pool that is no more takes room, and can be gathered again."""
    for folder in made.folder.parent.iterdir():
        if folder != made.folder and not folder.name.startswith("."):
            shutil.rmtree(folder, ignore_errors=True)
