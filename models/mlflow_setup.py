"""MLflow made quiet, quick to give up on a dead server, and safe to start anywhere."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.model_file import ModelError

_SURROUNDINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
_ADDRESSES = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")
_NOISY = ("alembic", "mlflow", "git", "urllib3.connectionpool")

SQLITE = "sqlite:///"


class TrackingError(ValueError):
    """MLflow that cannot be reached or will not take something; the message is one line."""


def quiet_mlflow() -> Any:
    """The mlflow package, imported with telemetry and chatter off; what the user set stands."""
    for name, value in _SURROUNDINGS.items():
        os.environ.setdefault(name, value)
    import mlflow

    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
    return mlflow


@contextmanager
def one_line(tracking_uri: str, doing: str) -> Iterator[None]:
    """Whatever goes wrong inside comes out as a TrackingError that names server and deed.

    A model that was found and is none (of this version) stays the ModelError that it is.
    """
    try:
        yield
    except (TrackingError, ModelError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        if "Max retries exceeded" in reason:
            reason = "there is no answer"
        raise TrackingError(f"MLflow at {shown(tracking_uri)}: {doing} failed: {reason}") from error


@contextmanager
def globally(tracking_uri: str) -> Iterator[None]:
    """MLflow's process-wide address set to `tracking_uri` inside, and back as it was outside.

    Parts of MLflow (registering, downloading) look at that address whatever the client says.
    """
    from mlflow.tracking import set_registry_uri
    from mlflow.tracking._model_registry import utils as registry
    from mlflow.tracking._tracking_service.utils import _use_tracking_uri

    before = {name: os.environ.get(name) for name in _ADDRESSES}
    registry_uri = registry._registry_uri
    try:
        with _use_tracking_uri(tracking_uri):
            set_registry_uri(tracking_uri)
            yield
    finally:
        set_registry_uri(registry_uri)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def shown(uri: str) -> str:
    """A tracking URI fit for print: without user and password."""
    scheme, sep, rest = uri.partition("://")
    if not sep or "@" not in rest.split("/", 1)[0]:
        return uri
    return f"{scheme}://***@{rest.split('@', 1)[1]}"


def sqlite_path(tracking_uri: str) -> Path | None:
    """The file of a `sqlite:///` URI; None for any other backend."""
    if not tracking_uri.startswith(SQLITE):
        return None
    return Path(tracking_uri.removeprefix(SQLITE).split("?", 1)[0])


def prepare_sqlite(path: Path) -> None:
    """MLflow's tables in a new SQLite file, all or nothing.

    They are made by dozens of migrations that a kill would leave half done for ever; so they are
    made beside the file's place and renamed.
    """
    if path.exists():
        return
    from mlflow.store.db import utils

    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    engine = utils.create_sqlalchemy_engine_with_retry(f"{SQLITE}{beside}")
    try:
        # The store's own modules must be known, or tables of theirs are silently left out.
        import mlflow.store.model_registry.sqlalchemy_store
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401

        utils._initialize_tables(engine)
    finally:
        engine.dispose()
    beside.replace(path)
