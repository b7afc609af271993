"""The one Settings; only the top tier (commands and flows) reads it."""

import difflib
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import Field, PrivateAttr, ValidationError
from pydantic import field_validator as validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.groups import AtTheDesk, Hearing, InLabelStudio, Places, Rounds
from config.layers import ConfigError, Layer, find_home, layers
from config.masking import Secret, masked, shown
from config.values import LogLevel


# Pydantic takes the last base's fields first: `home`, on which other defaults depend, and the
# order in which they are listed.
class Settings(InLabelStudio, AtTheDesk, Rounds, Hearing, Places, BaseSettings):
    """All settings. Arguments win, then UNDERTONE_*, then .env, undertone.toml, the defaults.

    Both files are looked for in `home` (see config.layers.find_home). Relative paths are
    relative to `home`. Raises ConfigError (one line: where, which value, what is valid).
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, validate_default=True)

    log_level: LogLevel = Field(default="INFO", description="one of DEBUG, INFO, WARNING, ERROR")
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
