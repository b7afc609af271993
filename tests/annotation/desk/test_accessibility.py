"""Every page looked at by axe: nothing serious or critical, in light, dark and high contrast."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from annotation.desk import people
from tests.annotation.desk.browser import CHROMIUM, chromium, served, signed_in, until
from tests.annotation.desk.conftest import BATCH, an_account

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed"),
]

PAGES = ("/", f"/judge/{BATCH}", "/people", "/log", "/account", "/api/docs", "/nowhere")
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


@pytest.mark.parametrize("look", LOOKS)
def test_axe_has_nothing_serious_to_say(desk, look):
    an_account(desk, "ada", "admin")
    an_account(desk, "a name that is as long as a name can be, " + "x" * 15, all_batches=False)
    _, token = people.invite(desk, "ada", "annotator")
    found = []
    with served(desk) as address, chromium() as browser:
        page = browser.new_context(base_url=address, **LOOKS[look]).new_page()
        for path in ("/login", f"/invitation/{token}"):
            page.goto(path)
            found += findings(page, path)
        page = signed_in(browser, address, "ada", **LOOKS[look])
        for path in PAGES:
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
