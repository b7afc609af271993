"""What the pool sounds like: how often each emotion occurs, and where clips lie in affect."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from labels.scheme import Scale
from reports import style
from reports.plots.placing import name_points
from reports.style import BLUE, INK, MARKERS, ORANGE, QUIET, Plot, blank, dress, legend, plain

_MOST_POINTS = 3000
_LOOKS = ((BLUE, "o"), (ORANGE, "D"), (QUIET, "|"))


def class_shares(shares: Mapping[str, ArrayLike], classes: Sequence[str]) -> Plot:
    """How large a share each emotion has, a mark a view of the pool.

    `shares` names each view (say "weak labels", "model") and gives its (k,) shares, up to three.
    """
    views = {name: np.asarray(share, dtype=float) for name, share in shares.items()}
    order = np.argsort(-next(iter(views.values())), kind="stable")
    place = np.arange(len(classes))[::-1]
    figure = blank(1.1 + min(0.32 * len(classes), 9))
    axes = dress(figure.add_subplot(), x="share of clips", grid="x")
    ends = np.stack([share[order] for share in views.values()])
    axes.hlines(place, ends.min(axis=0), ends.max(axis=0), color=QUIET, alpha=0.5, linewidth=1.5)
    for (name, share), (colour, marker) in zip(views.items(), _LOOKS, strict=False):
        axes.scatter(share[order], place, s=46, color=colour, marker=marker, label=name, zorder=3)
    axes.set_yticks(place, [plain(classes[j]) for j in order])
    axes.margins(x=0.08)
    axes.set_xlim(left=0)
    axes.xaxis.get_major_locator().set_params(nbins=6, steps=[1, 2, 5, 10])
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
    legend(axes)
    told = "; ".join(
        f"{name}: {classes[int(share.argmax())]} most often ({share.max():.0%})"
        for name, share in views.items()
    )
    return Plot(
        name="class_shares",
        title="How often each emotion occurs",
        caption=(
            "The mean probability of each emotion over the pool. Marks far apart mean that the "
            "model has learnt to see an emotion more or less often than its weak labels claim."
        ),
        alt=f"Shares of {len(classes)} emotions. {told}.",
        figure=figure,
    )


def affect_map(
    pool: pd.DataFrame, classes: Sequence[str], valence: Scale, arousal: Scale, *, seed: int = 0
) -> Plot | None:
    """Clips by predicted valence and arousal, coloured by predicted emotion.

    `pool` has columns p_<class>, valence_mean, arousal_mean (in scale units). Of a large pool
    3,000 clips are drawn with `seed`; the names stand at the medians of all. None where no clip
    has both.
    """
    x, y = f"{valence.name}_mean", f"{arousal.name}_mean"
    if x not in pool or y not in pool:
        return None
    known = pool[pool[x].notna() & pool[y].notna()]
    if known.empty:
        return None
    top = known[[f"p_{name}" for name in classes]].to_numpy().argmax(axis=1)
    some = np.random.default_rng(seed).permutation(len(known))[:_MOST_POINTS]
    figure = blank(4.7)
    axes = dress(figure.add_subplot(), x=_ends(valence), y=_ends(arousal), grid="")
    axes.axvline((valence.low + valence.high) / 2, color=QUIET, linewidth=0.8)
    axes.axhline((arousal.low + arousal.high) / 2, color=QUIET, linewidth=0.8)
    _fit(axes, known[x], known[y], valence, arousal)
    places = known[[x, y]].to_numpy(dtype=float)
    often = _draw_clips(axes, places, top, some, classes)
    part = f" Drawn: {len(some):,} of {len(known):,} clips." if len(some) < len(known) else ""
    return Plot(
        name="affect_map",
        title="The pool by valence and arousal",
        caption=(
            "Each point is a clip where the model puts it: left unpleasant, right pleasant, up "
            "excited, down calm; the colour is its most likely emotion, a cross the middle of "
            "each. Emotions whose crosses are close differ in other things, or are hard to tell "
            "apart." + part
        ),
        alt=(
            f"Map of {len(known):,} clips by predicted valence and arousal, "
            f"most often {classes[often[0]]}."
        ),
        figure=figure,
    )


def _draw_clips(
    axes: Axes, places: np.ndarray, top: np.ndarray, some: np.ndarray, classes: Sequence[str]
) -> list[int]:
    """Points, crosses, names and legend; returns the classes drawn, the most frequent first."""
    colours = style.emotion_colours(classes)
    often = np.argsort(-np.bincount(top, minlength=len(classes)), kind="stable")
    often = [int(j) for j in often if (top == j).any()]
    size = 16 if len(some) < 1000 else 8
    for j in often:
        xy = places[some[top[some] == j]].T
        look = {"color": colours[classes[j]], "marker": MARKERS[j % len(MARKERS)]}
        look |= {"label": plain(classes[j]), "zorder": -1}
        axes.scatter(*xy, s=size, alpha=0.75, linewidth=0, **look)
    # All in one image inside the SVG: thousands of marks would weigh megabytes.
    axes.set_rasterization_zorder(0)
    middles = [tuple(np.median(places[top == j], axis=0)) for j in often]
    axes.scatter(*zip(*middles, strict=True), s=70, marker="+", color=INK, linewidth=1.6, zorder=4)
    legend(axes, n_columns=4, markerscale=1.8, handletextpad=0.1)
    name_points(axes, middles, [classes[j] for j in often], fontsize=9)
    return often


def _ends(scale: Scale) -> str:
    if scale.low_means and scale.high_means:
        return f"{plain(scale.name)}  ({plain(scale.low_means)} → {plain(scale.high_means)})"
    return plain(scale.name)


def _fit(axes: Axes, x: pd.Series, y: pd.Series, valence: Scale, arousal: Scale) -> None:
    """Show the middle of both scales and all clips, no emptier than need be."""
    for values, scale, set_limits in ((x, valence, axes.set_xlim), (y, arousal, axes.set_ylim)):
        middle, edge = (scale.low + scale.high) / 2, 0.06 * (scale.high - scale.low)
        reach = max(abs(values.min() - middle), abs(values.max() - middle), edge) + edge
        set_limits(middle - reach, middle + reach)
