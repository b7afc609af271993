import json

import pytest

from annotation.tables import TableError
from annotation.vote_tables import read_gold, read_votes


def _file(folder, content, name="votes.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "header",
    [
        "item,annotator,value",
        "task,worker,label",
        "question,worker,answer",
        "Question,WORKER,Label",
    ],
)
def test_the_usual_names_of_columns_are_understood_in_any_case(tmp_path, header):
    read = read_votes(_file(tmp_path, f"{header}\nb,ann,joy\na,ann,fear\nb,bob,joy\n"))
    assert read.items == ("b", "a")
    assert read.annotators == ("ann", "bob")
    assert read.values == ("fear", "joy")
    assert read.item.tolist() == [0, 1, 0]
    assert read.value.tolist() == [1, 0, 1]
    assert not read.problems


def test_tabs_semicolons_and_json_lines_say_the_same_as_commas(tmp_path):
    rows = [("item", "annotator", "value"), ("a", "x", "1"), ("b", "y", "2")]
    texts = {
        "a.csv": "\n".join(",".join(row) for row in rows),
        "b.csv": "\r\n".join(";".join(row) for row in rows),
        "c.tsv": "\n".join("\t".join(row) for row in rows) + "\n",
        "d.txt": "\ufeff\n\n" + "\n".join("\t".join(row) for row in rows),
        "e.jsonl": "\n".join(
            json.dumps({"item": i, "annotator": a, "value": int(v)}) for i, a, v in rows[1:]
        ),
    }
    tables = [read_votes(_file(tmp_path, text, name)) for name, text in texts.items()]
    for read in tables:
        assert read.items == ("a", "b") and read.values == ("1", "2")
        assert read.item.tolist() == [0, 1] and not read.problems


def test_classes_may_be_any_strings_and_stand_in_order(tmp_path):
    text = 'item,annotator,value\na,x,NA\nb,x,nan\nc,x,"say ""hi"", you"\nd,x,None\ne,x,0\n'
    assert read_votes(_file(tmp_path, text)).values == ("0", "NA", "None", "nan", 'say "hi", you')
    numbers = "item,annotator,value\na,x,10\nb,x,9\nc,x,-1\nd,x,9.5\n"
    assert read_votes(_file(tmp_path, numbers)).values == ("-1", "9", "9.5", "10")


def test_bad_rows_are_named_by_line_and_passed_over(tmp_path):
    text = (
        "item,annotator,value\n"  # 1
        "a,x,joy\n"
        "a,y\n"  # 3
        "\n"
        "b,x,\n"  # 5
        "b,y,joy,sad\n"  # 6
        '"c\nd",y,joy\n'  # 7, 8
        ",,\n"
        ",z,fear\n"  # 10
        "e,z,fear\n"
    )
    read = read_votes(_file(tmp_path, text))
    assert [(p.line, p.reason) for p in read.problems] == [
        (3, "has 2 fields where the header has 3"),
        (5, "no value"),
        (6, "has 4 fields where the header has 3"),
        (7, "the item runs over several lines: a quotation mark that is not closed?"),
        (10, "no item"),
    ]
    assert read.items == ("a", "e")


def test_bad_json_lines_are_named_by_line_and_passed_over(tmp_path):
    text = (
        '{"item": "a", "annotator": "x", "value": true}\n\nnope\n[1]\n'
        '{"item": "b", "annotator": null, "value": ""}\n'
    )
    read = read_votes(_file(tmp_path, text, "votes.jsonl"))
    assert read.values == ("true",)
    assert [(p.line, p.reason) for p in read.problems] == [
        (3, "not JSON (Expecting value)"),
        (4, "not a JSON object: [1]"),
        (5, "no annotator and no value"),
    ]


def test_of_a_vote_cast_twice_the_last_counts(tmp_path):
    text = "item,annotator,value\na,x,joy\nb,x,joy\na,x,fear\na,y,joy\n"
    read = read_votes(_file(tmp_path, text))
    assert read.n_duplicates == 1
    assert read.items == ("a", "b")
    assert [read.values[v] for v in read.value] == ["joy", "fear", "joy"]


def test_votes_and_ratings_hold_what_the_table_holds(tmp_path):
    read = read_votes(_file(tmp_path, "item,annotator,value\na,x,10\na,y,20\nb,x,10\n"))
    votes = read.votes(("10", "15", "20"))
    assert votes.n_classes == 3 and votes.value.tolist() == [0, 2, 0]
    assert read.ratings(as_classes=False).value.tolist() == [10, 20, 10]
    assert read.ratings(as_classes=True).value.tolist() == [0, 1, 0]


def test_rows_on_other_dimensions_are_left_out(tmp_path):
    path = _file(
        tmp_path,
        "item,annotator,dimension,value\na,x,emotion,joy\na,x,valence,4\nb,x,emotion,joy\n",
    )
    assert read_votes(path, "valence").values == ("4",)
    assert read_votes(path, "emotion").items == ("a", "b")
    with pytest.raises(TableError, match=r"several dimensions \(emotion, valence\)"):
        read_votes(path)
    with pytest.raises(TableError, match=r"no votes on 'arousal' \(there are: emotion, valence\)"):
        read_votes(path, "arousal")
    wide = _file(tmp_path, "item,annotator,valence\na,x,4\n", "wide.csv")
    assert read_votes(wide, "valence").values == ("4",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty; a first line with column names is needed"),
        ("\n \n", "is empty"),
        ("item,annotator,value\n", "no row can be used"),
        ("item,annotator,value", "no row can be used"),
        ("item,annotator,value\na,x,\n", "no row can be used; line 2: no value"),
        ("item,value\na,1\n", r"no column for the annotator \(.*\); found: item, value"),
        ("item,annotator,value,value\na,b,c,d\n", "column 'value' is there twice"),
        ("item,annotator,value\nä,x,1\n".encode("latin-1"), "not UTF-8 .byte 0xe4 at 21."),
        ("item,annotator,value\na,x,1\n".encode("utf-16"), "not UTF-8 .byte 0xff at 0."),
    ],
)
def test_a_file_that_is_no_table_of_votes_is_refused_in_one_line(tmp_path, content, said):
    with pytest.raises(TableError, match=said) as caught:
        read_votes(_file(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(TableError, match="no such file"):
        read_votes(tmp_path / "none.csv")
    with pytest.raises(TableError, match="cannot be read"):
        read_votes(tmp_path)


@pytest.mark.parametrize("header", ["item,value", "task,label", "question,truth", "Item,Gold"])
def test_gold_is_read_with_the_last_of_each_item(tmp_path, header):
    gold, problems = read_gold(_file(tmp_path, f"{header}\na,joy\nb,\na,fear\n"))
    assert gold == {"a": "fear"}
    assert [(p.line, p.reason) for p in problems] == [(3, "no true value")]


@pytest.mark.slow
def test_three_hundred_thousand_rows_are_read_within_seconds(tmp_path):
    rows = "".join(f"i{n // 10},w{n * 7919 % 2000},c{n * 31 % 7}\n" for n in range(300_000))
    path = _file(tmp_path, "item,annotator,value\n" + rows + "x,y\n")
    read = read_votes(path)
    assert len(read.items) == 30_000 and len(read.annotators) == 2_000
    assert read.problems[0].line == 300_002
