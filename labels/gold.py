"""Gold: what experts settled, by one stated rule.

On each dimension an adjudicator's decision wins (the latest, if there are several). Else at least
`scheme.min_experts` different experts must have judged the segment: an emotion is gold when a
strict majority of them chose its class, a rating is gold as their mean. Who could not tell, or
heard no speech, has judged and chosen no class: as an expert that is a vote for none, as an
adjudicator the decision that there is no gold. Of an expert who judged a segment twice the latest
judgement counts. The crowd never makes gold.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from labels.judgements import Judgement
from labels.scheme import Scheme, SchemeError

_NEVER = datetime.min.replace(tzinfo=UTC)


def gold(judgements: Iterable[Judgement], scheme: Scheme) -> dict[str, dict[str, int]]:
    """Gold of every dimension of the scheme: segment id -> class index (scales: the bin).

    Raises SchemeError, naming the judgement, for a value that the scheme does not have.
    """
    said = _latest(judgements, scheme)
    settled: dict[str, dict[str, int]] = {
        dimension: {
            segment: int(scheme.scale(dimension).to_bin(rating))
            for segment, rating in ratings.items()
        }
        for dimension, ratings in _mean_ratings(said, scheme).items()
    }
    emotions = {
        segment: winner
        for segment, by_annotator in said["emotion"].items()
        if (winner := _majority(_counting(by_annotator, scheme.min_experts))) is not None
    }
    return {"emotion": emotions, **settled}


def gold_ratings(judgements: Iterable[Judgement], scheme: Scheme) -> dict[str, dict[str, float]]:
    """Gold of every scale: segment id -> rating in scale units, not rounded to bins.

    Raises SchemeError, naming the judgement, for a value that the scheme does not have.
    """
    return _mean_ratings(_latest(judgements, scheme), scheme)


_Said = Mapping[str, Mapping[str, Mapping[tuple[str, str], float | None]]]
"""dimension -> segment -> (role, annotator) -> class index or rating, oldest first; None of who
named no emotion."""


def _latest(judgements: Iterable[Judgement], scheme: Scheme) -> _Said:
    said: dict[str, dict[str, dict[tuple[str, str], float | None]]] = {
        dimension: defaultdict(dict) for dimension in scheme.dimensions
    }
    # By time, then id: the same judgements make the same gold in whatever order they are read.
    for judgement in sorted(judgements, key=lambda j: (j.judged_at or _NEVER, j.id)):
        if judgement.role == "crowd":
            continue
        answers: dict[str, float | None] = {} if judgement.verdict is None else {"emotion": None}
        for dimension, value in judgement.values.items():
            if dimension in said:
                answers[dimension] = _number(judgement, dimension, value, scheme)
        for dimension, answer in answers.items():
            by_annotator = said[dimension][judgement.segment_id]
            who = (judgement.role, judgement.annotator)
            by_annotator.pop(who, None)
            by_annotator[who] = answer
    return said


def _number(judgement: Judgement, dimension: str, value: str, scheme: Scheme) -> float:
    try:
        if dimension == "emotion":
            return scheme.class_index(value)
        return scheme.scale(dimension).parse(value)
    except SchemeError as error:
        where = f"judgement {judgement.id} on segment {judgement.segment_id}"
        raise SchemeError(f"{where}: {error}") from error


def _counting(
    by_annotator: Mapping[tuple[str, str], float | None], min_experts: int
) -> list[float | None]:
    """The judgements that decide a segment; none when too few experts have judged it."""
    adjudicated = [value for (role, _), value in by_annotator.items() if role == "adjudicator"]
    if adjudicated:
        return adjudicated[-1:]
    experts = list(by_annotator.values())
    return experts if len(experts) >= max(min_experts, 1) else []


def _majority(values: list[float | None]) -> int | None:
    for value, count in Counter(values).most_common(1):
        if value is not None and 2 * count > len(values):
            return int(value)
    return None


def _mean_ratings(said: _Said, scheme: Scheme) -> dict[str, dict[str, float]]:
    ratings: dict[str, dict[str, float]] = {}
    for scale in scheme.scales:
        deciding = {
            segment: [
                rating
                for rating in _counting(by_annotator, scheme.min_experts)
                if rating is not None
            ]
            for segment, by_annotator in said[scale.name].items()
        }
        ratings[scale.name] = {
            segment: sum(values) / len(values) for segment, values in deciding.items() if values
        }
    return ratings
