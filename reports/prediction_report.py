"""The page of `undertone predict --html`: each clip to listen to, what was heard in it, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.attention_words import listened_to
from reports.pages import page, pictures, playable
from reports.plots.hearing import clip_over_time
from reports.voice_words import sentence, words

SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True)
class Clip:
    """One answered clip.

    `answer` has path, start_s, end_s, emotion, likeliest, confidence, proba, possible, scales and
    note; `samples` are mono at 16 kHz; `sound` a source that a page can play, or None;
    `trajectory` has time_s, proba and scales; `attention`, where the model listens over time,
    time_s, level and stretches; `reasons` have feature, unit, value, usual,
    deviation, evidence, the weightiest first; `nearest` are (name, label) of training segments.
    """

    answer: Any
    samples: NDArray[np.floating]
    sound: str | None
    trajectory: Any
    reasons: Sequence[Any]
    nearest: Sequence[tuple[str, str]]
    attention: Any = None


def render(
    clips: Sequence[Clip],
    classes: Sequence[str],
    scales: Sequence[str],
    promised: Any,
    *,
    n_known: int,
) -> str:
    """One HTML text that needs nothing from anywhere else.

    `promised` has threshold, risk, coverage and set_coverage, as the rounds' Promise.
    """
    return page(
        "prediction.html",
        title="What was heard",
        clips=[_told(clip, classes, scales, n_known) for clip in clips],
        promised=promised,
        is_judged=promised.risk == promised.risk,
        n_known=n_known,
    )


def _told(
    clip: Clip, classes: Sequence[str], scales: Sequence[str], n_known: int
) -> dict[str, Any]:
    path, answer, heard = clip.trajectory, clip.answer, clip.attention
    plot = clip_over_time(
        clip.samples,
        SAMPLE_RATE_HZ,
        path.time_s,
        path.proba,
        path.scales,
        classes=classes,
        scale_names=scales,
        attention=None if heard is None else (heard.time_s, heard.level),
    )
    return {
        "answer": answer,
        "usual": "this speaker’s usual" if n_known else "usual",
        "in_words": sentence((r.feature, r.deviation) for r in clip.reasons if r.evidence > 0),
        "listened": ""
        if heard is None
        else listened_to([(s.start_s, s.end_s, s.share) for s in heard.stretches]),
        "proba": sorted(answer.proba.items(), key=lambda one: -one[1]),
        "scales": [(name, mean, sd) for name, (mean, sd) in answer.scales.items()],
        "others": [name for name in answer.possible if name != answer.likeliest],
        "sound": playable(clip.sound),
        "plots": pictures(plot),
        "reasons": [
            {
                "name": r.feature,
                "unit": r.unit or "–",
                "words": " ".join(words(r.feature, r.deviation)),
                "value": _figure(r.value),
                "usual": _figure(r.usual),
                "deviation": f"{r.deviation:+.1f}",
                "evidence": f"{r.evidence:+.2f}",
            }
            for r in clip.reasons
        ],
        "nearest": list(clip.nearest),
    }


def _figure(value: float) -> str:
    return "–" if not np.isfinite(value) else f"{value:.3g}"
