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
    try:
        import cli.commands  # noqa: F401  (each module there adds its commands to `app`)

        code = app(standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        _say("stopped; the same command goes on where this one was")
        sys.exit(130)
    except Exception as error:
        line, code = _explained(error)
        _say(line)
        sys.exit(code)
    sys.exit(code if isinstance(code, int) else 0)


def _explained(error: Exception) -> tuple[str, int]:
    """What to say of an error, and the exit code. The stack goes to the log."""
    if isinstance(error, TyperException):
        where = getattr(getattr(error, "ctx", None), "command_path", "undertone")
        said = getattr(error, "format_message", error.__str__)()
        return f"{said} (`{where} --help` lists what is valid)", USAGE_ERROR
    log = _log(error)
    if isinstance(error, ValueError):
        return str(error), USAGE_ERROR
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}", USAGE_ERROR
    return f"unexpected {type(error).__name__}: {str(error)[:300]} ({log})", 1


def _say(line: str) -> None:
    from cli.console import remark
    from config.masking import masked

    remark(masked(f"undertone: {' '.join(line.split())}"))


class _Masked(logging.Formatter):
    """Keeps passwords out of the log, wherever in a stack they stand."""

    def format(self, record: logging.LogRecord) -> str:
        from config.masking import masked

        return "\n".join(masked(line) for line in super().format(record).splitlines())


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
    handler.setFormatter(_Masked("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("undertone")
    logger.propagate = False
    logger.addHandler(handler)
    logger.error("%s", sys.argv[1:], exc_info=error)
    handler.close()
    return f"the stack is in {path}"
