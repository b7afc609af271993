"""What the desk refuses. Every message is one line that a person at the desk can act on."""


class DeskError(ValueError):
    """Something the desk cannot do as asked; `status` is what HTTP calls it, `code` a word."""

    status = 422
    code = "invalid"


class NotSignedInError(DeskError):
    """Nobody is signed in, or the token is not (or no longer) good."""

    status, code = 401, "not_signed_in"


class ForbiddenError(DeskError):
    """Signed in, but this is not theirs to do or to see."""

    status, code = 403, "forbidden"


class CalibrationDueError(DeskError):
    """A calibration comes first."""

    status, code = 403, "calibration_due"


class NotFoundError(DeskError):
    """There is no such thing, or none that the asker may see."""

    status, code = 404, "not_found"


class HiddenError(NotFoundError):
    """It may well be there, but it is not theirs to see: answered as not found, and logged."""


class ConflictError(DeskError):
    """It was done before, otherwise; what was stored first stands."""

    status, code = 409, "conflict"


class TooManyTriesError(DeskError):
    """Too often in too short a time."""

    status, code = 429, "too_many_tries"
