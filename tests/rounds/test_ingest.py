"""What an ingest makes of a source, and of the same source again."""

import shutil

import numpy as np
import pytest
import soundfile

import db.quarantine
import db.recordings
import db.reference_labels
import db.segments
import db.speakers
from rounds import features, pool
from rounds.ingest import ingest
from tests.made_voices import made_voice

HEADER = "path,speaker,emotion,valence,start,end,consent\n"


@pytest.fixture
def speech(tmp_path, write_voice):
    """A folder with four voices and no manifest."""
    folder = tmp_path / "speech"
    for i, name in enumerate("abcd"):
        write_voice(folder / f"{name}.wav", 110 + 20 * i, seed=i)
    return folder


def _manifest(folder, *rows, name="manifest.csv", header=HEADER):
    (folder / name).write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return str(folder / name)


def _open_ones(workspace):
    with workspace.reading() as tx:
        return {(one.uri.rpartition("/")[2], one.where) for one in db.quarantine.list_entries(tx)}


def _only(workspace):
    return pool.read(workspace).set_index("path").rename(index=lambda path: path[-5:])


def test_each_nasty_file_is_named_with_its_reason_and_the_good_ones_come_in(
    workspace, speech, tmp_path
):
    (speech / "empty.wav").write_bytes(b"")
    (speech / "text.wav").write_text("no sound at all\n")
    whole = (speech / "a.wav").read_bytes()
    (speech / "cut.wav").write_bytes(whole[: len(whole) // 2])
    soundfile.write(speech / "none.wav", np.zeros(0), 16_000)
    soundfile.write(speech / "nan.wav", np.full(800, np.nan), 16_000, subtype="FLOAT")
    soundfile.write(speech / "inf.wav", np.full(800, np.inf), 16_000, subtype="FLOAT")
    soundfile.write(speech / "quiet.wav", np.zeros(16_000), 16_000)
    shutil.copy(speech / "b.wav", tmp_path / "secret.wav")
    (speech / "out.wav").symlink_to(tmp_path / "secret.wav")
    (speech / "loop.wav").symlink_to(speech / "loop.wav")

    report = ingest(workspace, str(speech))

    reasons = {uri.rpartition("/")[2]: reason for uri, _, reason in report.quarantined}
    assert report.n_new == 4
    assert sorted(reasons) == [
        "cut.wav", "empty.wav", "inf.wav", "loop.wav", "nan.wav", "none.wav", "out.wav",
        "quiet.wav", "text.wav",
    ]  # fmt: skip
    assert reasons["empty.wav"] == "is empty (0 bytes)"
    assert "is truncated" in reasons["cut.wav"]
    assert "is not audio" in reasons["text.wav"]
    assert reasons["none.wav"] == "holds no samples"
    assert "NaN or infinite" in reasons["nan.wav"]
    assert "is silent throughout" in reasons["quiet.wav"]
    assert "leads out of the folder" in reasons["out.wav"]
    assert "broken symbolic link" in reasons["loop.wav"]


def test_names_that_are_hard_to_write_are_files_like_others(workspace, tmp_path, write_voice):
    names = ["with space.wav", "quote'\".wav", "zażółć–声.wav", "new\nline.wav", "100%{x}.wav"]
    for i, name in enumerate(names):
        write_voice(tmp_path / "odd" / name, 110 + 12 * i, seed=i)
    report = ingest(workspace, str(tmp_path / "odd"))
    assert (report.n_new, report.n_quarantined) == (5, 0)
    assert features.compute(workspace)["n_computed"] == 5


def test_what_is_put_right_comes_in_and_leaves_quarantine(workspace, speech, write_voice):
    (speech / "e.wav").write_bytes(b"")
    (speech / "f.wav").write_text("no sound\n")
    assert ingest(workspace, str(speech)).n_quarantined == 2

    write_voice(speech / "e.wav", 300, seed=9)
    report = ingest(workspace, str(speech))

    assert (report.n_new, report.n_resolved, report.n_unchanged) == (1, 1, 4)
    assert _open_ones(workspace) == {("f.wav", "folder speech")}


def test_a_good_row_about_a_file_does_not_clear_a_bad_one_about_the_same_file(workspace, speech):
    rows = ["a.wav,A,anger,2,,,", "a.wav,A,angre,2,,,", "b.wav,B,joy,2,,,", "b.wav,B,joy,9,,,"]
    source = _manifest(speech, *rows)
    for _ in range(2):
        report = ingest(workspace, source)
        assert report.n_resolved == 0
        assert _open_ones(workspace) == {
            ("a.wav", "manifest.csv line 3"),
            ("b.wav", "manifest.csv line 5"),
        }
    assert "did you mean anger?" in report.quarantined[0][2]

    _manifest(speech, "a.wav,A,anger,2,,,", "a.wav,A,anger,2,,,", *rows[2:])
    assert ingest(workspace, source).n_resolved == 1
    assert _open_ones(workspace) == {("b.wav", "manifest.csv line 5")}


def test_another_source_does_not_clear_what_this_one_refused(workspace, speech):
    source = _manifest(speech, "a.wav,A,angre,2,,,", name="one.csv")
    other = _manifest(speech, "a.wav,A,anger,2,,,", name="other.csv")
    ingest(workspace, source)
    assert ingest(workspace, other).n_resolved == 0
    assert _open_ones(workspace) == {("a.wav", "one.csv line 2")}


def test_the_same_sound_is_kept_once_whatever_its_name_and_format(workspace, speech):
    shutil.copy(speech / "a.wav", speech / "again.wav")
    soundfile.write(speech / "lossless.flac", *soundfile.read(speech / "a.wav"), subtype="PCM_16")
    report = ingest(workspace, str(speech))
    assert (report.n_new, report.n_duplicates, len(pool.read(workspace))) == (4, 2, 4)
    report = ingest(workspace, str(speech))
    assert (report.n_new, report.n_duplicates, report.n_unchanged) == (0, 0, 6)


def test_a_file_only_touched_is_no_duplicate(workspace, speech):
    ingest(workspace, str(speech))
    (speech / "a.wav").touch()
    report = ingest(workspace, str(speech))
    assert (report.n_new, report.n_duplicates, report.n_unchanged) == (0, 0, 4)


def test_speakers_of_one_name_in_two_corpora_are_two_people(workspace, tmp_path, write_voice):
    for i, corpus in enumerate(("north", "south")):
        folder = tmp_path / corpus
        write_voice(folder / "a.wav", 120 + 60 * i, seed=i)
        ingest(workspace, _manifest(folder, "a.wav,1,,,,,"))
    with workspace.reading() as tx:
        assert [one.id for one in db.speakers.list_speakers(tx)] == ["north/1", "south/1"]
    table = pool.read(workspace)
    assert table["speaker"].tolist() == ["1", "1"]
    assert sorted(table["split"]) == ["held_out", "training"]


def test_what_a_manifest_says_anew_of_an_unchanged_file_is_taken_over(workspace, speech):
    ingest(workspace, str(speech))
    source = _manifest(speech, "a.wav,Ada,,,,,", "b.wav,Ben,,,,,")
    report = ingest(workspace, source)
    assert (report.n_unchanged, report.n_revised) == (2, 2)
    assert _only(workspace).loc["a.wav", ["speaker", "speaker_id"]].tolist() == [
        "Ada", "speech/Ada",
    ]  # fmt: skip

    (speech / "manifest.csv").unlink()
    assert ingest(workspace, str(speech)).n_revised == 0, "what a source does not say stands"
    assert _only(workspace).loc["a.wav", "speaker"] == "Ada"


@pytest.mark.parametrize("word", ["no", "False", "withdrawn"])
def test_consent_that_is_withdrawn_takes_a_recording_out_of_the_pool(workspace, speech, word):
    source = _manifest(speech, "a.wav,A,,,,,yes", "b.wav,B,,,,,")
    ingest(workspace, source)
    assert len(pool.read(workspace)) == 2
    _manifest(speech, f"a.wav,A,,,,,{word}", "b.wav,B,,,,,")
    ingest(workspace, source)
    assert list(_only(workspace).index) == ["b.wav"]


def test_a_file_that_holds_another_sound_now_stands_for_that_alone(workspace, speech, write_voice):
    ingest(workspace, str(speech))
    write_voice(speech / "a.wav", 333, 1.1, seed=77)
    assert ingest(workspace, str(speech)).n_new == 1
    table = _only(workspace)
    assert len(table) == 4
    assert table.loc["a.wav", "end_s"] == pytest.approx(1.1)


def test_a_corpus_that_moved_is_found_in_its_new_place(workspace, speech, tmp_path):
    ingest(workspace, str(speech))
    moved = speech.rename(tmp_path / "elsewhere")
    report = ingest(workspace, str(moved))
    assert (report.n_new, report.n_duplicates) == (0, 4)
    assert features.compute(workspace)["n_failed"] == 0


def test_stretches_of_a_recording_are_segments_and_those_beyond_its_end_are_refused(
    workspace, speech
):
    rows = ["a.wav,A,anger,,0,0.3,", "a.wav,A,joy,,0.3,0.85,", "a.wav,A,joy,,0.5,9,"]
    report = ingest(workspace, _manifest(speech, *rows))
    assert report.n_segments == 2
    table = pool.read(workspace).sort_values("start_s")
    assert table["end_s"].tolist() == pytest.approx([0.3, 0.8]), "rounded times end with the sound"
    ((_, where, reason),) = report.quarantined
    assert where == "manifest.csv line 4"
    assert reason == "there is nothing from 0.5 s to 9 s: the recording is 0.80 s long"


def test_a_second_voice_in_one_recording_is_refused(workspace, speech):
    rows = ["a.wav,A,,,0,0.3,", "a.wav,B,,,0.3,0.6,"]
    report = ingest(workspace, _manifest(speech, *rows))
    assert report.n_segments == 1
    assert "a recording has one speaker" in report.quarantined[0][2]


def test_a_recording_known_by_its_stretches_can_be_asked_for_whole(workspace, speech):
    ingest(workspace, _manifest(speech, "a.wav,A,,,0,0.3,", name="parts.csv"))
    report = ingest(workspace, _manifest(speech, "a.wav,A,joy,,,,", name="whole.csv"))
    assert (report.n_new, report.n_segments, report.n_labels) == (0, 1, 1)


@pytest.fixture
def conversation(tmp_path):
    """Half a minute with three stretches of voice in a quiet room."""
    sound = np.random.default_rng(0).normal(0, 2e-4, 30 * 16_000)
    for i, start_s in enumerate((2, 12, 22)):
        voice = made_voice(130 + 30 * i, 4.0, 16_000, seed=i)
        sound[start_s * 16_000 : start_s * 16_000 + len(voice)] += voice
    folder = tmp_path / "long"
    folder.mkdir()
    soundfile.write(folder / "talk.wav", sound, 16_000)
    return folder


def test_a_long_recording_is_cut_into_utterances_that_stand_for_it(workspace, conversation):
    header = "path,speaker,emotion,transcript\n"
    source = _manifest(conversation, "talk.wav,A,anger,all that was said", header=header)
    report = ingest(workspace, source)
    table = pool.read(workspace)
    assert report.n_segments == 1 + len(table)
    assert len(table) >= 3
    assert (table["end_s"] - table["start_s"]).max() <= 15
    assert table["transcript"].isna().all(), "no part says what the whole says"
    assert "labels of whole recordings that were cut into utterances: 1" in report.notes[-1]
    again = ingest(workspace, source)
    assert (again.n_unchanged, again.n_segments, again.n_revised) == (1, 0, 0)
    assert features.compute(workspace)["n_computed"] == len(table)


def test_a_long_recording_with_stretches_given_is_not_cut_otherwise(workspace, conversation):
    header = "path,speaker,start,end\n"
    ingest(workspace, _manifest(conversation, "talk.wav,A,2,6", "talk.wav,A,0,30", header=header))
    table = pool.read(workspace)
    assert sorted(zip(table["start_s"], table["end_s"], strict=True)) == [(0, 30), (2, 6)]


def test_a_long_recording_in_which_nobody_speaks_is_named(workspace, tmp_path):
    folder = tmp_path / "long"
    folder.mkdir()
    noise = np.random.default_rng(0).normal(0, 0.01, 25 * 16_000)
    soundfile.write(folder / "hiss.wav", noise, 16_000)
    ((_, _, reason),) = ingest(workspace, str(folder)).quarantined
    assert reason == "is 25 s long, and no speech is found in it"


def test_a_corrected_label_replaces_the_one_before(workspace, speech):
    source = _manifest(speech, "a.wav,A,anger,2,,,")
    ingest(workspace, source)
    _manifest(speech, "a.wav,A,joy,2,,,")
    assert ingest(workspace, source).n_labels == 0
    with workspace.reading() as tx:
        labels = db.reference_labels.frame(tx).set_index("dimension")["value"]
    assert labels.to_dict() == {"emotion": "happiness", "valence": "2"}


def test_a_line_in_another_encoding_or_with_too_few_cells_is_the_only_one_left_out(
    workspace, speech
):
    text = HEADER + "a.wav,Jörg,,,,,\nb.wav,Ben\nc.wav,Eva,,,,,\n"
    (speech / "manifest.csv").write_bytes(text.encode("cp1252"))
    report = ingest(workspace, str(speech))
    assert report.n_new == 1
    assert [reason for _, _, reason in report.quarantined] == [
        "is not UTF-8 (byte 0xf6, in Latin-1 'ö'): save it as UTF-8",
        "has 2 fields where the header has 7",
    ]


def test_a_sound_that_is_gone_when_features_are_due_waits_in_quarantine(workspace, speech):
    ingest(workspace, str(speech))
    (speech / "a.wav").rename(speech / "a.away")
    assert features.compute(workspace)["n_failed"] == 1
    with workspace.reading() as tx:
        (entry,) = db.quarantine.list_entries(tx)
    assert entry.reason == f"{speech / 'a.wav'} cannot be read (No such file or directory)"

    (speech / "a.away").rename(speech / "a.wav")
    assert features.compute(workspace)["n_computed"] == 1
    assert _open_ones(workspace) == set()


def test_features_nobody_wants_any_more_leave_quarantine(workspace, speech):
    source = _manifest(speech, "a.wav,A,,,,,", "b.wav,B,,,,,")
    ingest(workspace, source)
    (speech / "a.wav").rename(speech / "a.away")
    features.compute(workspace)
    (speech / "a.away").rename(speech / "a.wav")
    _manifest(speech, "a.wav,A,,,,,no", "b.wav,B,,,,,")
    ingest(workspace, source)
    features.compute(workspace)
    assert _open_ones(workspace) == set()
