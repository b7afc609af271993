"""What is minimised: expected loss under soft labels, each member over its own rows."""

import torch
from torch import Tensor


def soft_cross_entropy(logits: Tensor, proba: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean of -sum_c proba log softmax(logits), in nats: one number a member (m,).

    `logits` (m, n, k), `proba` (n, k), `weight` (m, n); a member without weight gives 0.
    """
    each = -(proba * torch.log_softmax(logits, dim=-1)).sum(dim=-1)
    return _weighted_mean(each, weight)


def beta_gaussian(
    mean: Tensor, log_variance: Tensor, truth: Tensor, weight: Tensor, beta: float = 0.5
) -> Tensor:
    """Weighted mean over rows, summed over scales, of the beta-weighted normal log-loss: (m,).

    `mean`, `log_variance` (m, n, s); `truth` (n, s), NaN = not known; `weight` (m, n, s).
    The factor variance**beta keeps hard rows from being given up on (Seitzer et al. 2022, On the
    Pitfalls of Heteroscedastic Uncertainty Estimation).
    """
    known = torch.isfinite(truth)
    gap = torch.where(known, truth, 0.0) - mean
    variance = log_variance.exp()
    loss = 0.5 * (log_variance + gap.square() / variance) * variance.detach() ** beta
    per_scale = _weighted_mean(loss.movedim(-1, 0), (weight * known).movedim(-1, 0))
    return per_scale.sum(dim=0)


def discordance(mean: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """1 - the weighted concordance correlation, summed over scales: one number a member (m,).

    `mean` (m, n, s); `truth` (n, s), NaN = not known; `weight` (m, n, s). It sees to it that
    answers spread as widely as the truth, which a squared error lets shrink. A scale without two
    differing truths gives 0. Source: Lin 1989; as a loss, Weninger et al. 2016.
    """
    known = torch.isfinite(truth)
    w = (weight * known).movedim(-1, 0)
    x, y = mean.movedim(-1, 0), torch.where(known, truth, 0.0).movedim(-1, 0)[:, None]
    at, of = _weighted_mean(x, w)[..., None], _weighted_mean(y.expand_as(x), w)[..., None]
    both = _weighted_mean((x - at) * (y - of), w)
    spread = _weighted_mean((x - at).square(), w) + _weighted_mean((y - of).square(), w)
    apart = spread + (at - of).squeeze(-1).square()
    varies = _weighted_mean((y - of).square().expand_as(x), w) > 1e-6
    found = 1 - 2 * both / torch.where(varies, apart, 1.0)
    return torch.where(varies, found, 0.0).sum(dim=0)


def _weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """Over the last axis; 0 where nothing weighs anything."""
    total = weight.sum(dim=-1)
    return (values * weight).sum(dim=-1) / torch.where(total > 0, total, 1.0)
