import os

import pytest

from corpora.entries import SourceError


def test_audio_is_found_in_all_folders_in_a_fixed_order_and_other_files_are_ignored(
    tmp_path, make_wav, ingest
):
    for name in ("b.wav", "a/z.WAV", "a/b/c.wav", ".hidden/x.wav", ".y.wav"):
        make_wav(tmp_path / "in" / name)
    (tmp_path / "in" / "notes.txt").write_text("x", encoding="utf-8")

    entries, rejected, notes = ingest(tmp_path / "in")

    assert [e.path.relative_to(tmp_path / "in").as_posix() for e in entries] == [
        "a/b/c.wav",
        "a/z.WAV",
        "b.wav",
    ]
    assert entries[0].uri == str(tmp_path / "in/a/b/c.wav")
    assert {(e.corpus, e.where, e.level, e.segment) for e in entries} == {
        ("in", "folder in", "utterance", None)
    }
    assert rejected == []
    assert notes == []


def test_links_out_of_the_folder_and_broken_ones_are_refused_and_loops_end(
    tmp_path, make_wav, ingest
):
    folder = tmp_path / "in"
    make_wav(folder / "a.wav")
    make_wav(tmp_path / "out" / "secret.wav")
    (folder / "out.wav").symlink_to(tmp_path / "out" / "secret.wav")
    (folder / "outside").symlink_to(tmp_path / "out")
    (folder / "gone.wav").symlink_to(folder / "nowhere.wav")
    (folder / "loop").symlink_to(folder)
    (folder / "self.wav").symlink_to(folder / "self.wav")
    (folder / "alias.wav").symlink_to(folder / "a.wav")

    entries, rejected, _ = ingest(folder)

    assert [e.path.name for e in entries] == ["a.wav", "alias.wav"]
    assert {r.uri.rpartition("/")[2]: r.reason for r in rejected} == {
        "gone.wav": "is a broken symbolic link",
        "out.wav": "is a symbolic link that leads out of the folder",
        "outside": "is a symbolic link that leads out of the folder",
        "self.wav": "is a broken symbolic link",
    }


def test_a_folder_that_is_itself_a_link_can_be_read(tmp_path, make_wav, ingest):
    make_wav(tmp_path / "real" / "a.wav")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    entries, rejected, _ = ingest(tmp_path / "link")
    assert [e.uri for e in entries] == [str(tmp_path / "link" / "a.wav")]
    assert rejected == []


def test_formats_that_are_not_decoded_and_things_that_are_no_files_are_refused(
    tmp_path, make_wav, ingest
):
    make_wav(tmp_path / "in" / "a.wav")
    (tmp_path / "in" / "b.m4a").write_bytes(b"x")
    os.mkfifo(tmp_path / "in" / "c.wav")
    (tmp_path / "in" / os.fsdecode(b"d\xff.wav")).write_bytes(b"x")

    _, rejected, _ = ingest(tmp_path / "in")

    assert [r.reason for r in rejected] == [
        ".m4a is not decoded here: convert it to wav, flac, ogg, opus or mp3",
        "is not a regular file",
        "its name is not UTF-8: rename it",
    ]
    assert all(r.uri.encode("utf-8") for r in rejected)


def test_a_refused_file_comes_in_once_it_is_put_right(tmp_path, make_wav, ingest):
    make_wav(tmp_path / "in" / "a.wav")
    link = tmp_path / "in" / "b.wav"
    link.symlink_to(tmp_path / "in" / "later.wav")
    _, (refused,), _ = ingest(tmp_path / "in")
    link.unlink()
    make_wav(link)
    entries, rejected, _ = ingest(tmp_path / "in")
    assert rejected == []
    assert refused.uri in {e.uri for e in entries}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("recordngs", r"does not exist \(did you mean recordings\?\)"),
        ("recordngs/deep/x", r"there is no recordngs in .* \(did you mean recordings\?\)"),
        ("empty", r"empty holds no audio \(\.aif"),
        ("recordings/x.txt", r"x\.txt is neither a folder, a manifest nor audio"),
        ("recordings/x.m4a", r"\.m4a is not decoded here"),
        ("", "neither a path nor a URL"),
    ],
)
def test_a_source_that_is_wrong_is_one_line(tmp_path, make_wav, ingest, source, message):
    make_wav(tmp_path / "recordings" / "a.wav")
    (tmp_path / "recordings" / "x.txt").write_text("x", encoding="utf-8")
    (tmp_path / "recordings" / "x.m4a").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=message) as caught:
        ingest(f"{tmp_path}/{source}" if source else "")
    assert "\n" not in str(caught.value)


def test_a_single_file_is_a_source(tmp_path, make_wav, ingest, monkeypatch):
    make_wav(tmp_path / "in" / "a.wav")
    monkeypatch.chdir(tmp_path)
    (entry,), _, _ = ingest("in/../in/a.wav")
    assert (entry.uri, entry.corpus) == (str(tmp_path / "in" / "a.wav"), "in")
