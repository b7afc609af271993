"""Posting to an address that somebody gave: briefly, and following nothing."""

import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

TIMEOUT_S = 10.0


class SendError(ValueError):
    """It did not arrive; the message says why in one line."""


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


def post(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Post; any 2xx answer is success. Raises SendError."""
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    opener = urllib.request.build_opener(_NoRedirect)
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
