"""Voices made of harmonics, and workspaces of their own."""

import pytest
import torch

from labels.scheme import Scheme
from rounds.workspace import Workspace
from tests import made_voices


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def write_voice():
    """Writes something like a voice to a file, and returns the path."""
    return made_voices.write_voice


@pytest.fixture(scope="session")
def open_at():
    """A workspace in a folder."""

    def open_(folder):
        return Workspace.open(
            database_url=f"sqlite:///{folder}/undertone.db",
            data_dir=folder,
            scheme=Scheme.default(),
        )

    return open_


@pytest.fixture
def workspace(open_at, tmp_path):
    return open_at(tmp_path / "workspace")
