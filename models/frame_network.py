"""The network over frames: what a clip does over time, joined with what it is as a whole.

Convolutions over the clip's tracks, pooled by attention (several heads, each with mean and
deviation: Okabe et al. 2018, Attentive Statistics Pooling), joined with the functionals in one
embedding, from which every answer is read. The convolutions are shared by the views of the
functionals; the embedding and the answers are a view's own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.network import Answers, dropped

_KERNEL = 5


@dataclass(frozen=True)
class FrameShape:
    """How large a network over frames is."""

    n_tracks: int
    n_inputs: int
    n_views: int
    n_classes: int
    n_scales: int
    n_channels: int = 32
    n_layers: int = 2
    n_heads: int = 4
    n_embedding: int = 32

    @property
    def n_pooled(self) -> int:
        """How many numbers the pooling gives."""
        return 2 * self.n_heads * self.n_channels

    def as_json(self) -> dict[str, int]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Listened:
    """What was heard over time in n clips of at most T frames.

    `course` (n, channels, T) of every frame, `attention` (n, heads, T) that sums to 1 over a clip's
    own frames, `pooled` (n, P).
    """

    course: Tensor
    attention: Tensor
    pooled: Tensor


class FrameNetwork(nn.Module):
    """One network. All random numbers come from a generator, never from torch's own."""

    def __init__(self, shape: FrameShape, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.shape = shape
        c, v, e = shape.n_channels, shape.n_views, shape.n_embedding
        n_answers = shape.n_classes + 2 * shape.n_scales

        def drawn(*size: int, fan: int) -> nn.Parameter:
            return nn.Parameter(torch.randn(*size, generator=generator) / fan**0.5)

        def level(*size: int, at: float = 0.0) -> nn.Parameter:
            return nn.Parameter(torch.full(size, at))

        n_joined = shape.n_pooled + shape.n_inputs
        self.first = drawn(c, shape.n_tracks, 1, fan=shape.n_tracks)
        self.first_bias = level(c)
        self.layers = drawn(shape.n_layers, c, c, _KERNEL, fan=2 * c * _KERNEL)
        self.gains = level(shape.n_layers, c, at=1.0)
        self.biases = level(shape.n_layers, c)
        self.attend = level(shape.n_heads, c, 1)
        self.pooled_gain = level(shape.n_pooled, at=1.0)
        self.pooled_bias = level(shape.n_pooled)
        self.embed = drawn(1, n_joined, e, fan=3 * n_joined)
        self.embed = nn.Parameter(self.embed.detach().repeat(v, 1, 1))
        self.embed_bias = level(v, 1, e)
        self.answer = level(v, e, n_answers)
        self.answer_bias = level(v, 1, n_answers)

    def listen(
        self,
        tracks: Tensor,
        there: Tensor,
        *,
        dropout: float = 0.0,
        generator: torch.Generator | None = None,
    ) -> Listened:
        """Hear scaled tracks (n, n_tracks, T); `there` (n, T) is 1 where a clip has a frame."""
        inside = there[:, None]
        course = functional.gelu(functional.conv1d(tracks, self.first, self.first_bias)) * inside
        for k in range(self.shape.n_layers):
            step = 2**k
            turned = functional.conv1d(
                course, self.layers[k], padding=step * (_KERNEL // 2), dilation=step
            )
            turned = functional.gelu(_levelled(turned, self.gains[k], self.biases[k]))
            # A channel is left out of a whole clip: neighbouring frames would tell it anyway.
            turned = dropped(turned, dropout / 2, generator, (*turned.shape[:2], 1))
            course = (course + turned) * inside
        says = functional.conv1d(course, self.attend).masked_fill(inside == 0, -1e4)
        attention = torch.softmax(says.float(), dim=-1).to(course.dtype)
        over_time = course.transpose(1, 2)
        mean = torch.bmm(attention, over_time)
        square = torch.bmm(attention, over_time.square())
        deviation = (square - mean.square()).clamp_min(1e-4).sqrt()
        pooled = functional.layer_norm(
            torch.cat([mean, deviation], dim=-1).flatten(1).float(),
            (self.shape.n_pooled,),
            self.pooled_gain,
            self.pooled_bias,
        )
        return Listened(course, attention, pooled)

    def forward(
        self,
        pooled: Tensor,
        inputs: Tensor,
        *,
        dropout: float = 0.0,
        generator: torch.Generator | None = None,
    ) -> Answers:
        """Answers (v, n, …) from what was heard (n, P) and the functionals' views (v, n, D)."""
        joined = torch.cat([pooled.expand(len(inputs), *pooled.shape), inputs], dim=-1)
        joined = dropped(joined, dropout, generator)
        embedding = torch.tanh(torch.baddbmm(self.embed_bias, joined, self.embed))
        said = torch.baddbmm(self.answer_bias, dropped(embedding, dropout, generator), self.answer)
        k, s = self.shape.n_classes, self.shape.n_scales
        return Answers(
            logits=said[..., :k],
            mean=said[..., k : k + s],
            log_variance=said[..., k + s :].clamp(-6.0, 3.0),
            embedding=embedding,
        )

    def state(self) -> dict[str, Tensor]:
        """A copy of all parameters on the CPU."""
        return {name: value.to("cpu", copy=True) for name, value in self.state_dict().items()}


def network_of(shape: FrameShape, state: Mapping[str, Tensor]) -> FrameNetwork:
    """The network that a state was of."""
    network = FrameNetwork(shape, generator=torch.Generator())
    network.load_state_dict(dict(state))
    return network.eval()


def _levelled(course: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    """Each frame's channels on one footing: a clip's answer must not depend on its batch."""
    channels = course.shape[1]
    frames = functional.layer_norm(course.transpose(1, 2).float(), (channels,), gain, bias)
    return frames.transpose(1, 2).to(course.dtype)
