"""`undertone NOUN VERB`: the terminal's way in, where errors become one line."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

# Prefect reads these when it is first imported; what the user has set stands.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

app = typer.Typer(
    name="undertone",
    help="Turns unlabelled speech into fine-grained emotion labels one can trust.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

USAGE_ERROR = 2


@app.callback()
def at(
    home: Annotated[
        Path | None,
        typer.Option(help="Workspace folder (default: here, or a parent with undertone.toml)."),
    ] = None,
) -> None:
    """Turns unlabelled speech into fine-grained emotion labels one can trust."""
    if home is not None and not home.expanduser().is_dir():
        raise typer.BadParameter(f"the workspace folder {home} does not exist", param_hint="--home")
    if home is not None:
        os.environ["UNDERTONE_HOME"] = str(home)


def main() -> None:
    """Run the command line; bad input is one line and exit code 2, never a traceback."""
    for stream in (sys.stdout, sys.stderr):  # a letter the terminal does not have is no error
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    import cli.commands  # noqa: F401  (each module there adds its commands to `app`)

    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        where = getattr(getattr(error, "ctx", None), "command_path", "undertone")
        said = getattr(error, "format_message", error.__str__)()
        _say(f"{' '.join(said.split())} (`{where} --help` lists what is valid)")
        sys.exit(USAGE_ERROR)
    except (typer.Abort, KeyboardInterrupt):
        _say("stopped; the same command goes on where this one was")
        sys.exit(130)
    except ValueError as error:
        _log(error)
        _say(" ".join(str(error).split()))
        sys.exit(USAGE_ERROR)
    except Exception as error:  # the last line of defence: the stack goes to the log
        where = _log(error)
        _say(f"unexpected {type(error).__name__}: {' '.join(str(error).split())[:300]} ({where})")
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _say(line: str) -> None:
    from cli.console import remark

    remark(f"undertone: {' '.join(line.split())}")


def _log(error: BaseException) -> str:
    """Keep the stack in the workspace's log; returns where, for the message."""
    try:
        from config.settings import Settings

        folder = Settings().data_dir
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "undertone.log"
        handler = logging.FileHandler(path, encoding="utf-8")
    except (ValueError, OSError):
        return "no log could be written"
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("undertone")
    logger.propagate = False
    logger.addHandler(handler)
    logger.error("%s", sys.argv[1:], exc_info=error)
    handler.close()
    return f"the stack is in {path}"
