"""`undertone guidelines`: what annotators go by."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.desk import open_desk
from cli.console import out, say, table
from cli.main import app

guidelines_app = typer.Typer(help="What annotators go by.", no_args_is_help=True)
app.add_typer(guidelines_app, name="guidelines")


@guidelines_app.command()
def show(
    version: Annotated[
        int | None, typer.Option(min=1, help="Which one (default: the newest).")
    ] = None,
) -> None:
    """Print the guidelines, in Markdown.

    Example: undertone guidelines show > guidelines.md
    """
    from annotation.desk import guidelines
    from config.settings import Settings

    found = guidelines.read(open_desk(Settings()), version)
    if found is None:
        raise ValueError("no guidelines yet; store some: undertone guidelines write FILE")
    typer.echo(found.guideline.text)


@guidelines_app.command()
def write(
    file: Annotated[Path, typer.Argument(help="The text, in Markdown (UTF-8).")],
    remark: Annotated[str, typer.Option(help="What is new in it.")] = "",
) -> None:
    """Store a file as the newest version; the example clips stay.

    Example: undertone guidelines write guidelines.md --remark "sighs"
    """
    from annotation.desk import guidelines
    from config.settings import Settings

    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is not UTF-8 (byte {error.start})") from None
    the_desk = open_desk(Settings())
    version = guidelines.write(the_desk, "the command line", text, remark=remark)
    say(f"version {version} is what annotators go by now")


@guidelines_app.command("list")
def list_() -> None:
    """List the versions, the newest first.

    Example: undertone guidelines list
    """
    from annotation.desk import guidelines
    from config.settings import Settings

    rows = [
        (one.version, one.created_by, f"{one.created_at:%Y-%m-%d %H:%M}", one.remark)
        for one in guidelines.history(open_desk(Settings()))
    ]
    out.print(table("Guidelines", ("version", "by", "written (UTC)", "what is new"), rows))
