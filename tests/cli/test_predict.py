"""`undertone predict` as its user meets it."""

import io
import json
import sys

import numpy as np
import pytest
import soundfile

from audio.descriptors import describe
from audio.features import FEATURE_NAMES, extract
from audio.tracks import tracks
from models.listener import Listener
from models.training import Targets, train
from tests.cli.conftest import is_one_line
from tests.made_listener import with_some_listener
from tests.made_voices import write_voice


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """High voices are angry, low ones sad; the model that learnt it."""
    from audio.decoding import read

    folder = tmp_path_factory.mktemp("clips")
    rows, labels = [], []
    for i in range(48):
        angry = i % 2
        path = folder / f"{i}.wav"
        write_voice(path, 120 + 20 * (i // 16) + 90 * angry, 0.5, seed=i)
        rows.append(extract(read(path)))
        labels.append(1 - angry)
    n = len(rows)
    ratings = np.where(np.array(labels) == 0, 4.5, 1.5)[:, None]
    targets = Targets(
        np.eye(2)[labels], np.ones(n), ratings, np.ones((n, 1)), np.ones(n, dtype=bool)
    )
    model = train(
        np.array(rows), targets, [f"s{i // 16}" for i in range(n)], classes=("anger", "sadness"),
        scales={"arousal": (1.0, 5.0)}, seed=0, max_epochs=60, feature_names=FEATURE_NAMES,
        row_names=[f"clip {i}" for i in range(n)],
    )  # fmt: skip
    model.save(folder / "model.npz")
    heard = [tracks(describe(read(folder / f"{i}.wav"))) for i in range(n)]
    with_some_listener(model, np.array(rows), heard, labels).save(folder / "listening.npz")
    return folder


@pytest.mark.slow
def test_predict_names_the_emotion_and_what_moved_it(terminal, clips, tmp_path):
    done = terminal(
        "predict", clips / "1.wav", clips / "0.wav", "--model", clips / "model.npz", "--explain",
        "--html", "page.html",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "What is heard" in done.out and "What moved it" in done.out and "Over time" in done.out
    assert "alike in training: clip" in done.out
    assert "`unsure` below" in done.out
    page = (tmp_path / "page.html").read_text()
    assert page.count("<audio controls") == 2 and "data:audio/wav" in page
    assert "The clip from moment to moment" in page and "Alike in training" in page


@pytest.mark.slow
def test_a_model_that_listens_says_where_it_listened(terminal, clips, tmp_path):
    model = clips / "listening.npz"
    done = terminal("predict", clips / "1.wav", "--model", model, "--explain", "--html", "p.html")
    assert done.code == 0, done.err
    assert "Listened " in done.out and "attention over time: " in done.out
    page = (tmp_path / "p.html").read_text()
    assert "The model listened" in page and "Attention is how much it listened" in page
    plain = terminal("predict", clips / "1.wav", "--model", clips / "model.npz", "--explain")
    assert "Listened" not in plain.out and "attention" not in plain.out
    done = terminal("predict", clips / "1.wav", "--model", model, "--explain", "--json")
    course = json.loads(done.out)["attention"]
    assert len(course["time_s"]) == len(course["level"]) > 10
    assert np.mean(course["level"]) == pytest.approx(1, abs=0.1)
    for one in course["stretches"]:
        assert 0 <= one["start_s"] < one["end_s"] <= 0.6 and 0 < one["share"] <= 1


def test_predict_as_json_gives_probabilities_sets_and_scales(terminal, clips):
    done = terminal("predict", clips / "1.wav", clips / "0.wav", "--model", clips / "model.npz",
                    "--json", "--same-speaker", "--coverage", "0.8")  # fmt: skip
    told = [json.loads(line) for line in done.out.splitlines()]
    assert [one["likeliest"] for one in told] == ["anger", "sadness"]
    for one in told:
        assert sum(one["proba"].values()) == pytest.approx(1)
        assert one["likeliest"] in one["possible"]
        assert one["scales"]["arousal"]["sd"] > 0
    assert told[0]["scales"]["arousal"]["mean"] > told[1]["scales"]["arousal"]["mean"]


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_answered(terminal, clips, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    done = terminal("predict", "bad.wav", clips / "1.wav", "--model", clips / "model.npz")
    assert done.code == 1
    assert "bad.wav: " in done.err and "anger" in done.out
    done = terminal("predict", "bad.wav", "--model", clips / "model.npz")
    assert done.code == 2 and "none of 1 files could be read" in done.err


def test_of_a_folder_every_sound_in_it_is_answered_for(terminal, clips, tmp_path):
    (tmp_path / "some" / "deep").mkdir(parents=True)
    for name in ("2.wav", "deep/3.wav"):
        (tmp_path / "some" / name).write_bytes((clips / name[-5:]).read_bytes())
    (tmp_path / "some" / "notes.txt").write_text("no sound")
    done = terminal("predict", "some", "--model", clips / "model.npz", "--json")
    told = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0, done.err
    assert [one["path"] for one in told] == ["some/2.wav", "some/deep/3.wav"]


def test_what_is_asked_wrongly_is_one_line(terminal, clips, tmp_path):
    model = clips / "model.npz"
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "empty").mkdir()
    for words, said in (
        ([], "give FILE… or --stream"),
        ([clips / "1.wav"], "no champion: give --model"),
        ([clips / "1.wav", "--model", "none.npz"], "model none.npz does not exist"),
        ([clips / "1.wav", "--model", "text.npz"], "model text.npz cannot be read"),
        ([clips / "1.wav", "--model", tmp_path], "holds no emotion_model.npz"),
        ([clips / "1.wav", "--model", model, "--risk", "1.5"], "risk 1.5 is not between 0 and 1"),
        ([clips / "1.wav", "--model", model, "--html", "p.txt"], "--html p.txt does not end in"),
        ([tmp_path / "empty", "--model", model], "empty is a folder that holds no audio"),
    ):
        done = terminal("predict", *words)
        assert done.code == 2 and is_one_line(done.err) and said in done.err, done.err


def test_a_stream_is_followed_line_by_line(terminal, clips, monkeypatch):
    class Stdin:
        buffer = io.BytesIO((clips / "1.wav").read_bytes())

    n_heard = []
    listen = Listener.listen
    monkeypatch.setattr(
        Listener, "listen", lambda self, t: n_heard.append(len(t)) or listen(self, t)
    )
    for model in ("model.npz", "listening.npz"):
        monkeypatch.setattr(sys, "stdin", Stdin())
        Stdin.buffer.seek(0)
        done = terminal("predict", "--stream", "--model", clips / model, "--json")
        told = [json.loads(line) for line in done.out.splitlines()]
        assert done.code == 0, done.err
        assert told[-1]["likeliest"] == "anger" and not told[-1]["silent"]
        assert n_heard == ([1] * len(told) if model == "listening.npz" else [])


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "no sound came on standard input"),
        (b"RIFF\0\0", "the stream begins like a WAV (RIFF) and is none"),
    ],
)
def test_a_stream_that_holds_no_sound_is_said_to(terminal, clips, monkeypatch, sent, said):
    class Stdin:
        buffer = io.BytesIO(sent)

    monkeypatch.setattr(sys, "stdin", Stdin())
    done = terminal("predict", "--stream", "--model", clips / "model.npz")
    assert done.code == 2 and is_one_line(done.err) and said in done.err, done.err


