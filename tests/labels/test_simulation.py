import numpy as np
import pytest

from labels.agreement import krippendorff_alpha
from labels.scheme import Emotion, Scheme, SchemeError
from labels.simulation import SimulatedExpert, acoustic_nearness, crowd, crowd_judgements

SCHEME = Scheme.default()


def truths(n: int, seed: int = 0) -> dict[str, dict[str, str]]:
    rng = np.random.default_rng(seed)
    return {
        f"s{i}": {"emotion": SCHEME.classes[rng.integers(7)], "arousal": f"{rng.integers(1, 6)}"}
        for i in range(n)
    }


def accuracies(people, truth) -> dict[str, float]:
    hits: dict[str, list[bool]] = {person.name: [] for person in people}
    for judgement in crowd_judgements(people, truth):
        right = judgement.values["emotion"] == truth[judgement.segment_id]["emotion"]
        hits[judgement.annotator].append(right)
    return {name: float(np.mean(right)) for name, right in hits.items()}


def test_anger_is_taken_for_happiness_and_sadness_for_neutral_not_for_anger():
    near = acoustic_nearness(SCHEME)
    at = {name: i for i, name in enumerate(SCHEME.classes)}
    assert near[at["anger"], at["happiness"]] > 10 * near[at["anger"], at["sadness"]]
    assert near[at["sadness"], at["neutral"]] > 10 * near[at["sadness"], at["anger"]]
    np.testing.assert_allclose(near.sum(axis=1), 1)


def test_a_scheme_without_places_in_emotion_space_makes_all_confusions_alike():
    scheme = Scheme("bare", "1", tuple(Emotion(name) for name in "abc"), ())
    np.testing.assert_allclose(acoustic_nearness(scheme), (1 - np.eye(3)) / 2)
    assert len(crowd(scheme, seed=1)) == 12


def test_a_crowd_is_of_different_reliability_with_one_spammer_and_a_lazy_one():
    people = crowd(SCHEME, seed=3)
    assert len({person.name for person in people}) == 12
    assert [person.is_spammer for person in people] == [False] * 11 + [True]
    share = accuracies(people, truths(400))
    assert share[people[0].name] > 0.7
    assert share[people[10].name] < 0.6
    assert share[people[11].name] < 0.25
    assert max(person.skip_rate for person in people) > 0.4


def test_the_spammers_answers_and_ratings_have_nothing_to_do_with_the_truth():
    spammer = crowd(SCHEME, seed=3)[-1]
    truth = truths(600)
    pairs = [
        (float(answers["arousal"]), float(truth[s]["arousal"]))
        for s in truth
        if (answers := spammer.judge(s, truth[s]))
    ]
    assert abs(np.corrcoef(np.array(pairs).T)[0, 1]) < 0.12
    np.testing.assert_allclose(spammer.confusion, spammer.confusion[:1].repeat(7, axis=0))


def test_the_crowd_agrees_with_itself_about_as_little_as_real_listeners_do():
    people = crowd(SCHEME, seed=5)
    truth = truths(300)
    matrix = np.full((len(truth), len(people)), np.nan)
    row = {segment: i for i, segment in enumerate(truth)}
    column = {person.name: j for j, person in enumerate(people)}
    for judgement in crowd_judgements(people, truth):
        answer = SCHEME.class_index(judgement.values["emotion"])
        matrix[row[judgement.segment_id], column[judgement.annotator]] = answer
    assert 0.2 < krippendorff_alpha(matrix) < 0.5


def test_the_crowd_says_the_same_again_in_any_order_and_under_the_same_ids():
    truth = truths(30)
    first = {j.id: j for j in crowd_judgements(crowd(SCHEME, seed=7), truth)}
    backwards = dict(reversed(truth.items()))
    again = {j.id: j for j in crowd_judgements(crowd(SCHEME, seed=7), backwards)}
    assert first == again
    other = [j.values for j in crowd_judgements(crowd(SCHEME, seed=8), truth)]
    assert other != [j.values for j in first.values()]


def test_an_answer_does_not_hang_on_which_other_dimensions_are_asked():
    person = crowd(SCHEME, seed=7)[0]
    for i in range(20):
        both = person.judge(f"s{i}", {"emotion": "fear", "arousal": "4"})
        alone = person.judge(f"s{i}", {"arousal": "4"})
        assert both.get("arousal") == alone.get("arousal")


def test_every_answer_is_one_the_scheme_knows():
    for judgement in crowd_judgements(crowd(SCHEME, seed=2), truths(50)):
        assert judgement.role == "crowd"
        for dimension, value in judgement.values.items():
            assert SCHEME.parse_value(dimension, value) == value


def test_a_perfect_expert_says_the_truth_finer_emotions_and_half_steps_included():
    truth = {"emotion": "rage", "arousal": "3.5"}
    assert SimulatedExpert(SCHEME).judge("s1", truth) == truth
    assert SimulatedExpert(SCHEME).judge("s1", {}) == {}


def test_an_expert_is_as_reliable_as_stated_and_never_changes_their_mind():
    expert = SimulatedExpert(SCHEME, reliability=0.8, seed=1)
    truth = truths(2000)
    answers = {s: expert.judge(s, values) for s, values in truth.items()}
    right = np.mean([answers[s]["emotion"] == truth[s]["emotion"] for s in truth])
    assert right == pytest.approx(0.8, abs=0.03)
    errors = [float(answers[s]["arousal"]) - float(truth[s]["arousal"]) for s in truth]
    assert 0.2 < np.std(errors) < 0.5
    again = SimulatedExpert(SCHEME, reliability=0.8, seed=1)
    assert all(again.judge(s, truth[s]) == answers[s] for s in truth)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match=r"reliability must lie in \[0, 1\], not 1.2"):
        SimulatedExpert(SCHEME, reliability=1.2)
    with pytest.raises(ValueError, match="needs 2 annotators or more, not 1"):
        crowd(SCHEME, seed=0, n_annotators=1)
    with pytest.raises(SchemeError, match="unknown emotion 'meh'"):
        SimulatedExpert(SCHEME).judge("s", {"emotion": "meh"})
