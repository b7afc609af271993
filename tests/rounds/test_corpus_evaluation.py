"""Evaluation on planted corpora: what is found, and that nobody is on both sides."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from labels.scheme import Scheme
from rounds.corpus_evaluation import evaluate
from rounds.corpus_reading import Corpus, read_corpus
from rounds.corpus_training import fit_corpus
from rounds.evaluation_report import report_of
from rounds.evaluation_sides import ALL, Plan, deal

D = 8
EMOTIONS = ("anger", "boredom", "neutral", "sadness")


def made(n=160, n_speakers=4, emotions=EMOTIONS, seed=0, offset=3.0, source="made"):
    """Emotions at places of their own, speakers far apart from one another."""
    rng = np.random.default_rng(seed)
    places = np.random.default_rng(5).normal(scale=1.6, size=(len(EMOTIONS), D))
    index = rng.integers(0, len(emotions), n)
    speaker = np.arange(n) % n_speakers
    voices = rng.normal(scale=offset, size=(n_speakers, D))
    of_emotion = np.array([EMOTIONS.index(e) for e in emotions])[index]
    about = pd.DataFrame(
        {
            "uri": [f"{source}/{i}.wav" for i in range(n)],
            "path": [f"{source}/{i}.wav" for i in range(n)],
            "start_s": np.nan,
            "end_s": np.nan,
            "corpus": source,
            "speaker_id": [f"{source}/{s}" for s in speaker],
            "speaker": speaker.astype(str),
            "gender": np.where(speaker % 2, "female", "male"),
            "age": 30.0 + speaker,
            "language": "de",
            "dialect": None,
            "style": None,
        }
    )
    return Corpus(
        source=source,
        features=places[of_emotion] + voices[speaker] + rng.normal(size=(n, D)),
        about=about,
        emotions=np.array(emotions)[index],
        ratings=np.full((n, 4), np.nan),
        scales=("valence", "arousal", "dominance", "intensity"),
        refused=(),
        n_read=n,
        n_unlabelled=0,
        notes=(),
    )


SCHEME = Scheme.default()


@pytest.fixture(scope="module")
def within():
    found = evaluate(made(), SCHEME, Plan())
    return found, report_of(found, SCHEME)


@pytest.mark.slow
def test_planted_emotions_are_recognised_in_speakers_left_out(within):
    _, report = within
    assert report["overall"]["uar"] > 0.8
    assert report["classes"] == ["anger", "neutral", "sadness"]
    assert report["finest"]["emotions"] == ["anger", "neutral", "boredom", "sadness"]
    assert report["finest"]["uar"] > 0.7


def test_a_finer_emotion_implies_its_parent(within):
    found, _ = within
    leaves, proba = found.said.proba_leaves, found.said.proba
    neutral = [found.leaves.index(n) for n in ("neutral", "boredom")]
    np.testing.assert_allclose(
        proba[:, found.classes.index("neutral")], leaves[:, neutral].sum(axis=1)
    )


def test_knowing_more_of_a_speaker_helps_where_speakers_differ(within):
    _, report = within
    curve = {n: one["uar"] for n, one in report["enrolment_curve"].items()}
    assert list(curve) == ["0", "2", "5", "10", "20", "all"]
    assert curve["all"] > curve["0"] + 0.05
    assert curve["all"] == report["overall"]["uar"]


def test_the_report_counts_everybody_once(within):
    found, report = within
    assert sum(one["n"] for one in report["by_speaker"].values()) == 160
    assert sum(map(sum, report["confusion"])) == report["overall"]["n"] == 160
    assert {"gender"} == set(report["by_group"])
    assert [one["n_train"] for one in report["models"]] == [120] * 4
    for f, one in enumerate(found.folds):
        assert set(np.array(found.test.speakers)[found.fold == f]) == set(one["test_speakers"])


@pytest.mark.slow
def test_across_corpora_shared_speakers_and_sounds_are_not_learnt_from():
    train, test = made(source="one"), made(seed=1, source="two", emotions=EMOTIONS[:3])
    both = dataclasses.replace(
        train,
        features=np.concatenate([train.features, test.features[:7]]),
        about=pd.concat([train.about, train.about.head(7)], ignore_index=True),
        emotions=np.concatenate([train.emotions, test.emotions[:7]]),
        ratings=np.full((167, 4), np.nan),
    )
    found = evaluate(test, SCHEME, Plan(enrol=0), train=both)
    assert found.leaves == ("anger", "neutral", "boredom")
    assert any("left out of training" in note and "7 segments" in note for note in found.notes)
    with pytest.raises(ValueError, match="nothing to train on"):
        evaluate(train, SCHEME, Plan(), train=train)


def test_across_corpora_an_emotion_of_one_side_counts_as_its_parent():
    from rounds.evaluation_sides import shared

    test, train, leaves = shared(
        made(emotions=("anger", "boredom")), made(emotions=("anger", "neutral")), SCHEME, Plan()
    )
    assert leaves == ("anger", "neutral")
    assert set(test.emotions) == {"anger", "neutral"}
    assert len(test.emotions) == len(train.emotions) == 160


def test_what_cannot_be_evaluated_is_said_in_one_line():
    with pytest.raises(ValueError, match="has one speaker: nobody is left to test on"):
        evaluate(made(n_speakers=1), SCHEME, Plan())
    with pytest.raises(ValueError, match=r"fewer than two emotions to tell apart \(found: anger\)"):
        evaluate(made(emotions=("anger",)), SCHEME, Plan())
    with pytest.raises(ValueError, match="share fewer than two emotions"):
        evaluate(
            made(emotions=("anger", "sadness")),
            SCHEME,
            Plan(),
            train=made(emotions=("neutral", "boredom"), source="other"),
        )


def test_speakers_are_dealt_to_folds_whole_and_nameless_ones_are_noted():
    notes = []
    corpus = made(n=200, n_speakers=40)
    of_row, n_folds, by = deal(corpus, Plan(), notes)
    assert (n_folds, by, notes) == (10, "fold of speakers", [])
    for speaker in set(corpus.speakers):
        assert len(set(of_row[np.array(corpus.speakers) == speaker])) == 1
    about = corpus.about.assign(speaker=None)
    deal(dataclasses.replace(corpus, about=about), Plan(protocol="folds"), notes)
    assert "no speaker is given for 200 of 200" in notes[0]
    assert Plan().enrol == ALL


def test_a_corpus_is_read_with_what_is_wrong_in_it_named(tmp_path, write_voice):
    for i in range(4):
        write_voice(tmp_path / f"{i}.wav", 120 + 20 * i, 0.6, seed=i)
    (tmp_path / "broken.wav").write_bytes(b"RIFF no sound")
    rows = ["path,speaker,emotion,arousal", "0.wav,a,anger,4", "1.wav,b,sad,", "2.wav,b,,",
            "3.wav,b,grumpy,", "broken.wav,c,anger,", "absent.wav,c,anger,"]  # fmt: skip
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    corpus = read_corpus(str(tmp_path / "m.csv"), SCHEME, folder=tmp_path / "kept")
    assert corpus.emotions.tolist() == ["anger", "sadness"]
    assert corpus.ratings[0].tolist()[1] == 4 and np.isnan(corpus.ratings[1]).all()
    assert (corpus.n_read, corpus.n_unlabelled, len(corpus.refused)) == (6, 1, 3)
    assert "unknown emotion 'grumpy'" in " ".join(map(str, corpus.refused))
    again = read_corpus(str(tmp_path / "m.csv"), SCHEME, folder=tmp_path / "kept")
    np.testing.assert_array_equal(corpus.features, again.features)
    (tmp_path / "none.csv").write_text("path\n0.wav\n")
    with pytest.raises(ValueError, match="has no labelled segments"):
        read_corpus(str(tmp_path / "none.csv"), SCHEME, folder=tmp_path / "kept")


def test_altered_copies_are_read_beside_the_features_and_kept(tmp_path, write_voice):
    for i in range(2):
        write_voice(tmp_path / f"{i}.wav", 120 + 20 * i, 0.6, seed=i)
    (tmp_path / "m.csv").write_text("path,speaker,emotion\n0.wav,a,anger\n1.wav,b,sad\n")
    corpus, again = (
        read_corpus(str(tmp_path / "m.csv"), SCHEME, folder=tmp_path / "kept", with_altered=True)
        for _ in range(2)
    )
    assert corpus.altered.shape == corpus.features.shape
    assert not np.allclose(corpus.altered, corpus.features, equal_nan=True)
    np.testing.assert_array_equal(corpus.altered, again.altered)
    np.testing.assert_array_equal(corpus.rows(np.array([1])).altered, corpus.altered[1:])
    plain = read_corpus(str(tmp_path / "m.csv"), SCHEME, folder=tmp_path / "kept")
    assert plain.altered is None
    np.testing.assert_array_equal(plain.features, corpus.features)


@pytest.mark.slow
def test_what_copies_show_to_be_the_recordings_is_leaned_on_less():
    corpus = made(offset=0.5)
    rng = np.random.default_rng(0)
    # One feature tells everything, until the line takes it away; the others tell something.
    told = np.array([EMOTIONS.index(e) for e in corpus.emotions])
    faint = corpus.features + rng.normal(scale=1.5, size=corpus.features.shape)
    clear = np.column_stack([faint, np.eye(4)[told]])
    lost = np.column_stack([faint, np.eye(4)[rng.integers(0, 4, len(told))]])
    here = np.arange(len(told)) % 4 < 2
    heard = dataclasses.replace(corpus, features=clear, altered=lost).rows(here)
    test = dataclasses.replace(corpus, features=lost).rows(~here)
    truth = np.array([EMOTIONS.index(e) for e in test.emotions])
    right = []
    for one in (dataclasses.replace(heard, altered=None), heard):
        model = fit_corpus(one, SCHEME, EMOTIONS, seed=0)
        said = model.predict(model.inputs(test.features, test.speakers)).proba_leaves
        right.append((said.argmax(axis=1) == truth).mean())
        assert set(model.memory.names) <= set(heard.about["path"])
        assert len(set(model.memory.names)) == len(model.memory.names)
    assert right[1] > right[0] + 0.1
