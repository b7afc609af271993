"""The network: a linear map from features to every answer, and a small perceptron beside it.

The linear path learns from a few dozen labels what a logistic regression would; the perceptron
starts at nought and adds what the linear path cannot say once there are labels to learn it from.
Several members (one a fold, and the one that is kept) are trained side by side in one set of
batched products, so that out-of-fold answers cost no second training.
"""

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
        """Answers on scaled rows (n, d). Dropout is drawn from `generator`, never globally."""
        inputs = rows.expand(self.linear.shape[0], *rows.shape)
        hidden = nn.functional.gelu(torch.baddbmm(self.hidden_bias, inputs, self.hidden))
        hidden = _dropped(hidden, dropout, generator)
        embedding = torch.tanh(torch.baddbmm(self.embed_bias, hidden, self.embed))
        embedding = _dropped(embedding, dropout, generator)
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

    def member(self, index: int) -> dict[str, Tensor]:
        """A copy of one member's parameters, each (1, …): the state of a network of one."""
        return {name: value[index : index + 1].clone() for name, value in self.state_dict().items()}


def _dropped(values: Tensor, share: float, generator: torch.Generator | None) -> Tensor:
    if share <= 0:
        return values
    # One mask for all members: six times fewer draws, and folds differ by their data alone.
    kept = torch.rand(values.shape[1:], generator=generator, device=values.device) >= share
    return values * kept / (1 - share)
