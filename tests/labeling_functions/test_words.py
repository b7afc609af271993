import pandas as pd
import pytest

from labeling_functions import apply, load
from labels.scheme import Scheme

SCHEME = Scheme.default()
BY_NAME = {function.name: function for function in load().functions}


def said(name: str, transcripts: list, languages: list) -> list:
    table = pd.DataFrame({"transcript": transcripts, "language": languages})
    applied = apply([BY_NAME[name]], table, SCHEME)
    assert applied.problems == []
    votes = applied.votes["emotion"]
    out: list = [None] * len(table)
    for item, value in zip(votes.item, votes.value, strict=True):
        out[item] = {SCHEME.classes[c] for c in votes.vocabulary[value]}
    return out


@pytest.mark.parametrize(
    ("transcript", "language", "emotions"),
    [
        ("I am so happy for you!", "en", {"happiness"}),
        ("You idiot. I hate this.", "en-GB", {"anger", "disgust"}),
        ("Don’t hurt me, I'm scared", "eng", {"fear"}),
        ("No way! Unbelievable.", "EN", {"surprise"}),
        ("Really?", "en", {"surprise"}),
        ("I really like maths", "en", None),
        ("I'm sad and a bit scared", "en", {"sadness", "fear"}),
        ("Das ist ja eklig", "de", {"anger", "disgust"}),
        ("Ich bin TRAURIG und heule", "de_AT", {"sadness"}),
        ("So eine Frechheit!", "German", {"anger", "disgust"}),
        ("Ein Glas Wein, bitte", "de", None),
        ("Cieszę się, jestem szczęśliwa", "pl", {"happiness"}),
        ("Boję się, ratunku!", "pol", {"fear"}),
        ("Jestem przerażona", "pl-PL", {"fear"}),
        ("Moja ciocia jest bardzo pomocna.", "pl", None),
    ],
)
def test_words_of_feeling_are_read_in_three_languages(transcript, language, emotions):
    assert said("words", [transcript], [language]) == [emotions]


@pytest.mark.parametrize(
    ("transcript", "language"),
    [
        ("I'm not happy", "en"),
        ("I am never very happy", "en"),
        ("Das ist nicht wirklich eklig", "de"),
        ("Ich habe keine Angst", "de"),
        ("Nie jestem szczęśliwa", "pl"),
        ("nie boję się", "pl"),
    ],
)
def test_words_that_are_negated_do_not_count(transcript, language):
    assert said("words", [transcript], [language]) == [None]


def test_a_negation_ends_with_its_clause():
    assert said("words", ["Not now. I'm happy."], ["en"]) == [{"happiness"}]


def test_other_languages_and_missing_transcripts_abstain():
    transcripts = ["I am happy", "I am happy", None, "", float("nan")]
    assert said("words", transcripts, ["fr", None, "en", "en", "en"]) == [None] * 5


def test_three_emotions_at_once_are_no_vote():
    assert said("words", ["happy, sad and scared"], ["en"]) == [None]


def test_repeated_sentences_vote_each_by_the_language_of_their_row():
    transcripts = ["I am happy", "Ich weine", "I am happy", "Smutno mi", None]
    languages = ["en", "de", "pl", "pl", "en"]
    assert said("words", transcripts, languages) == [
        {"happiness"}, {"sadness"}, None, {"sadness"}, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("transcript", "emotions"),
    [
        ("well [laughter] you know", {"happiness"}),
        ("<lacht> ach so", {"happiness"}),
        ("(Śmiech)", {"happiness"}),
        ("I (sobbing quietly) can't", {"fear", "sadness"}),
        ("*screams*", {"anger", "fear", "surprise"}),
        ("{seufzt} na gut", {"neutral", "sadness"}),
        ("he laughed at me", None),
        ("[door slams]", None),
        (None, None),
    ],
)
def test_sounds_are_read_only_where_a_transcriber_noted_them(transcript, emotions):
    assert said("nonverbal_sounds", [transcript], [None]) == [emotions]
