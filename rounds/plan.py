"""What a round is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from active_learning.rules import USUAL, Rules

HANDLING_S = 6.0
"""What a judgement takes beside listening: thinking, keys, the next clip."""

BATCH_SIZE = 48

GROUPED = ("speaker", "gender", "language", "dialect", "style", "emotion")
"""What quotas and floors of a batch may be by; emotion is the one that the model predicts."""


@dataclass(frozen=True)
class RoundPlan:
    """What a round is asked to do. Kept with the round, so that a resumed one does the same.

    A batch has `batch_size` clips (None: as many as there is time for) and takes at most
    `batch_minutes` to hear and judge (None: any), each clip its length and `handling_s`, as often
    as `overlap` people judge it. `evaluation_share` of it is the random slice, at most
    `opinion_share` of the rest are further opinions on clips that were judged already; a clip
    whose emotion is sure to `settled` is asked about no more. `quotas`, `floors` and `apart` are
    `active_learning.rules.Rules`'s, by speaker, gender, language, dialect, style and emotion.
    """

    seed: int = 0
    batch_size: int | None = BATCH_SIZE
    evaluation_share: float = 0.25
    strategy: str = "default"
    sources: tuple[str, ...] = ()
    overlap: int = 1
    batch_minutes: float | None = None
    handling_s: float = HANDLING_S
    quotas: Mapping[str, float] = field(default_factory=lambda: dict(USUAL.most))
    floors: Mapping[str, float] = field(default_factory=lambda: dict(USUAL.least))
    apart: float = USUAL.apart
    opinion_share: float = 0.25
    settled: float = 0.95

    def __post_init__(self) -> None:
        """Raises ValueError for a strategy that there is not, or a batch that cannot be: no round
        should begin with it."""
        from active_learning.strategies import strategy  # with half a second of scikit-learn

        strategy(self.strategy)
        if self.batch_size is None and self.batch_minutes is None:
            raise ValueError("a batch needs a size in clips or in minutes")
        unknown = next((name for name in (*self.quotas, *self.floors) if name not in GROUPED), None)
        if unknown is not None:
            known = ", ".join(GROUPED)
            raise ValueError(f"{unknown!r} is nothing to share a batch by (known: {known})")
        self.rules  # noqa: B018 - raises where a share is none

    @property
    def rules(self) -> Rules:
        """What the batch is held to."""
        budget_s = None if self.batch_minutes is None else 60 * self.batch_minutes
        return Rules(self.quotas, self.floors, self.apart, budget_s)
