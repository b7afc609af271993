"""The command line as its user meets it, and a workspace with a little speech in it."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.made_voices import write_voice

EMOTIONS = ("anger", "sadness", "joy")
N_CLIPS, N_SPEAKERS = 18, 3


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


def is_one_line(text: str) -> bool:
    return text.startswith("undertone: ") and text.count("\n") == 1 and "Traceback" not in text


@pytest.fixture
def terminal(tmp_path, monkeypatch, capfd):
    """Runs `undertone WORDS` in a folder of its own (or `home`), 80 columns wide."""
    from cli import console, main

    for name in [name for name in os.environ if name.startswith("UNDERTONE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UNDERTONE_HOME", "")  # so that --home does not outlive the test
    monkeypatch.setattr(console.out, "width", 80)
    monkeypatch.setattr(console.err, "width", 80)

    def run(*words, home: Path | None = None, **settings) -> Said:
        monkeypatch.chdir(home or tmp_path)
        monkeypatch.setattr(sys, "argv", ["undertone", *map(str, words)])
        with monkeypatch.context() as inside:
            inside.setenv("UNDERTONE_N_WORKERS", "1")
            for name, value in settings.items():
                inside.setenv(f"UNDERTONE_{name.upper()}", value)
            with pytest.raises(SystemExit) as end:
                main.main()
        said = capfd.readouterr()
        return Said(int(end.value.code or 0), said.out, said.err)

    return run


@pytest.fixture(scope="session")
def speech(tmp_path_factory):
    """A labelled folder of clips."""
    folder = tmp_path_factory.mktemp("corpus") / "speech"
    rows = ["path,speaker,gender,emotion,arousal"]
    for i in range(N_CLIPS):
        speaker, emotion = i % N_SPEAKERS, EMOTIONS[i % 3]
        write_voice(folder / f"{i:02}.wav", 110 + 25 * speaker + 12 * (i % 4), 0.6, seed=i)
        rows.append(f"{i:02}.wav,s{speaker},f,{emotion},{1 + i % 5}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="session")
def filled(tmp_path_factory, speech):
    """A workspace with that speech, its features and a batch, to be copied."""
    import db.batches
    from config.settings import Settings
    from config.workspace import init_workspace
    from db.records import BatchItem
    from labels.scheme import Scheme
    from rounds import features, pool
    from rounds.ingest import ingest
    from rounds.workspace import Workspace

    home = tmp_path_factory.mktemp("filled") / "ws"
    init_workspace(home)
    settings = Settings(home=home)
    workspace = Workspace.open(
        database_url=settings.database_url.get_secret_value(),
        data_dir=settings.data_dir,
        scheme=Scheme.load(settings.scheme_path),
    )
    ingest(workspace, str(speech))
    features.compute(workspace)
    ids = pool.read(workspace)["segment_id"].head(4)
    items = [
        BatchItem("by-hand", one, rank, "query", "unsure: anger 41 %, fear 38 %, on a long line")
        for rank, one in enumerate(ids, start=1)
    ]
    with workspace.writing() as tx:
        db.batches.publish_batch(tx, "by-hand", items)
    workspace.engine.dispose()
    return home


@pytest.fixture
def home(filled, tmp_path):
    """A copy of the filled workspace."""
    return Path(shutil.copytree(filled, tmp_path / "ws"))
