"""What a setting may be, and how it is written in a file or a variable."""

import difflib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from audio.front_ends import FRONT_ENDS
from config.masking import SecretUrl

T = TypeVar("T")


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


def _home(info: ValidationInfo) -> Path:
    return Path(info.data.get("home", Path()))


def _below_home(path: Path, info: ValidationInfo) -> Path:
    return _home(info) / path


def _file_below_home(url: SecretUrl, info: ValidationInfo) -> SecretUrl:
    scheme, found, file = url.get_secret_value().partition(":///")
    if not found or not scheme.startswith("sqlite") or file.startswith((":", "/")) or not file:
        return url
    return SecretUrl(f"{scheme}:///{_home(info) / file}")


def _located(source: SecretUrl, info: ValidationInfo) -> SecretUrl:
    place = source.get_secret_value()
    if "://" in place or "::" in place:
        return source
    return SecretUrl(str(_home(info) / Path(place).expanduser()))


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


def _front_end(value: str) -> str:
    if value not in FRONT_ENDS:
        near = difflib.get_close_matches(value, FRONT_ENDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(FRONT_ENDS)}"
        raise ValueError(f"is no front end ({hint})")
    return value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


Listed = Annotated[list[T], BeforeValidator(_listed)]
"""A list, which one variable holds as JSON or as names parted by commas."""

Folder = Annotated[Path, AfterValidator(Path.expanduser)]

FolderBelowHome = Annotated[Folder, AfterValidator(_below_home)]
"""A folder or file; a relative one is relative to the workspace."""

DatabaseUrl = Annotated[SecretUrl, AfterValidator(_file_below_home)]
"""A database or a server; a relative file of SQLite is relative to the workspace."""

Source = Annotated[SecretUrl, AfterValidator(_located)]
"""A folder, file or URL to read speech from; a relative one is relative to the workspace."""

WebAddress = Annotated[str, AfterValidator(_web_address)]
"""http or https, a host, and no more than a port and a path; without a slash at the end."""

FrontEndName = Annotated[str, AfterValidator(_front_end)]

LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)]
