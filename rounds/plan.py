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
    overlap: int = 1

    def __post_init__(self) -> None:
        """Raises ValueError for a strategy that there is not: no round should begin with it."""
        from active_learning.strategies import strategy  # with half a second of scikit-learn

        strategy(self.strategy)
