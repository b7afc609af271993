"""How many clips somebody judges in an hour, from when their judgements came."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from annotation.desk.annotators import pace
from db.records import Said

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _said(*seconds):
    """A judgement at each of these seconds after noon."""
    return [
        Said(f"j{i}", f"s{i}", "ada", "expert", "b", None, None, None, "desk", None, at, {})
        for i, at in enumerate(NOON + timedelta(seconds=s) for s in seconds)
    ]


def test_a_clip_every_ten_seconds_is_360_an_hour_with_a_pause_left_out():
    after_lunch = [3600 + 10 * i for i in range(5)]
    assert pace(_said(0, 10, 20, 30, *after_lunch)) == pytest.approx(360)


def test_answers_that_come_faster_than_anybody_listens_tell_nothing_of_pace():
    at_once = [0.002 * i for i in range(200)]
    assert np.isnan(pace(_said(*at_once)))
    assert np.isnan(pace(_said(*at_once, *(300 + s for s in at_once)))), "two such batches neither"
    sent_twice = _said(0, 0.2, *(8 * i for i in range(1, 9)))
    assert pace(sent_twice) > 0


def test_two_judgements_are_too_few():
    assert np.isnan(pace(_said(0, 10)))
