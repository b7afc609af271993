"""Write the tables of docs/features.md from the vocabulary: python tools/feature_page.py"""

from pathlib import Path

from audio.descriptors import DESCRIPTORS
from audio.egemaps import EGEMAPS_NAMES
from audio.features import FEATURE_DEFINITIONS, FEATURE_NAMES, FEATURE_UNITS, FEATURE_VERSION

PAGE = Path(__file__).resolve().parent.parent / "docs" / "features.md"
MARK = "<!-- from here on written by tools/feature_page.py -->"


def tables() -> str:
    """Every functional and every descriptor, with unit and definition."""
    functionals = [
        f"| `{name}` | {FEATURE_UNITS[name]} | {FEATURE_DEFINITIONS[name]} | "
        f"{EGEMAPS_NAMES.get(name, '')} |"
        for name in FEATURE_NAMES
    ]
    frames = [f"| `{name}` | {unit} | {meaning} |" for name, (unit, meaning) in DESCRIPTORS.items()]
    return "\n".join(
        [
            MARK,
            "",
            f"## The {len(FEATURE_NAMES)} features of a clip (version {FEATURE_VERSION})",
            "",
            "| name | unit | definition | eGeMAPS |",
            "| --- | --- | --- | --- |",
            *functionals,
            "",
            f"## The {len(DESCRIPTORS)} descriptors of a frame",
            "",
            "| name | unit | definition |",
            "| --- | --- | --- |",
            *frames,
            "",
        ]
    )


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(before + tables(), encoding="utf-8")
