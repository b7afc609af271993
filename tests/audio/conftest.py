"""Sounds made for the tests, and the real corpora where they are."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

RATE_HZ = 16_000


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def _voice(
    f0_hz: float | NDArray[np.float64] = 140.0,
    duration_s: float = 1.0,
    rate_hz: int = RATE_HZ,
    peak: float = 0.5,
) -> NDArray[np.float32]:
    """A vowel-like sound: harmonics of `f0_hz` (a number or a contour) falling by 12 dB/octave."""
    n = round(duration_s * rate_hz)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(f0_hz, n)) / rate_hz
    highest = int(min(rate_hz * 0.45, 4000) / np.max(f0_hz))
    sound = sum(np.sin(k * phase + 0.7 * k) / k**2 for k in range(1, highest + 1))
    return (peak * sound / np.abs(sound).max()).astype(np.float32)


def _noise(duration_s: float = 1.0, level: float = 0.1, seed: int = 0) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    return (level * random.standard_normal(round(duration_s * RATE_HZ))).astype(np.float32)


@pytest.fixture
def voice() -> Callable[..., NDArray[np.float32]]:
    return _voice


@pytest.fixture
def noise() -> Callable[..., NDArray[np.float32]]:
    return _noise


@pytest.fixture
def real_data() -> Path:
    default = Path(__file__).parents[2].parent / "shared" / "data"
    folder = Path(os.environ.get("UNDERTONE_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip("no real speech here (UNDERTONE_TEST_DATA names its folder)")
    return folder
