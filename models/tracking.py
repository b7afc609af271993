"""Each round as one MLflow run with nested stages; models registered, one of them champion.

Everything is found again by a tag before it is made, so every call may be repeated and a killed
round goes on where it was.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from models.emotion_model import EmotionModel
from models.mlflow_setup import (
    TrackingError,
    one_line,
    prepare_sqlite,
    quiet_mlflow,
    shown,
    sqlite_path,
)
from models.registry import Champion, Registry

__all__ = ["Champion", "Tracker", "TrackingError"]

ROUND_TAG = "undertone.round"
STAGE_TAG = "undertone.stage"
PARENT_TAG = "mlflow.parentRunId"
_MAX_PARAM = 6000
_BATCH = 100
_REFUSED = re.compile(r"[^\w\-. :/]")
"""What MLflow has in no name; ours hold the names of sources and people, which may be any text."""


@dataclass(frozen=True)
class Tracker:
    """An MLflow experiment to write rounds to.

    `tracking_uri` is `sqlite:///FILE` (made if absent) or the address of a server. With SQLite
    the artifacts lie in `artifact_root`, by default `mlartifacts` beside the file; a server keeps
    its own. All methods raise TrackingError, in one line.
    """

    tracking_uri: str
    experiment: str
    model_name: str = "undertone-emotion"
    artifact_root: Path | None = None

    def open_round(
        self,
        round_key: str,
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> str:
        """The id of the run of the round that `round_key` names, made if there is none.

        The key must be unique in the experiment; `name` is what people read (default: the key).
        """
        with self._doing(f"opening round {round_key}"):
            run_id = self._find(ROUND_TAG, round_key) or self._create(
                name or round_key, {ROUND_TAG: round_key, **(tags or {})}
            )
            self._write(run_id, params or {}, {})
            return run_id

    def log_stage(
        self,
        run_id: str,
        stage: str,
        params: Mapping[str, Any] | None = None,
        metrics: Mapping[str, float | None] | None = None,
        files: Iterable[Path] = (),
    ) -> str:
        """A stage of a round as a nested run, with what it was given, measured and drew.

        Logging a stage again fills in what is missing. Metrics that are None or not finite are
        not known, and left out.
        """
        with self._doing(f"logging stage {stage}"):
            key = f"{run_id}/{stage}"
            stage_id = self._find(STAGE_TAG, key) or self._create(
                stage, {STAGE_TAG: key, PARENT_TAG: run_id}
            )
            self._write(stage_id, params or {}, metrics or {})
            for file in files:
                self._client.log_artifact(stage_id, str(file))
            self._client.set_terminated(stage_id, "FINISHED")
            return stage_id

    def log_metrics(self, run_id: str, metrics: Mapping[str, float | None]) -> None:
        """Figures of a round as a whole; one that was logged before is left as it is."""
        with self._doing("logging metrics"):
            self._write(run_id, {}, metrics)

    def log_files(self, run_id: str, files: Iterable[Path], folder: str | None = None) -> None:
        """Files (plots, reports) of a round as a whole; the same name is written over."""
        with self._doing("logging files"):
            for file in files:
                self._client.log_artifact(run_id, str(file), folder)

    def log_model(self, run_id: str, model: EmotionModel, example: Any) -> str:
        """Logs and registers a round's model, once; the version under which it is registered.

        `example` (a few rows of features) becomes the input example and, with what the model
        answers, the signature.
        """
        with self._doing("logging the model"):
            return self._registry.log_model(run_id, model, example)

    def champion(self) -> Champion | None:
        """The version that the alias `champion` points at, if any."""
        with self._doing("looking up the champion"):
            return self._registry.champion()

    def move_champion(self, version: str, reason: str) -> None:
        """Points the alias at a version; the version's tags say why, when and from which."""
        with self._doing(f"moving the champion to version {version}"):
            self._registry.move_champion(version, reason)

    def load(self, version: str) -> EmotionModel:
        """The model of a registered version."""
        with self._doing(f"loading version {version}"):
            return self._registry.load(version)

    def finish(self, run_id: str, status: str = "FINISHED") -> None:
        """Closes a run: FINISHED, FAILED or KILLED."""
        with self._doing("closing the run"):
            self._client.set_terminated(run_id, status)

    @cached_property
    def _client(self) -> Any:
        mlflow = quiet_mlflow()
        file = sqlite_path(self.tracking_uri)
        if file is not None:
            prepare_sqlite(file)
        elif not self.tracking_uri.startswith(("http://", "https://", "postgresql", "mysql")):
            raise TrackingError(
                f"MLflow at {shown(self.tracking_uri)}: not an address it can be kept at "
                "(sqlite:///FILE, http://…, https://… or a database URL)"
            )
        return mlflow.MlflowClient(self.tracking_uri, self.tracking_uri)

    @cached_property
    def _registry(self) -> Registry:
        return Registry(self._client, self.tracking_uri, self.model_name)

    @cached_property
    def _experiment_id(self) -> str:
        found = self._client.get_experiment_by_name(self.experiment)
        if found is not None:
            if found.lifecycle_stage == "deleted":
                self._client.restore_experiment(found.experiment_id)
            return str(found.experiment_id)
        root = self.artifact_root
        file = sqlite_path(self.tracking_uri)
        if root is None and file is not None:
            root = file.parent / "mlartifacts"
        location = (root.absolute() / self.experiment).as_uri() if root is not None else None
        return str(self._client.create_experiment(self.experiment, artifact_location=location))

    @contextmanager
    def _doing(self, doing: str) -> Iterator[None]:
        with one_line(self.tracking_uri, doing):
            yield

    def _find(self, tag: str, value: str) -> str | None:
        if "'" in value or "\\" in value:
            raise TrackingError(f"{tag} {value!r} must be free of quotes and backslashes")
        runs = self._client.search_runs(
            [self._experiment_id],
            filter_string=f"tags.`{tag}` = '{value}'",
            order_by=["attributes.start_time ASC"],
            max_results=1,
        )
        return runs[0].info.run_id if runs else None

    def _create(self, name: str, tags: Mapping[str, Any]) -> str:
        said = {key: str(value) for key, value in tags.items()}
        run = self._client.create_run(self._experiment_id, run_name=name, tags=said)
        return str(run.info.run_id)

    def _write(
        self, run_id: str, params: Mapping[str, Any], metrics: Mapping[str, float | None]
    ) -> None:
        """Only what is not there yet: MLflow refuses a changed parameter and piles up metrics."""
        from mlflow.entities import Metric, Param

        if not params and not metrics:
            return
        params = {_name(key): value for key, value in params.items()}
        metrics = {_name(key): value for key, value in metrics.items()}
        run = self._client.get_run(run_id)
        new_params = [
            Param(key, str(value)[:_MAX_PARAM])
            for key, value in params.items()
            if key not in run.data.params
        ]
        new_metrics = [
            Metric(key, float(value), run.info.start_time, 0)
            for key, value in metrics.items()
            if value is not None and math.isfinite(value) and key not in run.data.metrics
        ]
        for start in range(0, max(len(new_params), len(new_metrics)), _BATCH):
            part = slice(start, start + _BATCH)
            self._client.log_batch(run_id, params=new_params[part], metrics=new_metrics[part])


def _name(key: str) -> str:
    """The key as MLflow takes it: letters, digits and `_ - . : /` and spaces stand, else `_`."""
    return _REFUSED.sub("_", key)