def test_of_a_stream_of_an_instant_nothing_is_said(terminal, clips, monkeypatch):
    class Stdin:
        buffer = io.BytesIO(b"abcd")

    monkeypatch.setattr(sys, "stdin", Stdin())
    done = terminal("predict", "--stream", "--model", clips / "model.npz")
    assert done.code == 0 and "too short to tell" in done.out and "anger" not in done.out


@pytest.mark.slow
def test_of_silence_and_of_an_instant_nothing_is_said_however_likely(terminal, clips, tmp_path):
    rate = 16_000
    soundfile.write(tmp_path / "silent.wav", np.zeros(2 * rate), rate)
    noise = np.random.default_rng(0).normal(scale=0.2, size=rate // 10)
    soundfile.write(tmp_path / "instant.wav", noise, rate)
    done = terminal("predict", "silent.wav", "instant.wav", clips / "1.wav", "--explain",
                    "--model", clips / "model.npz", "--html", "page.html")  # fmt: skip
    assert done.code == 0, done.err
    assert "silent.wav: no voice is heard." in done.out
    assert "instant.wav: too short to tell: 0.10 s" in done.out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("Nothing is said of it") == 2 and page.count("What moved it") == 1
    done = terminal("predict", "silent.wav", "--model", clips / "model.npz", "--json")
    told = json.loads(done.out)
    assert told["emotion"] == "unsure" and told["note"] == "no voice is heard"
