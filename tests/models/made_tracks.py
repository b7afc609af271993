"""Made tracks whose emotion lies in how they move, not in what they are on the whole."""

import numpy as np

from audio.tracks import TRACKS

N_ROWS = 30
_TRACK = TRACKS.index("loudness_db")


def moving_tracks(truth, seed=0, size=4.0):
    """Of every clip a short ramp somewhere: up (class 0), down (1), or up and down (2)."""
    rng = np.random.default_rng(seed)
    shapes = [np.linspace(-1, 1, 8), np.linspace(1, -1, 8), np.r_[np.linspace(-1, 1, 4),
              np.linspace(1, -1, 4)]]  # fmt: skip
    out, places = [], []
    for c in truth:
        n = N_ROWS + int(rng.integers(0, 10))
        values = rng.normal(scale=0.5, size=(n, len(TRACKS)))
        at = int(rng.integers(0, n - 8))
        values[at : at + 8, _TRACK : _TRACK + 6] += size * shapes[c][:, None]
        out.append(values.astype(np.float16))
        places.append(at)
    return out, np.array(places)
