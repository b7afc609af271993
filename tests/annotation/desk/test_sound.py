"""Sounds and pictures that are made for playing: made once, kept, and bounded."""

import os
import time

import db.batches
from annotation.desk import sound
from tests.annotation.desk.conftest import BATCH, with_rules


def made(desk, n=4):
    """The files of some clips, used one after the other, hours ago."""
    with desk.workspace.reading() as tx:
        segments = db.batches.segment_ids(tx, BATCH)[:n]
    files = [sound.wav(desk, one) for one in segments]
    for nth, path in enumerate(files):
        os.utime(path, (time.time() - 9 * 3600 + nth,) * 2)
    return segments, files


def test_what_was_not_played_for_longest_goes_when_there_is_too_much(desk):
    segments, files = made(desk)
    size = files[0].stat().st_size
    small = with_rules(desk, cache_bytes=int(2.5 * size))
    sound.wav(small, segments[0])  # played again
    assert sound.trim(small) == 2
    assert [path.exists() for path in files] == [True, False, False, True]
    assert sound.trim(small) == 0
    assert sound.wav(small, segments[1]).exists()  # and is made again


def test_what_was_played_a_moment_ago_stays_and_leftovers_go(desk):
    with desk.workspace.reading() as tx:
        segment = db.batches.segment_ids(tx, BATCH)[0]
    fresh = sound.wav(desk, segment)
    left = desk.cache / "x.part"
    left.write_bytes(b"x")
    os.utime(left, (1, 1))
    assert sound.trim(with_rules(desk, cache_bytes=0)) == 0
    assert fresh.exists()
    assert not left.exists()
