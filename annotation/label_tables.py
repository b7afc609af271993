"""Labels and values as a file: a row an item, in the order of the votes."""

import csv
import io
import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from annotation.rating_aggregation import ItemRatings
from annotation.tables import TableError
from annotation.vote_aggregation import Labels

_SPECIAL = '[",\r\n\t]'


def check_writable(path: Path, *inputs: Path) -> None:
    """Raise TableError if labels could not be written to `path`, or would overwrite an input."""
    folder = path.parent
    if path.is_dir():
        raise TableError(f"{path} cannot be written: it is a folder")
    if not folder.is_dir():
        raise TableError(f"{path} cannot be written: no folder {folder}")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise TableError(f"{path} cannot be written: permission denied")
    for one in inputs:
        if path.exists() and one.exists() and path.samefile(one):
            raise TableError(f"{path} would be overwritten, but votes or gold are read from it")


def write_labels(labels: Labels, path: Path) -> None:
    """Write `item,label,confidence,p_<class>…`, tab-separated where the name ends in .tsv.

    Probabilities have six decimals. The file is written beside its place and renamed: it is
    there whole or not at all. Raises TableError when it cannot be written.
    """
    label = pa.DictionaryArray.from_arrays(
        pa.array(labels.label), pa.array(labels.classes, pa.string())
    ).dictionary_decode()
    columns: list[tuple[str, pa.Array]] = [
        ("item", pa.array(labels.items, pa.string())),
        ("label", label),
        ("confidence", _rounded(labels.confidence)),
        *(
            (f"p_{name}", _rounded(p))
            for name, p in zip(labels.classes, labels.proba.T, strict=True)
        ),
    ]
    _write_table(columns, path)


def write_ratings(values: ItemRatings, path: Path) -> None:
    """Write `item,mean,sd,low,high,rating_sd,n_ratings`, and `p_<level>…` on an ordinal scale.

    Written as `write_labels` does. Raises TableError when it cannot be written.
    """
    proba = zip(values.levels, values.level_proba.T, strict=True)
    columns: list[tuple[str, pa.Array]] = [
        ("item", pa.array(values.items, pa.string())),
        ("mean", _rounded(values.mean)),
        ("sd", _rounded(values.sd)),
        ("low", _rounded(values.low)),
        ("high", _rounded(values.high)),
        ("rating_sd", _rounded(values.rating_sd)),
        ("n_ratings", pa.array(values.n_ratings)),
        *((f"p_{level}", _rounded(p)) for level, p in proba),
    ]
    _write_table(columns, path)


def _rounded(numbers: NDArray[np.float64]) -> pa.Array:
    return pa.array(np.round(numbers, 6))


def _write_table(columns: list[tuple[str, pa.Array]], path: Path) -> None:
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    arrays = [array for _, array in columns]
    table = pa.table(arrays, names=[str(place) for place in range(len(arrays))])
    texts = [array for array in arrays if pa.types.is_string(array.type)]
    quoted = any(pc.any(pc.match_substring_regex(text, _SPECIAL)).as_py() for text in texts)
    head = io.StringIO()
    names = [name for name, _ in columns]
    csv.writer(head, delimiter=separator, lineterminator="\n").writerow(names)
    options = pyarrow.csv.WriteOptions(
        include_header=False,
        delimiter=separator,
        quoting_style="needed" if quoted else "none",
    )
    try:
        _write(path, head.getvalue().encode(), table, options)
    except OSError as error:
        raise TableError(f"{path} cannot be written: {error.strerror or error}") from error


def _write(path: Path, head: bytes, table: pa.Table, options: pyarrow.csv.WriteOptions) -> None:
    if path.exists() and not path.is_file():  # a pipe or a terminal
        with path.open("wb") as file:
            file.write(head)
            pyarrow.csv.write_csv(table, file, options)
        return
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(head)
            pyarrow.csv.write_csv(table, file, options)
        mask = os.umask(0)
        os.umask(mask)
        Path(beside).chmod(0o666 & ~mask)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
