"""Calibration before one may judge for real, and flags for whoever fails it or drifts."""

from datetime import timedelta

import numpy as np
import pytest
from starlette.testclient import TestClient

import db.batches
import db.judgements
from annotation.desk import adjudicating, calibrating, calibration_due, flagging, guidelines
from annotation.desk.errors import CalibrationDueError, DeskError, HiddenError
from annotation.desk.giving import next_clip
from annotation.desk.reviewing import review
from annotation.desk.web.app import create_app
from db.desk_records import GuidelineExample
from labels.judgements import Judgement
from tests.annotation.desk.conftest import BATCH, N_CLIPS, an_account, sign_in, with_rules
from tests.annotation.desk.test_judging import say

GOLD = ("anger", "fear", "sadness", "happiness")
DAY = 86_400


@pytest.fixture
def calibrated(stored_desk):
    """A desk that asks for four clips, with six that a lead has decided."""
    desk = with_rules(stored_desk, calibration_clips=4, calibration_pass=0.75)
    return with_gold(desk)


def with_gold(desk):
    lead = an_account(desk, "lou", "lead")
    with desk.workspace.reading() as tx:
        segments = db.batches.segment_ids(tx, BATCH)
    for nth, segment in enumerate(sorted(segments)[:6]):
        adjudicating.decide(
            desk, lead, BATCH, segment, key=f"gold-{nth:08}",
            values={"emotion": GOLD[nth % 4]}, verdict=None, reason=f"reason {nth}",
        )  # fmt: skip
    return desk


def go_through(desk, who, n_right):
    """A whole session with so many right answers."""
    session = calibrating.start(desk, who)
    for nth, one in enumerate(session.items, start=1):
        right = one.item.expected["emotion"]
        said = right if nth <= n_right else next(e for e in GOLD if e != right)
        session = calibrating.answer(desk, who, session.calibration.id, nth, emotion=said)
    return session


def test_who_has_not_passed_is_given_no_clip_and_who_passes_is(calibrated):
    ada = an_account(calibrated, "ada")
    with pytest.raises(CalibrationDueError):
        next_clip(calibrated, ada, BATCH)
    failed = go_through(calibrated, ada, 2)
    assert (failed.calibration.score, failed.calibration.passed) == (0.5, False)
    with pytest.raises(CalibrationDueError):
        next_clip(calibrated, ada, BATCH)
    assert go_through(calibrated, ada, 3).calibration.passed
    assert next_clip(calibrated, ada, BATCH) is not None


def test_whoever_fails_is_flagged_once_until_a_lead_settles_it(calibrated):
    ada = an_account(calibrated, "ada")
    go_through(calibrated, ada, 0)
    go_through(calibrated, ada, 1)
    (one,) = flagging.flags(calibrated)
    assert (one.name, one.flag.kind) == ("ada", "calibration")
    assert one.words == "had 0% right in a calibration; 75% are needed"
    flagging.settle(calibrated, an_account(calibrated, "may", "lead"), one.flag.id)
    go_through(calibrated, ada, 1)
    assert [f.flag.settled_at is None for f in flagging.flags(calibrated)] == [True, False]


def test_it_comes_again_on_schedule(calibrated, clock):
    ada = an_account(calibrated, "ada")
    go_through(calibrated, ada, 4)
    clock.pass_(29 * DAY)
    assert not calibration_due.is_due(calibrated, ada)
    clock.pass_(2 * DAY)
    assert calibration_due.is_due(calibrated, ada)


def test_answers_are_no_judgements_of_the_clip_and_the_first_one_stands(calibrated):
    ada = an_account(calibrated, "ada")
    session = calibrating.start(calibrated, ada)
    identity = session.calibration.id
    right = session.items[0].item.expected["emotion"]
    calibrating.answer(calibrated, ada, identity, 1, emotion=right)
    again = calibrating.answer(calibrated, ada, identity, 1, verdict="cannot tell")
    assert again.items[0].said == right
    assert calibrating.start(calibrated, ada).calibration.id == identity  # it is gone on with
    with calibrated.workspace.reading() as tx:
        assert db.judgements.read(tx, annotator="ada") == []
        (kept,) = db.judgements.read(tx, annotator="ada", standing_only=False)
    assert kept.purpose == "calibration"
    ben = an_account(calibrated, "ben")
    with pytest.raises(HiddenError):
        calibrating.session(calibrated, ben, identity)


def test_a_session_shows_as_many_emotions_as_it_can(calibrated):
    session = calibrating.start(calibrated, an_account(calibrated, "ada"))
    assert {one.item.expected["emotion"] for one in session.items} == set(GOLD)


def test_a_clip_that_the_guidelines_show_is_not_asked_about(calibrated):
    ada = an_account(calibrated, "ada")
    before = _clips_for(calibrated, ada)
    shown = GuidelineExample("anger", sorted(before)[0], "typical", "as loud as this")
    guidelines.write(calibrated, "lou", "# Listen", examples=[shown])
    guidelines.write(calibrated, "lou", "# Listen well", examples=[])
    assert _clips_for(calibrated, ada) == before - {shown.segment_id}


