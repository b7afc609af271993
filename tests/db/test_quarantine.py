import db.quarantine
from db.engine import transaction


def test_a_thing_seen_again_is_one_open_entry_brought_up_to_date(engine):
    with transaction(engine) as tx:
        db.quarantine.quarantine(tx, "a.wav", "line 3", "is empty", corpus="nemo")
        db.quarantine.quarantine(tx, "a.wav", "line 3", "is truncated")
        db.quarantine.quarantine(tx, "a.wav", None, "no such file")
        one, other = db.quarantine.list_entries(tx)
    assert (one.uri, one.where, one.reason, one.corpus) == (
        "a.wav", "line 3", "is truncated", "nemo",
    )  # fmt: skip
    assert one.first_seen < one.last_seen
    assert (other.where, other.reason) == ("", "no such file")


def test_what_is_put_right_is_closed_and_may_go_wrong_again(engine):
    with transaction(engine) as tx:
        for where in ("line 1", "line 2"):
            db.quarantine.quarantine(tx, "a.wav", where, "is empty")
        right = [("a.wav", "line 1"), ("a.wav", "line 1"), ("b.wav", "line 2")]
        assert db.quarantine.resolve(tx, right) == 1
        assert db.quarantine.resolve(tx, right) == 0
        assert db.quarantine.resolve(tx, [("a.wav", "line 2")]) == 1
        assert db.quarantine.list_entries(tx) == []
        db.quarantine.quarantine(tx, "a.wav", "line 1", "is silent throughout")
        (again,) = db.quarantine.list_entries(tx)
        everything = db.quarantine.list_entries(tx, include_resolved=True)
    assert again.reason == "is silent throughout"
    assert [entry.resolved_at is None for entry in everything] == [False, False, True]


def test_a_name_that_is_no_valid_text_can_be_quarantined_and_put_right(engine):
    with transaction(engine) as tx:
        db.quarantine.quarantine(tx, "caf\udce9\0.wav", "folder", "name is not UTF-8")
        (entry,) = db.quarantine.list_entries(tx)
        assert entry.uri == r"caf\udce9\x00.wav"
        assert db.quarantine.resolve(tx, [("caf\udce9\0.wav", "folder")]) == 1
