"""`undertone init` and `undertone config`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import out, say, table
from cli.main import app

config_app = typer.Typer(help="What is in force.", no_args_is_help=True)
app.add_typer(config_app, name="config")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new workspace.")] = Path(),
) -> None:
    """Make a workspace: settings, scheme, a folder for your labelling functions.

    Example: undertone init my-speech
    """
    from config.workspace import init_workspace

    made = init_workspace(folder)
    for path in made.written:
        say(f"wrote {path}")
    for path in made.kept:
        say(f"kept {path} as it is")
    say(
        "Next: undertone ingest FOLDER_OR_MANIFEST, then undertone round "
        f"(in {folder.resolve().name}/)"
    )


@config_app.command("show")
def show() -> None:
    """Print every setting in force and where it came from. Secrets are not shown.

    Example: UNDERTONE_SEED=7 undertone config show
    """
    from config.settings import Settings, sources_of

    rows = [(name, value, origin) for name, (value, origin) in sources_of(Settings()).items()]
    out.print(table("Settings in force", ("setting", "value", "from"), rows))
