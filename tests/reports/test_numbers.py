import pytest

from reports import numbers


@pytest.mark.parametrize(
    ("shown", "value", "text"),
    [
        (numbers.count, 12345, "12,345"),
        (numbers.count, 2.0, "2"),
        (numbers.score, 0.7349, "0.73"),
        (numbers.score, -0.1, "\u22120.10"),
        (numbers.share, 0.734, "73\u202f%"),
        (numbers.share, 0.035, "3.5\u202f%"),
        (numbers.share, 0.0, "0\u202f%"),
        (numbers.seconds, 2.345, "2.3\u202fs"),
        (numbers.seconds, 75, "1:15\u202fmin"),
        (numbers.seconds, 119.8, "2:00\u202fmin"),
        (numbers.seconds, 59.97, "1:00\u202fmin"),
        (numbers.text, "<b>", "<b>"),
        (numbers.text, 0, "0"),
    ],
)
def test_a_figure_is_written_as_people_write_it(shown, value, text):
    assert shown(value) == text


@pytest.mark.parametrize(
    "shown", [numbers.count, numbers.score, numbers.share, numbers.seconds, numbers.text]
)
@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), ""])
def test_what_is_not_known_is_a_dash(shown, value):
    assert shown(value) == "–"


def test_an_interval_with_an_unknown_end_is_a_dash():
    assert numbers.between(0.1, None) == "–"
    assert numbers.shares_between(float("nan"), 0.4) == "–"
    assert numbers.between(0.61, 0.79).replace("\u2060", "") == "0.61–0.79"
