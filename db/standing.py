"""Which judgements count: those nobody took back, made for their own sake."""

import sqlalchemy as sa

from db.schema import judgement, withdrawal


def standing() -> sa.ColumnElement[bool]:
    """That a judgement stands.

    One that its author took back does not; nor do hidden repeats (they measure how steady an
    annotator is) and answers to a calibration, which are no further opinions on the segment.
    """
    taken_back = sa.exists().where(withdrawal.c.judgement_seq == judgement.c.seq)
    return sa.and_(judgement.c.purpose.is_(None), ~taken_back)
