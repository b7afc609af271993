"""The figures of an evaluation, as plain values for a file and for the terminal."""

import math
from typing import Any

import numpy as np
import pandas as pd

from audio.front_ends.choosing import resolve
from labels.metrics import ccc, chance_ece, recalls, scores
from labels.scheme import Scheme
from labels.selective import (
    area_under_risk_coverage,
    reliability,
    risk_coverage,
    selective_risk,
)
from rounds.corpus_evaluation import Evaluated
from rounds.corpus_reading import GROUPS, Corpus
from rounds.corpus_training import class_index
from rounds.evaluation_sides import ALL

FORMAT = 1
COVERAGE = 0.8
_LEAST_GROUP = 10


def report_of(found: Evaluated, scheme: Scheme) -> dict[str, Any]:
    """Everything about an evaluation, JSON-able; docs/evaluation.md says what each part means."""
    truth = truth_of(found, scheme)
    proba = found.said.proba
    everyone = np.ones(len(truth), dtype=bool)
    return _plain(
        {
            "format": FORMAT,
            "source": found.test.source,
            "train": found.train.source if found.train else None,
            "protocol": {
                "held_out": found.by,
                "n_models": len(found.folds),
                "enrol": "all" if found.plan.enrol == ALL else found.plan.enrol,
                "seed": found.plan.seed,
                "augmented": (found.train or found.test).altered is not None,
                "feature_version": resolve(found.test.front_end).version,
                "n_features": found.test.features.shape[1],
                "scheme": scheme.digest,
            },
            "classes": list(found.classes),
            "data": {
                "test": _data(found.test),
                "train": _data(found.train) if found.train else None,
                "notes": list(found.notes),
            },
            "overall": _figures(found, truth, everyone),
            "recall": dict(
                zip(found.classes, recalls(proba, truth, len(found.classes)), strict=True)
            ),
            "confusion": _confusion(proba, truth, len(found.classes)),
            "finest": _finest(found),
            "by_speaker": _by(found, truth, "speaker_id", least=1),
            "by_group": {
                name: _by(found, truth, name, least=_LEAST_GROUP)
                for name in GROUPS
                if 1 < group_of(found.test, name).nunique() <= 12
            },
            "enrolment_curve": {
                "all" if n == ALL else str(n): _short(p, truth) for n, p in found.curve.items()
            },
            "risk_coverage": _curve(proba, truth),
            "reliability": reliability(proba, truth),
            "models": list(found.folds),
            "seconds": round(found.seconds, 2),
        }
    )


def truth_of(found: Evaluated, scheme: Scheme) -> np.ndarray:
    """The true class (n,) of every test segment, -1 where its emotion is not among them."""
    leaf = class_index(found.test.emotions, found.leaves)
    parent = class_index(np.array([scheme.basic(n) for n in found.leaves]), found.classes)
    return np.where(leaf >= 0, parent[leaf], -1)


def _data(corpus: Corpus) -> dict[str, Any]:
    names, counts = np.unique(corpus.emotions[corpus.emotions != ""], return_counts=True)
    rated = np.isfinite(corpus.ratings).sum(axis=0)
    return {
        "n_read": corpus.n_read,
        "n_used": len(corpus.emotions),
        "n_unlabelled": corpus.n_unlabelled,
        "n_refused": len(corpus.refused),
        "refused": [" ".join(one) for one in corpus.refused[:50]],
        "n_speakers": len(set(corpus.speakers)),
        "emotions": dict(zip(names.tolist(), counts.tolist(), strict=True)),
        "ratings": {n: int(k) for n, k in zip(corpus.scales, rated, strict=True) if k},
        "notes": list(corpus.notes),
    }


def _figures(found: Evaluated, truth: np.ndarray, rows: np.ndarray) -> dict[str, Any]:
    out = _short(found.said.proba[rows], truth[rows])
    out["ccc"] = {
        name: ccc(found.said.scale_mean[rows, j], found.test.ratings[rows, j])
        for j, name in enumerate(found.test.scales)
        if np.isfinite(found.test.ratings[rows, j]).sum() >= 3
    }
    return out


def _short(proba: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    out: dict[str, Any] = dict(scores(proba, truth))
    risk = selective_risk(proba, truth, COVERAGE)
    out["n"] = int(out["n"])
    out["chance_ece"] = chance_ece(np.asarray(proba)[truth >= 0])
    out["selective_risk_80"] = risk
    out["selective_accuracy_80"] = 1 - risk
    out["selective_gain_80"] = 1 - risk - out["accuracy"]
    out["area_under_risk_coverage"] = area_under_risk_coverage(proba, truth)
    return out


def _finest(found: Evaluated) -> dict[str, Any] | None:
    """The figures over the labels as they were given, where some are finer than the classes."""
    if found.leaves == found.classes:
        return None
    truth = class_index(found.test.emotions, found.leaves)
    proba = found.said.proba_leaves
    return {
        "emotions": list(found.leaves),
        **_short(proba, truth),
        "recall": dict(zip(found.leaves, recalls(proba, truth, len(found.leaves)), strict=True)),
        "confusion": _confusion(proba, truth, len(found.leaves)),
    }


def _by(found: Evaluated, truth: np.ndarray, column: str, *, least: int) -> dict[str, Any]:
    values = group_of(found.test, column)
    out = {}
    for value in sorted(values.dropna().unique(), key=str):
        rows = (values == value).to_numpy()
        if rows.sum() >= least:
            out[str(value)] = _figures(found, truth, rows)
    return out


def group_of(corpus: Corpus, column: str) -> pd.Series:
    """A column of what is known of the segments; ages by decade ("30-39")."""
    values = corpus.about[column]
    if column != "age":
        return values
    decade = (pd.to_numeric(values, errors="coerce") // 10 * 10).dropna().astype(int)
    return decade.map(lambda low: f"{low}-{low + 9}").reindex(values.index)


def _confusion(proba: np.ndarray, truth: np.ndarray, k: int) -> list[list[int]]:
    """Rows are the truth, columns what was said."""
    known = truth >= 0
    cell = truth[known] * k + proba[known].argmax(axis=1)
    return np.bincount(cell, minlength=k * k).reshape(k, k).tolist()


def _curve(proba: np.ndarray, truth: np.ndarray) -> list[dict[str, float]]:
    covered, risk = risk_coverage(proba, truth)
    if not len(risk):
        return []
    return [
        {"coverage": c, "risk": float(risk[min(np.searchsorted(covered, c - 1e-9), len(risk) - 1)])}
        for c in np.round(np.linspace(0.05, 1, 20), 2).tolist()
    ]


def _plain(value: Any) -> Any:
    """Nested values with plain numbers; one that is not known (NaN) is null."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return value
