"""Sounds and their pictures, to whoever has a link that was made for them and is not over."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from annotation.desk import links, sound
from annotation.desk.web.guard import TheDesk

router = APIRouter(include_in_schema=False)

Until = Annotated[int, Query(ge=0, lt=2**53)]
For = Annotated[str, Query(alias="for", max_length=100)]
Sign = Annotated[str, Query(max_length=200)]
_KEEP = {"Cache-Control": "private, max-age=3600"}


@router.get("/audio/{segment_id}")
def audio(
    desk: TheDesk,
    request: Request,
    segment_id: str,
    until: Until = 0,
    whose: For = "",
    sign: Sign = "",
) -> FileResponse:
    """A segment's sound as WAV; ranges are answered."""
    links.check(desk, "audio", segment_id, until, whose, sign)
    headers = {**_KEEP, "Vary": "Origin"}
    origin = request.headers.get("origin")
    if origin in desk.rules.sound_origins:
        headers["Access-Control-Allow-Origin"] = origin
    return FileResponse(sound.wav(desk, segment_id), media_type="audio/wav", headers=headers)


@router.get("/picture/{segment_id}")
def picture(
    desk: TheDesk, segment_id: str, until: Until = 0, whose: For = "", sign: Sign = ""
) -> FileResponse:
    """A segment's waveform, spectrogram and pitch as JSON."""
    links.check(desk, "picture", segment_id, until, whose, sign)
    made = sound.picture_json(desk, segment_id)
    return FileResponse(made, media_type="application/json", headers=_KEEP)
