"""Running the round flow in this process, as a command does."""

import os
from typing import Any

from config.settings import Settings


class PrefectError(ValueError):
    """The Prefect server that is configured does not answer."""


def connect_prefect(settings: Settings) -> None:
    """Have Prefect use the server of the settings; without one it starts its own inside."""
    if settings.prefect_api_url is not None:
        _use(settings.prefect_api_url.get_secret_value())


def _use(api_url: str) -> None:
    """Have this process, all its threads and all processes that it starts use one server.

    In the environment, for a worker process that is told less would start a server of its own,
    which a kill would leave behind.
    """
    os.environ["PREFECT_API_URL"] = api_url
    from prefect.context import refresh_global_settings_context

    refresh_global_settings_context()


def run_here(settings: Settings, overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run (or resume) one round and return its row of figures.

    Raises rounds.turn.RoundBusy while another round works.
    """
    connect_prefect(settings)
    from prefect.settings import PREFECT_API_URL

    if PREFECT_API_URL.value() is not None:
        return _run(settings, overrides or {})
    from flows.embedded_server import embedded_server

    server = embedded_server()
    import flows.run_round  # noqa: F401  (takes seconds, and so does the server's start)

    server.wait()
    _use(server.api_url)
    return _run(settings, overrides or {})


def _run(settings: Settings, overrides: dict[str, Any]) -> dict[str, Any]:
    from flows.run_round import SKIPPED, run_round
    from rounds.turn import RoundBusy

    try:
        state: Any = run_round(str(settings.home), overrides, return_state=True)
    except RuntimeError as error:
        if "Failed to reach API" not in str(error):
            raise
        raise PrefectError(
            f"the Prefect server at {settings.prefect_api_url} does not answer (prefect_api_url in "
            "`undertone config show`; without one it is embedded)"
        ) from error
    if state.name == SKIPPED:
        raise RoundBusy(state.message)
    metrics: dict[str, Any] = state.result()
    return metrics
