"""The settings by subject: what each is called, what it may be, and what it means.

`config.settings.Settings` is all of them together, and the only one that is read.
"""

import importlib.resources
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from active_learning.rules import USUAL
from audio.front_ends import FRONT_ENDS
from config.layers import FILE
from config.masking import Secret, SecretUrl
from config.shares import Shares
from config.values import (
    DatabaseUrl,
    Folder,
    FolderBelowHome,
    FrontEndName,
    Listed,
    Source,
    WebAddress,
)
from rounds.plan import HANDLING_S

FUNCTIONS = "functions"
"""Folder of a workspace for its own labelling functions; not called labeling_functions, for where
the current folder is importable that would hide the package of this name."""


def _scheme_in(home: Path) -> Path:
    own = home / "scheme.yaml"
    return own if own.is_file() else Path(str(importlib.resources.files("labels"))) / "scheme.yaml"


def _functions_in(home: Path) -> list[Path]:
    # Only in a workspace: what stands in such a folder is run.
    if not (home / FILE).is_file():
        return []
    return [home / name for name in (FUNCTIONS, "labeling_functions") if (home / name).is_dir()]


def _n_usable_cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Places(BaseModel):
    """Where everything is kept and read from."""

    home: Folder = Field(description="the workspace folder")
    data_dir: FolderBelowHome = Field(
        default_factory=lambda values: values["home"] / ".undertone",
        description="folder of the records, features, models and cached audio",
    )
    database_url: DatabaseUrl = Field(
        default_factory=lambda values: SecretUrl(f"sqlite:///{values['data_dir']}/undertone.db"),
        description="the records: sqlite:///… or postgresql://user:password@host/name",
    )
    mlflow_tracking_uri: DatabaseUrl = Field(
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
    scheme_path: FolderBelowHome = Field(
        default_factory=lambda values: _scheme_in(values["home"]),
        description="emotions and scales; scheme.yaml of the workspace, else the shipped one",
    )
    labeling_function_dirs: Listed[FolderBelowHome] = Field(
        default_factory=lambda values: _functions_in(values["home"]),
        description="folders of your own labelling functions; functions/ of the workspace",
    )
    sources: Listed[Source] = Field(
        default_factory=list,
        description="folders, manifests or URLs that a round and the nightly ingest pull from",
    )


class Hearing(BaseModel):
    """What is heard of a clip, and where that is computed."""

    features: FrontEndName = Field(
        default="undertone",
        description=f"what a model hears of a clip: {', '.join(FRONT_ENDS)}",
    )
    encoder_weights: FolderBelowHome | None = Field(
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


class Rounds(BaseModel):
    """What a round does and which clips it sends out."""

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


class AtTheDesk(BaseModel):
    """How clips are judged at the desk."""

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


class InLabelStudio(BaseModel):
    """How clips are judged in Label Studio."""

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
