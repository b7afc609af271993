"""Labels as a file: a row an item, with the probability of each class."""

import csv
import io
import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

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
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    names = [f"p_{name}" for name in labels.classes]
    proba = np.round(labels.proba, 6)
    texts = {
        "item": pa.array(labels.items, pa.string()),
        "label": pa.DictionaryArray.from_arrays(
            pa.array(labels.label), pa.array(labels.classes, pa.string())
        ).dictionary_decode(),
    }
    columns = [*texts.values(), pa.array(np.round(labels.confidence, 6)), *map(pa.array, proba.T)]
    table = pa.table(columns, names=[str(place) for place in range(len(columns))])
    quoted = any(
        pc.any(pc.match_substring_regex(text, _SPECIAL)).as_py() for text in texts.values()
    )
    head = io.StringIO()
    header = ["item", "label", "confidence", *names]
    csv.writer(head, delimiter=separator, lineterminator="\n").writerow(header)
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
