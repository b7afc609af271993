"""The page on features says of each what the code does, and names those that eGeMAPS has."""

from pathlib import Path

import numpy as np
import pytest

from audio.decoding import read
from audio.descriptors import DESCRIPTORS
from audio.egemaps import EGEMAPS_NAMES
from audio.features import FEATURE_DEFINITIONS, FEATURE_NAMES, FEATURE_UNITS, extract

PAGE = Path(__file__).parents[2] / "docs" / "features.md"


def test_the_page_lists_every_feature_with_its_unit_and_definition_and_no_other():
    written = PAGE.read_text(encoding="utf-8").partition("<!-- from here on written by")[2]
    rows = [line for line in written.splitlines() if line[:3] == "| `"]
    features = [
        f"| `{name}` | {FEATURE_UNITS[name]} | {FEATURE_DEFINITIONS[name]} | "
        f"{EGEMAPS_NAMES.get(name, '')} |"
        for name in FEATURE_NAMES
    ]
    frames = [f"| `{name}` | {unit} | {meaning} |" for name, (unit, meaning) in DESCRIPTORS.items()]
    assert rows == features + frames, "python tools/feature_page.py writes the page anew"


@pytest.mark.slow
def test_features_that_egemaps_has_go_with_its_own(real_data):
    opensmile = pytest.importorskip("opensmile", reason="openSMILE is an extra: .[opensmile]")
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    assert set(EGEMAPS_NAMES.values()) <= set(smile.feature_names)
    sounds = [read(path) for path in sorted((real_data / "nemo" / "samples").glob("*.flac"))[::100]]
    ours = np.array([extract(sound) for sound in sounds])
    theirs = np.array([smile.process_signal(sound, 16_000).to_numpy()[0] for sound in sounds])
    for name, least in (
        ("f0_semitone_mean", 0.97),
        ("f0_semitone_p80", 0.95),
        ("hammarberg_db_mean", 0.9),
        ("slope_0_500_db_per_khz_mean", 0.85),
        ("mfcc2_mean", 0.85),
        ("hnr_db_mean", 0.7),
    ):
        a = ours[:, FEATURE_NAMES.index(name)]
        b = theirs[:, list(smile.feature_names).index(EGEMAPS_NAMES[name])]
        assert np.corrcoef(a, b)[0, 1] > least, name
