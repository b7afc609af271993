"""A batch goes out as a file and comes back, whole or in part, once or twice."""

import csv
import io
import json

import pytest

import db.batches
import db.judgements
from annotation.batch_files import export_batch, import_judgements
from annotation.tables import TableError


@pytest.fixture
def returned(place, tmp_path):
    """Writes the exported batch with answers in rows (from 0), and returns the file."""

    def write(answers, name="back.csv", form="csv", encoding="utf-8"):
        text = export_batch(place.workspace, place.batch, form)
        path = tmp_path / name
        if form == "jsonl":
            rows = [json.loads(line) for line in text.splitlines()]
        else:
            rows = list(csv.DictReader(io.StringIO(text)))
        for i, answer in answers.items():
            rows[i] |= answer
        if form == "jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding)
            return path
        with path.open("w", newline="", encoding=encoding) as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def _stored(place):
    with place.workspace.reading() as tx:
        return db.judgements.read(tx)


ADA = {"annotator": "ada"}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_filled_in_comes_back(place, returned, form):
    path = returned(
        {
            0: {**ADA, "emotion": "irritation", "valence": "2", "duration_s": "3.5"},
            2: {**ADA, "emotion": "Joy", "note": "laughs, then\nsighs"},
        },
        form=form,
        name=f"back.{form}",
    )
    report = import_judgements(place.workspace, path)
    assert (report.n_rows, report.n_new, report.n_blank, report.problems) == (4, 2, 2, [])
    one, other = _stored(place)
    assert (one.segment_id, one.role, one.batch_id) == (place.ids["north/a"], "expert", "by-hand")
    assert (dict(one.values), one.duration_s) == ({"emotion": "irritation", "valence": "2"}, 3.5)
    assert (dict(other.values), other.note) == ({"emotion": "happiness"}, "laughs, then\nsighs")


def test_the_same_file_again_stores_nothing_and_more_answers_complete_the_batch(place, returned):
    first = returned({0: {**ADA, "emotion": "fear"}})
    import_judgements(place.workspace, first)
    report = import_judgements(place.workspace, first)
    assert (report.n_new, report.n_known, report.complete) == (0, 1, [])
    full = returned({i: {**ADA, "emotion": "fear"} for i in range(4)})
    report = import_judgements(place.workspace, full)
    assert (report.n_new, report.n_known, report.complete) == (3, 1, ["by-hand"])
    assert import_judgements(place.workspace, full).complete == []


def test_a_judgement_id_with_other_content_is_refused_and_the_first_stands(place, returned):
    answer = {**ADA, "judgement_id": "j1", "emotion": "fear"}
    import_judgements(place.workspace, returned({0: answer}))
    report = import_judgements(place.workspace, returned({0: {**answer, "emotion": "anger"}}))
    assert report.problems == [
        "judgement j1 was stored before with other content; the stored one stands"
    ]
    assert [one.values["emotion"] for one in _stored(place)] == ["fear"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"emotion": "angre"}, "unknown emotion 'angre' (did you mean anger?)"),
        ({"valence": "9"}, "valence '9' is not a number from 1 to 5"),
        ({"emotion": "fear", "annotator": ""}, "no annotator"),
        ({"emotion": "fear", "segment": "nobody"}, "'nobody' is no segment's id"),
        ({"emotion": "fear", "segment": "a"}, "'a' names 2 segments"),
        ({"emotion": "fear", "batch": "round-99"}, "batch 'round-99' is not known"),
        ({"emotion": "fear", "duration_s": "long"}, "duration_s 'long' is not a number"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_the_rest_is_stored(place, returned, answer, reason):
    path = returned({0: {**ADA, "emotion": "fear"}, 1: {**ADA, **answer}})
    report = import_judgements(place.workspace, path)
    assert report.n_new == 1
    (problem,) = report.problems
    assert problem.startswith("back.csv line 3: ")
    assert reason in problem


def test_a_file_in_which_no_row_can_be_used_says_why(place, returned):
    path = returned({i: {**ADA, "emotion": "angre"} for i in range(4)})
    with pytest.raises(TableError, match=r"no judgement in .*line 2: unknown emotion 'angre'"):
        import_judgements(place.workspace, path)
    assert _stored(place) == []


def test_a_name_given_to_the_command_stands_in_for_an_empty_column(place, returned):
    path = returned({0: {"emotion": "fear"}, 1: {"emotion": "fear", "annotator": "ben"}})
    import_judgements(place.workspace, path, annotator="ada")
    assert [one.annotator for one in _stored(place)] == ["ada", "ben"]


def test_a_table_as_a_spreadsheet_saves_it_is_read(place, tmp_path):
    path = tmp_path / "excel.csv"
    text = f"segment;annotator;emotion\r\n{place.ids['north/b']};ada;sadness\r\n"
    path.write_text(text, encoding="utf-8-sig")
    assert import_judgements(place.workspace, path).n_new == 1


def test_an_unknown_batch_or_form_is_named(place):
    with pytest.raises(ValueError, match="there is no batch 'round-7'"):
        export_batch(place.workspace, "round-7", "csv")
    with pytest.raises(ValueError, match="unknown form 'xml'"):
        export_batch(place.workspace, place.batch, "xml")


def test_an_export_says_nothing_of_why_a_segment_is_hard_or_what_it_was_labelled(place):
    (header, *_) = csv.reader(io.StringIO(export_batch(place.workspace, place.batch, "csv")))
    assert "purpose" not in header
    assert "score" not in header
    with place.workspace.reading() as tx:
        assert db.batches.get(tx, place.batch).state == "open"
