"""Annotations and judgements: the same said in two languages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from annotation.desk.judging import MAX_MARKS, MAX_NOTE, MAX_SECONDARY
from annotation.labelstudio import labelling
from labels.judgements import Judgement, JudgementError, Mark
from labels.scheme import Scheme, SchemeError

SOURCE = "label studio"
SKIPPED = "skipped in Label Studio"


class UnreadableError(ValueError):
    """An annotation that is no judgement; the message says why in one line."""


def judgement(
    scheme: Scheme, annotation: Mapping[str, Any], *, identity: str, segment_id: str,
    annotator: str, batch_id: str, guideline_version: str | None,
) -> Judgement:  # fmt: skip
    """What an annotation says of a segment. A cancelled one (skipped there) says that its author
    could not tell: it was heard and not named, and somebody else may be asked.

    Raises UnreadableError for what the scheme does not have, and for what says nothing.
    """
    try:
        said = _said(scheme, annotation)
        return Judgement(
            id=identity,
            segment_id=segment_id,
            annotator=annotator,
            role="expert",
            batch_id=batch_id,
            guideline_version=guideline_version,
            duration_s=_seconds(annotation.get("lead_time")),
            judged_at=_time(annotation.get("updated_at") or annotation.get("created_at")),
            source=SOURCE,
            **said,
        )
    except (SchemeError, JudgementError, KeyError, IndexError, TypeError, ValueError) as error:
        said_wrong = f"{error}" if isinstance(error, ValueError) else f"unknown form ({error!r})"
        raise UnreadableError(" ".join(said_wrong.split())) from error


def prediction(
    scheme: Scheme, proba: Mapping[str, float], scales: Mapping[str, float], version: str
) -> dict[str, Any]:
    """What a model thinks of a clip, as a prediction there: the likeliest class, with its
    probability as the score, and the nearest step of each scale."""
    best = max(proba, key=lambda name: proba[name])
    score = round(float(proba[best]), 4)
    result = [_answer(labelling.EMOTION, "choices", {"choices": [best]}, score)]
    for name, mean in scales.items():
        scale = scheme.scale(name)
        if labelling.is_choice(scale):
            step = f"{scale.centres[int(scale.to_bin([mean])[0])]:g}"
            result.append(_answer(labelling.SCALE + name, "choices", {"choices": [step]}, score))
        else:
            result.append(_answer(labelling.SCALE + name, "number", {"number": mean}, score))
    return {"model_version": version, "score": score, "result": result}


def _answer(name: str, kind: str, value: dict[str, Any], score: float) -> dict[str, Any]:
    said = {"from_name": name, "to_name": labelling.SOUND, "type": kind, "value": value}
    return {"id": f"{name.replace(': ', '-')}"[:10], "score": score, **said}


def _said(scheme: Scheme, annotation: Mapping[str, Any]) -> dict[str, Any]:
    if annotation.get("was_cancelled"):
        return {"values": {}, "verdict": "cannot tell", "note": SKIPPED}
    results = list(annotation.get("result") or ())
    chosen: dict[str, list[str]] = {}
    for one in results:
        if one.get("type") == "choices":
            chosen[one["from_name"]] = list(one["value"]["choices"])
    values = _scales(scheme, results, chosen)
    emotion = _emotion(scheme, chosen)
    verdict = next(iter(chosen.get(labelling.VERDICT, ())), None)
    if emotion is not None:
        # Both were ticked: what was named says more than that it cannot be.
        values, verdict = {"emotion": emotion, **values}, None
    if emotion is None and verdict is None:
        raise UnreadableError("neither an emotion nor a verdict is chosen")
    also = [] if verdict else [scheme.resolve(one) for one in chosen.get(labelling.SECONDARY, ())]
    secondary = [name for name in dict.fromkeys(also) if name != emotion][:MAX_SECONDARY]
    return {
        "values": values,
        "verdict": verdict,
        "secondary": tuple(secondary),
        "marks": tuple(_marks(scheme, results))[:MAX_MARKS],
        "note": _note(results),
    }


def _emotion(scheme: Scheme, chosen: Mapping[str, Sequence[str]]) -> str | None:
    first = next(iter(chosen.get(labelling.EMOTION, ())), None)
    if first is None:
        return None
    emotion = scheme.resolve(first)
    finer = next(iter(chosen.get(labelling.FINER + emotion, ())), None)
    return emotion if finer is None else scheme.resolve(finer)


def _scales(
    scheme: Scheme, results: Sequence[Mapping[str, Any]], chosen: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    given: dict[str, object] = {name: one[0] for name, one in chosen.items() if one}
    given |= {
        one["from_name"]: one["value"]["number"] for one in results if one["type"] == "number"
    }
    return {
        scale.name: scheme.parse_value(scale.name, given[labelling.SCALE + scale.name])
        for scale in scheme.scales
        if labelling.SCALE + scale.name in given
    }


def _marks(scheme: Scheme, results: Sequence[Mapping[str, Any]]) -> list[Mark]:
    found = []
    for one in results:
        if one.get("type") == "labels" and one.get("from_name") == labelling.MARK:
            value = one["value"]
            emotion = scheme.parse_value("emotion", value["labels"][0])
            found.append(Mark(float(value["start"]), float(value["end"]), {"emotion": emotion}))
    return sorted(found, key=lambda mark: mark.start_s)


def _note(results: Sequence[Mapping[str, Any]]) -> str | None:
    texts = [
        text
        for one in results
        if one.get("type") == "textarea" and one.get("from_name") == labelling.NOTE
        for text in one["value"]["text"]
    ]
    return "\n".join(texts).strip()[:MAX_NOTE] or None


def _seconds(lead_time: object) -> float | None:
    return None if lead_time is None else max(float(str(lead_time)), 0.0)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
