"""Where settings come from: the environment, `.env` and `undertone.toml`, the strongest first."""

import difflib
import io
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

PREFIX = "UNDERTONE_"
FILE = "undertone.toml"


class ConfigError(ValueError):
    """A setting, or a file of settings, that does not hold; the message is one line."""


@dataclass(frozen=True)
class Layer:
    """Values that one place gives. `place` names it in errors, `origin` in listings."""

    place: str
    origin: str
    values: Mapping[str, Any]

    def origin_of(self, field: str) -> str:
        """Where a field's value came from, as `undertone config show` says it."""
        return self.origin.format(name=field, variable=PREFIX + field.upper())

    def place_of(self, field: str) -> str:
        """The same for an error: the whole path of a file and the name that stands there."""
        return self.place.format(name=field, variable=PREFIX + field.upper())


def find_home(given: str | Path | None = None) -> tuple[Path, str]:
    """The workspace folder and how it was found.

    `given` wins, then UNDERTONE_HOME, then the current folder or the nearest one above it that
    holds undertone.toml, else the current folder. Raises ConfigError when it is no folder.
    """
    named = os.environ.get(f"{PREFIX}HOME")
    for value, origin in ((given, "argument"), (named, f"environment {PREFIX}HOME")):
        if value:
            home = Path(value).expanduser().absolute()
            if not home.is_dir():
                raise ConfigError(f"{origin}: the workspace folder {home} does not exist")
            return home, origin
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder, f"folder of {FILE}"
    return here, "current folder"


def layers(home: Path, fields: Iterable[str]) -> tuple[Layer, ...]:
    """What the environment, `home`/.env and `home`/undertone.toml say, the strongest first.

    Raises ConfigError for a file that cannot be read and for a key that no field has.
    """
    known = list(fields)
    return (_environment(known), _env_file(home / ".env", known), _toml(home / FILE, known))


def _environment(known: list[str]) -> Layer:
    values = {}
    for variable, value in os.environ.items():
        if not variable.startswith(PREFIX) or not value:
            continue
        field = variable.removeprefix(PREFIX).lower()
        if field in known:
            values[field] = value
        elif near := difflib.get_close_matches(field, known, n=1, cutoff=0.8):
            # Other programs may use the prefix too, so only what looks like a slip is one.
            raise ConfigError(
                f"environment: {variable} is no setting (did you mean {PREFIX}{near[0].upper()}?)"
            )
    return Layer("environment {variable}", "environment {variable}", values)


def _env_file(path: Path, known: list[str]) -> Layer:
    values = {}
    for variable, value in dotenv_values(stream=io.StringIO(_text(path))).items():
        if not variable.startswith(PREFIX):
            continue
        field = variable.removeprefix(PREFIX).lower()
        _check(field, known, variable, str(path), lambda name: PREFIX + name.upper())
        if value:
            values[field] = value
    return Layer(f"{_braced(path)}: {{variable}}", ".env", values)


def _toml(path: Path, known: list[str]) -> Layer:
    try:
        values = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    for key in values:
        _check(key, known, key, str(path), str)
    return Layer(f"{_braced(path)}: {{name}}", FILE, values)


def _check(field: str, known: list[str], key: str, place: str, spelled: Any) -> None:
    if field == "home":
        raise ConfigError(
            f"{place}: {key} cannot be set here, it says where this file is looked for "
            f"(set {PREFIX}HOME in the environment)"
        )
    if field in known:
        return
    near = difflib.get_close_matches(field.lower(), known, n=1, cutoff=0.6)
    names = ", ".join(spelled(name) for name in known if name != "home")
    hint = f"did you mean {spelled(near[0])}?" if near else f"known: {names}"
    raise ConfigError(f"{place}: {key} is no setting ({hint})")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None


def _braced(path: Path) -> str:
    return str(path).replace("{", "{{").replace("}", "}}")
