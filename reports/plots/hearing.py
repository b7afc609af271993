"""One clip as a model heard it: its waveform, and what was said of it from moment to moment."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.style import (
    BLUE,
    GREEN,
    ORANGE,
    PINK,
    QUIET,
    Plot,
    blank,
    dress,
    emotion_colours,
    legend,
    plain,
)

_MOST_COLUMNS = 900
_MOST_LINES = 5
_SAID = (
    "What the model says of each 1.2 s of the clip alone: a stretch in which a line rises speaks "
    "for that emotion."
)
_LISTENED = (
    "Attention is how much it listened to each moment, 1 where it would be alike for all; the "
    "waveform is blue where it is more."
)
_SCALES = (BLUE, ORANGE, GREEN, PINK)


def clip_over_time(
    samples: NDArray[np.floating],
    sample_rate_hz: int,
    time_s: NDArray[np.floating],
    proba: NDArray[np.floating],
    scales: NDArray[np.floating],
    *,
    classes: Sequence[str],
    scale_names: Sequence[str],
    attention: tuple[NDArray[np.floating], NDArray[np.floating]] | None = None,
) -> Plot:
    """Waveform (n,), probabilities (t, k) of the likeliest emotions, and scales (t, s) over time.

    A scale that is nowhere known is left out; so is the panel when none is. `attention` is times
    and levels, 1 = as much as if all were listened to alike: a panel below the waveform, which is
    darker where the level is above it.
    """
    known = [j for j in range(len(scale_names)) if np.isfinite(scales[:, j]).any()]
    n_panels = 2 + bool(known) + (attention is not None)
    figure = blank(0.9 + 1.5 * n_panels, 7.2)
    panels = list(figure.subplots(n_panels, 1, sharex=True))
    seconds = len(samples) / sample_rate_hz
    low, high = _envelope(samples)
    at = np.linspace(0, seconds, len(low))
    dress(panels[0], y="waveform", grid="x").fill_between(at, low, high, color=QUIET, linewidth=0)
    panels[0].set_yticks([])
    if attention is not None:
        _attention(panels[0], panels.pop(1), attention, at, low, high)
    colours = emotion_colours(classes)
    likeliest = np.argsort(-proba.mean(axis=0), kind="stable")[:_MOST_LINES]
    dress(panels[1], y="probability").set_ylim(0, 1)
    marker = "o" if len(time_s) == 1 else None
    for j in likeliest:
        name = classes[j]
        panels[1].plot(time_s, proba[:, j], color=colours[name], label=plain(name), marker=marker)
    legend(panels[1], n_columns=len(likeliest))
    if known:
        dress(panels[2], y="scale")
        for j, colour in zip(known, _SCALES, strict=False):
            label = plain(scale_names[j])
            panels[2].plot(time_s, scales[:, j], color=colour, label=label, marker=marker)
        legend(panels[2], n_columns=len(known))
    panels[-1].set_xlabel("seconds")
    panels[-1].set_xlim(0, seconds)
    return Plot(
        name="clip",
        title="The clip from moment to moment",
        caption=_SAID if attention is None else f"{_SAID} {_LISTENED}",
        alt=f"Waveform of {seconds:.1f} s; on average likeliest: "
        + ", ".join(f"{classes[j]} {proba[:, j].mean():.0%}" for j in likeliest[:3]),
        figure=figure,
    )


def _attention(
    waveform: Any,
    panel: Any,
    attention: tuple[NDArray[np.floating], NDArray[np.floating]],
    at: NDArray[np.floating],
    low: NDArray[np.floating],
    high: NDArray[np.floating],
) -> None:
    time_s, level = attention
    dress(panel, y="attention").fill_between(time_s, 0, level, color=BLUE, alpha=0.35, linewidth=0)
    panel.plot(time_s, level, color=BLUE)
    panel.axhline(1, color=QUIET, linewidth=0.8, linestyle=":")
    panel.set_ylim(0, None)
    heard = np.interp(at, time_s, level) > 1
    waveform.fill_between(at, low, high, where=heard.tolist(), color=BLUE, linewidth=0)


def _envelope(samples: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    parts = np.array_split(np.asarray(samples, dtype=float), min(_MOST_COLUMNS, len(samples)))
    return np.array([p.min() for p in parts]), np.array([p.max() for p in parts])
