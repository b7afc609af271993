"""Posting to an address that somebody gave: briefly, following nothing, and only to others."""

import http.client
import ipaddress
import socket
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlsplit

TIMEOUT_S = 10.0
_ALLOW = 'set desk_internal_webhooks = "yes" where that is meant'


class SendError(ValueError):
    """It did not arrive; the message says why in one line."""


def inner(host: str) -> str | None:
    """An address of this machine or its own network that a host is written as or stands for, as
    far as that shows without asking anybody; None where it is no such."""
    plain = host.strip("[]").rstrip(".").lower()
    if plain == "localhost" or plain.endswith((".localhost", ".local", ".internal")):
        return plain
    try:
        # The system's own reading: "127.1" and "2130706433" are addresses too.
        found = socket.getaddrinfo(plain, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return next((at for *_, (at, *_) in found if _is_inner(str(at))), None)


def refusal(address: str) -> str:
    """Why nothing is sent there."""
    return f"{address} is this machine or its own network, where webhooks do not lead: {_ALLOW}"


def post(url: str, body: bytes, headers: dict[str, str], *, internal: bool = False) -> None:
    """Post; any 2xx answer is success. Raises SendError, also for an address of this machine or
    its own network, unless `internal` ones are meant."""
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    opener = urllib.request.build_opener(*_handlers(url, internal))
    try:
        with opener.open(request, timeout=TIMEOUT_S):
            return
    except urllib.error.HTTPError as error:
        error.close()
        raise SendError(f"it answered {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        reason: Any = getattr(error, "reason", None) or error
        words = " ".join(str(reason).split())[:200] or type(error).__name__
        raise SendError(words) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A signed message is for one address, not for whom that one names."""

    def redirect_request(
        self,
        req: urllib.request.Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: HTTPMessage,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        """Follow none."""
        return


class _ToOthers(http.client.HTTPConnection):
    """Connects to addresses that are not of this machine nor its network: the very ones that the
    name was looked up as, for a second look-up might bring others."""

    def connect(self) -> None:
        """Connect. Raises OSError."""
        self.sock = _connected(self.host, self.port)


class _ToOthersSafely(http.client.HTTPSConnection):
    """The same over TLS."""

    def connect(self) -> None:
        """Connect. Raises OSError."""
        plain = _connected(self.host, self.port)
        context: Any = self._context  # type: ignore[attr-defined]
        self.sock = context.wrap_socket(plain, server_hostname=self.host)


class _OthersOnly(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_ToOthers, req)  # type: ignore[arg-type]

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_ToOthersSafely, req)  # type: ignore[arg-type]


def _handlers(url: str, internal: bool) -> list[Any]:
    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    has_proxy = parts.scheme in proxies and not urllib.request.proxy_bypass(parts.hostname or "")
    # Behind a proxy it is the proxy that looks names up, and that knows whom it lets through.
    return [_NoRedirect] if internal or has_proxy else [_NoRedirect, _OthersOnly()]


def _connected(host: str, port: int | None) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, place in found:
        if _is_inner(str(place[0])):
            raise OSError(refusal(str(place[0])))
    problem: OSError = OSError("the name stands for nothing")
    for family, kind, protocol, _, place in found:
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(TIMEOUT_S)
        try:
            sock.connect(place)
        except OSError as error:
            sock.close()
            problem = error
        else:
            return sock
    raise problem


def _is_inner(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    mapped = getattr(found, "ipv4_mapped", None)
    return not (mapped or found).is_global or (mapped or found).is_multicast
