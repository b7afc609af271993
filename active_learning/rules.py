"""What a batch must be, whatever the strategy asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rules:
    """What a batch must be, whatever the strategy asks for.

    `most` is, by column of what is known of clips (speaker, gender, language, style, predicted
    emotion), the largest share of the batch that one value may have; where the pool has too few
    values for it, 1.5 times an even share. `least` is the smallest share of each value that occurs
    in the pool, as far as there are so many. `apart` is how far picks must lie from one another,
    as a share of how far two clips usually do. `budget_s` is the time for the whole batch, in s.
    """

    most: Mapping[str, float] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)
    apart: float = 0.0
    budget_s: float | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a share outside [0, 1] or a budget that is no time."""
        for name, shares in (("most", self.most), ("least", self.least)):
            for column, share in shares.items():
                if not 0 <= share <= 1:
                    raise ValueError(f"{name} of {column} must lie in [0, 1], not {share}")
        if self.budget_s is not None and not self.budget_s > 0:
            raise ValueError(f"budget_s must be above 0, not {self.budget_s}")


USUAL = Rules(
    most={"speaker": 0.2, "emotion": 0.5},
    least={"gender": 0.25, "language": 0.1, "style": 0.1},
    apart=0.1,
)
"""What a round holds to unless told otherwise: no forty clips of one voice, no emotion alone,
both genders."""
