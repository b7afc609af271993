"""From Settings to the values that the rooms below work with."""

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import labeling_functions
from audio.front_ends import FrontEndSpec
from config.layers import FILE, ConfigError
from config.settings import Settings, sources_of
from labels.scheme import Scheme
from rounds.plan import RoundPlan
from rounds.workspace import Workspace


def open_workspace(settings: Settings) -> Workspace:
    """The workspace of these settings; the same one again while they stay the same."""
    shipped = Path(labeling_functions.__file__).resolve().parent
    own = tuple(d for d in settings.labeling_function_dirs if d.resolve() != shipped)
    return _open(
        settings.database_url.get_secret_value(),
        settings.data_dir,
        settings.scheme_path,
        _stamp(settings.scheme_path),
        own,
        settings.mlflow_tracking_uri.get_secret_value(),
        settings.mlflow_experiment,
        settings.held_out_share,
        front_end(settings),
    )


def front_end(settings: Settings) -> FrontEndSpec:
    """What a model hears of a clip, by the settings."""
    is_encoder = settings.features not in ("undertone", "egemaps")
    return FrontEndSpec(settings.features, settings.encoder_weights if is_encoder else None)


@lru_cache(maxsize=8)
def _open(
    database_url: str,
    data_dir: Path,
    scheme_path: Path,
    _scheme_stamp: int,
    function_dirs: tuple[Path, ...],
    tracking_uri: str,
    experiment: str,
    held_out_share: float,
    front_end: FrontEndSpec,
) -> Workspace:
    return Workspace.open(
        database_url=database_url,
        data_dir=data_dir,
        scheme=Scheme.load(scheme_path),
        function_dirs=function_dirs,
        tracking_uri=tracking_uri,
        experiment=experiment,
        held_out_share=held_out_share,
        front_end=front_end,
    )


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def round_plan(settings: Settings, overrides: dict[str, Any] | None = None) -> RoundPlan:
    """What a round is asked to do by the settings, parts of it replaced by `overrides`."""
    known = RoundPlan.__dataclass_fields__
    for name in (overrides or {}).keys() - known.keys():
        raise ConfigError(f"a round's plan has no {name!r} (known: {', '.join(known)})")
    given = {
        "seed": settings.seed,
        "batch_size": settings.batch_size,
        "evaluation_share": settings.evaluation_share,
        "strategy": settings.strategy,
        "overlap": settings.overlap,
        "batch_minutes": settings.batch_minutes,
        "handling_s": settings.handling_s,
        "quotas": settings.batch_quotas,
        "floors": settings.batch_floors,
        "apart": settings.batch_apart,
        "opinion_share": settings.opinion_share,
        "settled": settings.settled,
        "sources": tuple(source.get_secret_value() for source in settings.sources),
        **(overrides or {}),
    }
    told = "batch_size" in (overrides or {}) or sources_of(settings)["batch_size"][1] != "default"
    if given["batch_minutes"] is not None and not told:
        given["batch_size"] = None
    return RoundPlan(**{**given, "sources": tuple(given["sources"])})


def open_beside(settings: Settings, source: str) -> Workspace:
    """A workspace for a corpus of its own (simulation, evaluation), apart from the records."""
    name = hashlib.sha256(str(source).encode()).hexdigest()[:12]
    folder = settings.data_dir / "beside" / name
    folder.mkdir(parents=True, exist_ok=True)
    return _open(
        f"sqlite:///{folder / 'undertone.db'}",
        folder,
        settings.scheme_path,
        _stamp(settings.scheme_path),
        (),
        f"sqlite:///{folder / 'mlflow.db'}",
        settings.mlflow_experiment,
        settings.held_out_share,
        front_end(settings),
    )


def evaluation_folder(settings: Settings) -> Path:
    """Where features of evaluated corpora are kept: in the workspace, where this is one, else in
    the user's cache, else, where that cannot be written, in a folder for this once."""
    if (settings.home / FILE).is_file():
        folder = settings.data_dir / "evaluation"
    else:
        base = os.environ.get("XDG_CACHE_HOME")
        folder = (Path(base) if base else Path.home() / ".cache") / "undertone" / "evaluation"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="undertone-"))
