"""Training on a corpus' reference labels: what `evaluate` does for every fold."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from audio.front_ends.choosing import resolve
from labels.scheme import Scheme
from models.emotion_model import EmotionModel
from models.fitting import Progress
from models.training import Targets, train
from rounds.corpus_guides import guides_of
from rounds.corpus_reading import Corpus

PRIOR_WEIGHT = 0.3
"""What the usual place of an emotion on a scale counts, beside a rating."""


def fit_corpus(
    corpus: Corpus,
    scheme: Scheme,
    leaves: Sequence[str],
    *,
    seed: int,
    progress: Progress | None = None,
) -> EmotionModel:
    """A model of `leaves` (emotions of the scheme, finer ones among them) from a labelled corpus.

    A segment whose emotion is not among them teaches nothing about emotion. Where nobody rated
    valence, arousal or dominance, the emotion's usual place stands in, at a third of the weight.
    Where the corpus was read with its tracks, a network over frames may answer too.
    Where the corpus was read with altered copies, each segment and its copy count as one together.
    """
    if corpus.altered is not None and corpus.tracks is not None:
        raise ValueError("altered copies have no tracks: a corpus is read with one or the other")
    copies = [] if corpus.altered is None else [corpus.altered]
    times = 1 + len(copies)
    names = [_named(row) for row in corpus.about.itertuples()]
    model = train(
        np.concatenate([corpus.features, *copies]),
        repeated(targets_of(corpus, scheme, leaves), times),
        corpus.speakers * times,
        classes=leaves,
        parents=[scheme.basic(name) for name in leaves],
        scales={scale.name: (scale.low, scale.high) for scale in scheme.scales},
        seed=seed,
        feature_names=resolve(corpus.front_end).names,
        row_names=names + [""] * len(names) * len(copies),
        tracks=corpus.tracks,
        guides=None if corpus.tracks is None else guides_of(corpus),
        progress=progress,
    )
    named = [i for i, name in enumerate(model.memory.names) if name]
    return replace(model, memory=model.memory.rows(named))


def repeated(targets: Targets, times: int) -> Targets:
    """The same targets so many times over, which all together weigh what they weighed."""
    return Targets(
        proba=np.tile(targets.proba, (times, 1)),
        weight=np.tile(targets.weight / times, times),
        scales=np.tile(targets.scales, (times, 1)),
        scale_weight=np.tile(targets.scale_weight / times, (times, 1)),
        is_gold=np.tile(targets.is_gold, times),
    )


def targets_of(corpus: Corpus, scheme: Scheme, leaves: Sequence[str]) -> Targets:
    """Reference labels as gold."""
    leaf = class_index(corpus.emotions, leaves)
    n = len(leaf)
    ratings = corpus.ratings.copy()
    weight = np.isfinite(ratings).astype(float)
    prior = _usual_places(corpus, scheme)
    stands_in = np.isnan(ratings) & np.isfinite(prior)
    ratings[stands_in], weight[stands_in] = prior[stands_in], PRIOR_WEIGHT
    proba = np.full((n, len(leaves)), 1 / len(leaves))
    proba[leaf >= 0] = np.eye(len(leaves))[leaf[leaf >= 0]]
    return Targets(
        proba=proba,
        weight=(leaf >= 0).astype(float),
        scales=ratings,
        scale_weight=weight,
        is_gold=np.ones(n, dtype=bool),
    )


def class_index(emotions: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Places of names (n,) among classes, -1 for one that is not there."""
    place = {name: i for i, name in enumerate(classes)}
    return np.array([place.get(str(name), -1) for name in emotions], dtype=np.int64)


def _usual_places(corpus: Corpus, scheme: Scheme) -> np.ndarray:
    usual = {emotion.name: emotion.vad for emotion in scheme.emotions}
    out = np.full(corpus.ratings.shape, np.nan)
    for j, name in enumerate(("valence", "arousal", "dominance")):
        if name not in corpus.scales:
            continue
        scale = scheme.scale(name)
        for i, emotion in enumerate(corpus.emotions):
            vad = usual[scheme.basic(emotion)] if emotion else None
            if vad is not None:
                out[i, corpus.scales.index(name)] = scale.from_unit(vad[j])
    return out


def _named(row: object) -> str:
    start_s, end_s = row.start_s, row.end_s  # type: ignore[attr-defined]
    cut = "" if np.isnan(start_s) else f"#{start_s:g}-{end_s:g}"
    return f"{row.path}{cut}"  # type: ignore[attr-defined]
