"""The network: a linear map from features to every answer, and a small perceptron beside it.

The linear path learns from a few dozen labels what a logistic regression would; the perceptron
starts at nought and adds what the linear path cannot say once there are labels to learn it from.
Several members (of each view of the features, one a fold and the one that is kept) are trained
side by side in one set of batched products, so that out-of-fold answers cost no second training.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

N_HIDDEN = 64
N_EMBEDDING = 32


@dataclass(frozen=True)
class Answers:
    """What the members say of n rows; a leading axis m of members throughout.

    `logits` (m, n, k); `mean` and `log_variance` (m, n, s) of the scales, each scale running
    over [-1, 1]; `embedding` (m, n, e), the perceptron's last layer.
    """

    logits: Tensor
    mean: Tensor
    log_variance: Tensor
    embedding: Tensor

    def float(self) -> "Answers":
        """The same in single precision."""
        return Answers(*(getattr(self, name).float() for name in self.__dataclass_fields__))


class Network(nn.Module):
    """`n_members` independent networks of one shape; every parameter has a leading member axis."""

    def __init__(
        self,
        n_members: int,
        n_inputs: int,
        n_classes: int,
        n_scales: int,
        *,
        n_hidden: int = N_HIDDEN,
        n_embedding: int = N_EMBEDDING,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.n_classes, self.n_scales = n_classes, n_scales
        n_answers = n_classes + n_scales

        def drawn(n_in: int, n_out: int) -> nn.Parameter:
            # One draw for all members: folds then differ by their data alone.
            weight = torch.randn(1, n_in, n_out, generator=generator) / n_in**0.5
            return nn.Parameter(weight.repeat(n_members, 1, 1))

        def nought(n_in: int, n_out: int) -> nn.Parameter:
            return nn.Parameter(torch.zeros(n_members, n_in, n_out))

        self.linear = nought(n_inputs, n_answers)
        self.linear_bias = nought(1, n_answers)
        self.hidden = drawn(n_inputs, n_hidden)
        self.hidden_bias = nought(1, n_hidden)
        self.embed = drawn(n_hidden, n_embedding)
        self.embed_bias = nought(1, n_embedding)
        self.answer = nought(n_embedding, n_answers + n_scales)
        self.answer_bias = nought(1, n_scales)

    def forward(
        self, rows: Tensor, *, dropout: float = 0.0, generator: torch.Generator | None = None
    ) -> Answers:
        """Answers on scaled rows (n, d), or (m, n, d) where each member has inputs of its own.

        Dropout is drawn from `generator`, never globally.
        """
        inputs = rows.expand(self.linear.shape[0], *rows.shape[-2:])
        hidden = nn.functional.gelu(torch.baddbmm(self.hidden_bias, inputs, self.hidden))
        hidden = dropped(hidden, dropout, generator)
        embedding = torch.tanh(torch.baddbmm(self.embed_bias, hidden, self.embed))
        embedding = dropped(embedding, dropout, generator)
        said = torch.bmm(embedding, self.answer)
        plain = torch.baddbmm(self.linear_bias, inputs, self.linear)
        k, s = self.n_classes, self.n_scales
        return Answers(
            logits=plain[..., :k] + said[..., :k],
            mean=plain[..., k:] + said[..., k : k + s],
            log_variance=(said[..., k + s :] + self.answer_bias).clamp(-6.0, 3.0),
            embedding=embedding,
        )

    def penalty(self, linear: Tensor, perceptron: Tensor) -> Tensor:
        """Half the squared weights of each member (m,), at the strengths given (m,) or scalar."""
        deep = sum(
            weight.square().sum(dim=(1, 2)) for weight in (self.hidden, self.embed, self.answer)
        )
        return 0.5 * (linear * self.linear.square().sum(dim=(1, 2)) + perceptron * deep)

    def state(self) -> dict[str, Tensor]:
        """A copy of all parameters on the CPU, each (m, …)."""
        return {n: value.to("cpu", copy=True) for n, value in self.state_dict().items()}


def members(state: Mapping[str, Tensor], chosen: Sequence[int], n_scales: int) -> Network:
    """The network of some of the members in a state."""
    parts = {name: value[list(chosen)] for name, value in state.items()}
    n_answers = parts["linear"].shape[2]
    network = Network(
        len(chosen),
        parts["hidden"].shape[1],
        n_answers - n_scales,
        n_scales,
        n_hidden=parts["hidden"].shape[2],
        n_embedding=parts["embed"].shape[2],
        generator=torch.Generator(),
    )
    network.load_state_dict(parts)
    return network.eval()


def dropped(
    values: Tensor,
    share: float,
    generator: torch.Generator | None,
    shape: Sequence[int] | None = None,
) -> Tensor:
    """Values with a share of them left out and the others scaled up for it (dropout).

    The mask is of `shape`; by default it is one for all of the first axis (members, views): six
    times fewer draws, and folds differ by their data alone. Drawn on the CPU: the same on every
    device.
    """
    if share <= 0:
        return values
    size = values.shape[1:] if shape is None else torch.Size(shape)
    kept = torch.rand(size, generator=generator).to(values.device) >= share
    return values * kept / (1 - share)
