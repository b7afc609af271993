"""Passwords and secrets: hashed with argon2 and SHA-256; never kept, never shown again."""

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from annotation.desk.errors import DeskError

MIN_LENGTH, MAX_LENGTH = 10, 256

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex(8))
"""Checked against where there is no such account, so that the time taken does not tell."""


def hashed(password: str) -> str:
    """An argon2id hash. Raises DeskError for a password that is too short or too long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise DeskError(f"the password must have {MIN_LENGTH} to {MAX_LENGTH} characters")
    return _hasher.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether a password is the one of that hash; as slow where there is none."""
    try:
        return _hasher.verify(kept or _NOBODY, password[:MAX_LENGTH]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def new_secret() -> str:
    """A secret that nobody guesses: 256 bits, fit for a link or a cookie."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of such a secret. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
