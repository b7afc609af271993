"""A clip that was given, as the API tells it: nothing that a judge is not to know."""

from annotation.desk.desk import Desk
from annotation.desk.giving import Given
from annotation.desk.links import link
from annotation.desk.web.models import ClipOut, Turn
from db.desk_records import Account


def clip_out(desk: Desk, who: Account, given: Given) -> ClipOut:
    """Links and lengths; not why the clip was chosen, nor whether it is a repeat."""
    return ClipOut(
        lease=given.lease.id,
        batch=given.lease.batch_id,
        segment=given.clip.segment_id,
        duration_s=round(given.clip.end_s - given.clip.start_s, 3),
        audio=link(desk, "audio", given.clip.segment_id, who),
        picture=link(desk, "picture", given.clip.segment_id, who),
        words=given.clip.transcript,
        before=[
            Turn(
                audio=link(desk, "audio", one.segment_id, who),
                speaker=one.speaker,
                words=one.transcript,
                duration_s=round(one.end_s - one.start_s, 3),
            )
            for one in given.before
        ],
        until=given.lease.expires_at,
    )
