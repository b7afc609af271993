"""Against a real MLflow on SQLite; its tables are made once and copied, for that takes seconds."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import pytest

from models.mlflow_setup import prepare_sqlite, quiet_mlflow, shown
from models.targets import Targets
from models.tracking import Tracker, TrackingError
from models.training import train
from tests.servers import free_port, serving

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def empty_mlflow(tmp_path_factory):
    quiet_mlflow()
    file = tmp_path_factory.mktemp("mlflow") / "empty.db"
    prepare_sqlite(file)
    return file


@pytest.fixture
def tracker(empty_mlflow, tmp_path):
    shutil.copy(empty_mlflow, tmp_path / "mlflow.db")
    return Tracker(f"sqlite:///{tmp_path}/mlflow.db", "rounds")


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    features, truth = rng.normal(size=(60, 4)), rng.integers(0, 3, 60)
    gold = Targets(
        np.eye(3)[truth],
        np.ones(60),
        rng.uniform(1, 5, (60, 1)),
        np.ones((60, 1)),
        np.ones(60, bool),
    )
    return train(
        features,
        gold,
        ["a", "b", "c"] * 20,
        classes=("anger", "fear", "sadness"),
        scales={"arousal": (1, 5)},
        seed=0,
        max_epochs=20,
        feature_names=("pitch", "level", "tilt", "rate"),
    )


def _runs(tracker):
    client = quiet_mlflow().MlflowClient(tracker.tracking_uri)
    return client, client.search_runs([tracker._experiment_id])


def test_a_round_opened_twice_is_one_run(tracker):
    first = tracker.open_round("home:1", {"seed": 7})
    again = Tracker(tracker.tracking_uri, "rounds").open_round("home:1", {"seed": 7, "late": "x"})
    client, runs = _runs(tracker)
    assert first == again
    assert len(runs) == 1
    assert client.get_run(first).data.params == {"seed": "7", "late": "x"}
    assert tracker.open_round("home:2") != first


def test_a_stage_logged_twice_is_one_nested_run_with_each_figure_once(tracker, tmp_path):
    plot = tmp_path / "plot.txt"
    plot.write_text("a plot")
    round_id = tracker.open_round("home:1")
    metrics = {"uar": 0.5, "ccc": None, "ece": float("nan")}
    first = tracker.log_stage(round_id, "train", {"n": 3}, metrics, [plot])
    again = tracker.log_stage(round_id, "train", {"n": 3}, {"uar": 0.5, "f1": 0.4}, [plot])
    client, runs = _runs(tracker)
    assert first == again
    assert len(runs) == 2
    run = client.get_run(first)
    assert run.data.tags["mlflow.parentRunId"] == round_id
    assert run.data.metrics == {"uar": 0.5, "f1": 0.4}
    assert len(client.get_metric_history(first, "uar")) == 1
    assert [file.path for file in client.list_artifacts(first)] == ["plot.txt"]
    assert run.info.status == "FINISHED"


def test_names_that_mlflow_refuses_are_written_so_that_it_takes_them(tracker):
    round_id = tracker.open_round("home:1")
    metrics = {"rmse.shifts, scales": 1.5, "raters.crowd:zoë@example.org.shift": 0.25}
    for _ in range(2):
        stage = tracker.log_stage(round_id, "label", {"why (in short)": "so"}, metrics)
    data = _runs(tracker)[0].get_run(stage).data
    assert data.metrics == {
        "rmse.shifts_ scales": 1.5,
        "raters.crowd:zoë_example.org.shift": 0.25,
    }
    assert data.params == {"why _in short_": "so"}


def test_more_parameters_than_one_call_takes_are_all_logged(tracker):
    round_id = tracker.open_round("home:1", {f"p{i}": i for i in range(250)})
    client, _ = _runs(tracker)
    assert len(client.get_run(round_id).data.params) == 250


def test_a_model_is_registered_once_and_gives_the_same_numbers_however_it_is_loaded(
    tracker, model, tmp_path
):
    mlflow = quiet_mlflow()
    features = np.random.default_rng(1).normal(size=(9, 4))
    features[0, 1] = np.nan
    round_id = tracker.open_round("home:1")
    version = tracker.log_model(round_id, model, features[:3])
    assert tracker.log_model(round_id, model, features[:3]) == version
    assert tracker.log_model(tracker.open_round("home:2"), model, features[:3]) != version

    np.testing.assert_array_equal(
        tracker.load(version).predict_proba(features), model.predict_proba(features)
    )
    assert not (Path.cwd() / "mlruns").exists()
    tracker.move_champion(version, "first")
    code = (
        "import sys, mlflow, pandas as pd, numpy as np\n"
        f"mlflow.set_tracking_uri({tracker.tracking_uri!r})\n"
        "served = mlflow.pyfunc.load_model('models:/undertone-emotion@champion')\n"
        "served.predict(pd.read_parquet(sys.argv[1])).to_parquet(sys.argv[2])\n"
    )
    table = pd.DataFrame(features, columns=list(model.feature_names))
    table.to_parquet(tmp_path / "in.parquet")
    command = [sys.executable, "-c", code, str(tmp_path / "in.parquet"), str(tmp_path / "out")]
    # From a folder without this project: the code that was logged is enough.
    subprocess.run(command, check=True, cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"})
    served = pd.read_parquet(tmp_path / "out")
    columns = [f"proba_{name}" for name in model.classes]
    np.testing.assert_array_equal(served[columns].to_numpy(), model.predict_proba(features))
    np.testing.assert_array_equal(
        served["arousal"].to_numpy(), model.predict(features).scale_mean[:, 0]
    )
    logged = mlflow.models.Model.load(str(next(tmp_path.rglob("MLmodel")).parent))
    assert logged.signature.inputs.input_names() == [*model.feature_names, "speaker"]
    assert logged.signature.inputs.required_input_names() == list(model.feature_names)


def test_a_registered_model_that_is_served_gives_the_same_numbers(tracker, model, tmp_path):
    version = tracker.log_model(tracker.open_round("home:1"), model, np.zeros((3, 4)))
    features = np.random.default_rng(1).normal(size=(6, 4))
    speakers = ["a", "a", "a", "b", "b", ""]
    port = free_port()
    command = [
        sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local",
        "-m", f"models:/undertone-emotion/{version}", "-p", str(port), "-w", "1",
    ]  # fmt: skip
    around = {
        **os.environ,
        "MLFLOW_TRACKING_URI": tracker.tracking_uri,
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    address = f"http://127.0.0.1:{port}"
    log = tmp_path / "serve.log"
    with serving(command, f"{address}/ping", log=log, cwd=tmp_path, env=around):
        columns = [*model.feature_names, "speaker"]
        rows = [[*row, name] for row, name in zip(features.tolist(), speakers, strict=True)]
        said = _predicted(address, columns, rows)
        nobody = _predicted(address, columns[:-1], features.tolist())
        table = pd.DataFrame(rows, columns=columns).drop(columns="speaker").assign(path="a.wav")
        as_csv = httpx.post(
            f"{address}/invocations", content=table.to_csv(index=False), timeout=60,
            headers={"Content-Type": "text/csv"},
        )  # fmt: skip
    assert pd.DataFrame(as_csv.json()["predictions"]).equals(nobody)
    names = [f"proba_{name}" for name in model.classes]
    known = model.inputs(features, speakers)
    known[5:] = model.inputs(features[5:])
    np.testing.assert_array_equal(said[names].to_numpy(), model.predict_proba(known))
    np.testing.assert_array_equal(nobody[names].to_numpy(), model.predict_proba(features))


def _predicted(address: str, columns: list[str], rows: list[list]) -> pd.DataFrame:
    body = {"dataframe_split": {"columns": columns, "data": rows}}
    answer = httpx.post(f"{address}/invocations", json=body, timeout=60)
    assert answer.status_code == httpx.codes.OK, answer.text
    return pd.DataFrame(answer.json()["predictions"])


def test_mlflow_is_left_pointing_where_it_pointed(tracker, model, monkeypatch):
    mlflow = quiet_mlflow()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///elsewhere.db")
    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    tracker.log_model(tracker.open_round("home:1"), model, np.zeros((2, 4)))
    assert (mlflow.get_tracking_uri(), mlflow.get_registry_uri()) == before
    assert "MLFLOW_REGISTRY_URI" not in os.environ


def test_the_champion_moves_with_its_reason_and_stays_when_told_again(tracker, model):
    assert tracker.champion() is None
    versions = [
        tracker.log_model(tracker.open_round(f"home:{i}"), model, np.zeros((2, 4))) for i in (1, 2)
    ]
    tracker.move_champion(versions[0], "the first model")
    assert tracker.champion().reason == "the first model"
    tracker.move_champion(versions[1], "UAR .50 over .45 on held-out gold")
    tracker.move_champion(versions[1], "said again")
    champion = tracker.champion()
    assert champion.version == versions[1]
    assert champion.reason == "UAR .50 over .45 on held-out gold"
    client, _ = _runs(tracker)
    tags = client.get_model_version("undertone-emotion", versions[1]).tags
    assert tags["champion_after"] == versions[0]


def test_a_registration_cut_off_between_logging_and_registering_goes_on(tracker, model):
    round_id = tracker.open_round("home:1")
    tracker._registry._log(round_id, model, np.zeros((2, 4)))
    half = tracker._client.create_logged_model(
        tracker._experiment_id, "emotion_model", source_run_id=round_id
    )
    version = tracker.log_model(round_id, model, np.zeros((2, 4)))
    logged = tracker._client.search_logged_models([tracker._experiment_id])
    assert len(logged) == 1
    assert logged[0].model_id != half.model_id
    assert tracker.load(version).classes == model.classes


def test_a_finished_round_says_how_it_ended(tracker):
    round_id = tracker.open_round("home:1")
    tracker.finish(round_id, "FAILED")
    tracker.finish(round_id, "FAILED")
    assert _runs(tracker)[0].get_run(round_id).info.status == "FAILED"


def test_a_kill_while_the_tables_are_made_leaves_nothing_half_made(tmp_path):
    file = tmp_path / "mlflow.db"
    code = (
        "import sys, os, threading, signal, pathlib\n"
        "from models.mlflow_setup import quiet_mlflow, prepare_sqlite\n"
        "quiet_mlflow()\n"
        "from mlflow.store.db import utils\n"
        "def cut(engine):\n"
        "    utils.InitialBase.metadata.create_all(engine)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "utils._initialize_tables = cut\n"
        "prepare_sqlite(pathlib.Path(sys.argv[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], cwd=HERE.parents[1], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not file.exists()
    assert Tracker(f"sqlite:///{file}", "rounds").open_round("home:1")


def test_a_server_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(TrackingError, match="opening round home:1 failed") as caught:
        Tracker("http://someone:secret@127.0.0.1:9", "rounds").open_round("home:1")
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_address_nothing_can_be_kept_at_is_refused():
    with pytest.raises(TrackingError, match=r"file:///tmp/x: not an address"):
        Tracker("file:///tmp/x", "rounds").open_round("home:1")
    with pytest.raises(TrackingError, match="quotes"):
        Tracker("http://127.0.0.1:9", "rounds")._find("tag", "it's")


def test_a_password_is_never_shown():
    assert shown("postgresql://me:secret@host/db") == "postgresql://***@host/db"
    assert shown("sqlite:///a@b.db") == "sqlite:///a@b.db"


def test_tracking_says_nothing_on_the_terminal(tracker, model, capfd):
    round_id = tracker.open_round("home:1", {"a": 1})
    tracker.log_stage(round_id, "train", {}, {"uar": 0.5})
    tracker.log_model(round_id, model, np.zeros((2, 4)))
    tracker.finish(round_id)
    assert capfd.readouterr() == ("", "")
