"""`undertone describe`: what is heard of files and of parts of them, as numbers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import bars, out, remark, remarks, table
from cli.main import app
from cli.writing import check_out

_SHOWN = ("f0_semitone_mean", "loudness_db_mean", "alpha_ratio_db_mean", "hnr_db_mean")
_SHOWN_OF_FRAMES = ("f0_semitone", "loudness_db", "alpha_ratio_db", "hnr_db", "f1_frequency_hz")
_MOST_ROWS = 40


@app.command()
def describe(
    files: Annotated[list[Path], typer.Argument(help="Sounds, or folders of them.")],
    per: Annotated[
        str, typer.Option(help="clip, window, frame, or EMO-DB's phone, syllable, word.")
    ] = "clip",
    window: Annotated[float, typer.Option(help="Length of a window in s.")] = 1.0,
    hop: Annotated[float, typer.Option(help="From one window to the next in s.")] = 0.25,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write all of it (.csv or .parquet).")
    ] = None,
) -> None:
    """Show the acoustic features of sounds, whole or part by part, with their units.

    Example: undertone describe clip.wav --per window --out clip.csv
    """
    from config.settings import Settings
    from rounds.parts import PER, Wanted, files_in
    from rounds.parts import describe as run

    if per not in PER:
        raise typer.BadParameter(f"{per!r} is none of {', '.join(PER)}", param_hint="--per")
    if not (window >= 0.02 and hop > 0):
        raise typer.BadParameter(
            f"windows of {window:g} s, {hop:g} s apart: at least 0.02 s and more than 0 are "
            "expected",
            param_hint="--window, --hop",
        )
    if out_file is not None:
        check_out(out_file, (".csv", ".parquet"))
    found = files_in(files)
    if not found:
        raise ValueError(f"there is no sound in {', '.join(map(str, files))}")
    wanted = Wanted(per, window, hop)
    shown: list[Any] = []
    refused: list[str] = []
    n_rows = 0
    with bars() as progress, _Writer(out_file) as writer:
        n_workers = Settings().n_workers
        for i, one in enumerate(run(found, wanted, n_workers=n_workers), 1):
            if one.table is None:
                refused.append(f"{one.path} {one.reason}")
            else:
                n_rows += len(one.table)
                writer.add(one.table)
                if sum(map(len, shown)) <= _MOST_ROWS:
                    shown.append(one.table)
            progress("describe", i, len(found))
    remarks([f"left out: {line}" for line in refused], "")
    if not n_rows:
        raise ValueError(f"none of {len(found)} files could be described")
    if out_file is None:
        _show(shown, per, n_rows)
    else:
        remark(f"wrote {out_file}: {n_rows:,} rows of {len(found) - len(refused):,} files")
    if refused:
        raise typer.Exit(1)


def _show(tables: list[Any], per: str, n_rows: int) -> None:
    import pandas as pd

    from audio.vocabulary import FEATURE_UNITS

    frame = pd.concat(tables, ignore_index=True)
    if per == "clip" and n_rows == 1:
        names = list(frame.columns[4:])
        rows = [(name, float(frame[name].iloc[0]), FEATURE_UNITS[name] or "–") for name in names]
        out.print(table(str(frame["path"].iloc[0]), ("feature", "value", "unit"), rows))
        return
    names = list(_SHOWN_OF_FRAMES if per == "frame" else _SHOWN)
    place = ["path"] * (frame["path"].nunique() > 1) + ["start_s", "end_s"]
    place += ["label"] * bool((frame["label"] != "").any())
    if per == "frame":
        place.remove("end_s")
    columns = [*place, *names]
    out.print(table(f"Per {per}", columns, frame[columns].head(_MOST_ROWS).values.tolist()))
    remark(f"{min(n_rows, _MOST_ROWS)} of {n_rows:,} rows, {len(names)} columns: all with --out")


class _Writer:
    """Tables one after the other into one file, which is there whole or not at all."""

    def __init__(self, path: Path | None) -> None:
        from rounds.durable import beside

        self._path = path
        self._beside = beside(path) if path else None
        self._parquet: Any = None

    def __enter__(self) -> "_Writer":
        return self

    def add(self, frame: Any) -> None:
        if self._beside is None or self._path is None:
            return
        if self._path.suffix.lower() == ".csv":
            is_first = not self._beside.exists()
            frame.to_csv(self._beside, mode="a", header=is_first, index=False, float_format="%.6g")
            return
        import pyarrow
        from pyarrow.parquet import ParquetWriter

        rows = pyarrow.Table.from_pandas(frame, preserve_index=False)
        if self._parquet is None:
            self._parquet = ParquetWriter(self._beside, rows.schema, compression="zstd")
        self._parquet.write_table(rows)

    def __exit__(self, failed: object, *_more: object) -> None:
        if self._parquet is not None:
            self._parquet.close()
        if self._beside is not None and self._path is not None and self._beside.exists():
            if failed is None:
                self._beside.replace(self._path)
            else:
                self._beside.unlink()
