"""Where networks are fitted: on a GPU where there is one, else here; the same code on both."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Device:
    """A torch device, and whether products are taken in bfloat16 there (mixed precision).

    All random numbers are drawn on the CPU, so that the same seed gives the same draws on every
    device, and answers differ by rounding alone.
    """

    torch: torch.device
    mixed: bool = False

    @classmethod
    def best(cls) -> "Device":
        """The first GPU where there is one, mixed where it can."""
        if not torch.cuda.is_available():
            return cls(torch.device("cpu"))
        return cls(torch.device("cuda"), torch.cuda.is_bf16_supported())

    def precision(self) -> torch.autocast:
        """Within it, matrix products are taken as this device takes them."""
        return torch.autocast(self.torch.type, dtype=torch.bfloat16, enabled=self.mixed)
