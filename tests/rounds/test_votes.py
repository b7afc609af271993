"""The crowd's votes, from the records to the label model."""

import numpy as np
import pandas as pd
import pytest

import db.judgements
from labels.judgements import Judgement
from rounds import pool, snapshot
from rounds.artifacts import Made, write_frame
from rounds.ingest import ingest
from rounds.votes import cast, crowd_votes, function_table, read_votes


def _said(identity, segment_id, annotator, role="crowd", **values):
    return Judgement(
        id=identity,
        segment_id=segment_id,
        annotator=annotator,
        role=role,
        values=values,
        source="test",
    )


@pytest.fixture
def pooled(workspace, tmp_path, write_voice):
    """A workspace of four segments."""
    for i in range(4):
        write_voice(tmp_path / "speech" / f"{i}.wav", 120 + 20 * i, seed=i)
    ingest(workspace, str(tmp_path / "speech"))
    return workspace


def _votes(workspace, *said):
    with workspace.writing() as tx:
        for one in said:
            db.judgements.add(tx, [one])
    frozen = snapshot.take(workspace)
    return crowd_votes(workspace, frozen, frozen.frame("pool"))


def test_of_an_annotator_who_voted_twice_on_an_item_the_latest_vote_counts(pooled):
    one, other, *_ = pool.read(pooled)["segment_id"]
    votes, notes = _votes(
        pooled,
        _said("z", one, "ada", emotion="anger"),
        _said("y", other, "ada", emotion="fear"),
        _said("b", one, "ada", emotion="joy"),
        _said("m", one, "ben", emotion="anger"),
    )
    emotion = votes["emotion"]
    assert notes == []
    assert sorted(emotion.sources) == ["crowd:ada", "crowd:ben"]
    dense = emotion.to_dense()
    ada, ben = (emotion.sources.index(f"crowd:{name}") for name in ("ada", "ben"))
    known = pooled.scheme.class_index
    assert len(emotion.item) == 3
    assert dense[:2, ada].tolist() == [known("happiness"), known("fear")]
    assert dense[0, ben] == known("anger")


def test_a_finer_emotion_counts_for_its_class(pooled):
    finer = pooled.scheme.emotions[0].finer[0]
    one, *_ = pool.read(pooled)["segment_id"]
    votes, _ = _votes(pooled, _said("a", one, "ada", emotion=finer, arousal="4.6"))
    assert votes["emotion"].to_dense()[0].tolist() == [0]
    assert votes["arousal"].to_dense()[0].tolist() == [pooled.scheme.value_index("arousal", 4.6)]


def test_experts_are_no_crowd_and_values_the_scheme_lost_are_named(pooled):
    one, *_ = pool.read(pooled)["segment_id"]
    votes, notes = _votes(
        pooled,
        _said("a", one, "ada", role="expert", emotion="anger"),
        _said("b", one, "ben", emotion="melancholia"),
        _said("c", one, "eva", loudness="3"),
    )
    assert sum(len(v.item) for v in votes.values()) == 0
    assert any("'melancholia'" in note for note in notes)
    assert any("loudness, which the scheme does not have" in note for note in notes)


def test_of_300_000_votes_by_3_000_annotators_each_is_read(workspace, tmp_path):
    n_items, n_annotators, n_votes = 20_000, 3_000, 300_000
    random = np.random.default_rng(0)
    table = pd.DataFrame({"segment_id": [f"{i:016x}" for i in range(n_items)]})
    item = random.integers(0, n_items, n_votes)
    who = random.integers(0, n_annotators, n_votes)
    said = np.array(workspace.scheme.classes)[random.integers(0, 7, n_votes)]
    judgements = pd.DataFrame(
        {
            "segment_id": table["segment_id"].to_numpy()[item],
            "annotator": np.char.add("a", who.astype(str)),
            "role": "crowd",
            "dimension": "emotion",
            "value": said,
            "is_verdict": False,
            "stands": True,
        }
    )
    write_frame(judgements, tmp_path, "judgements")
    votes, _ = crowd_votes(workspace, Made("x", tmp_path, {}), table)
    emotion = votes["emotion"]
    assert len(emotion.item) == n_votes
    at = random.integers(0, n_votes, 50)
    assert emotion.item[at].tolist() == item[at].tolist()
    assert [emotion.sources[j] for j in emotion.source[at]] == [f"crowd:a{w}" for w in who[at]]
    assert [
        workspace.scheme.classes[next(iter(emotion.vocabulary[v]))] for v in emotion.value[at]
    ] == said[at].tolist()


def test_votes_read_back_from_their_table_are_those_that_were_cast(pooled):
    one, other, *_ = pool.read(pooled)["segment_id"]
    _votes(pooled, _said("a", one, "ada", emotion="anger"), _said("b", other, "ben", arousal="4"))
    frozen = snapshot.take(pooled)
    made = cast(pooled, frozen)
    back = read_votes(made.frame(), pooled, 4)
    direct, _ = crowd_votes(pooled, frozen, frozen.frame("pool"))
    for dimension in ("emotion", "arousal"):
        found = back[dimension]
        there = {
            (int(i), found.sources[s], found.vocabulary[v])
            for i, s, v in zip(found.item, found.source, found.value, strict=True)
        }
        cast_ = direct[dimension]
        assert {
            (int(i), cast_.sources[s], cast_.vocabulary[v])
            for i, s, v in zip(cast_.item, cast_.source, cast_.value, strict=True)
        } <= there


def test_functions_that_do_not_run_are_left_out_by_name_and_the_round_goes_on(pooled, tmp_path):
    from dataclasses import replace

    folder = tmp_path / "functions"
    folder.mkdir()
    head = "from labeling_functions import cases, labeling_function\n"
    texts = {
        "raises": f'{head}@labeling_function(on="emotion")\ndef boom(table):\n'
        '    return table["no"]\n',
        "gone": "import not_a_module\n",
        "broken": "def f(:\n",
        "unknown": f'{head}@labeling_function(on="emotion")\ndef cross(table):\n'
        '    return cases(table, (table["duration_s"] > 0, "angre"))\n',
        "fine": f'{head}@labeling_function(on="emotion")\ndef all_angry(table):\n'
        '    return cases(table, (table["duration_s"] > 0, "anger"))\n',
    }
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    workspace = replace(pooled, function_dirs=(folder,))
    made = cast(workspace, snapshot.take(workspace))
    problems = made.report["problems"]
    assert len(problems) == 4
    assert all("\n" not in problem for problem in problems)
    for word in ("raises.py", "not_a_module", "broken.py", "did you mean anger?"):
        assert any(word in problem for problem in problems), word
    cast_by = set(made.frame()["source"])
    assert "function:all_angry" in cast_by
    assert not cast_by & {"function:boom", "function:cross"}


def test_a_function_sees_the_speakers_name_as_it_was_given(workspace, tmp_path, write_voice):
    folder = tmp_path / "speech"
    write_voice(folder / "a.wav")
    write_voice(folder / "b.wav", 200)
    (folder / "manifest.csv").write_text("path,speaker\na.wav,Ada\nb.wav,\n")
    ingest(workspace, str(folder))
    table = pool.read(workspace)
    from rounds import features

    features.compute(workspace)
    known = features.load(workspace, table["segment_id"].tolist())
    seen = function_table(table, known)["speaker"]
    assert seen.iloc[0] == "Ada"
    assert pd.isna(seen.iloc[1])
