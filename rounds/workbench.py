"""The steps of a round one at a time, on the records as they are now, outside any round.

What they make is kept under the same names as in a round, so nothing is computed twice.
"""

from dataclasses import dataclass

from rounds import features, scoring, selection, snapshot, soft_labels, training, votes
from rounds.artifacts import Made
from rounds.plan import RoundPlan
from rounds.workspace import Progress, Workspace, silent


@dataclass(frozen=True)
class Labelled:
    """The frozen records, the votes cast on them, and the soft labels they gave."""

    snapshot: Made
    votes: Made
    soft: Made


def label(
    workspace: Workspace, plan: RoundPlan, *, n_workers: int = 1, progress: Progress = silent
) -> Labelled:
    """Features where they are missing, votes, soft labels."""
    features.compute(workspace, n_workers=n_workers, progress=progress)
    frozen = snapshot.take(workspace)
    if not frozen.report["n_segments"]:
        raise ValueError("there is no speech yet; `undertone ingest SOURCE` first")
    cast = votes.cast(workspace, frozen)
    return Labelled(frozen, cast, soft_labels.estimate(workspace, frozen, cast, seed=plan.seed))


def train(
    workspace: Workspace, plan: RoundPlan, labelled: Labelled, *, progress: Progress = silent
) -> tuple[Made, Made]:
    """(the model, its scores of the pool)."""
    model = training.fit(
        workspace, labelled.snapshot, labelled.soft, seed=plan.seed, progress=progress
    )
    return model, scoring.score(workspace, labelled.snapshot, model)


def select(workspace: Workspace, plan: RoundPlan, labelled: Labelled, model: Made) -> Made:
    """What the next batch would be, without publishing it."""
    return selection.choose(
        workspace,
        labelled.snapshot,
        model,
        selection.Asked.of(plan, plan.seed),
        soft=labelled.soft,
        votes=labelled.votes,
    )
