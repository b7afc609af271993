"""What labelling functions are judged on: the pool, the crowd's votes, what is known to be true."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labels.votes import Votes
from rounds import snapshot, usual
from rounds.artifacts import Made
from rounds.evaluation import reference_of
from rounds.function_votes import FunctionPool, pool_of
from rounds.training_gold import training_gold
from rounds.votes import crowd_votes
from rounds.workspace import Workspace

Truth = dict[str, NDArray[np.int64]]

GOLD, REFERENCE = "expert gold of training speakers", "reference labels of training speakers"


@dataclass(frozen=True)
class Bench:
    """What functions are judged on: the pool, the crowd's votes, what is known to be true."""

    pool: FunctionPool
    crowd: Mapping[str, Votes]
    truth: Truth
    yardstick: str

    @cached_property
    def speakers(self) -> NDArray[np.int64]:
        """(n_segments,): whose voice each segment is, as a number."""
        return pd.factorize(self.pool.frame["speaker_id"])[0]

    @property
    def workspace(self) -> Workspace:
        """Where the pool is."""
        return self.pool.workspace


def open_bench(workspace: Workspace, *, reference: bool = False) -> Bench:
    """The bench on the records as they are now. Raises ValueError where there is no speech yet.

    True is what experts said of training speakers or, with `reference`, what the corpora's own
    labels say of them. Held-out speakers are never looked at: models are judged on them.
    """
    frozen = snapshot.take(workspace)
    frame = frozen.frame("pool")
    if frame.empty:
        raise ValueError("there is no speech yet; `undertone ingest SOURCE` first")
    pool = pool_of(workspace, frame, usual.apart(usual.of(workspace, frozen), frame))
    truth = _reference(workspace, frame) if reference else _gold(workspace, frozen, frame)
    has_crowd = frozen.report["n_judgements"] > frozen.report["n_expert_judgements"]
    crowd = crowd_votes(workspace, frozen, frame)[0] if has_crowd else {}
    return Bench(pool, crowd, truth, REFERENCE if reference else GOLD)


def _gold(workspace: Workspace, frozen: Made, frame: pd.DataFrame) -> Truth:
    out: Truth = {}
    for dimension, (rows, classes) in training_gold(workspace, frozen, frame).items():
        out[dimension] = np.full(len(frame), -1)
        out[dimension][rows] = classes
    return out


def _reference(workspace: Workspace, frame: pd.DataFrame) -> Truth:
    emotion, ratings = reference_of(workspace)
    training = frame["split"].to_numpy() != "held_out"
    out: Truth = {}
    for scale in workspace.scheme.scales:
        if scale.name in ratings:
            rated = ratings[scale.name].reindex(frame["segment_id"]).to_numpy()
            known = training & np.isfinite(rated)
            out[scale.name] = np.where(known, scale.to_bin(np.where(known, rated, scale.low)), -1)
    said = emotion.reindex(frame["segment_id"]).fillna(-1).to_numpy(dtype=np.int64)
    out["emotion"] = np.where(training, said, -1)
    return out
