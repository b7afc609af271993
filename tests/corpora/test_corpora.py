from collections import Counter
from dataclasses import replace

import pytest

from corpora.entries import SourceError
from labels.scheme import Scheme

HEADER = "file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tgender\tage\n"


def test_an_emodb_folder_is_known_by_its_names(tmp_path, make_wav, ingest):
    for name in ("03a01Wa", "08b02Lc", "99a01Tb"):
        make_wav(tmp_path / "db" / "wav" / f"{name}.wav")
    (angry, bored, _), rejected, notes = ingest(tmp_path / "db")
    assert (rejected, notes) == ([], [])
    assert (angry.metadata.speaker, angry.metadata.gender, angry.metadata.age) == ("03", "male", 31)
    assert angry.metadata.transcript == "Der Lappen liegt auf dem Eisschrank."
    assert (angry.metadata.language, angry.metadata.style) == ("de", "acted")
    assert (angry.labels, bored.labels) == ({"emotion": "anger"}, {"emotion": "boredom"})
    assert angry.corpus == "emodb"
    again, _, _ = ingest(tmp_path / "db" / "wav")
    assert next(e.uri for e in again) == angry.uri


def test_an_emotion_that_the_scheme_lacks_leaves_the_recording_without_a_label(
    tmp_path, make_wav, ingest
):
    for name in ("03a01La", "03a02Lb", "03a01Wa"):
        make_wav(tmp_path / f"{name}.wav")
    default = Scheme.default()
    without_boredom = replace(
        default, emotions=tuple(replace(emotion, finer=()) for emotion in default.emotions)
    )
    entries, rejected, notes = ingest(tmp_path, scheme=without_boredom)
    assert rejected == []
    assert [e.labels for e in entries] == [{}, {"emotion": "anger"}, {}]
    assert len(notes) == 1
    assert "boredom" in notes[0]


def test_a_nemo_folder_is_read_by_its_table(tmp_path, make_wav, ingest):
    make_wav(tmp_path / "samples" / "a.wav")
    (tmp_path / "data.tsv").write_text(
        HEADER
        + "a.wav\tsurprised\tTak, tak.\ttak tak\t        EB0\tfemale\t27\n"
        + "b.wav\tanger\tNie.\tnie\tEB0\tfemale\t27\n"
        + "a.wav\tanger\tNie.\n",
        encoding="utf-8",
    )
    (entry,), rejected, _ = ingest(tmp_path)
    assert (entry.metadata.speaker, entry.metadata.age) == ("EB0", 27)
    assert entry.metadata.transcript == "Tak, tak."
    assert (entry.labels, entry.corpus) == ({"emotion": "surprise"}, "nemo")
    assert [(r.where, r.reason) for r in rejected] == [
        ("data.tsv line 3", "path 'samples/b.wav' is not there (did you mean a.wav?)"),
        ("data.tsv line 4", "has 3 fields where the header has 7"),
    ]


def test_a_table_that_is_not_nemos_is_named(tmp_path, make_wav, ingest):
    make_wav(tmp_path / "samples" / "a.wav")
    (tmp_path / "data.tsv").write_text("file_id\temotion\na.wav\tanger\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"data\.tsv is not nEMO's: it has no column age"):
        ingest(tmp_path)


@pytest.mark.slow
def test_the_real_nemo_comes_in_whole(real_data, ingest):
    entries, rejected, notes = ingest(real_data / "nemo")
    assert (len(entries), rejected, notes) == (2413, [], [])
    assert Counter(e.labels["emotion"] for e in entries) == {
        "anger": 389,
        "fear": 376,
        "happiness": 389,
        "neutral": 450,
        "sadness": 409,
        "surprise": 400,
    }
    assert Counter(e.metadata.speaker for e in entries)["EB0"] == 539


def test_the_real_emodb_comes_in_whole(real_data, ingest):
    entries, rejected, notes = ingest(real_data / "emodb")
    assert (len(entries), rejected, notes) == (339, [], [])
    assert len({e.metadata.speaker for e in entries}) == 10
    assert {e.labels["emotion"] for e in entries} == {"anger", "happiness", "neutral", "sadness"}
    assert all(e.metadata.gender and e.metadata.age and e.metadata.transcript for e in entries)
