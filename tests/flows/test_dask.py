import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from config.opening import open_workspace
from config.settings import Settings
from corpora.synthetic import make_synthetic_corpus
from rounds import pool
from rounds.features import compute, load
from rounds.ingest import ingest

needs_dask = pytest.mark.skipif(
    find_spec("prefect_dask") is None, reason="Dask is not installed (the extra `dask`)"
)


@needs_dask
@pytest.mark.slow
def test_features_computed_on_a_dask_cluster_are_those_computed_here(deployed, tmp_path):
    make_synthetic_corpus(tmp_path / "speech", n_clips=20, n_voices=4, seed=2)
    workspaces = []
    for name in ("there", "here"):
        (tmp_path / name).mkdir()
        workspaces.append(open_workspace(Settings(home=tmp_path / name)))
        ingest(workspaces[-1], str(tmp_path / "speech"))
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("on_dask.py")), str(tmp_path / "there")],
        env=deployed.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == ["DaskTaskRunner", "20"]
    there, here = workspaces
    compute(here)
    ids = pool.read(here)["segment_id"].tolist()
    assert len(load(there, ids)) == 20
    assert load(there, ids).equals(load(here, ids))


def test_a_dask_address_without_dask_says_what_to_install(tmp_path, monkeypatch):
    from flows.compute_features import task_runner

    monkeypatch.setitem(sys.modules, "prefect_dask", None)
    settings = Settings(home=tmp_path, dask_scheduler="tcp://nowhere:8786")
    with pytest.raises(ValueError, match=r"tcp://nowhere:8786.*pip install 'undertone\[dask\]'"):
        task_runner(settings)
