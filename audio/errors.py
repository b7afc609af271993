"""What is wrong with a sound file, in one line."""


class AudioError(ValueError):
    """A file that is no sound we can use; `reason` is one line that follows the file's name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
