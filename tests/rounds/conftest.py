"""Voices made of harmonics, and workspaces of their own."""

import numpy as np
import pytest
import soundfile
import torch

from labels.scheme import Scheme
from rounds.workspace import Workspace


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def _voice(f0_hz, duration_s, rate_hz, seed):
    random = np.random.default_rng(seed)
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    phase = 2 * np.pi * np.cumsum(f0_hz * (1 + 0.1 * np.sin(6 * time_s))) / rate_hz
    sound = sum(np.sin(k * phase) / k**2 for k in range(1, 12))
    sound *= np.clip(np.sin(9 * time_s) + 0.6, 0, 1)
    return 0.4 * sound / np.abs(sound).max() + random.normal(0, 1e-3, len(sound))


@pytest.fixture(scope="session")
def write_voice():
    """Writes something like a voice to a file, and returns the path."""

    def write(path, f0_hz=140.0, duration_s=0.8, rate_hz=16_000, seed=0, **options):
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, _voice(f0_hz, duration_s, rate_hz, seed), rate_hz, **options)
        return path

    return write


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
