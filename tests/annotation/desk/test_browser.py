"""The judging page in a real Chromium."""

import re

import pytest

import db.judgements
from rounds import pool
from tests.annotation.desk.browser import BROKEN, CHROMIUM, chromium, served, signed_in, until
from tests.annotation.desk.conftest import an_account, publish

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed"),
]

N = 20


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture
def twenty(desk):
    """A batch of twenty clips, and ada who may judge it."""
    an_account(desk, "ada")
    table = pool.read(desk.workspace)
    whole = table.loc[table["transcript"].isna(), "segment_id"]
    publish(desk.workspace, "twenty", list(whole)[:N])
    return desk


def standing(desk):
    with desk.workspace.reading() as tx:
        return db.judgements.read(tx, batch_id="twenty")


def heard(page):
    """Wait until the clip has begun to play."""
    until(page, "document.querySelector('#seek').value > 0")


def judge(page, *keys):
    """Judge the clip by these keys, when it has been heard as far as the page knows."""
    heard(page)
    for key in (*keys, "Enter"):
        page.keyboard.press(key)
    while page.inner_text("#notice").startswith("Listen first"):
        page.wait_for_timeout(50)
        page.keyboard.press("Enter")


def stored(page, n):
    until(
        page,
        "n => document.querySelector('#kept').dataset.state === 'stored'"
        " && document.querySelector('#count').textContent.startsWith(n + ' ')",
        str(n),
    )


def test_twenty_clips_are_judged_by_keyboard_with_one_undone_and_the_connection_lost(
    twenty, browser
):
    with served(twenty) as address:
        page = signed_in(browser, address, "ada")
        page.goto("/judge/twenty")
        page.wait_for_selector("#work:not([hidden])")
        for n in range(8):
            judge(page, str(n % 7 + 1))
        stored(page, 8)
        page.keyboard.press("u")
        until(page, "document.querySelector('#said').textContent.startsWith('Taken')")
        assert page.inner_text("#summary") == "anger"
        judge(page, "2")
        stored(page, 8)
        until(page, "document.querySelector('#work').dataset.ready > 0")

        page.context.set_offline(True)
        for _ in range(2):
            judge(page, "3")
        page.wait_for_selector("#kept[data-state=waiting]")
        assert "2 judgements kept in this browser" in page.inner_text("#kept-text")
        assert len(standing(twenty)) == 8
        page.context.set_offline(False)
        stored(page, 10)

        for _ in range(10):
            judge(page, "4", "w")
        page.wait_for_selector("#done:not([hidden])")
        assert "complete" in page.inner_text("#done-title")
        assert BROKEN == []
        page.context.close()
    said = standing(twenty)
    assert len(said) == N
    assert len({one.segment_id for one in said}) == N
    assert sum(one.values["emotion"] == "disgust" for one in said) == 2
    assert sum(one.values["emotion"] == "excitement" for one in said) == 10
    assert all(one.duration_s > 0 for one in said)
    with twenty.workspace.reading() as tx:
        assert len(db.judgements.read(tx, batch_id="twenty", standing_only=False)) == N + 1


def test_all_that_can_be_said_of_a_clip_is_said_by_keyboard(twenty, browser):
    with served(twenty) as address:
        page = signed_in(browser, address, "ada")
        page.goto("/judge/twenty")
        page.wait_for_selector("#work:not([hidden])")
        heard(page)
        until(page, "document.querySelector('#play').ariaLabel === 'Play'")
        for key in ("1", "q", "Shift+Digit3", "Shift+Digit6", "v", "2", "4", "5", "3"):
            page.keyboard.press(key)
        assert page.inner_text("#summary") == (
            "irritation, also fear and sadness, valence 2, arousal 4, dominance 5, intensity 3"
        )
        for key in ("n", *"sigh", "Escape"):
            page.keyboard.press(key)
        page.keyboard.press("ArrowLeft")
        page.keyboard.press(",")
        page.keyboard.press("m")
        page.keyboard.press("3")
        page.keyboard.press("Enter")
        assert re.search(r"s: fear", page.inner_text("#marks"))
        page.keyboard.press("Enter")
        stored(page, 1)
        assert BROKEN == []
        page.context.close()
    (one,) = standing(twenty)
    assert one.values == {
        "emotion": "irritation", "valence": "2", "arousal": "4", "dominance": "5", "intensity": "3",
    }  # fmt: skip
    assert one.secondary == ("fear", "sadness")
    assert one.note == "sigh"
    (mark,) = one.marks
    assert mark.values == {"emotion": "fear"}
    assert 0 <= mark.start_s < mark.end_s <= 0.51


def test_nothing_of_why_a_clip_was_chosen_reaches_the_judge(twenty, browser):
    with served(twenty) as address:
        page = signed_in(browser, address, "ada")
        told = []
        page.on("response", lambda r: told.append(r.text()) if "/api/" in r.url else None)
        page.goto("/judge/twenty")
        page.wait_for_selector("#work:not([hidden])")
        heard(page)
        told.append(page.content())
        page.context.close()
    assert len(told) >= 2
    for word in ("SECRET REASON", "evaluation", "purpose", "score", "prediction"):
        assert not any(word in text for text in told), word


def test_what_was_judged_without_a_connection_outlives_the_page(twenty, browser):
    with served(twenty) as address:
        page = signed_in(browser, address, "ada")
        page.goto("/judge/twenty")
        page.wait_for_selector("#work:not([hidden])")
        heard(page)
        page.route("**/api/judgements", lambda route: route.abort())
        page.keyboard.press("5")
        page.keyboard.press("Enter")
        page.wait_for_selector("#kept[data-state=waiting]")
        page.unroute("**/api/judgements")
        page.goto("/judge/twenty")
        stored(page, 1)
        page.context.close()
    assert [one.values["emotion"] for one in standing(twenty)] == ["neutral"]
