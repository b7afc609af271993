"""A labelling function: a named idea that votes on one dimension of the scheme."""

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, overload

import pandas as pd

Vote = Callable[[pd.DataFrame], Any]


@dataclass(frozen=True)
class LabelingFunction:
    """`function(table)` gives one vote a row on the dimension `on`; see `columns` for the forms.

    `version` is a hash of the source it came from, `doc` its docstring, `file` where it stood.
    """

    name: str
    on: str
    function: Vote
    version: str
    doc: str = ""
    file: str = ""

    def __call__(self, table: pd.DataFrame) -> Any:
        """What the function itself returns, unchecked."""
        return self.function(table)

    @property
    def where(self) -> str:
        """Name and file, to begin a message with."""
        return f"{self.name} ({self.file})" if self.file else self.name


@overload
def labeling_function(on: Vote) -> LabelingFunction: ...
@overload
def labeling_function(
    on: str = "emotion", *, name: str | None = None
) -> Callable[[Vote], LabelingFunction]: ...
def labeling_function(
    on: str | Vote = "emotion", *, name: str | None = None
) -> LabelingFunction | Callable[[Vote], LabelingFunction]:
    """Decorator: make a function over a table a labelling function.

    `on` is the dimension voted on ("emotion", or a scale of the scheme), `name` how reports call
    it (the function's own name, if not given).
    """
    if callable(on):
        return _made(on, "emotion", None)
    return lambda function: _made(function, on, name)


def version_of(source: str) -> str:
    """The version of what was made from this source text: 12 hexadecimal digits."""
    return hashlib.sha256(source.encode()).hexdigest()[:12]


def _made(function: Vote, on: str, name: str | None) -> LabelingFunction:
    return LabelingFunction(
        name=name or function.__name__,
        on=on,
        function=function,
        version=version_of(_source(function)),
        doc=inspect.getdoc(function) or "",
    )


def _source(function: Vote) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        # Typed into an interpreter: no file has its text.
        code = function.__code__
        return repr((code.co_code, code.co_consts, code.co_names))
