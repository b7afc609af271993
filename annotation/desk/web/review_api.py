"""What leads see and decide, as JSON; and everything as a file."""

import math
import tempfile
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from annotation.desk import adjudicating
from annotation.desk.agreeing import Agreement
from annotation.desk.annotators import Annotator, Share
from annotation.desk.disputes import disputed, waiting
from annotation.desk.exporting import export
from annotation.desk.reviewing import review
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.problems import documented
from annotation.desk.web.review_models import (
    AgreementOut,
    AnnotatorOut,
    CalibratedOut,
    DecisionIn,
    DecisionOut,
    DisputeOut,
    Disputes,
    ReviewOut,
    SaidOut,
    ShareOut,
)

router = APIRouter(prefix="/api", tags=["leads"], responses=documented())

Form = Annotated[Literal["csv", "jsonl", "parquet"], Query()]
Only = Annotated[str | None, Query(max_length=200)]


@router.get("/batches/{batch_id}/review", responses=documented(404))
def get_review(desk: TheDesk, who: Who, batch_id: str) -> ReviewOut:
    """How a batch stands: progress, forecast, agreement, each annotator."""
    found = review(desk, who, batch_id)
    forecast = found.forecast
    return ReviewOut(
        batch=batch_id,
        state=found.batch.state,
        n_items=found.progress.n_items,
        n_judged=found.progress.n_judged,
        n_judgements=found.progress.n_judgements,
        n_left=forecast.n_left,
        per_day=_known(forecast.per_day),
        work_s=_known(forecast.work_s),
        done_at=forecast.done_at,
        n_disputed=found.n_disputed,
        n_decided=found.n_decided,
        dimensions=[_agreement(one) for one in found.dimensions],
        emotions=[_agreement(one) for one in found.emotions],
        confusion=found.confusion.tolist(),
        annotators=[_annotator(one) for one in found.annotators],
    )


@router.get("/disputes", responses=documented(404))
def list_disputes(
    desk: TheDesk,
    batch: Only = None,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Disputes:
    """Segments that wait for a decision, by batch and rank."""
    total = sum(map(len, waiting(desk, batch).values()))
    return Disputes(
        total=total,
        next=offset + limit if offset + limit < total else None,
        items=[
            DisputeOut(
                batch=one.batch_id,
                segment=one.segment_id,
                judgements=[
                    SaidOut(
                        annotator=said.annotator,
                        values=dict(said.values),
                        verdict=said.verdict,
                        secondary=list(said.secondary),
                        note=said.note,
                    )
                    for said in one.judgements
                ],
            )
            for one in disputed(desk, batch, offset=offset, limit=limit)
        ],
    )


@router.post("/disputes/{batch_id}/{segment_id}", status_code=201, responses=documented(404, 409))
def decide(
    desk: TheDesk, who: Who, batch_id: str, segment_id: str, asked: DecisionIn
) -> DecisionOut:
    """Settle a segment; decided again, the later decision counts."""
    one = adjudicating.decide(
        desk,
        who,
        batch_id,
        segment_id,
        key=asked.key,
        values={name: str(value) for name, value in asked.values.items()},
        verdict=asked.verdict,
        reason=asked.reason,
    )
    return DecisionOut(
        id=one.id, judgement=one.judgement_id, decided_by=one.decided_by, decided_at=one.decided_at
    )


@router.get(
    "/export",
    response_class=FileResponse,
    responses={200: {"content": {"application/zip": {}}}, **documented(404)},
)
def get_export(desk: TheDesk, who: Who, form: Form = "csv", batch: Only = None) -> FileResponse:
    """Everything that was judged, as tables in a zip."""
    file = tempfile.NamedTemporaryFile(suffix=".zip", delete=False)  # noqa: SIM115
    with file:
        try:
            export(desk, who.name, form, file, batch)
        except BaseException:
            _remove(file.name)
            raise
    name = f"undertone-{desk.now():%Y%m%d-%H%M}-{form}.zip"
    return FileResponse(
        file.name, media_type="application/zip", filename=name,
        background=BackgroundTask(_remove, file.name),
    )  # fmt: skip


def _remove(path: str) -> None:
    from pathlib import Path

    Path(path).unlink(missing_ok=True)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _agreement(one: Agreement) -> AgreementOut:
    return AgreementOut(
        name=one.name,
        level=one.level,
        n_segments=one.n_segments,
        alpha=_known(one.alpha.value),
        low=_known(one.alpha.low),
        high=_known(one.alpha.high),
    )


def _share(one: Share) -> ShareOut:
    return ShareOut(n=one.n, of=one.of, low=_known(one.low), high=_known(one.high))


def _annotator(one: Annotator) -> AnnotatorOut:
    plain = {
        name: _known(value) if isinstance(value, float) else value
        for name, value in asdict(one).items()
        if name not in ("with_gold", "steady", "cannot_tell", "calibration")
    }
    last = one.calibration
    return AnnotatorOut(
        **plain,
        calibration=None
        if last is None
        else CalibratedOut(score=last.score, passed=last.passed, at=last.finished_at),
        with_gold=_share(one.with_gold),
        steady=_share(one.steady),
        cannot_tell=_share(one.cannot_tell),
    )
