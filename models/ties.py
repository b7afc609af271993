"""From class probabilities to one class an item, with Snorkel's policies for ties."""

import hashlib

import numpy as np
from numpy.typing import NDArray

POLICIES = ("abstain", "random", "true-random")
_TOLERANCE = 1e-5


def decide(proba: NDArray[np.float64], policy: str) -> NDArray[np.int64]:
    """(n,) the class of the largest probability in each row of `proba` (n, k).

    Probabilities within 1e-5 of the largest tie; the policy says what then: "abstain" (-1),
    "random" (by a hash of the row's number, always the same) or "true-random" (numpy's global
    generator). The answers are those of snorkel.utils.probs_to_preds, which looks at one row
    after another. Raises ValueError for another policy.
    """
    if policy not in POLICIES:
        raise ValueError(f"tie_break_policy {policy!r} is none of {', '.join(POLICIES)}")
    best = np.take_along_axis(proba, proba.argmax(axis=1)[:, None], axis=1)
    ties = best - proba < _TOLERANCE
    chosen = ties.argmax(axis=1)
    tied = np.flatnonzero(ties.sum(axis=1) > 1)
    if policy == "abstain":
        chosen[tied] = -1
        return chosen
    for row in tied:
        among = np.flatnonzero(ties[row])
        if policy == "random":
            drawn = int(hashlib.sha1(str(row).encode()).hexdigest(), 16)
            chosen[row] = among[drawn % len(among)]
        else:
            chosen[row] = np.random.choice(among)  # noqa: NPY002
    return chosen
