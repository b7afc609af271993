"""`undertone lf`: the bench for labelling functions."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import function_tables as shown
from cli.console import err, out, table
from cli.main import app

lf_app = typer.Typer(help="Labelling functions.", no_args_is_help=True)
app.add_typer(lf_app, name="lf")

Reference = Annotated[
    bool,
    typer.Option("--reference", help="Judge by the corpora's own labels instead of expert gold."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]


def _open() -> tuple[Any, Any]:
    from config.opening import open_workspace
    from config.settings import Settings

    settings = Settings()
    return settings, open_workspace(settings)


@lf_app.command("list")
def list_() -> None:
    """List the labelling functions, shipped and your own, and name files that do not load.

    Example: undertone lf list
    """
    import labeling_functions

    loaded = labeling_functions.load(_open()[1].function_dirs)
    rows = [
        (f.name, f.on, f.version, (f.doc or "").strip().splitlines()[0] if f.doc else "")
        for f in loaded.functions
    ]
    out.print(table(f"Labelling functions: {len(rows)}", ("name", "on", "version", "idea"), rows))
    for problem in loaded.problems:
        err.print(f"left out: {problem}", markup=False)


@lf_app.command()
def new(
    name: Annotated[str, typer.Argument(help="What it is called: the function and its file.")],
    on: Annotated[str, typer.Option(help="What it votes on: emotion, or a scale.")] = "emotion",
) -> None:
    """Begin a labelling function: a file with a working example, and a test beside it.

    Example: undertone lf new loud_and_high --on arousal
    """
    import labeling_functions
    from labeling_functions.machinery.skeletons import NewFunctionError, begin

    settings, workspace = _open()
    if not workspace.function_dirs:
        raise NewFunctionError("no folder of your own functions is set (labeling_function_dirs)")
    taken = {f.name: f.file for f in labeling_functions.load(workspace.function_dirs).functions}
    if name in taken:
        raise NewFunctionError(f"there is a labelling function {name!r} already, in {taken[name]}")
    scheme_path = settings.scheme_path
    written = begin(workspace.function_dirs[0], name, on, workspace.scheme, scheme_path=scheme_path)
    for file in written:
        out.print(f"wrote {file}", markup=False, soft_wrap=True)
    out.print(f"next: edit it, then undertone lf check {name}", markup=False)


@lf_app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Which ones (default: all).")] = None,
    reference: Reference = False,
    as_json: AsJson = False,
    html: Annotated[
        Path | None, typer.Option(help="Also write a page, with plots and players.")
    ] = None,
) -> None:
    """What each function is worth on the pool: what it covers, how right it is, whom it repeats.

    Example: undertone lf check slow_and_low --html check.html
    """
    from rounds import function_bench

    bench = function_bench.open_bench(_open()[1], reference=reference)
    found = function_bench.check(bench, names or ())
    for problem in found.problems:
        err.print(f"left out: {problem}", markup=False, soft_wrap=True)
    if html is not None:
        from rounds.function_reporting import write_page

        write_page(found, html)
        err.print(f"wrote {html}", markup=False, soft_wrap=True)
    if as_json:
        typer.echo(shown.as_json(shown.checked(found)))
        return
    shown.print_check(found, in_full=bool(names))


@lf_app.command()
def compare(
    name: Annotated[str, typer.Argument(help="The function that was edited.")],
    against: Annotated[
        str | None, typer.Option(help="The version before (default: the last one recorded).")
    ] = None,
    reference: Reference = False,
    as_json: AsJson = False,
) -> None:
    """What an edit changed: votes gained, lost and changed, and what they are worth.

    Example: undertone lf compare slow_and_low
    """
    from rounds import function_bench
    from rounds.function_changes import compare as compared

    bench = function_bench.open_bench(_open()[1], reference=reference)
    found = compared(bench, name, against=against)
    for problem in found.problems:
        err.print(f"left out: {problem}", markup=False, soft_wrap=True)
    if as_json:
        typer.echo(shown.as_json(shown.compared(found)))
        return
    shown.print_comparison(found)
