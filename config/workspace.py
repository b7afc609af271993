"""A folder that becomes a workspace: settings, scheme and a first labelling function."""

import importlib.resources
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from config.groups import FUNCTIONS
from config.layers import FILE, PREFIX, ConfigError
from config.settings import Settings

_EXAMPLE = '''\
"""A labelling function of your own: one idea a file, as many files as you like.

The table has one row a segment. Its columns are the acoustic features as measured, the same
with `_z` relative to how the speaker usually sounds (0 = as always, +1 = one deviation above),
and what is known of the recording: speaker, gender, age, language, dialect, style, session,
turn, transcript, duration_s. `undertone label` says what each function covers and how far it agrees
with the others, and names a function that does not run.
"""

from labeling_functions import cases, labeling_function


@labeling_function(on="emotion")
def slow_and_low(table):
    """Slower and lower than this speaker usually is: sadness, or nothing much."""
    slow = table["syllable_rate_per_s_z"] < -0.8
    low = table["f0_semitone_mean_z"] < -0.8
    # The first case that holds wins, and where none holds the function says nothing.
    # A case may name one emotion, a set of them, or (on="arousal") a level such as "low" or 2.
    return cases(table, (slow & low, {"sadness", "neutral"}))
'''

_GITIGNORE = """\
# records, features, models and cached audio
/.undertone/
# passwords and tokens
.env
__pycache__/
"""


@dataclass(frozen=True)
class Initialised:
    """What `init_workspace` wrote, and what was there already and is left as it was."""

    folder: Path
    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def init_workspace(folder: Path) -> Initialised:
    """Make `folder` (and what is missing above it) a workspace; nothing there is overwritten.

    Writes undertone.toml with every setting explained, scheme.yaml, functions/ with a working
    example, and .gitignore. Raises ConfigError when the folder cannot be written.
    """
    folder = folder.expanduser().absolute()
    scheme = importlib.resources.files("labels").joinpath("scheme.yaml")
    texts = {
        folder / FILE: settings_file(),
        folder / "scheme.yaml": scheme.read_text(encoding="utf-8"),
        folder / FUNCTIONS / "slow_and_low.py": _EXAMPLE,
        folder / ".gitignore": _GITIGNORE,
    }
    # Somebody who removed the example from a folder of their own does not want it back.
    if (folder / FUNCTIONS).is_dir():
        texts.pop(folder / FUNCTIONS / "slow_and_low.py")
    written: list[Path] = []
    kept: list[Path] = []
    for path, text in texts.items():
        (written if _write_new(path, text) else kept).append(path)
    return Initialised(folder, tuple(written), tuple(kept))


def settings_file() -> str:
    """An undertone.toml in which every setting is explained, and commented out at its default."""
    lines = [
        "# Settings of this workspace. What is commented out shows the default, or an example. The",
        f"# environment ({PREFIX}SEED=1, …) and a file .env beside this one win over what stands",
        "# here; passwords belong there. Relative paths are relative to this folder.",
        "# `undertone config show` says what is in force and where it came from.",
    ]
    for name, field in Settings.model_fields.items():
        if name != "home":
            lines += ["", f"# {field.description}", f"# {name} = {_shown_default(name, field)}"]
    return "\n".join(lines) + "\n"


_COMPUTED = {
    "data_dir": '".undertone"',
    "database_url": '"sqlite:///.undertone/undertone.db"',
    "mlflow_tracking_uri": '"sqlite:///.undertone/mlflow.db"',
    "prefect_api_url": '"http://127.0.0.1:4200/api"',
    "scheme_path": '"scheme.yaml"',
    "labeling_function_dirs": f'["{FUNCTIONS}"]',
    "sources": '["recordings", "s3://bucket/speech"]',
    "encoder_weights": '"weights/wavlm-base.pth"',
    "n_workers": "2",
    "batch_minutes": "30",
    "dask_scheduler": '"tcp://127.0.0.1:8786"',
    "desk_url": '"https://desk.example.org"',
    "labelstudio_url": '"http://127.0.0.1:8080"',
    "labelstudio_token": '"in .env: UNDERTONE_LABELSTUDIO_TOKEN=…"',
}
"""Examples for settings without a default, or with one that depends on machine or folder."""


def _shown_default(name: str, field: FieldInfo) -> str:
    if name in _COMPUTED:
        return _COMPUTED[name]
    default: Any = field.default
    if isinstance(default, dict):
        return "{ " + ", ".join(f"{key} = {value}" for key, value in default.items()) + " }"
    return f'"{default}"' if isinstance(default, str) else str(default)


def _write_new(path: Path, text: str) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        if path.is_file():
            return False
        raise ConfigError(f"{error.filename} is in the way: it is no folder") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
    return True
