"""A batch of 40 clips judged by three, one of them unreliable: who it is shows, a lead settles
what is disputed, and the next round works with it."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

import db.batches
import db.judgements
import db.reference_labels
from annotation.desk.desk import Desk, Rules
from annotation.desk.disputes import disputed
from annotation.desk.web.app import create_app
from corpora.synthetic import make_synthetic_corpus
from labels.judgements import Judgement
from labels.scheme import Scheme
from rounds import pool, snapshot
from rounds.ingest import ingest
from rounds.plan import RoundPlan
from rounds.round import begin, run_step
from rounds.workspace import Workspace
from tests.annotation.desk.conftest import Clock, an_account, bearer, publish, sign_in
from tests.annotation.desk.judged_batch import judge_through_the_api, people

pytestmark = pytest.mark.slow

N = 40
RELIABILITY = {"ada": 0.9, "ben": 0.8, "zoe": 0.0}


class Judged:
    """A desk whose batch three people have judged; what is true of its segments."""

    def __init__(self, folder, corpus):
        self.workspace = Workspace.open(
            database_url=f"sqlite:///{folder}/undertone.db",
            data_dir=folder,
            scheme=Scheme.default(),
        )
        ingest(self.workspace, str(corpus))
        with self.workspace.reading() as tx:
            frame = db.reference_labels.frame(tx)
        self.truth = {
            str(segment): dict(zip(rows["dimension"], rows["value"], strict=True))
            for segment, rows in frame.groupby("segment_id", sort=True)
        }
        segments = list(pool.read(self.workspace)["segment_id"])[:N]
        publish(self.workspace, "round-0", segments, overlap=3)
        self.desk = Desk(self.workspace, Rules(repeat_share=0.1, repeat_gap=4), Clock())
        self.lead = an_account(self.desk, "lou", "lead")
        annotators = people(self.workspace.scheme, RELIABILITY, seed=5)
        self.n_judged = judge_through_the_api(self.desk, "round-0", self.truth, annotators)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("judged")
    corpus = make_synthetic_corpus(folder / "speech", n_clips=48, n_voices=6, seed=1)
    return Judged(folder, corpus)


@pytest.fixture
def client(judged):
    with TestClient(create_app(judged.desk), follow_redirects=False) as client:
        yield client


def test_the_lead_s_page_shows_who_is_unreliable_and_nobody_else(judged, client):
    headers = bearer(judged.desk, judged.lead)
    told = client.get("/api/batches/round-0/review", headers=headers).json()
    doubted = {one["name"] for one in told["annotators"] if one["doubt"]}
    assert doubted == {"zoe"}
    by_name = {one["name"]: one for one in told["annotators"]}
    assert by_name["zoe"]["high"] < by_name["ada"]["low"]
    sign_in(client, "lou")
    page = client.get("/review/round-0")
    assert page.status_code == 200
    assert "<b>zoe</b>, spammer" in page.text
    assert "<b>ada</b>, " not in page.text


def test_a_lead_sees_why_each_segment_is_there(judged, client):
    with judged.workspace.reading() as tx:
        items = db.batches.items(tx, "round-0")
    assert all(item.reason for item in items)
    sign_in(client, "lou")
    page = client.get("/review/round-0").text
    for item in items:
        row = page[page.index(f"<code>{item.segment_id}</code>") :].split("</tr>")[0]
        assert item.reason in row


def test_agreement_has_an_interval_on_every_dimension_and_emotion(judged, client):
    told = client.get(
        "/api/batches/round-0/review", headers=bearer(judged.desk, judged.lead)
    ).json()
    scheme = judged.workspace.scheme
    assert [one["name"] for one in told["dimensions"]] == list(scheme.dimensions)
    assert [one["name"] for one in told["emotions"]] == list(scheme.classes)
    emotion = told["dimensions"][0]
    assert emotion["low"] < emotion["alpha"] < emotion["high"]
    pairs = np.array(told["confusion"])
    assert (pairs == pairs.T).all()
    assert pairs.sum() == N * 3 * 2  # three pairs of people on each clip, in both directions


def test_hidden_repeats_tell_who_is_steady(judged, client):
    told = client.get(
        "/api/batches/round-0/review", headers=bearer(judged.desk, judged.lead)
    ).json()
    steady = {one["name"]: one["steady"] for one in told["annotators"]}
    assert judged.n_judged == 3 * N + sum(one["of"] for one in steady.values())
    # The simulated say the same of the same clip whenever they are asked.
    assert all(one["of"] > 0 and one["n"] == one["of"] for one in steady.values())


def test_what_adjudication_settles_is_gold_in_the_next_round(judged, client):
    csrf = sign_in(client, "lou")
    scheme = judged.workspace.scheme
    before, _ = snapshot.gold_of(judged.workspace, snapshot.take(judged.workspace))
    waiting = disputed(judged.desk)
    assert waiting
    assert not {one.segment_id for one in waiting} & set(before)
    queue = client.get("/disputes").text
    for one in waiting:
        address = f"/disputes/round-0/{one.segment_id}"
        assert address in queue
        page = client.get(address)
        assert all(said.annotator in page.text for said in one.judgements)
        key = page.text.split('name="key" value="')[1].split('"')[0]
        decision = {
            "csrf": csrf,
            "key": key,
            "choice": f"emotion:{judged.truth[one.segment_id]['emotion']}",
            "reason": "what the speaker was asked to act",
        }
        assert client.post(address, data=decision).status_code == 303
        assert client.post(address, data=decision).status_code == 303  # a double click
    assert disputed(judged.desk) == []
    with judged.workspace.reading() as tx:
        assert len(db.judgements.read(tx, ["adjudicator"])) == len(waiting)

    after, _ = snapshot.gold_of(judged.workspace, snapshot.take(judged.workspace))
    settled = {one.segment_id: judged.truth[one.segment_id]["emotion"] for one in waiting}
    assert {s: after[s] for s in settled} == {
        s: scheme.class_index(emotion) for s, emotion in settled.items()
    }
    number = begin(judged.workspace, RoundPlan(seed=1, batch_size=4, evaluation_share=0.0)).number
    for step in ("pull", "features", "votes", "label", "train"):
        trained = run_step(judged.workspace, number, step)
    frame = pool.read(judged.workspace).set_index("segment_id")
    training = set(frame.index[frame["split"] == "training"])
    assert trained["n_gold"] == len(training & set(after))
    assert len(training & set(after)) > len(training & set(before))


def test_disputes_come_in_pages(judged, client):
    headers = bearer(judged.desk, judged.lead)
    segments = list(judged.truth)[:4]
    publish(judged.workspace, "pages", segments, overlap=2)
    said = [
        Judgement(f"p-{name}-{one}", one, name, "expert", {"emotion": emotion}, batch_id="pages")
        for one in segments
        for name, emotion in (("dan", "fear"), ("eve", "anger"), ("ada", "sadness"))
    ]
    with judged.workspace.writing() as tx:
        db.judgements.add(tx, said)
    # Of these four the three of the other batch have spoken too; two people more disagree.
    whole = client.get("/api/disputes?batch=pages", headers=headers).json()
    assert whole["total"] == len(whole["items"]) > 1
    first = client.get("/api/disputes?batch=pages&limit=1", headers=headers).json()
    assert (len(first["items"]), first["total"], first["next"]) == (1, whole["total"], 1)
    rest = client.get("/api/disputes?batch=pages&offset=1", headers=headers).json()
    assert first["items"] + rest["items"] == whole["items"]
    assert rest["next"] is None


def test_a_decision_needs_a_reason_and_an_emotion(judged, client):
    headers = bearer(judged.desk, judged.lead)
    segment = next(iter(judged.truth))
    address = f"/api/disputes/round-0/{segment}"
    for asked, said in (
        ({"values": {"emotion": "fear"}, "reason": " "}, "why"),
        ({"values": {}, "reason": "x"}, "emotion"),
        ({"values": {"emotion": "hangry"}, "reason": "x"}, "hangry"),
    ):
        answer = client.post(address, json={"key": "12345678", **asked}, headers=headers)
        assert answer.status_code == 422
        assert said in answer.json()["error"]["message"]
    answer = client.post(
        "/api/disputes/round-0/nowhere",
        json={"key": "12345678", "values": {"emotion": "fear"}, "reason": "x"},
        headers=headers,
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_everything_is_exported_in_each_form(judged, client, form):
    answer = client.get(f"/api/export?form={form}", headers=bearer(judged.desk, judged.lead))
    assert answer.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    data = io.BytesIO(archive.read(f"judgements.{form}"))
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet}.get(
        form, lambda file: pd.read_json(file, lines=True)
    )
    frame = read(data)
    made = frame[(frame["role"] == "expert") & (frame["source"] == "desk")]
    assert len(made) == judged.n_judged
    assert set(made["annotator"]) == set(RELIABILITY)
    assert (made["counts"] == made["purpose"].isna()).all()
    assert {f"{name}.{form}" for name in ("gold", "adjudications", "batches", "marks")} < set(
        archive.namelist()
    )
