"""Who of Label Studio is who here."""

from annotation.labelstudio import people
from annotation.labelstudio.pulling import pull
from annotation.labelstudio.pushing import push
from tests.annotation.desk.conftest import BATCH, an_account
from tests.annotation.labelstudio.annotating import judged_by, judgements, tasks
from tests.annotation.labelstudio.stand_in import choice


def test_annotations_of_somebody_unknown_wait_until_it_is_said_who_they_are(bridge, there, desk):
    push(bridge, BATCH)
    eva = there.add_user("Eva@example.org")
    there.annotate(tasks(there)[0]["id"], eva, [choice("emotion", "fear")])
    report = pull(bridge, BATCH)
    assert report.n_new == 0
    assert dict(report.waiting) == {"eva@example.org": 1}
    assert people.say(desk, " EVA@example.org ", "Eva", "test") == "Eva"
    assert pull(bridge, BATCH).n_new == 1
    assert judgements(desk)[0].annotator == "Eva"


def test_a_name_put_right_later_is_right_for_what_was_pulled_before(bridge, there, desk):
    push(bridge, BATCH)
    judged_by(desk, there)
    pull(bridge, BATCH)
    people.say(desk, "ada@example.org", "Ada Lovelace", "test")
    assert pull(bridge, BATCH).n_changed == 3
    assert {one.annotator for one in judgements(desk)} == {"Ada Lovelace"}


def test_people_of_one_name_are_not_taken_for_one(bridge, there, desk):
    an_account(desk, "ada")
    there.add_user("ada@example.org")
    assert {one.email: one.annotator for one in people.everybody(bridge)} == {
        "lead@example.org": None,
        "ada@example.org": "ada",
    }
    there.add_user("ada@elsewhere.org")
    assert {one.annotator for one in people.everybody(bridge)} == {None}


def test_by_email_nobody_waits(bridge, there, desk):
    push(bridge, BATCH)
    eva = there.add_user("eva@example.org")
    there.annotate(tasks(there)[0]["id"], eva, [choice("emotion", "fear")])
    assert pull(bridge, BATCH, by_email=True).n_new == 1
    assert judgements(desk)[0].annotator == "eva@example.org"
