import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import fsspec
import pytest

from corpora.entries import SourceError
from corpora.remote import public


@pytest.fixture
def memory(tmp_path, make_wav):
    system = fsspec.filesystem("memory")
    system.store.clear()
    for name, hz in (("b.wav", 200), ("sub/a.wav", 300), ("copy.wav", 200)):
        system.pipe(f"/speech/{name}", make_wav(tmp_path / "made.wav", hz).read_bytes())
    system.pipe("/speech/.hidden.wav", b"x")
    system.pipe("/speech/notes.txt", b"x")
    yield system
    system.store.clear()


def test_a_folder_behind_a_url_is_fetched_into_the_cache_by_content(memory, ingest, tmp_path):
    entries, rejected, _ = ingest("memory://speech")
    assert rejected == []
    assert [e.uri for e in entries] == [
        "memory://speech/b.wav",
        "memory://speech/copy.wav",
        "memory://speech/sub/a.wav",
    ]
    assert entries[0].path.read_bytes() == memory.cat("/speech/b.wav")
    assert entries[0].path == entries[1].path
    assert entries[0].corpus == "speech"
    assert not list((tmp_path / "cache").glob("*.part"))


def test_what_is_cached_is_not_fetched_again_until_it_changes(memory, ingest, monkeypatch):
    (before, *_), _, _ = ingest("memory://speech")
    opened = []
    original = type(memory).open
    monkeypatch.setattr(
        type(memory),
        "open",
        lambda self, path, *a, **k: opened.append(path) or original(self, path, *a, **k),
    )
    ingest("memory://speech")
    assert opened == []
    memory.pipe("/speech/b.wav", b"something else")
    (after, *_), _, _ = ingest("memory://speech")
    assert after.path != before.path
    assert len(opened) > 0


def test_a_manifest_behind_a_url_is_read(memory, ingest):
    memory.pipe("/speech/list.csv", b"path,age\nb.wav,31\nno.wav,1\n../x.wav,1\nsub/a.wav,x\n")
    (entry,), rejected, _ = ingest("memory://speech/list.csv")
    assert (entry.uri, entry.metadata.age) == ("memory://speech/b.wav", 31)
    assert [r.reason for r in rejected] == [
        "path 'no.wav' is not there",
        "path '../x.wav' leads out of the folder",
        "age 'x' is not a number from 0 to 130",
    ]


def test_a_single_file_behind_a_url_is_a_source(memory, ingest):
    (entry,), _, _ = ingest("memory://speech/sub/a.wav")
    assert entry.uri == "memory://speech/sub/a.wav"


def test_a_zip_is_read_in_place_by_path_and_by_url(tmp_path, make_wav, ingest):
    made = make_wav(tmp_path / "a.wav")
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as pack:
        pack.write(made, "deep/a.wav")
        pack.write(made, "__MACOSX/deep/._a.wav")
    (entry,), _, _ = ingest(tmp_path / "pack.zip")
    assert entry.uri == f"zip://deep/a.wav::{tmp_path}/pack.zip"
    assert entry.path.read_bytes() == made.read_bytes()
    (entry,), _, _ = ingest(f"zip://deep::{tmp_path}/pack.zip")
    assert entry.uri == f"zip://deep/a.wav::{tmp_path}/pack.zip"
    (entry,), _, _ = ingest(f"zip://deep::file://{tmp_path}/pack.zip")
    assert entry.path.read_bytes() == made.read_bytes()


def test_an_emodb_folder_in_a_zip_keeps_its_labels(tmp_path, make_wav, ingest):
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as pack:
        pack.write(make_wav(tmp_path / "a.wav"), "db/wav/03a01Wa.wav")
    (entry,), _, _ = ingest(f"zip://db::{tmp_path}/pack.zip")
    assert (entry.labels, entry.metadata.speaker) == ({"emotion": "anger"}, "03")
    (entry,), _, _ = ingest(tmp_path / "pack.zip")
    assert (entry.labels, entry.where) == ({"emotion": "anger"}, "folder pack")


def test_a_file_url_is_a_path(tmp_path, make_wav, ingest):
    made = make_wav(tmp_path / "my speech" / "a#1.wav")
    (entry,), _, _ = ingest(f"file://{tmp_path}/my%20speech")
    assert entry.path == made
    assert entry.uri == str(made)


@pytest.mark.slow
def test_a_web_server_is_read(tmp_path, make_wav, ingest):
    pytest.importorskip("aiohttp", reason="http:// needs aiohttp")
    make_wav(tmp_path / "web" / "a.wav")
    (tmp_path / "web" / "list.csv").write_text("path,age\na.wav,31\n", encoding="utf-8")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "web"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        (entry,), rejected, _ = ingest(f"{base}/list.csv")
        assert (entry.uri, entry.metadata.age, rejected) == (f"{base}/a.wav", 31, [])
        (entry,), _, _ = ingest(f"{base}/")
        assert entry.uri == f"{base}/a.wav"
        with pytest.raises(SourceError, match=r"nothing\.csv does not exist, or does not answer"):
            ingest(f"{base}/nothing.csv")
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s4://bucket/x", r"source s4://bucket/x: unknown protocol 's4' \(known: file, http"),
        ("memory://nothing", "source memory://nothing does not exist"),
        ("memory://speech/notes.txt", "notes.txt is neither a folder, a manifest nor audio"),
        ("zip://::/tmp/no-such-pack.zip", "no-such-pack.zip does not exist"),
    ],
)
def test_a_url_that_is_wrong_is_one_line(memory, ingest, url, message):
    with pytest.raises(SourceError, match=message) as caught:
        ingest(url)
    assert "\n" not in str(caught.value)


def test_a_protocol_whose_package_is_absent_is_named(ingest, monkeypatch):
    def absent(url):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", absent)
    with pytest.raises(SourceError, match="needs a package that is not installed: Install s3fs"):
        ingest("s3://bucket/x")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://me:hunter2@host/a.wav", "https://host/a.wav"),
        ("https://t0ken@host/a.wav", "https://host/a.wav"),
        ("https://host/a.wav?X-Amz-Signature=1&x=2", "https://host/a.wav"),
        ("https://host/a.wav?version=2", "https://host/a.wav?version=2"),
        ("zip://a.wav::s3://key:secret@bucket/x.zip", "zip://a.wav::s3://bucket/x.zip"),
        ("memory://a/b", "memory://a/b"),
    ],
)
def test_credentials_do_not_become_part_of_a_name(url, said):
    assert public(url) == said
