"""Models may read another front end's features; functions read Undertone's own all the same."""

from dataclasses import replace

import numpy as np
import pytest

from audio.features import FEATURE_NAMES, FEATURE_VERSION
from audio.front_ends import OWN, FrontEndError, FrontEndSpec
from audio.front_ends.choosing import resolve
from rounds import features, inputs, pool
from rounds.ingest import ingest


class Loudest:
    """A front end of two features."""

    name, version, names, units = "loudest", "loudest-1", ("peak", "rms"), {"peak": "", "rms": ""}

    def prepare(self):
        """Nothing is needed."""

    def extract_many(self, sounds):
        """Peak and root mean square."""
        return np.array([[np.abs(s).max(), np.sqrt(np.mean(s**2))] for s in sounds], np.float32)


LOUDEST = FrontEndSpec("loudest")


@pytest.fixture
def heard(workspace, tmp_path, write_voice, monkeypatch):
    """A workspace of four segments whose models read the loudest."""

    def known(spec):
        return Loudest() if spec == LOUDEST else resolve(spec)

    monkeypatch.setattr(features, "resolve", known)
    monkeypatch.setattr(inputs, "resolve", known)
    for i in range(4):
        write_voice(tmp_path / "speech" / f"{i}.wav", 120 + 20 * i, seed=i)
    chosen = replace(workspace, front_end=LOUDEST)
    ingest(chosen, str(tmp_path / "speech"))
    return chosen


@pytest.mark.slow
def test_both_sets_are_computed_and_kept_apart(heard):
    report = features.compute(heard)
    assert report["n_computed"] == 8
    assert report["feature_version"] == "loudest-1"
    ids = pool.read(heard)["segment_id"].tolist()
    assert features.stored_ids(heard) == features.stored_ids(heard, LOUDEST) == set(ids)
    assert list(features.load(heard, ids).columns) == list(FEATURE_NAMES)
    assert list(features.load(heard, ids, LOUDEST).columns) == ["peak", "rms"]
    assert {p.name for p in (heard.artifacts / "features").iterdir()} == {
        FEATURE_VERSION,
        "loudest-1",
    }
    assert features.plan(heard) == []


@pytest.mark.slow
def test_a_model_reads_the_chosen_set_and_going_back_needs_no_new_listening(heard):
    features.compute(heard)
    table = pool.read(heard)
    read = inputs.of(heard, table)
    assert read.raw.shape == (4, 2)
    assert read.known.all()
    assert read.front_end.names == ("peak", "rms")
    back = replace(heard, front_end=OWN)
    assert features.plan(back) == []
    assert inputs.of(back, table).raw.shape == (4, len(FEATURE_NAMES))


@pytest.mark.slow
def test_a_front_end_that_cannot_be_had_stops_before_anything_is_computed(heard, monkeypatch):
    def missing(self):
        raise FrontEndError("the loudest are not here")

    monkeypatch.setattr(Loudest, "prepare", missing)
    with pytest.raises(FrontEndError, match="not here"):
        features.compute(heard)
    assert features.stored_ids(heard) == set()
