"""Passwords and tokens, kept out of everything that is shown."""

import re
from typing import Any

from pydantic import SecretStr

_USERINFO = re.compile(r"(?<=://)([^/:@\s]*):(?!:\w+://)(.+)@")
_TOKEN_AS_USER = re.compile(r"(?<=https://)[^/:@\s]+@|(?<=http://)[^/:@\s]+@")
_PARAMETER = re.compile(
    r"(?i)([?&;#\s][\w.-]*(?:password|passwd|pwd|secret|token|key|sig|signature|credential)=)[^&;#\s]*"
)


def masked(text: str) -> str:
    """`text` with every password or token in a URL shown as ***; when in doubt, more is hidden."""
    hidden = _USERINFO.sub(r"\1:***@", text)
    hidden = _TOKEN_AS_USER.sub("***@", hidden)
    return _PARAMETER.sub(r"\1***", hidden)


def shown(value: Any) -> str:
    """A setting as text that may be printed or logged."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(one) for one in value) + "]"
    if isinstance(value, dict):
        return ", ".join(f"{name}={shown(one)}" for name, one in value.items()) or "none"
    return masked("" if value is None else str(value))


class SecretUrl(SecretStr):
    """A URL (or path) that may hold a password: `get_secret_value()` for use, *** when shown."""

    def _display(self) -> str:
        return masked(self._secret_value)


class Secret(SecretStr):
    """A password or token: `get_secret_value()` for use, *** when shown."""

    def _display(self) -> str:
        return "***" if self._secret_value else ""
