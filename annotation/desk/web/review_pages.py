"""Leads' pages: how batches stand, how people agree, who needs help."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from annotation.desk import agreeing, flagging
from annotation.desk.disputes import waiting
from annotation.desk.progress import batches_of
from annotation.desk.reviewing import chosen, review
from annotation.desk.roles import LEADS
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.rendering import render
from annotation.desk.wording import figure, span

router = APIRouter(include_in_schema=False)

_HEATS = 10
_MOST_CHOSEN = 500
"""Segments whose reasons a page lists; the export has them all."""


@router.get("/review")
def overview(request: Request, desk: TheDesk, who: Who) -> Response:
    """All batches, what waits for a decision, and the flags."""
    return render(
        request,
        "review.html",
        views=batches_of(desk, who),
        waiting={batch: len(segments) for batch, segments in waiting(desk).items()},
        flags=flagging.flags(desk),
        may_settle=who.role in LEADS,
    )


@router.get("/review/{batch_id}")
def batch_review(request: Request, desk: TheDesk, who: Who, batch_id: str) -> Response:
    """A batch."""
    found = review(desk, who, batch_id)
    return render(
        request,
        "review_batch.html",
        review=found,
        chosen=chosen(desk, who, batch_id)[:_MOST_CHOSEN],
        classes=desk.workspace.scheme.classes,
        heat=_heat(agreeing.shares(found.confusion)),
        pairs=found.confusion,
        figure=figure,
        span=span,
        now=desk.now(),
        may_decide=who.role in LEADS,
    )


@router.post("/review/flags/{flag_id}/settle")
def settle(desk: TheDesk, who: Who, flag_id: str) -> Response:
    """Settle a flag."""
    flagging.settle(desk, who, flag_id)
    return RedirectResponse("/review", 303)


def _heat(shares: Any) -> Sequence[Sequence[tuple[str, str, int]]]:
    """Per cell: the share in words, and how warm it is, 0 to 10."""
    return [
        [
            ("–", "nobody named it", 0)
            if np.isnan(cell)
            else (f"{cell:.0%}", f"{cell:.0%}", round(float(cell) * _HEATS))
            for cell in row
        ]
        for row in shares
    ]