def _clips_for(desk, who):
    with desk.workspace.reading() as tx:
        return {one.segment_id for one in calibration_due.clips_for(desk, tx, who)}


def test_the_lead_s_page_tells_how_the_last_calibration_went(calibrated, clock):
    ada = an_account(calibrated, "ada")
    go_through(calibrated, ada, 2)
    clock.pass_(60)
    go_through(calibrated, ada, 3)
    assert next_clip(calibrated, ada, BATCH) is not None
    say(calibrated, ada, "fear")
    lead = an_account(calibrated, "may", "lead")
    found = {one.name: one for one in review(calibrated, lead, BATCH).annotators}
    assert found["ada"].calibration.score == 0.75
    with TestClient(create_app(calibrated), follow_redirects=False) as client:
        sign_in(client, "may")
        page = client.get(f"/review/{BATCH}").text
        told = client.get(f"/api/batches/{BATCH}/review").json()
    assert "75 %" in page
    assert told["annotators"][0]["calibration"]["passed"] is True


def test_without_enough_gold_nobody_is_kept_from_work(stored_desk):
    desk = with_rules(stored_desk, calibration_clips=4)
    ada = an_account(desk, "ada")
    assert next_clip(desk, ada, BATCH) is not None
    with pytest.raises(DeskError, match="too few"):
        calibrating.start(desk, ada)


def test_who_works_already_is_not_stopped_when_gold_appears(stored_desk, clock):
    desk = with_rules(stored_desk, calibration_clips=4)
    ada = an_account(desk, "ada")
    from tests.annotation.desk.test_judging import say

    say(desk, ada)
    with_gold(desk)
    assert not calibration_due.is_due(desk, ada)


def test_the_page_tells_after_each_clip_what_was_decided_and_why(client, desk):
    desk.__dict__["rules"] = with_rules(desk, calibration_clips=4).rules
    with_gold(desk)
    an_account(desk, "ada")
    csrf = sign_in(client, "ada")
    assert client.get(f"/judge/{BATCH}").headers["location"] == "/calibration"
    answer = client.post("/calibration", data={"csrf": csrf})
    address = answer.headers["location"]
    assert "reason" not in client.get(address).text
    data = {"csrf": csrf, "choice": "emotion:disgust"}
    assert client.post(address, data=data).status_code == 303
    told = client.get(address).text
    assert "Decided otherwise" in told
    assert "reason " in told


def made(nth, annotator, emotion):
    return Judgement(f"j{annotator}{nth}", f"s{nth}", annotator, "expert", {"emotion": emotion})


def test_drift_is_found_where_it_is_planted_and_not_where_it_is_not():
    rng = np.random.default_rng(3)
    flagged = [0, 0]
    for _ in range(200):
        steady = (rng.random(90) < 0.7).astype(float)
        drifted = np.concatenate([(rng.random(60) < 0.8), (rng.random(30) < 0.35)]).astype(float)
        flagged[0] += flagging.drift(list(steady)) is not None
        flagged[1] += flagging.drift(list(drifted)) is not None
    assert flagged[0] <= 6  # 1 % by chance, of 200
    assert flagged[1] >= 180


def test_answers_are_held_against_the_decision_else_against_the_others(desk):
    said = [
        made(1, "ada", "anger"), made(1, "ben", "fear"), made(1, "cyd", "anger"),
        made(2, "ada", "anger"), made(2, "ben", "anger"),
        Judgement("d", "s2", "lou", "adjudicator", {"emotion": "fear"}),
        made(3, "ada", "anger"),
    ]  # fmt: skip
    agreed = flagging.comparisons(said, desk.workspace.scheme)
    assert agreed["ada"] == [0.5, 0.0]
    assert agreed["ben"] == [0.0, 0.0]


def test_an_annotator_who_drifts_is_flagged_to_the_lead(desk):
    ada = an_account(desk, "ada")
    assert N_CLIPS == 12
    with desk.workspace.reading() as tx:
        segments = sorted(db.batches.segment_ids(tx, BATCH))
    rows = []
    for nth in range(96):
        peer = Judgement(
            f"p{nth}", segments[nth % 12], f"peer {nth}", "expert", {"emotion": "anger"},
            judged_at=desk.now(),
        )  # fmt: skip
        rows.append(peer)
    # `comparisons` takes the latest of each; ada's own stand one by one, in their order.
    for nth in range(96):
        emotion = "anger" if nth < 60 else "fear"
        rows.append(
            Judgement(
                f"a{nth}",
                segments[nth % 12],
                "ada",
                "expert",
                {"emotion": emotion},
                judged_at=desk.now() + timedelta(seconds=nth),
            )
        )
    with desk.workspace.writing() as tx:
        db.judgements.add(tx, rows)
    assert flagging.look_for_drift(desk) == ["ada"]
    assert flagging.look_for_drift(desk) == []
    (one,) = flagging.flags(desk)
    assert (one.flag.account_id, one.flag.kind) == (ada.id, "drift")
    assert one.words == "agreed on 91% of 66 answers, on 0% of the last 30"
