"""The labelling interface made from a scheme, and annotations as judgements."""

from xml.etree.ElementTree import fromstring

import pytest

from annotation.labelstudio.labelling import configuration
from annotation.labelstudio.wording import UnreadableError, judgement, prediction
from labels.scheme import Scheme
from tests.annotation.labelstudio.stand_in import choice

SCHEME = Scheme.default()
OTHER = Scheme.parse(
    """
name: other
version: 1
emotions: [{name: "warm & <kind>", finer: ["a \\"b\\""]}, {name: cold, finer: []}]
scales: [{name: effort, low: 0, high: 100, n_bins: 101}]
gold: {min_experts: 1}
""",
    "test",
)


def read(*results, scheme=SCHEME, **more):
    annotation = {
        "id": 1, "result": list(results), "lead_time": 3.5, "was_cancelled": False,
        "created_at": "2026-11-25T12:00:00.5Z", "updated_at": "2026-11-25T12:00:00.5Z", **more,
    }  # fmt: skip
    return judgement(
        scheme, annotation, identity="x", segment_id="s", annotator="ada", batch_id="b",
        guideline_version="2",
    )  # fmt: skip


def stretch(start, end, emotion):
    value = {"start": start, "end": end, "labels": [emotion]}
    return {"from_name": "stretch", "type": "labels", "value": value}


def questions(scheme):
    """Name of each question -> what can be answered."""
    found = {}
    for tag in fromstring(configuration(scheme)):
        if tag.get("name"):
            found[tag.get("name")] = [one.get("value") for one in tag]
    return found


def test_the_interface_asks_for_all_that_the_scheme_has():
    asked = questions(SCHEME)
    assert asked["emotion"] == list(SCHEME.classes)
    assert asked["finer: anger"] == ["irritation", "frustration", "rage"]
    assert "finer: surprise" not in asked
    assert asked["scale: arousal"] == ["1", "2", "3", "4", "5"]
    assert asked["verdict"] == ["cannot tell", "bad audio"]
    assert asked["secondary"] == asked["stretch"] == list(SCHEME.classes)


def test_words_are_shown_in_a_panel_that_is_shut_and_count_as_no_field_of_the_task():
    view = fromstring(configuration(SCHEME))
    (words,) = [one for one in view.iter("Header") if one.get("value") == "$words"]
    assert words.get("name") is None
    assert view.find("Collapse").get("open") == "false"
    assert view.find("Collapse/Panel/Header") is words


def test_another_scheme_makes_another_interface_whatever_its_names_hold():
    asked = questions(OTHER)
    assert asked["emotion"] == ["warm & <kind>", "cold"]
    assert asked["finer: warm & <kind>"] == ['a "b"']
    number = fromstring(configuration(OTHER)).find("Number")
    assert (number.get("min"), number.get("max")) == ("0", "100")


def test_no_key_is_two_answers():
    keys = [one.get("hotkey") for one in fromstring(configuration(SCHEME)).iter("Choice")]
    given = [key for key in keys if key]
    assert len(given) == len(set(given)) == 9


def test_an_annotation_says_what_a_judgement_says():
    said = read(
        choice("emotion", "anger"),
        choice("finer: anger", "rage"),
        choice("scale: arousal", "5"),
        choice("secondary", "fear", "sadness"),
        {"from_name": "note", "type": "textarea", "value": {"text": ["breathy", "and fast"]}},
        stretch(0.5, 1, "fear"),
    )  # fmt: skip
    assert said.values == {"emotion": "rage", "arousal": "5"}
    assert said.secondary == ("fear", "sadness")
    assert said.note == "breathy\nand fast"
    assert (said.marks[0].start_s, said.marks[0].values) == (0.5, {"emotion": "fear"})
    assert said.duration_s == 3.5
    assert said.judged_at.isoformat() == "2026-11-25T12:00:00.500000+00:00"
    assert (said.role, said.guideline_version) == ("expert", "2")


def test_a_skipped_one_says_that_its_author_could_not_tell():
    said = read(was_cancelled=True, lead_time=None)
    assert (said.verdict, said.values, said.note) == ("cannot tell", {}, "skipped in Label Studio")
    assert said.duration_s is None


def test_a_verdict_and_a_number_are_read():
    assert read(choice("verdict", "bad audio")).verdict == "bad audio"
    number = {"from_name": "scale: effort", "type": "number", "value": {"number": 42}}
    assert read(choice("emotion", "cold"), number, scheme=OTHER).values["effort"] == "42"


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([], "neither an emotion nor a verdict"),
        ([choice("emotion", "joyous")], "joyous"),
        ([choice("emotion", "anger"), choice("scale: arousal", "9")], "arousal '9' is not a"),
        ([{"type": "choices"}], "unknown form"),
        ([choice("verdict", "nonsense")], "verdict 'nonsense'"),
        (
            [
                choice("emotion", "anger"),
                stretch(2, 1, "fear"),
            ],
            "a stretch from 2 s to 1 s",
        ),
    ],
)  # fmt: skip
def test_what_is_no_judgement_is_refused_in_one_line(results, words):
    with pytest.raises(UnreadableError, match=words) as caught:
        read(*results)
    assert "\n" not in str(caught.value)


def test_a_prediction_read_back_is_what_the_model_thought():
    proba = dict.fromkeys(SCHEME.classes, 0.05) | {"fear": 0.7}
    made = prediction(SCHEME, proba, {"arousal": 3.9}, "undertone round 2")
    assert (made["score"], made["model_version"]) == (0.7, "undertone round 2")
    assert read(*made["result"]).values == {"emotion": "fear", "arousal": "4"}
