import json

import pytest

from corpora.entries import Metadata, SourceError


@pytest.fixture
def manifest(tmp_path, make_wav):
    """Writes a manifest beside a.wav, b.wav and sub/c.wav."""
    folder = tmp_path / "in"
    for name in ("a.wav", "b.wav", "sub/c.wav"):
        make_wav(folder / name)

    def write(text, name="list.csv", encoding="utf-8"):
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return folder / name

    return write


def test_every_column_is_read(manifest, ingest):
    path = manifest(
        "Path,speaker,gender,age,language,dialect,style,session,turn,consent,transcript,start,end,"
        "level,emotion,valence,arousal,dominance,intensity\n"
        'a.wav,s1,F,31.5,German,Köln,Posed,x,3,research,"Ja, ""gut""\nalso",0.5,1.25,Word,'
        "Angry,1,4.5,3,5\n"
        "sub/c.wav,,,,,,,,,,,,,,,,,,\n"
    )
    (first, second), rejected, notes = ingest(path)
    assert rejected == []
    assert notes == []
    assert first.metadata == Metadata(
        speaker="s1",
        gender="female",
        age=31.5,
        language="de",
        dialect="Köln",
        style="acted",
        session="x",
        turn="3",
        consent="research",
        transcript='Ja, "gut"\nalso',
    )
    assert (first.segment, first.level, first.where) == ((0.5, 1.25), "word", "list.csv line 2")
    assert first.labels == {
        "emotion": "Angry",
        "valence": "1",
        "arousal": "4.5",
        "dominance": "3",
        "intensity": "5",
    }
    assert (second.segment, second.level, second.where) == (None, "utterance", "list.csv line 4")
    assert second.metadata == Metadata()
    assert second.labels == {}
    assert second.corpus == "in"


