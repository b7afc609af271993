"""A model's file: plain arrays and JSON, no pickle."""

import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

FORMAT = 2

_Model = TypeVar("_Model")


class ModelError(ValueError):
    """A model file that is not one; the message is one line."""


def write(path: Path | str, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """The same content gives the same bytes; a half-written file never stands at `path`."""
    buffer = io.BytesIO()
    told = np.frombuffer(json.dumps({"format": FORMAT, **about}).encode(), np.uint8)
    np.savez(buffer, allow_pickle=False, **arrays, about=told)
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(buffer.getvalue())
    beside.replace(path)


def read(
    path: Path | str,
    build: Callable[[Mapping[str, Any], Mapping[str, NDArray[Any]]], _Model],
) -> _Model:
    """What `build` makes of the file's parts. Raises ModelError in one line."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes())
            if about["format"] != FORMAT:
                raise ModelError(
                    f"model {path} is of format {about['format']}; this version reads {FORMAT}"
                )
            arrays = {name: stored[name] for name in stored.files if name != "about"}
        return build(about, arrays)
    except ModelError:
        raise
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        # numpy's word for a file that is none of its own is that it holds pickles.
        is_ours = not isinstance(error, ValueError) or zipfile.is_zipfile(path)
        reason = " ".join(str(error).split()) if is_ours else "it is no .npz file"
        raise ModelError(f"model {path} cannot be read: {reason}") from error
