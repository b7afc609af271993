"""`undertone evaluate` as its user meets it."""

import json

import pytest

from tests.cli.conftest import is_one_line
from tests.made_voices import write_voice

EMOTIONS = ("anger", "sadness")


@pytest.fixture
def corpus(tmp_path):
    rows = ["path,speaker,gender,emotion,arousal"]
    for i in range(24):
        angry, speaker = i % 2, i // 8
        write_voice(
            tmp_path / f"{i}.wav", 110 + 30 * speaker + 60 * angry, 0.5 + 0.2 * angry, seed=i
        )
        rows.append(f"{i}.wav,s{speaker},f,{EMOTIONS[1 - angry]},{1 + 3 * angry}")
    rows.append("nowhere.wav,s1,f,anger,3")
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "m.csv"


@pytest.mark.slow
def test_evaluate_prints_figures_and_writes_the_report(terminal, corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    done = terminal(
        "evaluate", corpus, "--enrol", "2", "--out", "r.json", "--predictions", "p.csv",
        "--save", "m.npz", "--augment",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "24 segments, 3 speakers, 2 emotions; one speaker left out at a time" in done.out
    assert "On speakers never heard" in done.out and "CCC" in done.out
    assert "refused: " in done.err and "nowhere.wav" in done.err
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["protocol"]["enrol"] == 2 and report["protocol"]["augmented"]
    assert report["data"]["test"]["n_refused"] == 1
    assert set(report["by_speaker"]) == {f"{tmp_path.name}/s{i}" for i in range(3)}
    assert report["overall"]["uar"] > 0.7
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 25
    from models.emotion_model import EmotionModel

    model = EmotionModel.load(tmp_path / "m.npz")
    assert model.classes == ("anger", "sadness")
    assert len(model.memory.names) == 24


def test_wrong_words_are_one_line(terminal, tmp_path):
    for words, said in (
        (["nowhere"], "does not exist"),
        ([tmp_path, "--enrol", "some"], "'some' is no number, `all` or `none`"),
        ([tmp_path, "--out", "r.txt"], "does not end in .json"),
        ([tmp_path, "--emotion", "hangry"], "unknown emotion 'hangry'"),
        ([tmp_path, "--augment", "--frames"], "--augment or --frames, not both"),
        ([tmp_path], "holds no audio"),
    ):
        done = terminal("evaluate", *words)
        assert done.code == 2 and is_one_line(done.err) and said in done.err, done.err