@pytest.mark.parametrize(
    ("columns", "row", "reason"),
    [
        ("speaker", ",s", "has no path"),
        ("speaker", "bb.wav,s", "path 'bb.wav' is not there (did you mean b.wav?)"),
        ("speaker", "sob/c.wav,s", "path 'sob/c.wav' is not there (there is no folder 'sob')"),
        ("speaker", "../x.wav,s", "path '../x.wav' leads out of the folder"),
        ("speaker", "/etc/x.wav,s", "path '/etc/x.wav' leads out of the folder"),
        ("speaker", "link.wav,s", "'link.wav' leads out of the folder through a symbolic link"),
        ("speaker", "s3://b/x.wav,s", "path 's3://b/x.wav' is a URL"),
        ("speaker", "sub,s", "path 'sub' does not end like audio"),
        ("speaker", "dir.wav,s", "path 'dir.wav' is a folder"),
        ("speaker", "a.mp4,s", "path 'a.mp4': .mp4 is not decoded here"),
        ("speaker", "a.wav", "has 1 fields where the header has 2"),
        ("speaker", "a.wav,s,t", "has 3 fields where the header has 2"),
        ("age", "a.wav,old", "age 'old' is not a number from 0 to 130"),
        ("age", "a.wav,nan", "age 'nan' is not a number from 0 to 130"),
        ("age", "a.wav,-3", "age '-3' is not a number from 0 to 130"),
        ("start,end", "a.wav,1,0.5", "end 0.5 is not after start 1"),
        ("start,end", "a.wav,1,", "start 1 has no end"),
        ("start,end", "a.wav,x,2", "start 'x' is not a number from 0 to 604800"),
        ("start,end", "a.wav,0,inf", "end 'inf' is not a number"),
        ("level", "a.wav,utterence", "unknown level 'utterence' (did you mean utterance? known:"),
        ("gender", "a.wav,femal", "unknown gender 'femal' (did you mean female? known: female, m"),
        ("style", "a.wav,shouted", "unknown style 'shouted' (known: acted, spontaneous, conver"),
        ("language", "a.wav,??!", "language '??!' is no language tag such as en"),
        ("emotion", "a.wav,angerr", "unknown emotion 'angerr' (did you mean anger?)"),
        ("emotion", "a.wav,zzz", "unknown emotion 'zzz' (known: anger, disgust"),
        ("valence", "a.wav,7", "valence '7' is not a number from 1 to 5"),
        ("speaker", 'a.wav,"s', "a quote is opened and never closed"),
        ("speaker", 'a.wav,"s" x', "cannot be parted into fields"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line_and_the_others_come_in(
    manifest, ingest, tmp_path, make_wav, *, columns, row, reason
):
    make_wav(tmp_path / "secret.wav")
    (tmp_path / "in" / "link.wav").symlink_to(tmp_path / "secret.wav")
    (tmp_path / "in" / "dir.wav").mkdir()
    good = "b.wav" + "," * len(columns.split(","))
    path = manifest(f"path,{columns}\n{good}\n{row}\n{good}\n")

    entries, (rejected,), _ = ingest(path)

    assert [e.where for e in entries] == ["list.csv line 2", "list.csv line 4"]
    assert rejected.where == "list.csv line 3"
    assert reason in rejected.reason
    assert rejected.uri.startswith(str(tmp_path / "in"))


def test_a_row_put_right_comes_in_under_the_same_name(manifest, ingest):
    _, (refused,), _ = ingest(manifest("path,age\na.wav,x\n"))
    (entry,), rejected, _ = ingest(manifest("path,age\na.wav,31\n"))
    assert rejected == []
    assert (entry.uri, entry.where) == (refused.uri, refused.where)


def test_a_line_in_another_encoding_is_refused_alone(manifest, ingest):
    path = manifest("path,speaker\na.wav,Jürgen\nb.wav,ok\n", encoding="latin-1")
    (entry,), (rejected,), _ = ingest(path)
    assert entry.metadata.speaker == "ok"
    assert rejected.reason == "is not UTF-8 (byte 0xfc, in Latin-1 'ü'): save it as UTF-8"


def test_a_byte_order_mark_and_semicolons_are_understood(manifest, ingest):
    path = manifest("path;speaker\r\na.wav;Jürgen\r\n\r\n;\r\n", encoding="utf-8-sig")
    (entry,), rejected, _ = ingest(path)
    assert entry.metadata.speaker == "Jürgen"
    assert rejected == []


def test_a_tsv_is_parted_by_tabs(manifest, ingest):
    (entry,), _, _ = ingest(manifest("path\ttranscript\na.wav\tJa, gut\n", "list.tsv"))
    assert entry.metadata.transcript == "Ja, gut"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", r"list\.csv is empty"),
        (b"\xef\xbb\xbf\n", r"list\.csv is empty"),
        (b"path,speaker\n", r"list\.csv holds no rows"),
        ("path\na.wav".encode("utf-16"), "is UTF-16 or no text at all: save it as UTF-8"),
        (b"file,speaker\na.wav,x\n", r"has no column path \(is it 'file'\? call it path\)"),
        (b"path,age,Age\na.wav,1,2\n", r"line 1: the column 'age' stands there twice"),
        ("path,größe\n".encode("latin-1"), r"line 1: is not UTF-8 \(byte 0xf6"),
    ],
)
def test_a_manifest_that_is_wrong_as_a_whole_is_one_line(manifest, ingest, text, message):
    with pytest.raises(SourceError, match=message):
        ingest(manifest(text))


def test_unknown_columns_are_named_once_with_near_misses(manifest, ingest):
    entries, _, notes = ingest(manifest("path,emotoin,mood\na.wav,anger,x\nb.wav,anger,x\n"))
    assert entries[0].labels == {}
    assert notes == [
        "list.csv: column emotoin is ignored (did you mean emotion?)",
        "list.csv: column mood is ignored",
    ]


def test_json_lines_are_read_and_each_wrong_line_is_refused(manifest, ingest):
    good = {"path": "a.wav", "age": 31, "valence": 2, "speaker": None, "mood": "x"}
    lines = [
        json.dumps(good),
        '{"path": "a.wav",',
        "[1]",
        '{"path": ["a.wav"]}',
        '{"path": "a.wav", "age": true}',
        '{"path": "a.wav", "age": 1, "age": 2}',
        '{"path": "a.wav", "age": NaN}',
        '{"path": "a.wav", "turn": 3}',
    ]
    entries, rejected, notes = ingest(manifest("\n".join(lines), "list.jsonl"))
    assert [e.where for e in entries] == ["list.jsonl line 1", "list.jsonl line 8"]
    assert entries[0].labels == {"valence": "2"}
    assert entries[1].metadata.turn == "3"
    assert [r.reason for r in rejected] == [
        "is not JSON: Expecting property name enclosed in double quotes (character 19)",
        'is no JSON object such as {"path": "a.wav"}',
        "path is neither text nor a number but list",
        "age True is neither text nor a number",
        "the key 'age' stands there twice",
        "NaN is no value: leave out what is not known",
    ]
    assert notes == ["list.jsonl: column mood is ignored"]


def test_a_quote_that_never_closes_costs_one_line_of_many(manifest, ingest):
    rows = "".join("b.wav,x\n" for _ in range(200))
    entries, rejected, _ = ingest(manifest(f'path,transcript\na.wav,"open\n{rows}'))
    assert len(entries) == 200
    assert [r.where for r in rejected] == ["list.csv line 2"]


def test_a_folder_with_a_manifest_is_read_by_it(manifest, ingest, tmp_path):
    manifest("path,speaker,corpus\na.wav,s1,mine\n", "manifest.csv")
    (entry,), _, _ = ingest(tmp_path / "in")
    assert (entry.metadata.speaker, entry.corpus) == ("s1", "mine")
    (entry,), _, _ = ingest(tmp_path / "in", corpus="other")
    assert entry.corpus == "other"
    manifest('{"path": "a.wav"}', "manifest.jsonl")
    with pytest.raises(SourceError, match=r"manifest\.csv and manifest\.jsonl: name one of them"):
        ingest(tmp_path / "in")


def test_what_an_earlier_reading_refused_is_told_apart_by_source(manifest, tmp_path):
    from corpora.source import read
    from labels.scheme import Scheme

    one = read(manifest("path\nx.wav\n", "one.csv"), Scheme.default(), cache_dir=tmp_path)
    two = read(manifest("path\nx.wav\n", "two.csv"), Scheme.default(), cache_dir=tmp_path)
    refused = next(one)
    assert one.owns(refused.uri, refused.where)
    assert not two.owns(refused.uri, refused.where)
