"""`undertone desk export`: everything that was judged, as a file."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.desk import desk_app, open_desk
from cli.console import out, remark, table


@desk_app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The zip to write.")],
    form: Annotated[
        str, typer.Option("--format", help="csv, jsonl or parquet: what is in the zip.")
    ] = "csv",
    batch: Annotated[str | None, typer.Option(help="One batch (default: all).")] = None,
) -> None:
    """Write judgements, decisions, gold, batches and guidelines as tables in a zip.

    Example: undertone desk export judged.zip --format parquet
    """
    import os
    import tempfile

    from annotation.desk.exporting import export as write
    from config.settings import Settings

    if file.is_dir() or not file.parent.is_dir():
        reason = "it is a folder" if file.is_dir() else f"no folder {file.parent}"
        raise ValueError(f"{file} cannot be written: {reason}")
    the_desk = open_desk(Settings())
    try:
        handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise ValueError(f"{file} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as opened:
            counts = write(the_desk, "the command line", form, opened, batch)
        Path(beside).chmod(0o644)
        Path(beside).replace(file)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    out.print(table(f"In {file}", ("table", "rows"), list(counts.items())))
    remark(f"wrote {file}")
