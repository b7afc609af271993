"""Every page looked at by axe: nothing serious or critical, in light, dark and high contrast."""

import pytest
from axe_playwright_python.sync_playwright import Axe

import db.batches
from annotation.desk import flagging, guidelines, people, webhooks
from annotation.desk.disputes import disputed
from annotation.desk.giving import next_clip
from annotation.desk.judging import Said, submit
from db.desk_records import GuidelineExample
from tests.annotation.desk.browser import CHROMIUM, chromium, served, signed_in, until
from tests.annotation.desk.conftest import BATCH, an_account

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed"),
]

PAGES = (
    "/", f"/judge/{BATCH}", "/people", "/log", "/account", "/api/docs", "/nowhere", "/review",
    f"/review/{BATCH}", "/disputes", "/guidelines", "/guidelines/edit", "/calibration", "/webhooks",
)  # fmt: skip
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "high contrast": {"contrast": "more"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}


def findings(page, where):
    """(where, rule, what it is about) of all that is serious or critical."""
    violations = Axe().run(page).response["violations"]
    return [
        (where, one["id"], [node["html"][:120] for node in one["nodes"][:3]])
        for one in violations
        if one["impact"] in ("serious", "critical")
    ]


def with_work_for_leads(desk) -> str:
    """Guidelines, a webhook, a flag, and a segment on which two disagree; returns its address."""
    with desk.workspace.writing() as tx:
        db.batches.set_overlap(tx, BATCH, 2)
    ben, cyd = (an_account(desk, name) for name in ("ben", "cyd"))
    for nth in range(12):
        for who, emotion in ((ben, "anger"), (cyd, "fear")):
            given = next_clip(desk, who, BATCH)
            said = Said(given.lease.id, f"key-{nth:08}", {"emotion": emotion}, note="a sigh " * 80)
            submit(desk, who, said)
    segment = disputed(desk)[0].segment_id
    with desk.workspace.writing() as tx:
        flagging.raise_for(tx, desk, ben, "calibration", {"score": 0.2, "needed": 0.5})
    example = GuidelineExample("fear", segment, "typical", "a gasp")
    guidelines.write(desk, "ada", "# Listen\n\n[twice](https://e.example)", examples=[example])
    webhooks.add(desk, cyd, "https://e.example/hook", ["disputed"])
    webhooks.look(desk)
    with desk.workspace.writing() as tx:
        db.batches.set_overlap(tx, BATCH, 3)  # there is something left to judge
        db.batches.reopen_batch(tx, BATCH)
    return f"/disputes/{BATCH}/{segment}"


@pytest.mark.parametrize("look", LOOKS)
def test_axe_has_nothing_serious_to_say(desk, look):
    an_account(desk, "ada", "admin")
    an_account(desk, "a name that is as long as a name can be, " + "x" * 15, all_batches=False)
    _, token = people.invite(desk, "ada", "annotator")
    dispute = with_work_for_leads(desk)
    found = []
    with served(desk) as address, chromium() as browser:
        page = browser.new_context(base_url=address, **LOOKS[look]).new_page()
        for path in ("/login", f"/invitation/{token}"):
            page.goto(path)
            found += findings(page, path)
        page = signed_in(browser, address, "ada", **LOOKS[look])
        for path in (*PAGES, dispute):
            page.goto(path)
            if path.startswith("/judge"):
                page.wait_for_selector("#work:not([hidden])")
                until(page, "document.querySelector('#seek').value > 0")
                for key in ("1", "q", "Shift+Digit2", "v", "2", "n"):
                    page.keyboard.press(key)
            found += findings(page, path)
        page.goto(f"/judge/{BATCH}")
        page.wait_for_selector("#work:not([hidden])")
        page.keyboard.press("?")
        page.wait_for_selector("#sheet[open]")
        found += findings(page, "the sheet of keys")
    assert found == []
