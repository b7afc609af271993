"""Files that can be made again: folders named by the hash of what they were made from.

A folder is filled beside its place, synced, renamed, and then recorded; so a folder in place is
whole, and one that was never recorded is found and recorded by the next call.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import db.artifacts
from rounds.durable import beside, clear_leftovers, sync, sync_folder
from rounds.workspace import Workspace

Json = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """An artifact: its id, the folder that holds it, and the report of its making."""

    id: str
    folder: Path
    report: Json

    def frame(self, name: str = "data") -> pd.DataFrame:
        """One of the tables in the folder."""
        return pd.read_parquet(self.folder / f"{name}.parquet")


def digest(*parts: object) -> str:
    """A short hash (16 hex digits) of JSON-able values; equal values, equal hash."""
    said = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def digest_frame(frame: pd.DataFrame) -> str:
    """A short hash of a table's column names and values, in order."""
    hasher = hashlib.sha256(repr(list(frame.columns)).encode())
    hasher.update(pd.util.hash_pandas_object(frame.reset_index(drop=True), index=False).to_numpy())
    return hasher.hexdigest()[:16]


def make(
    workspace: Workspace,
    kind: str,
    version: str,
    made_from: Mapping[str, Any],
    build: Callable[[Path], Json],
) -> Made:
    """The artifact of `kind` made from these inputs, building it only if it is not there yet.

    `build` gets an empty folder to fill and returns a JSON-able report; `n_rows` in it goes to
    the records.
    """
    identity = digest(kind, version, dict(made_from))
    folder = workspace.artifacts / kind / identity
    if not (folder / "report.json").exists():
        _fill(folder, build)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    with workspace.writing() as tx:
        db.artifacts.register(
            tx,
            id=identity,
            kind=kind,
            version=version,
            path=f"{kind}/{identity}",
            n_rows=int(report.get("n_rows", 0)),
            made_from=dict(made_from),
        )
    return Made(identity, folder, report)


def get(workspace: Workspace, kind: str, identity: str) -> Made:
    """An artifact that was made before. Raises ValueError when its files are gone."""
    folder = workspace.artifacts / kind / identity
    try:
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(
            f"the files of {kind} {identity} are gone from {workspace.artifacts}; "
            "run the step that makes them again"
        ) from error
    return Made(identity, folder, report)


def write_frame(frame: pd.DataFrame, folder: Path, name: str = "data") -> None:
    """A table as Parquet in an artifact's folder; the same table gives the same bytes."""
    frame.to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")


def _fill(folder: Path, build: Callable[[Path], Json]) -> None:
    clear_leftovers(folder.parent)
    making = beside(folder)
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        report = build(making)
        text = json.dumps(report, indent=1, sort_keys=True, default=float)
        (making / "report.json").write_text(text, encoding="utf-8")
        sync(making)
        try:
            making.rename(folder)
        except OSError:
            if not (folder / "report.json").exists():
                raise
        else:
            sync_folder(folder.parent)
    finally:
        shutil.rmtree(making, ignore_errors=True)
