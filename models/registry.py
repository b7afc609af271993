"""Models in MLflow's registry: logged once a round, found again, one of them champion."""

import tempfile
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.answers import SPEAKER, answers
from models.emotion_model import EmotionModel
from models.mlflow_setup import globally, quiet_mlflow

ALIAS = "champion"
_FILE = "emotion_model.npz"
_NEEDS = ("mlflow", "numpy", "pandas", "scipy", "torch")


@dataclass(frozen=True)
class Champion:
    """A registered version: where it is, which run made it, why it became champion."""

    version: str
    run_id: str
    uri: str
    reason: str


@dataclass(frozen=True)
class Registry:
    """The versions of one registered model. Errors are MLflow's own; `Tracker` makes them lines."""

    client: Any
    tracking_uri: str
    name: str

    def log_model(self, run_id: str, model: EmotionModel, example: Any) -> str:
        """Logs and registers a run's model unless it was; the version."""
        found = self._version_of(run_id)
        if found is not None:
            return found
        with globally(self.tracking_uri):
            # A registration that was cut off: the model is logged already, or is logged anew.
            logged = self._logged(run_id) or self._log(run_id, model, example)
            self._name_as_output(run_id, logged.model_id)
            self._ensure_name()
            made = self.client.create_model_version(
                self.name, logged.model_uri, run_id=run_id, model_id=logged.model_id
            )
        return str(made.version)

    def champion(self) -> Champion | None:
        """The version with the alias, if any."""
        from mlflow.exceptions import MlflowException

        try:
            found = self.client.get_model_version_by_alias(self.name, ALIAS)
        except MlflowException as error:
            if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                return None
            raise
        return Champion(
            version=str(found.version),
            run_id=str(found.run_id),
            uri=f"models:/{self.name}/{found.version}",
            reason=found.tags.get("champion_reason", ""),
        )

    def move_champion(self, version: str, reason: str) -> None:
        """Tags first, alias last: what the alias points at always says why."""
        now = self.champion()
        if now is not None and now.version == str(version):
            return
        tags = {
            "champion_reason": reason,
            "champion_since": datetime.now(UTC).isoformat(timespec="seconds"),
            "champion_after": now.version if now else "none",
        }
        for key, value in tags.items():
            self.client.set_model_version_tag(self.name, str(version), key, value)
        self.client.set_registered_model_alias(self.name, ALIAS, str(version))

    def load(self, version: str) -> EmotionModel:
        """The model itself, of a version."""
        mlflow = quiet_mlflow()
        with tempfile.TemporaryDirectory() as folder, globally(self.tracking_uri):
            uri = f"models:/{self.name}/{version}/artifacts/{_FILE}"
            file = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder)
            return EmotionModel.load(file)

    def _version_of(self, run_id: str) -> str | None:
        query = f"name = '{self.name}' and run_id = '{run_id}'"
        found = self.client.search_model_versions(query, max_results=1)
        return str(found[0].version) if found else None

    def _logged(self, run_id: str) -> Any:
        """The model that the run has ready, or None; unfinished ones are cleared away."""
        experiment = self.client.get_run(run_id).info.experiment_id
        logged = self.client.search_logged_models(
            [experiment], filter_string=f"source_run_id = '{run_id}'"
        )
        ready = None
        for one in logged:
            if str(one.status) in {"LoggedModelStatus.READY", "READY"}:
                ready = one
            else:
                self.client.delete_logged_model(one.model_id)
        return ready

    def _log(self, run_id: str, model: EmotionModel, example: Any) -> Any:
        experiment = self.client.get_run(run_id).info.experiment_id
        made = self.client.create_logged_model(experiment, "emotion_model", source_run_id=run_id)
        with tempfile.TemporaryDirectory() as folder:
            written = _write(Path(folder), model, example, run_id, made.model_id)
            self.client.log_model_artifacts(made.model_id, str(written))
        return self.client.finalize_logged_model(made.model_id, "READY")

    def _name_as_output(self, run_id: str, model_id: str) -> None:
        """Have the run's page show the model."""
        from mlflow.entities import LoggedModelOutput

        outputs = self.client.get_run(run_id).outputs
        known = {one.model_id for one in outputs.model_outputs} if outputs else set()
        if model_id not in known:
            self.client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])

    def _ensure_name(self) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self.client.create_registered_model(self.name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise


def _write(folder: Path, model: EmotionModel, example: Any, run_id: str, model_id: str) -> Path:
    """The model in MLflow's layout: this package's code, the model file, what it takes and gives.

    Not through `mlflow.pyfunc.log_model`, which writes to whatever run and experiment happen to
    be active in the process.
    """
    mlflow = quiet_mlflow()
    from mlflow.models import Model

    file, written = folder / _FILE, folder / "emotion_model"
    model.save(file)
    rows = _example(model, example)
    code = Path(__file__).with_name("served_model.py")
    with warnings.catch_warnings():
        # MLflow warns of type hints in code of its own that it only now imports.
        warnings.simplefilter("ignore")
        mlflow.pyfunc.save_model(
            path=str(written),
            python_model=str(code),
            artifacts={"emotion_model": str(file)},
            signature=_signature(rows, answers(model, rows)),
            input_example=rows,
            pip_requirements=[f"{name}=={installed(name).split('+')[0]}" for name in _NEEDS],
            code_paths=[str(code.parent)],
            mlflow_model=Model(run_id=run_id, model_id=model_id),
        )
    return written


def _signature(rows: pd.DataFrame, said: pd.DataFrame) -> Any:
    """Features in, and who speaks for those who know; answers out."""
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types import ColSpec, Schema

    found = infer_signature(rows, said)
    speaker = ColSpec("string", SPEAKER, required=False)
    return ModelSignature(Schema([*found.inputs.inputs, speaker]), found.outputs)


def _example(model: EmotionModel, example: Any) -> pd.DataFrame:
    rows = np.asarray(example, dtype=np.float64)
    # A missing value cannot be told in JSON: the training median stands in for it here.
    rows = np.where(np.isfinite(rows), rows, model.scaling.raw.centre)
    names = model.feature_names or [f"feature_{i}" for i in range(rows.shape[1])]
    return pd.DataFrame(rows, columns=list(names))
