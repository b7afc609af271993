"""What people try who should not: refused in one line, and logged."""

import html

import pytest

import db.audit
import db.judgements
from annotation.desk import people, signing_in
from annotation.desk.errors import DeskError, NotSignedInError, TooManyTriesError
from annotation.desk.links import link
from tests.annotation.desk.conftest import BATCH, PASSWORD, an_account, bearer, publish, sign_in

INJECTIONS = (
    "'; DROP TABLE judgement; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}",
    "${jndi:ldap://x}",
)


def log(desk):
    with desk.workspace.reading() as tx:
        return [(e.actor, e.action, e.subject, e.detail.get("why")) for e in db.audit.entries(tx)]


def refusals(desk):
    return [entry for entry in log(desk) if entry[1] == "refuse"]


def test_a_forged_token_is_refused_and_logged(client, desk):
    for forged in ("ut_forged", "x", "ut_" + "A" * 500):
        answer = client.get("/api/batches", headers={"Authorization": f"Bearer {forged}"})
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "not_signed_in"
    assert len(refusals(desk)) == 3


def test_a_forged_session_is_nobody(client):
    client.cookies.set("undertone_session", "forged")
    assert client.get("/api/batches").status_code == 401


def test_anothers_batch_is_not_there_and_the_attempt_is_logged(client, desk):
    ben = an_account(desk, "ben", all_batches=False)
    headers = bearer(desk, ben)
    assert client.get("/api/batches", headers=headers).json()["items"] == []
    for method, path in (
        ("GET", f"/api/batches/{BATCH}"),
        ("POST", f"/api/batches/{BATCH}/next"),
        ("POST", f"/api/batches/{BATCH}/undo"),
        ("GET", f"/judge/{BATCH}"),
    ):
        answer = client.request(method, path, headers=headers, json={})
        assert answer.status_code == 404, (method, path)
    assert [entry[0] for entry in refusals(desk)] == ["ben"] * 4


def test_anothers_clip_cannot_be_judged(client, desk):
    ada, ben = an_account(desk, "ada"), an_account(desk, "ben")
    clip = client.post(f"/api/batches/{BATCH}/next", headers=bearer(desk, ada), json={}).json()
    body = {"lease": clip["clip"]["lease"], "key": "12345678", "values": {"emotion": "fear"}}
    assert client.post("/api/judgements", headers=bearer(desk, ben), json=body).status_code == 404
    assert [entry[0] for entry in refusals(desk)] == ["ben"]


def test_a_grant_lets_in_and_taking_it_back_shuts_out(client, desk):
    lead, ben = an_account(desk, "lea", "lead"), an_account(desk, "ben", all_batches=False)
    leads, bens = bearer(desk, lead), bearer(desk, ben)
    assert client.put(f"/api/batches/{BATCH}/people/ben", headers=leads).status_code == 200
    assert client.get(f"/api/batches/{BATCH}", headers=bens).status_code == 200
    assert client.delete(f"/api/batches/{BATCH}/people/ben", headers=leads).status_code == 200
    assert client.get(f"/api/batches/{BATCH}", headers=bens).status_code == 404


def test_links_to_sounds_are_good_for_a_while_and_for_what_they_were_made(client, desk, clock):
    ada = an_account(desk, "ada")
    clip = client.post(f"/api/batches/{BATCH}/next", headers=bearer(desk, ada), json={}).json()
    address = clip["clip"]["audio"]
    good = client.get(address)
    assert good.status_code == 200
    assert good.content[:4] == b"RIFF"
    part = client.get(address, headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)

    for tampered in (
        address.replace("until=", "until=9"),
        address.replace("/audio/", "/picture/"),
        address[:-3] + "000",
        address.split("?")[0],
        address.replace(clip["clip"]["segment"], "other"),
    ):
        assert client.get(tampered).status_code == 403, tampered
    outside = address.replace(clip["clip"]["segment"], "..%2f..%2f..%2fetc%2fpasswd")
    assert client.get(outside).status_code == 404
    clock.pass_(desk.rules.link_s + 60)
    expired = client.get(address)
    assert expired.status_code == 403
    assert "expired" in expired.json()["error"]["message"]
    assert len(refusals(desk)) == 7


def test_paths_that_lead_out_of_their_folder_are_refused_and_logged(client, desk):
    for path in (
        "/static/../../../desk.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/static/..%5c..%5capp.py",
    ):
        answer = client.get(path)
        assert answer.status_code in (404, 303), path
        assert "import" not in answer.text
    assert len(refusals(desk)) >= 3


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_is_written_in_notes_and_names_is_text_and_nothing_else(client, desk, text):
    _, token = people.invite(desk, "test", "lead", all_batches=True)
    answer = client.post(f"/invitation/{token}", data={"name": text, "password": PASSWORD})
    assert answer.status_code == 303
    csrf = client.get("/api/me").json()["csrf"]
    headers = {"X-CSRF-Token": csrf}
    clip = client.post(f"/api/batches/{BATCH}/next", headers=headers, json={}).json()["clip"]
    body = {"lease": clip["lease"], "key": "12345678", "values": {"emotion": "fear"}, "note": text}
    assert client.post("/api/judgements", headers=headers, json=body).status_code == 201
    bad = {**body, "key": "12345679", "values": {"emotion": text}}
    assert client.post("/api/judgements", headers=headers, json=bad).status_code in (409, 422)
    with desk.workspace.reading() as tx:
        (one,) = db.judgements.read(tx)
    assert (one.note, one.annotator) == (text, text)
    for page in ("/people", "/log", "/account", "/"):
        shown = client.get(page).text
        if any(sign in text for sign in "<\"'"):
            assert text not in shown, page
        assert text in html.unescape(shown), page


