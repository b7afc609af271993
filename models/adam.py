"""Adam, plain: the one in torch.optim reads in torch's compiler, a second and 100 MB."""

from collections.abc import Iterable

import torch
from torch import Tensor


class Adam:
    """Steps against the gradients of parameters, each at its own pace.

    Source: Kingma & Ba 2015, Adam: A Method for Stochastic Optimization (algorithm 1).
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        *,
        learning_rate: float,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self._parameters = list(parameters)
        self._means = [torch.zeros_like(one) for one in self._parameters]
        self._squares = [torch.zeros_like(one) for one in self._parameters]
        self._learning_rate, self._epsilon = learning_rate, epsilon
        self._beta1, self._beta2 = beta1, beta2
        self._n_steps = 0

    def clear(self) -> None:
        """Forget the gradients."""
        for one in self._parameters:
            one.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """One step; a parameter without a gradient stays."""
        self._n_steps += 1
        pace = self._learning_rate / (1 - self._beta1**self._n_steps)
        unbiased = (1 - self._beta2**self._n_steps) ** 0.5
        for one, mean, square in zip(self._parameters, self._means, self._squares, strict=True):
            if one.grad is None:
                continue
            mean.lerp_(one.grad, 1 - self._beta1)
            square.mul_(self._beta2).addcmul_(one.grad, one.grad, value=1 - self._beta2)
            one.addcdiv_(mean, (square.sqrt() / unbiased).add_(self._epsilon), value=-pace)
