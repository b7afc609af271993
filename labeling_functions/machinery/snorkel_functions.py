"""Snorkel's own labelling functions, taken as they are."""

import sys
from typing import Any

import pandas as pd

from labeling_functions.machinery.columns import VoteColumn
from labeling_functions.machinery.function import LabelingFunction
from labels.votes import ABSTAIN


def is_snorkel(thing: object) -> bool:
    """Whether it is an instance of snorkel.labeling.LabelingFunction (not imported for this)."""
    module = sys.modules.get("snorkel.labeling.lf.core")
    return module is not None and isinstance(thing, module.LabelingFunction)


def adopted(theirs: Any, version: str, file: str) -> LabelingFunction:
    """A Snorkel labelling function as ours: called row by row, so slow on a large table.

    It votes on `emotion`: a class index in the order of the scheme, -1 to abstain.
    """

    def votes(table: pd.DataFrame) -> VoteColumn:
        said = [int(theirs(row)) for _, row in table.iterrows()]
        codes, values = pd.factorize(
            pd.Series([None if s == ABSTAIN else s for s in said], dtype="Int64")
        )
        return VoteColumn(codes, tuple(ClassIndex(int(v)) for v in values))

    doc = getattr(getattr(theirs, "_f", None), "__doc__", None) or ""
    return LabelingFunction(str(theirs.name), "emotion", votes, version, doc.strip(), file)


class ClassIndex(int):
    """A class said by its index, as Snorkel has it, rather than by its name."""
