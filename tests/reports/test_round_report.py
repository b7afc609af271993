import base64
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reports.pages import playable
from reports.round_report import HeldOut, RoundReport, render
from tests.reports import examples
from tests.reports.html_reading import Page

EVIL = '"><script>alert("x")</script><img src=http://evil.example/x onerror=alert(1)>$a$'


@pytest.fixture(scope="module")
def full() -> str:
    return render(examples.full_report())


def hostile_report() -> RoundReport:
    full = examples.full_report()
    sources = full.sources.assign(source=[f"crowd:{EVIL}{i}" for i in range(len(full.sources))])
    batch = full.batch.assign(
        segment_id=EVIL, reason=EVIL, speaker=EVIL, purpose=EVIL, audio="javascript:alert(1)"
    )
    classes = (EVIL, *full.classes[1:])
    evil_column = {f"p_{full.classes[0]}": f"p_{EVIL}"}
    return replace(
        full,
        title=EVIL,
        data_note=EVIL,
        classes=classes,
        sources=sources,
        batch=batch,
        pool=full.pool.rename(columns=evil_column),
        soft=full.soft.rename(columns=evil_column),
        label_model={EVIL: {"winner": EVIL, "why": EVIL}},
        champion=[{"round": EVIL, "moved": True, "to_version": EVIL, "reason": EVIL}],
        quarantine=[{"uri": EVIL, "where": EVIL, "reason": EVIL}] * 60,
        problems=[EVIL],
        next_commands=[(EVIL, EVIL)],
        paths={EVIL: EVIL},
    )


@pytest.mark.slow
def test_a_full_report_nests_its_tags_and_has_one_of_each_part(full):
    page = Page(full)
    assert page.faults == []
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {a["href"] for a in page.named("a")}
    assert links <= {f"#{name}" for name in ids}


@pytest.mark.slow
def test_a_full_report_needs_nothing_from_anywhere_else(full):
    assert_offline(full)


@pytest.mark.slow
def test_a_full_report_can_be_used_without_eyes(full):
    page = Page(full)
    assert page.named("html")[0]["lang"] == "en"
    assert all(len(image["alt"] or "") > 20 for image in page.named("img"))
    assert all(head.get("scope") for head in page.named("th"))
    assert all(audio["aria-label"] for audio in page.named("audio"))
    assert sum(name == "h1" for name, _ in page.tags) == 1


@pytest.mark.slow
def test_a_full_report_says_what_was_done_and_how_far_to_trust_it(full):
    text = Page(full).text
    assert "Round 3 looked at 264 clips of speech." in text
    assert "14 labelling functions (rules of thumb) and 12 people of the crowd voted" in text
    assert "learnt from those and from 72 clips that experts had settled" in text
    assert "16 clips of speech were chosen for an expert to hear next" in text
    assert "Synthetic speech." in text
    assert "judged on 66 clips of voices it never trained on" in text
    assert "They are by 2 voices only." in text
    assert "Not judged at all, for want of clips: disgust." in text
    assert "is truncated: 48000 frames promised, 31000 there" in text
    assert "undertone batch export round-3 --out batch.csv" in text


@pytest.mark.slow
def test_rendering_twice_gives_the_same_text(full):
    assert render(examples.full_report()) == full


def test_a_first_round_with_nothing_to_judge_by_says_so_instead_of_showing_numbers():
    page = Page(render(examples.minimal_report()))
    assert page.faults == []
    assert "cannot be said yet" in page.text
    assert "–: no expert had judged a clip of a held-out voice by then" in page.text
    assert "there are no weak labels" in page.text
    assert not re.search(r"\b(nan|None|NaN|inf)\b", page.text)
    assert page.named("img") == []


def test_a_report_before_any_round_is_still_a_page():
    page = Page(render(RoundReport("Nothing yet", examples.CLASSES, rounds=[])))
    assert page.faults == []
    assert "No round has been finished yet" in page.text


@pytest.mark.slow
def test_hostile_names_stay_text():
    text = render(hostile_report())
    page = Page(text)
    assert page.faults == []
    assert page.named("script") == []
    assert not any(name.startswith("on") for _, found in page.tags for name in found)
    assert page.text.count("<script>alert") > 20
    assert "10 more are not shown" in page.text
    assert_offline(text)


@pytest.mark.parametrize(
    "source",
    [
        "http://evil.example/a.wav",
        "//evil.example/a.wav",
        "javascript:alert(1)",
        "data:text/html,<script>",
        "/etc/passwd",
        "\\\\host\\a.wav",
        "",
        None,
        float("nan"),
    ],
)
def test_only_inline_audio_and_files_beside_the_report_are_played(source):
    assert playable(source) is None


def test_a_relative_path_and_inline_audio_are_played():
    assert playable("audio/a b.wav") == "audio/a b.wav"
    assert playable(examples.SOUND) == examples.SOUND


def test_of_many_rounds_the_first_and_the_last_are_shown():
    rounds = examples.round_rows(30)
    page = Page(render(RoundReport("Round 30", examples.CLASSES, rounds=rounds)))
    assert "The first round and the last 7 are shown, 22 between them are not." in page.text
    assert "Round 24" in page.text
    assert "Round 23 " not in page.text


def test_unknown_truth_counts_as_nothing_to_judge_by():
    proba = examples.proba_near(np.zeros(4, dtype=int), 0)
    report = replace(examples.minimal_report(), held_out=HeldOut("gold", np.full(4, -1), proba))
    assert "cannot be said yet" in Page(render(report)).text


def test_a_single_judged_clip_does_not_claim_certainty():
    proba = np.eye(len(examples.CLASSES))[[0]]
    report = replace(examples.minimal_report(), held_out=HeldOut("gold", [0], proba, 1))
    text = Page(render(report)).text
    assert "judged on 1 clip of voices" in text
    assert "one voice only" in text
    low, high = re.search(r"lie at ([0-9.]+)\u2060–\u2060([0-9.]+)\.", text).groups()
    assert float(low) < 0.5 < float(high)


def test_tables_without_columns_are_an_absence_not_an_error():
    empty = pd.DataFrame()
    report = replace(examples.minimal_report(), sources=empty, batch=examples.batch(0))
    assert "nobody voted in this round" in Page(render(report)).text


def assert_offline(text: str) -> None:
    page = Page(text)
    for tag, attributes in page.tags:
        for name in ("src", "href", "poster", "action", "data", "srcset"):
            value = attributes.get(name) or "#"
            assert value.startswith(("#", "data:image/", "data:audio/")), (tag, value[:80])
    assert "url(" not in text
    assert "@import" not in text
    for image in page.named("img"):
        drawn = base64.b64decode(image["src"].partition(",")[2]).decode()
        assert not re.search(r'href="(?!#|data:image/png)', drawn)
        assert "<script" not in drawn
