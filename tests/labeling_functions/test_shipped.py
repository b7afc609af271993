"""One contract for every function that ships: drop a file in the folder and it is held to it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audio.features import FEATURE_NAMES
from labeling_functions import apply, load
from labeling_functions.machinery.loading import SHIPPED
from labels.scheme import Scheme

SCHEME = Scheme.default()
FUNCTIONS = load().functions
READS_TEXT = {"words", "nonverbal_sounds"}
every = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)

TEXTS = (
    ("I am so happy", "en"), ("Das ist eklig", "de"), ("Boję się", "pl"), ("[laughter]", "en"),
    ("(sobs)", "de"), ("nothing to read", "en"), ("I am so happy", "fr"), (None, None),
)  # fmt: skip


def table_of(n: int, seed: int = 0) -> pd.DataFrame:
    """Features at random, a tenth of them not known, and a little metadata."""
    rng = np.random.default_rng(seed)
    names = [*FEATURE_NAMES, *(f"{name}_z" for name in FEATURE_NAMES)]
    values = rng.normal(0, 1.5, (n, len(names)))
    values[rng.random(values.shape) < 0.1] = np.nan
    table = pd.DataFrame(values, columns=names, index=[f"segment-{i}" for i in range(n)])
    text = [TEXTS[i] for i in rng.integers(0, len(TEXTS), n)]
    table["transcript"] = [t for t, _ in text]
    table["language"] = [language for _, language in text]
    for name in ("speaker", "gender", "age", "dialect", "style", "session", "turn"):
        table[name] = None
    return table


def votes_by_segment(function, table: pd.DataFrame) -> dict:
    applied = apply([function], table, SCHEME)
    assert applied.problems == []
    votes = applied.votes[function.on]
    return {
        table.index[i]: votes.vocabulary[v] for i, v in zip(votes.item, votes.value, strict=True)
    }


def test_at_least_fourteen_functions_ship_one_a_file_named_like_it():
    files = sorted(path.stem for path in SHIPPED.glob("*.py") if not path.stem.startswith("_"))
    assert load().problems == ()
    assert sorted(function.name for function in FUNCTIONS) == files
    assert len(files) >= 14


def test_every_dimension_of_the_default_scheme_is_voted_on():
    assert {function.on for function in FUNCTIONS} == set(SCHEME.dimensions)


@every
def test_it_says_what_it_means_and_which_source_it_follows(function):
    first, *rest = function.doc.splitlines()
    assert len(first) > 20
    assert any(line.startswith("Source: ") for line in rest)
    assert len(function.version) == 12
    assert function.file == f"{function.name}.py"


@every
def test_it_abstains_where_nothing_is_known(function):
    table = table_of(40)
    for column in table:
        table[column] = None if table[column].dtype == object else np.nan
    assert votes_by_segment(function, table) == {}
    assert votes_by_segment(function, table.astype(object).where(table.notna(), None)) == {}


@every
def test_it_votes_on_some_clips_not_on_all_and_only_what_the_scheme_knows(function):
    said = votes_by_segment(function, table_of(600))
    assert 0 < len(said) < 600
    assert all(max(value) < SCHEME.n_classes(function.on) for value in said.values())


@every
def test_it_votes_the_same_whatever_the_order_of_the_clips(function):
    table = table_of(300)
    shuffled = table.iloc[np.random.default_rng(1).permutation(300)]
    assert votes_by_segment(function, table) == votes_by_segment(function, shuffled)


@every
def test_it_votes_the_same_on_chunks_as_on_the_whole(function):
    table = table_of(300)
    chunks = [table.iloc[start : start + 77] for start in range(0, 300, 77)]
    joined = {k: v for chunk in chunks for k, v in votes_by_segment(function, chunk).items()}
    assert votes_by_segment(function, table) == joined
    assert votes_by_segment(function, table.iloc[:0]) == {}


@every
def test_it_leaves_the_table_as_it_was(function):
    table = table_of(50)
    before = table.copy(deep=True)
    function(table)
    pd.testing.assert_frame_equal(table, before)


@every
def test_without_its_columns_it_is_named_with_the_one_it_misses(function):
    applied = apply([function], table_of(5)[["speaker"]], SCHEME)
    (problem,) = applied.problems
    assert f"{function.name} ({function.name}.py): needs the column '" in str(problem)
    assert all(len(votes.item) == 0 for votes in applied.votes.values())


def test_under_a_scheme_of_four_emotions_the_same_functions_still_vote():
    text = "emotions: [{name: anger}, {name: happiness}, {name: neutral}, {name: sadness}]"
    applied = apply(FUNCTIONS, table_of(300), Scheme.parse(text, "four"))
    emotional = {function.name for function in FUNCTIONS if function.on == "emotion"}
    assert set(applied.versions) == emotional
    assert all("which the scheme does not have" in str(problem) for problem in applied.problems)
    assert len(applied.votes["emotion"].item) > 300


def planted(**z: float) -> pd.DataFrame:
    """One clip at its speaker's usual, but for the features named."""
    row = dict.fromkeys([*FEATURE_NAMES, *(f"{name}_z" for name in FEATURE_NAMES)], 0.0)
    table = pd.DataFrame([row | {f"{name}_z": value for name, value in z.items()}], index=["s"])
    return table.assign(transcript=None, language=None)


def emotions_of(table: pd.DataFrame) -> dict[str, set[str]]:
    votes = apply(FUNCTIONS, table, SCHEME).votes["emotion"]
    return {
        votes.sources[s]: {SCHEME.classes[c] for c in votes.vocabulary[v]}
        for s, v in zip(votes.source, votes.value, strict=True)
    }


def test_a_clip_at_the_speakers_usual_gets_no_votes_for_an_emotion():
    assert emotions_of(planted()) == {}


def test_a_sharp_voice_on_a_raised_level_pitch_is_anger_to_all_who_speak():
    said = emotions_of(
        planted(
            f0_semitone_mean=0.8, f0_semitone_p20=0.9, f0_semitone_p50=0.8, f0_semitone_range=-0.4,
            high_band_db_mean=1.2, alpha_ratio_db_mean=-1.0, h1_a3_db_mean=-1.0, mfcc1_mean=-0.8,
            spectral_tilt_db_per_octave_mean=0.9, slope_0_500_db_per_khz_mean=0.9,
        )
    )  # fmt: skip
    assert said["pressed_voice"] == {"anger"}
    assert len(said) >= 4
    assert set.intersection(*said.values()) == {"anger"}


def test_a_slow_dull_low_voice_is_sadness_to_all_who_speak():
    said = emotions_of(
        planted(
            f0_semitone_mean=-1.0, f0_semitone_p50=-1.1, syllable_rate_per_s=-1.2,
            slope_0_500_db_per_khz_mean=-1.4, spectral_tilt_db_per_octave_mean=-0.8,
            alpha_ratio_db_mean=1.0, loudness_db_mean=-0.9, mfcc1_mean=0.6,
        )
    )  # fmt: skip
    assert {"dull_voice", "slow_low_voice", "hushed_voice", "excited_voice"} <= set(said)
    assert set.intersection(*said.values()) == {"sadness"}


def test_no_shipped_file_reads_files_or_the_network():
    for path in SHIPPED.glob("*.py"):
        text = Path(path).read_text(encoding="utf-8")
        for word in ("open(", "read_", "requests", "urllib", "socket", "pathlib"):
            assert word not in text, f"{path.name} holds {word}"
