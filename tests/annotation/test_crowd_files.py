"""Votes of a crowd, by whatever names people use for items."""

import pytest

import db.judgements
from annotation.crowd_files import import_votes
from annotation.tables import TableError
from labels.scheme import SchemeError


@pytest.fixture
def write(tmp_path):
    def write_(text, name="votes.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write_


def _stored(place):
    with place.workspace.reading() as tx:
        return db.judgements.read(tx, ["crowd"])


def test_items_go_by_id_path_end_of_path_file_name_and_stem(place, speech, write):
    ids = place.ids
    keys = {
        ids["north/a"]: ids["north/a"],
        str(speech / "north/b.wav"): ids["north/b"],
        "north/c.wav": ids["north/c"],
        "d.wav": ids["south/d"],
        "ż e": ids["south/ż e"],
        "south/a.wav": ids["south/a"],
    }
    rows = "".join(f"{key},w{i},anger\n" for i, key in enumerate(keys))
    report = import_votes(place.workspace, write("item,annotator,value\n" + rows))
    assert report.problems == []
    assert [one.segment_id for one in _stored(place)] == list(keys.values())


def test_a_name_that_fits_two_files_is_told_from_one_that_fits_none(place, write):
    text = "item,annotator,value\na.wav,w1,anger\nz.wav,w1,anger\nb.wav,w1,anger\n"
    report = import_votes(place.workspace, write(text))
    assert report.n_new == 1
    assert report.problems == [
        "votes.csv line 2: 'a.wav' names 2 segments: give a path, or a segment's id",
        "votes.csv line 3: 'z.wav' is no segment's id, path, file name or stem that is known",
    ]


@pytest.mark.parametrize(
    "header", ["item,annotator,value", "task,worker,label", "question,worker,answer"]
)
def test_the_usual_column_names_are_known(place, write, header):
    assert import_votes(place.workspace, write(f"{header}\nb.wav,w1,irritation\n")).n_new == 1
    assert _stored(place)[0].values == {"emotion": "irritation"}


def test_columns_named_after_dimensions_are_votes_on_them(place, write):
    text = "item,annotator,emotion,arousal\nb.wav,w1,joy,4\nd.wav,w1,,2\n"
    assert import_votes(place.workspace, write(text)).n_new == 2
    assert [dict(one.values) for one in _stored(place)] == [
        {"emotion": "happiness", "arousal": "4"},
        {"arousal": "2"},
    ]


def test_a_file_read_again_counts_once_and_a_change_of_mind_is_kept(place, write):
    text = "item,annotator,value\nb.wav,w1,anger\nb.wav,w1,joy\nb.wav,w1,anger\n"
    path = write(text)
    report = import_votes(place.workspace, path)
    assert (report.n_new, report.n_annotators) == (3, 1)
    report = import_votes(place.workspace, path)
    assert (report.n_new, report.n_known) == (0, 3)
    assert [one.values["emotion"] for one in _stored(place)] == ["anger", "happiness", "anger"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("b.wav,w2,angre", "unknown emotion 'angre' (did you mean anger?)"),
        ("b.wav,,anger", "no annotator"),
        (",w2,anger", "no segment is named"),
        ("b.wav,w2,", "no value"),
        ("b.wav,w2", "has 2 fields where the header has 3"),
        ("b.wav,w2,anger,5", "has 4 fields where the header has 3"),
        ('b.wav,"w2,anger', "a quote is opened and never closed"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_the_rest_is_stored(place, write, row, reason):
    text = f"item,annotator,value\nb.wav,w1,anger\n{row}\nd.wav,w1,anger\n"
    report = import_votes(place.workspace, write(text))
    assert report.n_new == 2
    (problem,) = report.problems
    assert problem.startswith("votes.csv line 3: ")
    assert reason in problem


def test_a_line_in_another_encoding_is_the_only_one_passed_over(place, write):
    text = "item,annotator,value\nb.wav,Jörg,anger\nd.wav,Eva,anger\n"
    report = import_votes(place.workspace, write(text, encoding="cp1252"))
    assert report.n_new == 1
    assert "line 2: is not UTF-8 (byte 0xf6, in Latin-1 'ö')" in report.problems[0]


def test_a_broken_line_of_json_is_the_only_one_passed_over(place, write):
    text = (
        '{"item": "b.wav", "annotator": "w1", "value": "fear"}\n{"item": b\n[1]\n'
        '{"item": "d.wav", "annotator": 7, "arousal": 4}\n'
    )
    report = import_votes(place.workspace, write(text, "votes.jsonl"))
    assert report.n_new == 2
    assert [problem.split(": ")[0] for problem in report.problems] == [
        "votes.jsonl line 2",
        "votes.jsonl line 3",
    ]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("votes.csv", b"", "is empty"),
        ("votes.csv", "item,annotator,value\n".encode("utf-16"), "UTF-16"),
        ("votes.xlsx", b"PK", "does not end like a table"),
        ("votes.csv", b"item,item,value\na,b,c\n", "stands there twice"),
        ("votes.csv", b"item,annotator,value\nz.wav,w1,anger\n", "no vote in"),
    ],
)
def test_a_file_that_is_no_such_table_is_one_line(place, tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=reason) as caught:
        import_votes(place.workspace, tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_missing_file_a_folder_and_an_unknown_dimension_are_named(place, tmp_path, write):
    with pytest.raises(TableError, match="no such file"):
        import_votes(place.workspace, tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(TableError, match="Is a directory"):
        import_votes(place.workspace, tmp_path / "folder.csv")
    with pytest.raises(SchemeError, match="unknown dimension 'loudness'"):
        import_votes(place.workspace, write("item,annotator,value\n"), dimension="loudness")
