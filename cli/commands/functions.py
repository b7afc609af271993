"""`undertone lf`: the labelling functions."""

import typer

from cli.console import out, remark, table
from cli.main import app

lf_app = typer.Typer(help="Labelling functions.", no_args_is_help=True)
app.add_typer(lf_app, name="lf")


@lf_app.command("list")
def list_() -> None:
    """List the labelling functions, shipped and your own, and name files that do not load.

    Example: undertone lf list
    """
    import labeling_functions
    from config.opening import open_workspace
    from config.settings import Settings

    loaded = labeling_functions.load(open_workspace(Settings()).function_dirs)
    rows = [
        (f.name, f.on, (f.doc or "").strip().splitlines()[0] if f.doc else "")
        for f in loaded.functions
    ]
    out.print(table(f"Labelling functions: {len(rows)}", ("name", "on", "idea"), rows))
    for problem in loaded.problems:
        remark(f"left out: {problem}")
