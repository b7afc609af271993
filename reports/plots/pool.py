"""What the pool sounds like: how often each emotion occurs, and where clips lie in affect."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from labels.scheme import Scale
from reports.plots.placing import name_points
from reports.style import BLUE, INK, MARKERS, ORANGE, QUIET, Plot, blank, dress, emotion_colours, legend  # fmt: skip

_MOST_POINTS = 3000
_LOOKS = ((BLUE, "o"), (ORANGE, "D"), (QUIET, "|"))


def class_shares(shares: Mapping[str, ArrayLike], classes: Sequence[str]) -> Plot:
    """How large a share each emotion has, a mark a view of the pool.

    `shares` names each view (say "soft labels", "model") and gives its (k,) shares, up to three.
    """
    views = {name: np.asarray(share, dtype=float) for name, share in shares.items()}
    order = np.argsort(-next(iter(views.values())), kind="stable")
    place = np.arange(len(classes))[::-1]
    figure = blank(1.1 + 0.32 * len(classes))
    axes = dress(figure.add_subplot(), x="share of clips", grid="x")
    stacked = np.stack([share[order] for share in views.values()])
    axes.hlines(
        place, stacked.min(axis=0), stacked.max(axis=0), color=QUIET, alpha=0.5, linewidth=1.5
    )
    for (name, share), (colour, marker) in zip(views.items(), _LOOKS, strict=False):
        axes.scatter(share[order], place, s=52, color=colour, marker=marker, label=name, zorder=3)
    axes.set_yticks(place, [classes[j] for j in order])
    axes.set_xlim(left=0)
    axes.margins(x=0.08)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    legend(axes, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0)
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
    drawn = np.random.default_rng(seed).permutation(len(known))[:_MOST_POINTS]
    figure = blank(4.6)
    axes = dress(figure.add_subplot(), x=_ends(valence), y=_ends(arousal))
    colours, present = emotion_colours(classes), np.unique(top)
    order = sorted(present, key=lambda j: (top == j).sum(), reverse=True)
    for j in order:
        some = known.iloc[drawn[top[drawn] == j]]
        axes.scatter(
            some[x], some[y], s=16 if len(drawn) < 1000 else 8, marker=MARKERS[j % len(MARKERS)],
            color=colours[classes[j]], alpha=0.65, linewidth=0, label=classes[j], rasterized=True,
        )  # fmt: skip
    axes.axvline((valence.low + valence.high) / 2, color=QUIET, linewidth=0.8)
    axes.axhline((arousal.low + arousal.high) / 2, color=QUIET, linewidth=0.8)
    middles = [tuple(known.loc[top == j, [x, y]].median()) for j in order]
    _fit(axes, known[x], known[y], valence, arousal)
    axes.scatter(*zip(*middles, strict=True), s=70, marker="+", color=INK, linewidth=1.6, zorder=4)
    legend(axes, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0, markerscale=1.8, handletextpad=0.1, columnspacing=1.0)  # fmt: skip
    name_points(axes, middles, [classes[j] for j in order], fontsize=9)
    some_of = (
        f" {len(drawn):,} of {len(known):,} clips are drawn." if len(drawn) < len(known) else ""
    )
    return Plot(
        name="affect_map",
        title="The pool by valence and arousal",
        caption=(
            "Each point is a clip where the model puts it: left unpleasant, right pleasant, up "
            "excited, down calm; the colour is its most likely emotion, a cross the middle of each. "
            "Emotions that lie on one another are told apart by their sound alone, or not at all."
            + some_of
        ),
        alt=f"Map of {len(known):,} clips by predicted valence and arousal, most often {classes[order[0]]}.",  # fmt: skip
        figure=figure,
    )


def _ends(scale: Scale) -> str:
    if scale.low_means and scale.high_means:
        return f"{scale.name}  ({scale.low_means} → {scale.high_means})"
    return scale.name


def _fit(axes, x: pd.Series, y: pd.Series, valence: Scale, arousal: Scale) -> None:
    """Show the middle of both scales and all clips, no emptier than need be."""
    for values, scale, set_limits in ((x, valence, axes.set_xlim), (y, arousal, axes.set_ylim)):
        middle, edge = (scale.low + scale.high) / 2, 0.06 * (scale.high - scale.low)
        reach = max(abs(values.min() - middle), abs(values.max() - middle), edge) + edge
        set_limits(middle - reach, middle + reach)
