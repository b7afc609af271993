"""What a round is asked to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RoundPlan:
    """What a round is asked to do. Kept with the round, so that a resumed one does the same."""

    seed: int = 0
    batch_size: int = 48
    evaluation_share: float = 0.25
    strategy: str = "default"
    sources: tuple[str, ...] = ()
