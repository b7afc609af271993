"""Guidelines: rendered without harm, versioned, written on every judgement."""

import pytest

import db.judgements
from annotation.desk import guidelines
from annotation.desk.errors import ConflictError, DeskError, NotFoundError
from db.desk_records import GuidelineExample
from tests.annotation.desk.conftest import BATCH, an_account, sign_in
from tests.annotation.desk.test_judging import a_segment, say


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](https://elsewhere.example/x.png)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
    ],
)
def test_nothing_in_the_text_runs_or_is_loaded(text):
    html = guidelines.as_html(text)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html


def test_markdown_is_rendered_below_the_page_s_own_heading():
    html = guidelines.as_html(
        "# Anger\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[x](https://e.example)"
    )
    assert "<h2>Anger</h2>" in html
    assert "<td>1</td>" in html
    assert '<a href="https://e.example">x</a>' in html


def test_each_change_is_a_version_and_all_stay(stored_desk):
    segment = a_segment(stored_desk)
    one = GuidelineExample("Fearful", segment, "borderline", "a gasp")
    assert guidelines.write(stored_desk, "lou", "first", examples=[one], base=0) == 1
    assert guidelines.write(stored_desk, "lou", "second", base=1) == 2
    assert guidelines.read(stored_desk, 1).guideline.text == "first"
    newest = guidelines.read(stored_desk)
    assert newest.guideline.text == "second"
    assert newest.examples == (GuidelineExample("fear", segment, "borderline", "a gasp"),)
    with pytest.raises(ConflictError, match="version 2"):
        guidelines.write(stored_desk, "lou", "lost", base=1)
    with pytest.raises(NotFoundError):
        guidelines.read(stored_desk, 3)


def test_an_example_names_an_emotion_and_a_clip_that_there_are(desk):
    for emotion, segment, kind in (
        ("hangry", a_segment(desk), "typical"),
        ("fear", "nowhere", "typical"),
        ("fear", a_segment(desk), "odd"),
    ):
        with pytest.raises(DeskError):
            guidelines.write(
                desk, "lou", "x", examples=[GuidelineExample(emotion, segment, kind, "")]
            )
    assert guidelines.read(desk) is None


def test_a_judgement_records_the_version_it_was_made_by(desk):
    ada = an_account(desk, "ada")
    guidelines.write(desk, "lou", "first")
    say(desk, ada)
    guidelines.write(desk, "lou", "second")
    say(desk, ada, key="key-00000002")
    with desk.workspace.reading() as tx:
        made = db.judgements.read(tx, batch_id=BATCH)
    assert [one.guideline_version for one in made] == ["1", "2"]


def test_a_lead_writes_them_in_the_page_and_all_read_them(client, desk):
    an_account(desk, "lou", "lead")
    csrf = sign_in(client, "lou")
    asked = {
        "csrf": csrf, "base": "0", "text": "## Listen\n\n<b>twice</b>", "remark": "new",
        "emotion": ["fear", "anger"], "segment": ["00.wav", ""], "kind": ["typical", "typical"],
        "example_remark": ["a <gasp>", ""],
    }  # fmt: skip
    shown = client.post("/guidelines", data={**asked, "preview": "1"})
    assert "<h3>Listen</h3>" in shown.text
    assert guidelines.read(desk) is None
    assert client.post("/guidelines", data=asked).status_code == 303
    assert client.post("/guidelines", data=asked).status_code == 409  # its base is not the newest
    page = client.get("/guidelines").text
    assert "&lt;b&gt;twice" in page
    assert "a &lt;gasp&gt;" in page
    assert page.count("<audio") == 1