def test_what_no_database_keeps_is_refused_in_one_line(client, desk):
    ada = an_account(desk, "ada")
    headers = bearer(desk, ada)
    clip = client.post(f"/api/batches/{BATCH}/next", headers=headers, json={}).json()["clip"]
    body = {"lease": clip["lease"], "key": "12345678", "values": {"emotion": "fear"}, "note": "\0"}
    answer = client.post("/api/judgements", headers=headers, json=body)
    assert answer.status_code == 422
    with pytest.raises(DeskError, match="a name has"):
        people.checked_name("a\u202eb")


def test_a_form_of_another_site_is_refused(client, desk):
    an_account(desk, "ada", "admin")
    csrf = sign_in(client, "ada")
    form = {"role": "annotator", "csrf": csrf}
    elsewhere = {"Origin": "https://evil.example"}
    assert client.post("/people/invitations", data=form, headers=elsewhere).status_code == 403
    assert client.post("/people/invitations", data={"role": "annotator"}).status_code == 403
    assert client.post("/people/invitations", data={**form, "csrf": "x"}).status_code == 403
    assert client.post("/api/people/invitations", json={"role": "annotator"}).status_code == 403
    login = {"name": "ada", "password": PASSWORD}
    assert client.post("/login", data=login, headers=elsewhere).status_code == 403
    assert len(refusals(desk)) == 5
    assert client.post("/people/invitations", data=form).status_code == 200


def test_guessing_a_password_is_slowed_down_and_logged(desk, clock):
    an_account(desk, "ada")
    for _ in range(8):
        with pytest.raises(NotSignedInError, match="name or the password is not right"):
            signing_in.sign_in(desk, "ada", "wrong", "10.0.0.1")
    with pytest.raises(TooManyTriesError):
        signing_in.sign_in(desk, "Ada", PASSWORD, "10.0.0.2")
    clock.pass_(16 * 60)
    assert signing_in.sign_in(desk, "Ada", PASSWORD, "10.0.0.1")[0].name == "ada"
    refused = [entry for entry in log(desk) if entry[1] == "refuse sign in"]
    assert len(refused) == 9


def test_a_session_is_over_when_it_was_ended_when_it_slept_and_when_its_account_is(desk, clock):
    an_account(desk, "root", "admin")
    ada = an_account(desk, "ada")
    tokens = [signing_in.begin_session(desk, ada, "here") for _ in range(3)]
    _, secret = signing_in.new_token(desk, ada, "script", None)
    signing_in.sign_out(desk, ada, tokens[0])
    assert signing_in.of_session(desk, tokens[0]) is None
    clock.pass_(desk.rules.session_s - 60)
    assert signing_in.of_session(desk, tokens[1]).name == "ada"
    clock.pass_(120)
    assert signing_in.of_session(desk, tokens[1]).name == "ada"
    assert signing_in.of_session(desk, tokens[2]) is None
    people.revoke(desk, "root", "ada")
    assert signing_in.of_session(desk, tokens[1]) is None
    assert signing_in.of_token(desk, secret) is None
    with pytest.raises(NotSignedInError):
        signing_in.sign_in(desk, "ada", PASSWORD, "here")


def test_secrets_are_nowhere_in_the_records(desk):
    ada = an_account(desk, "ada")
    session = signing_in.begin_session(desk, ada, "here")
    _, secret = signing_in.new_token(desk, ada, "script", None)
    _, invitation = people.invite(desk, "test", "lead")
    desk.workspace.engine.dispose()
    folder = desk.workspace.artifacts.parent
    kept = b"".join(path.read_bytes() for path in folder.glob("records.db*"))
    for one in (session, secret, invitation, PASSWORD):
        assert one.encode() not in kept


def test_an_invitation_is_good_once_and_for_a_while(desk, clock):
    _, token = people.invite(desk, "test", "annotator", batches=[BATCH])
    ada = people.accept(desk, token, "ada", PASSWORD)
    with pytest.raises(DeskError, match="not known, was used, or is over"):
        people.accept(desk, token, "eve", PASSWORD)
    _, late = people.invite(desk, "test", "annotator")
    clock.pass_(desk.rules.invitation_s + 1)
    with pytest.raises(DeskError, match="not known, was used, or is over"):
        people.accept(desk, late, "eve", PASSWORD)
    assert ada.role == "annotator"


def test_a_lead_invites_nobody_above_themselves(client, desk):
    headers = bearer(desk, an_account(desk, "lea", "lead"))
    for role, status in (
        ("annotator", 201),
        ("data scientist", 201),
        ("lead", 403),
        ("admin", 403),
    ):
        answer = client.post("/api/people/invitations", headers=headers, json={"role": role})
        assert answer.status_code == status, role


def test_the_last_admin_stays(desk):
    an_account(desk, "root", "admin")
    with pytest.raises(DeskError, match="only admin"):
        people.revoke(desk, "root", "root")
    with pytest.raises(DeskError, match="only admin"):
        people.set_role(desk, "root", "root", "lead")


def test_every_answer_forbids_content_of_other_hosts(client, desk):
    ada = an_account(desk, "ada")
    publish(desk.workspace, "other", [])
    address = link(desk, "audio", "x", ada)
    for path in ("/login", "/api/batches", "/static/desk.css", "/nowhere", address):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
    assert "http" not in client.get("/login").text.replace("http-equiv", "")
