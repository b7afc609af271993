"""Small folders of sound, and the real corpora where they are."""

import math
import os
import struct
import wave
from pathlib import Path

import pytest

from corpora.entries import Entry, Rejected
from corpora.source import read
from labels.scheme import Scheme


@pytest.fixture
def make_wav():
    def make(path: Path, hz: float = 220.0) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            tone = (int(9000 * math.sin(2 * math.pi * hz * n / 16000)) for n in range(1600))
            file.writeframes(b"".join(struct.pack("<h", value) for value in tone))
        return path

    return make


@pytest.fixture
def ingest(tmp_path):
    """Reads a source to its end: (entries, rejections, notes)."""

    def run(source, scheme=None, **options):
        scheme = scheme or Scheme.default()
        reading = read(source, scheme, cache_dir=tmp_path / "cache", **options)
        items = list(reading)
        entries = [item for item in items if isinstance(item, Entry)]
        rejected = [item for item in items if isinstance(item, Rejected)]
        assert all("\n" not in one.reason for one in rejected)
        assert all(reading.owns(one.uri, one.where) for one in items)
        return entries, rejected, reading.notes

    return run


@pytest.fixture
def real_data():
    """The folder of real corpora; tests that need it are skipped where it is absent."""
    here = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    folder = Path(os.environ.get("UNDERTONE_TEST_DATA", here))
    if not (folder / "nemo").is_dir():
        pytest.skip(f"no real corpora in {folder} (UNDERTONE_TEST_DATA names another place)")
    return folder
