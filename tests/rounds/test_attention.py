"""Which stretches a model listened to, as they are told."""

from types import SimpleNamespace

import numpy as np
import pytest

from audio.tracks import TRACK_HOP_S
from reports.attention_words import listened_to, sparks
from rounds.listening import attention


def _attended(share):
    listened = SimpleNamespace(attention=(np.asarray(share) / np.sum(share),))
    return SimpleNamespace(listener=SimpleNamespace(listen=lambda tracks: listened))


def test_a_stretch_is_found_where_attention_is_with_its_share():
    share = np.ones(60)
    share[20:30] = 4.0
    found = attention(_attended(share), np.zeros((60, 3)))
    assert len(found.stretches) == 1
    one = found.stretches[0]
    assert one.start_s == pytest.approx(20 * TRACK_HOP_S, abs=0.031)
    assert one.end_s == pytest.approx(30 * TRACK_HOP_S, abs=0.031)
    assert one.share == pytest.approx(40 / 90, abs=0.03)
    assert found.level.max() == pytest.approx(4 * 60 / 90)
    assert found.time_s[0] == pytest.approx(TRACK_HOP_S / 2)


def test_the_three_most_listened_to_are_told_in_time():
    share = np.ones(100)
    for start, much in ((5, 3.0), (25, 2.5), (50, 2.0), (80, 4.0)):
        share[start : start + 6] = much
    found = attention(_attended(share), np.zeros((100, 3)))
    starts = [one.start_s / TRACK_HOP_S for one in found.stretches]
    assert starts == pytest.approx([5, 25, 80], abs=1)


def test_even_attention_has_no_stretches_and_a_deaf_model_no_attention():
    found = attention(_attended(np.ones(30)), np.zeros((30, 3)))
    assert found.stretches == () and found.level == pytest.approx(np.ones(30))
    assert attention(SimpleNamespace(listener=None), np.zeros((30, 3))) is None
    assert attention(_attended(np.ones(30)), None) is None
    assert len(attention(_attended([1.0]), np.zeros((1, 3))).level) == 1


def test_stretches_are_told_in_words_and_the_course_in_a_line():
    assert listened_to([]) == "to all of it about alike"
    assert listened_to([(0.3, 0.6, 0.41)]) == "most to 0.30-0.60 s (41 % of its attention)"
    three = listened_to([(0.0, 0.2, 0.2), (0.5, 0.6, 0.1), (1.0, 1.2, 0.3)])
    assert three == (
        "most to 0.00-0.20 s (20 % of its attention), 0.50-0.60 s (10 %) and 1.00-1.20 s (30 %)"
    )
    assert len(sparks(np.ones(500))) == 60 and sparks([0.0, 0.0]) == "▁▁"
