"""A corpus read and evaluated with what its clips are over time."""

import dataclasses

import numpy as np
import pytest

from audio.tracks import TRACKS
from labels.scheme import Scheme
from models.training import train
from rounds.corpus_evaluation import evaluate
from rounds.corpus_guides import guides_of
from rounds.corpus_reading import read_corpus
from rounds.evaluation_report import report_of
from rounds.evaluation_sides import Plan
from tests.made_listener import with_some_listener
from tests.models.made_tracks import moving_tracks
from tests.rounds.test_corpus_evaluation import made

SCHEME = Scheme.default()


def _read(folder):
    return read_corpus(str(folder / "m.csv"), SCHEME, folder=folder / "kept", with_tracks=True)


@pytest.fixture
def folder(tmp_path, write_voice):
    for i in range(3):
        write_voice(tmp_path / f"{i}.wav", 120 + 20 * i, 0.6 + 0.2 * i, seed=i)
    rows = ["path,speaker,emotion", "0.wav,a,anger", "1.wav,b,sad", "2.wav,b,sad"]
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_tracks_are_kept_and_those_of_a_damaged_file_are_made_again(folder):
    first = _read(folder)
    assert [one.shape for one in first.tracks] == [(n, len(TRACKS)) for n in (20, 27, 33)]
    kept = list((folder / "kept" / "tracks").rglob("*.parquet"))
    again = _read(folder)
    for file in kept:
        file.write_bytes(b"damaged")
    remade = _read(folder)
    for one, two, three in zip(first.tracks, again.tracks, remade.tracks, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)


def test_some_rows_of_a_corpus_keep_their_own_tracks(folder):
    corpus = _read(folder)
    some = corpus.rows(np.array([False, True, True]))
    np.testing.assert_array_equal(some.tracks[1], corpus.tracks[2])


def test_guides_are_asked_about_rhythm_and_where_marked_about_phones(folder):
    guides = guides_of(_read(folder))
    assert guides.rhythm.shape == (3, 6) and guides.phones == ()
    assert np.nanmax(np.abs(guides.rhythm)) <= 3


def test_an_evaluation_teaches_and_asks_with_tracks(monkeypatch):
    taught = []

    def noted(*given, tracks=None, guides=None, **settings):
        taught.append((len(given[0]), tracks, guides))
        model = train(*given, **settings, max_epochs=10)
        if tracks is None:
            return model
        classes = given[1].proba.argmax(axis=1)
        return with_some_listener(model, given[0], tracks, classes)

    monkeypatch.setattr("rounds.corpus_training.train", noted)
    monkeypatch.setattr("rounds.corpus_training.guides_of", lambda corpus: len(corpus.emotions))
    deaf = made(n=60, n_speakers=4)
    tracks = moving_tracks(np.arange(60) % 3)[0]
    hearing = dataclasses.replace(deaf, tracks=tuple(tracks))
    plan = Plan(protocol="folds", n_folds=2)
    without, found = (evaluate(one, SCHEME, plan) for one in (deaf, hearing))
    assert [one[1:] for one in taught[:2]] == [(None, None)] * 2
    for n, heard, guides in taught[2:]:
        assert len(heard) == n == guides
    assert np.abs(without.said.proba - found.said.proba).max() > 1e-3
    assert np.abs(without.curve[0] - found.curve[0]).max() > 1e-3
    notes = " ".join(report_of(found, SCHEME)["data"]["notes"])
    assert "a network over frames answers in 0 of 2 models" in notes
    assert "frames" not in " ".join(without.notes)
