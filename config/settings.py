"""The one Settings; only the top tier (commands and flows) reads it."""

import difflib
import importlib.resources
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, ValidationError
from pydantic import field_validator as validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from active_learning.rules import USUAL
from audio.front_ends import FRONT_ENDS
from config.layers import FILE, ConfigError, Layer, find_home, layers
from config.masking import Secret, SecretUrl, masked, shown
from config.shares import Shares
from rounds.plan import HANDLING_S

FUNCTIONS = "functions"
"""Folder of a workspace for its own labelling functions; not called labeling_functions, for where
the current folder is importable that would hide the package of this name."""

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


def _front_end(value: str) -> str:
    if value not in FRONT_ENDS:
        near = difflib.get_close_matches(value, FRONT_ENDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(FRONT_ENDS)}"
        raise ValueError(f"is no front end ({hint})")
    return value


FrontEndName = Annotated[str, AfterValidator(_front_end)]


def _listed(value: Any) -> Any:
    """A list written in one variable: a JSON list, or names parted by commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"is no JSON list: {error}") from None
    return [part.strip() for part in value.split(",") if part.strip()]


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _n_usable_cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _scheme_in(home: Path) -> Path:
    own = home / "scheme.yaml"
    return own if own.is_file() else Path(str(importlib.resources.files("labels"))) / "scheme.yaml"


def _functions_in(home: Path) -> list[Path]:
    # Only in a workspace: what stands in such a folder is run.
    if not (home / FILE).is_file():
        return []
    return [home / name for name in (FUNCTIONS, "labeling_functions") if (home / name).is_dir()]


Folder = Annotated[Path, AfterValidator(Path.expanduser)]


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or any(char.isspace() for char in value):
        raise ValueError("is no address such as https://example.org")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("is an address with more in it than host, port and path")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """All settings. Arguments win, then UNDERTONE_*, then .env, undertone.toml, the defaults.

    Both files are looked for in `home` (see config.layers.find_home). Relative paths are
    relative to `home`. Raises ConfigError (one line: where, which value, what is valid).
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, validate_default=True)

    home: Folder = Field(description="the workspace folder")
    data_dir: Folder = Field(
        default_factory=lambda values: values["home"] / ".undertone",
        description="folder of the records, features, models and cached audio",
    )
    database_url: SecretUrl = Field(
        default_factory=lambda values: SecretUrl(f"sqlite:///{values['data_dir']}/undertone.db"),
        description="the records: sqlite:///… or postgresql://user:password@host/name",
    )
    mlflow_tracking_uri: SecretUrl = Field(
        default_factory=lambda values: SecretUrl(f"sqlite:///{values['data_dir']}/mlflow.db"),
        description="where MLflow keeps runs and models: sqlite:///… or http://host:5000",
    )
    mlflow_experiment: str = Field(
        default="undertone", min_length=1, description="name of the MLflow experiment"
    )
    prefect_api_url: SecretUrl | None = Field(
        default=None,
        description="a Prefect server, such as http://host:4200/api; without one it is embedded",
    )
    scheme_path: Folder = Field(
        default_factory=lambda values: _scheme_in(values["home"]),
        description="emotions and scales; scheme.yaml of the workspace, else the shipped one",
    )
    labeling_function_dirs: Annotated[list[Folder], BeforeValidator(_listed)] = Field(
        default_factory=lambda values: _functions_in(values["home"]),
        description="folders of your own labelling functions; functions/ of the workspace",
    )
    sources: Annotated[list[SecretUrl], BeforeValidator(_listed)] = Field(
        default_factory=list,
        description="folders, manifests or URLs that a round and the nightly ingest pull from",
    )
    features: FrontEndName = Field(
        default="undertone",
        description=f"what a model hears of a clip: {', '.join(FRONT_ENDS)}",
    )
    encoder_weights: Folder | None = Field(
        default=None,
        description="file of a WavLM, HuBERT or wav2vec 2.0 encoder's weights; else torch.hub's",
    )
    n_workers: int = Field(
        default_factory=_n_usable_cpus, ge=1, description="processes for acoustic features"
    )
    dask_scheduler: str | None = Field(
        default=None,
        description="address of a Dask scheduler, such as tcp://host:8786, to compute features on",
    )
    seed: int = Field(
        default=0, ge=0, lt=2**32, description="every random choice of a round follows from it"
    )
    batch_size: int = Field(
        default=48, ge=1, description="segments that a round sends out to be labelled"
    )
    evaluation_share: float = Field(
        default=0.25,
        ge=0,
        lt=1,
        description="share of a batch drawn at random from held-out speakers",
    )
    held_out_share: float = Field(
        default=0.25, ge=0, lt=1, description="share of the speakers that models never train on"
    )
    batch_minutes: float | None = Field(
        default=None,
        gt=0,
        description="an expert's minutes that a batch may take; alone it decides the batch's size",
    )
    handling_s: float = Field(
        default=HANDLING_S, ge=0, description="seconds a judgement takes beside listening"
    )
    batch_quotas: Shares = Field(
        default=dict(USUAL.most),
        description="largest share of a batch of one speaker, gender, language, dialect, style or "
        "predicted emotion, such as speaker=0.2,emotion=0.5",
    )
    batch_floors: Shares = Field(
        default=dict(USUAL.least),
        description="smallest share of a batch of every gender, language, … that there is",
    )
    batch_apart: float = Field(
        default=USUAL.apart,
        ge=0,
        le=1,
        description="how far clips of a batch lie apart at least, where two clips usually lie at 1",
    )
    opinion_share: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="most of a batch that may be further opinions on clips judged before",
    )
    settled: float = Field(
        default=0.95,
        gt=0,
        le=1,
        description="probability of its emotion from which a clip is asked about no more; 1: never",
    )
    strategy: str = Field(
        default="default", min_length=1, description="how the next segments are chosen"
    )
    overlap: int = Field(
        default=1, ge=1, le=100, description="how many different people judge each segment"
    )
    round_lock_ttl_s: float = Field(
        default=600, gt=0, description="seconds after which a silent round loses its lock"
    )
    desk_lease_minutes: float = Field(
        default=20, gt=0, description="how long a clip stays with who opened it at the desk"
    )
    desk_repeat_share: float = Field(
        default=0.05, ge=0, le=0.5, description="share of clips that a judge unknowingly gets again"
    )
    desk_extra_judgements: int = Field(
        default=2, ge=0, description="further judgements asked for while those on a clip disagree"
    )
    desk_calibration_clips: int = Field(
        default=8, ge=0, description="gold clips that an annotator judges before a batch; 0: none"
    )
    desk_calibration_days: float = Field(
        default=30, gt=0, description="days after which an annotator is calibrated again"
    )
    desk_calibration_pass: float = Field(
        default=0.5, ge=0, le=1, description="share of a calibration to get right"
    )
    desk_show_model: Literal["never", "after"] = Field(
        default="never",
        description="whether judges are told what the model thought, after they judged a clip",
    )
    desk_url: WebAddress | None = Field(
        default=None,
        description="where others reach the desk, such as https://desk.example.org",
    )
    desk_cache_mb: int = Field(
        default=2048, ge=16, description="how much room the desk's sounds and pictures may take"
    )
    desk_internal_webhooks: Literal["no", "yes"] = Field(
        default="no", description="whether webhooks may lead to this machine or its own network"
    )
    labelstudio_url: WebAddress | None = Field(
        default=None, description="where Label Studio is, such as http://127.0.0.1:8080"
    )
    labelstudio_token: Secret | None = Field(
        default=None,
        description="an access token of Label Studio, personal or legacy; better in .env",
    )
    labelstudio_audio: Literal["upload", "link"] = Field(
        default="upload",
        description="Label Studio is given the sounds, or links to the desk (needs desk_url)",
    )
    labelstudio_link_days: float = Field(
        default=14, gt=0, description="how long links to sounds are good there"
    )
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = Field(
        default="INFO", description=f"one of {', '.join(get_args(LogLevel))}"
    )
    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    def __init__(self, **overrides: Any) -> None:
        home, home_origin = find_home(overrides.get("home"))
        fields = list(type(self).model_fields)
        for name in overrides.keys() - set(fields):
            near = difflib.get_close_matches(name, fields, n=1)
            raise ConfigError(
                f"argument {name} is no setting "
                f"({f'did you mean {near[0]}?' if near else 'known: ' + ', '.join(fields)})"
            )
        given = Layer("argument {name}", "argument", overrides)
        found = (given, *layers(home, fields))
        try:
            super().__init__(**{**overrides, "home": home})
        except ValidationError as error:
            # `from None`: pydantic's own text holds the raw value, which may be a secret.
            raise _one_line(error, found) from None
        self._origins = {
            name: next((one.origin_of(name) for one in found if name in one.values), "default")
            for name in fields
        } | {"home": home_origin}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - read with its origin instead
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the layers, each of which knows where its values stood."""
        home = init_settings()["home"]
        below = layers(home, cls.model_fields)
        values = [{k: v for k, v in one.values.items() if k != "home"} for one in below]
        return (init_settings, *(InitSettingsSource(settings_cls, one) for one in values))

    @validator("*", mode="before")
    @classmethod
    def _no_booleans(cls, value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError("true and false are no values here")
        return value

    @validator("data_dir", "scheme_path", "encoder_weights")
    @classmethod
    def _below_home(cls, path: Path | None, info: Any) -> Path | None:
        return path if path is None else Path(info.data.get("home", Path())) / path

    @validator("labeling_function_dirs")
    @classmethod
    def _all_below_home(cls, paths: list[Path], info: Any) -> list[Path]:
        return [Path(info.data.get("home", Path())) / path for path in paths]

    @validator("database_url", "mlflow_tracking_uri")
    @classmethod
    def _file_below_home(cls, url: SecretUrl, info: Any) -> SecretUrl:
        scheme, found, file = url.get_secret_value().partition(":///")
        if not found or not scheme.startswith("sqlite") or file.startswith((":", "/")) or not file:
            return url
        return SecretUrl(f"{scheme}:///{Path(info.data.get('home', Path())) / file}")

    @validator("sources")
    @classmethod
    def _sources_below_home(cls, sources: list[SecretUrl], info: Any) -> list[SecretUrl]:
        home = Path(info.data.get("home", Path()))
        return [_located(one.get_secret_value(), home) for one in sources]

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [(name, shown(getattr(self, name))) for name in type(self).model_fields]


def sources_of(settings: Settings) -> dict[str, tuple[str, str]]:
    """Each setting as (value with secrets as ***, where it came from), in order.

    The origin is "default", "undertone.toml", ".env", "environment UNDERTONE_…" or "argument".
    """
    return {
        name: (shown(getattr(settings, name)), settings._origins[name])
        for name in type(settings).model_fields
    }


def _located(source: str, home: Path) -> SecretUrl:
    if "://" in source or "::" in source:
        return SecretUrl(source)
    return SecretUrl(str(home / Path(source).expanduser()))


def _is_secret(name: str) -> bool:
    return Secret in get_args(Settings.model_fields[name].annotation)


def _one_line(error: ValidationError, found: tuple[Layer, ...]) -> ConfigError:
    problems = [p for p in error.errors() if p["type"] != "default_factory_not_called"]
    problem = problems[0]
    name = str(problem["loc"][0])
    place = next((one.place_of(name) for one in found if name in one.values), f"default {name}")
    reason = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    is_secret = name in Settings.model_fields and _is_secret(name)
    value = "***" if is_secret else masked(repr(problem["input"]))
    return ConfigError(f"{place} = {value}: {reason[:1].lower()}{reason[1:]}")
