"""Webhooks: signed, told once, tried again, and nothing forgotten that happened meanwhile."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import db.audit
import db.batches
import db.webhooks
from annotation.desk import keeping_watch, webhooks
from annotation.desk.errors import DeskError, NotFoundError
from tests.annotation.desk.conftest import an_account, publish, sign_in, with_rules
from tests.annotation.desk.test_judging import key, say


class Receiver:
    """A server that takes what it is sent, or answers as it is told to."""

    def __init__(self):
        self.got, self.answers = [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append((dict(self.headers), body))
                status = outer.answers.pop(0) if outer.answers else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self):
        return [json.loads(body)["event"] for _, body in self.got]


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


def deliver(desk):
    webhooks.look(desk)
    return webhooks.send_due(desk)


def one_clip(desk):
    with desk.workspace.reading() as tx:
        return db.batches.segment_ids(tx, "round-1")[:1]


def test_published_disputed_and_completed_are_told_once_each(stored_desk, receiver, clock):
    lead = an_account(stored_desk, "lou", "lead")
    clock.time = clock.time.replace(year=2020)  # batches are stamped by the real clock
    hook = webhooks.add(stored_desk, lead, receiver.url, webhooks.EVENTS)
    publish(stored_desk.workspace, "small", one_clip(stored_desk), overlap=2)
    deliver(stored_desk)
    told = [json.loads(body)["batch"] for _, body in receiver.got]
    assert sorted(told) == ["round-1", "small"]
    ada, ben = an_account(stored_desk, "ada"), an_account(stored_desk, "ben")
    say(stored_desk, ada, "anger", batch="small")
    say(stored_desk, ben, "fear", key=key(2), batch="small")
    deliver(stored_desk)
    deliver(stored_desk)
    assert sorted(receiver.events()) == ["completed", "disputed", "published", "published"]
    headers, body = receiver.got[-1]
    sent_at = int(headers["X-Undertone-Time"])
    assert headers["X-Undertone-Signature"] == webhooks.signature(hook.secret, sent_at, body)
    assert headers["X-Undertone-Signature"] != webhooks.signature("other", sent_at, body)
    assert json.loads(body)["batch"] == "small"


def test_what_does_not_arrive_is_tried_again_later_and_then_given_up(desk, receiver, clock):
    lead = an_account(desk, "lou", "lead")
    clock.time = clock.time.replace(year=2020)
    webhooks.add(desk, lead, receiver.url, ["published"])
    receiver.answers += [500, 302]
    assert deliver(desk) == 0
    assert deliver(desk) == 0  # not at once
    assert len(receiver.got) == 1
    clock.pass_(31)
    assert deliver(desk) == 0  # a redirect is followed by nobody
    clock.pass_(121)
    assert deliver(desk) == 1
    with desk.workspace.reading() as tx:
        (one,) = db.webhooks.deliveries(tx, 10)
        log = [e.action for e in db.audit.entries(tx) if "webhook" in e.action]
    assert (one.n_tries, one.next_try_at, one.last_error) == (3, None, None)
    assert log == ["add webhook", "fail webhook", "fail webhook", "deliver webhook"]


def test_after_the_last_try_it_is_given_up_and_says_why(desk, receiver, clock):
    lead = an_account(desk, "lou", "lead")
    clock.time = clock.time.replace(year=2020)
    webhooks.add(desk, lead, receiver.url, ["published"])
    receiver.answers += [503] * 20
    for wait in (0, *webhooks.WAITS_S, 1e6):
        clock.pass_(wait + 1)
        deliver(desk)
    assert len(receiver.got) == 1 + len(webhooks.WAITS_S)
    with desk.workspace.reading() as tx:
        (one,) = db.webhooks.deliveries(tx, 10)
    assert (one.next_try_at, one.delivered_at, one.last_error) == (None, None, "it answered 503")


def test_a_removed_one_is_told_no_more(desk, receiver, clock):
    lead = an_account(desk, "lou", "lead")
    clock.time = clock.time.replace(year=2020)
    hook = webhooks.add(desk, lead, receiver.url, ["published"])
    webhooks.look(desk)
    webhooks.remove(desk, lead, hook.id)
    assert deliver(desk) == 0
    assert receiver.got == []
    with pytest.raises(NotFoundError):
        webhooks.remove(desk, lead, hook.id)


@pytest.mark.parametrize(
    "url", ["", "ftp://x/y", "http://", "http://a b/", "javascript:x", "http://u:p@x/", "http://[x"]
)
def test_what_is_no_address_is_refused(desk, url):
    with pytest.raises(DeskError):
        webhooks.add(desk, an_account(desk, "lou", "lead"), url, ["published"])


@pytest.mark.slow
def test_the_watch_tells_by_itself(desk, receiver, clock, monkeypatch):
    monkeypatch.setattr(keeping_watch, "SEND_S", 0.05)
    lead = an_account(desk, "lou", "lead")
    clock.time = clock.time.replace(year=2020)
    webhooks.add(desk, lead, receiver.url, ["published"])
    with keeping_watch.keeping_watch(desk):
        for _ in range(200):
            if receiver.got:
                break
            threading.Event().wait(0.05)
    assert receiver.events() == ["published"]


def test_a_lead_adds_one_in_the_page_and_sees_the_secret_once(client, desk):
    an_account(desk, "lou", "lead")
    csrf = sign_in(client, "lou")
    data = {"csrf": csrf, "url": "https://e.example/<x>", "events": ["disputed"]}
    made = client.post("/webhooks", data=data).text
    with desk.workspace.reading() as tx:
        (hook,) = db.webhooks.list_webhooks(tx)
    assert hook.secret in made
    again = client.get("/webhooks").text
    assert hook.secret not in again
    assert "&lt;x&gt;" in again


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "10.1.2.3", "192.168.0.7",
     "169.254.169.254", "[::ffff:127.0.0.1]", "db.internal", "0.0.0.0", "[fe80::1]"],
)  # fmt: skip
def test_an_address_inside_is_refused_in_one_line_unless_a_setting_allows_it(desk, host):
    lead = an_account(desk, "lou", "lead")
    closed = with_rules(desk, internal_webhooks=False)
    with pytest.raises(DeskError, match="this machine or its own network") as caught:
        webhooks.add(closed, lead, f"http://{host}/x", ["published"])
    assert "desk_internal_webhooks" in str(caught.value)
    assert webhooks.add(desk, lead, f"http://{host}/x", ["published"])


def test_a_name_that_leads_inside_when_it_is_looked_up_is_not_reached(
    desk, receiver, clock, monkeypatch
):
    lead = an_account(desk, "lou", "lead")
    clock.time = clock.time.replace(year=2020)
    closed = with_rules(desk, internal_webhooks=False)
    port = receiver.server.server_port
    webhooks.add(closed, lead, f"http://harmless.example:{port}/hook", ["published"])
    look_up = socket.getaddrinfo

    def inside(host, *given, **more):
        return look_up("127.0.0.1" if host == "harmless.example" else host, *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", inside)
    assert deliver(closed) == 0
    assert receiver.got == []
    with desk.workspace.reading() as tx:
        (one,) = db.webhooks.deliveries(tx, 10)
    assert "this machine or its own network" in one.last_error
    clock.pass_(31)
    assert deliver(desk) == 1  # the same name, where it is allowed
