"""The same on real speech: 40 clips of nEMO, judged by three, one of them unreliable."""

import csv
import os
import shutil
from pathlib import Path

import pytest

from tests.annotation.desk.test_review import (  # noqa: F401 - run here on other clips
    Judged,
    client,
    test_the_lead_s_page_shows_who_is_unreliable_and_nobody_else,
    test_what_adjudication_settles_is_gold_in_the_next_round,
)

pytestmark = pytest.mark.slow

DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
NEMO = DATA / "nemo"
N_CLIPS = 44


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """A batch of 40 of 44 clips, every so many of the corpus."""
    if not (NEMO / "data.tsv").is_file():
        pytest.skip(f"no nEMO in {NEMO}; UNDERTONE_TEST_DATA may name another folder")
    folder = tmp_path_factory.mktemp("nemo")
    with (NEMO / "data.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    rows = [row for row in rows if (NEMO / "samples" / row["file_id"]).exists()]
    some = rows[:: len(rows) // N_CLIPS][:N_CLIPS]
    (folder / "samples").mkdir()
    for row in some:
        shutil.copy(NEMO / "samples" / row["file_id"], folder / "samples")
    with (folder / "data.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(some[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(some)
    return Judged(folder, folder)
