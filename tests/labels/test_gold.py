from datetime import UTC, datetime, timedelta

import pytest

from labels.gold import gold, gold_ratings
from labels.judgements import Judgement, JudgementError
from labels.scheme import Scheme, SchemeError

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SCHEME = Scheme.default()


def said(
    who: str,
    role: str = "expert",
    minute: int = 0,
    segment: str = "s1",
    verdict: str | None = None,
    **values: str,
):
    return Judgement(
        id=f"{who}-{role}-{segment}-{minute}",
        segment_id=segment,
        annotator=who,
        role=role,
        values=values,
        judged_at=NOON + timedelta(minutes=minute),
        verdict=verdict,
    )


def with_min_experts(n: int) -> Scheme:
    return Scheme(SCHEME.name, SCHEME.version, SCHEME.emotions, SCHEME.scales, min_experts=n)


def emotion(judgements, scheme=SCHEME) -> str | None:
    index = gold(judgements, scheme)["emotion"].get("s1")
    return None if index is None else scheme.classes[index]


def test_one_expert_is_enough_by_default_and_a_finer_emotion_counts_for_its_class():
    assert emotion([said("ada", emotion="rage")]) == "anger"


def test_the_crowd_never_makes_gold():
    assert emotion([said(f"c{i}", role="crowd", emotion="anger") for i in range(9)]) is None


def test_experts_in_a_tie_make_no_gold_and_a_third_one_settles_it():
    tie = [said("ada", emotion="anger"), said("ben", emotion="fear")]
    assert emotion(tie) is None
    assert emotion([*tie, said("cyd", emotion="fear")]) == "fear"


def test_two_experts_who_chose_finer_emotions_of_one_class_agree():
    assert emotion([said("ada", emotion="rage"), said("ben", emotion="irritation")]) == "anger"


def test_an_expert_who_cannot_tell_has_judged_and_chosen_no_class():
    unsure = said("ben", verdict="cannot tell")
    assert emotion([said("ada", emotion="anger"), unsure]) is None
    assert emotion([said("ada", emotion="anger"), unsure], with_min_experts(2)) is None
    two = [said("ada", emotion="anger"), said("cyd", emotion="rage")]
    assert emotion([*two, unsure]) == "anger"
    assert emotion([unsure, said("dan", verdict="cannot tell")]) is None


def test_an_adjudicator_who_finds_that_nobody_can_tell_settles_that_there_is_no_gold():
    experts = [said("ada", emotion="anger"), said("ben", emotion="anger")]
    decided = said("lou", role="adjudicator", minute=5, verdict="bad audio")
    assert emotion([*experts, decided]) is None
    again = said("lou", role="adjudicator", minute=9, emotion="fear")
    assert emotion([*experts, decided, again]) == "fear"


def test_of_an_expert_who_first_named_an_emotion_and_then_could_not_tell_the_latter_counts():
    changed = [said("ada", emotion="anger"), said("ada", minute=5, verdict="cannot tell")]
    assert emotion(changed) is None
    assert emotion(changed[::-1]) is None


def test_who_cannot_tell_the_emotion_may_rate_a_scale_all_the_same():
    one = said("ada", verdict="cannot tell", arousal="4")
    assert emotion([one]) is None
    assert gold_ratings([one], SCHEME)["arousal"] == {"s1": 4.0}


def test_fewer_experts_than_the_scheme_asks_for_make_no_gold():
    scheme = with_min_experts(2)
    assert (
        emotion([said("ada", emotion="fear"), said("ada", minute=5, emotion="fear")], scheme)
        is None
    )
    assert emotion([said("ada", emotion="fear"), said("ben", emotion="fear")], scheme) == "fear"


def test_an_adjudicator_wins_over_any_number_of_experts_and_alone():
    experts = [said(f"e{i}", emotion="anger") for i in range(5)]
    decision = said("zoe", role="adjudicator", emotion="disgust")
    assert emotion([*experts, decision]) == "disgust"
    assert emotion([decision], with_min_experts(3)) == "disgust"


def test_the_latest_judgement_counts_whatever_the_order_of_reading():
    first, second = said("ada", emotion="anger"), said("ada", minute=9, emotion="sadness")
    assert emotion([first, second]) == emotion([second, first]) == "sadness"
    early = said("zoe", role="adjudicator", minute=1, emotion="fear")
    late = said("yan", role="adjudicator", minute=2, emotion="neutral")
    assert emotion([late, early]) == "neutral"


def test_ratings_are_the_mean_of_the_experts_and_gold_is_the_bin_of_it():
    judgements = [said("ada", arousal="4"), said("ben", arousal="5"), said("cyd", arousal="4")]
    assert gold_ratings(judgements, SCHEME)["arousal"]["s1"] == pytest.approx(13 / 3)
    assert gold(judgements, SCHEME)["arousal"] == {"s1": 3}
    assert gold(judgements, SCHEME)["emotion"] == {}


def test_every_dimension_of_the_scheme_is_there_even_without_judgements():
    assert gold([], SCHEME) == {dimension: {} for dimension in SCHEME.dimensions}


def test_a_value_the_scheme_does_not_have_is_named_with_its_judgement():
    with pytest.raises(SchemeError, match=r"judgement ada-expert-s1-0 on segment s1: .*'wrth'"):
        gold([said("ada", emotion="wrth")], SCHEME)


def test_a_role_nobody_has_and_a_time_without_a_zone_are_refused():
    with pytest.raises(JudgementError, match="role 'boss' is not one of crowd, expert, adjud"):
        said("ada", role="boss", emotion="fear")
    with pytest.raises(JudgementError, match="has no time zone"):
        Judgement("j", "s", "ada", "crowd", {}, judged_at=datetime(2026, 5, 4))
    with pytest.raises(JudgementError, match="duration_s -1 is not 0 or more"):
        Judgement("j", "s", "ada", "crowd", {}, duration_s=-1)
