"""Running the round flow in this process, as a command does."""

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from config.settings import Settings


def connect_prefect(settings: Settings) -> None:
    """Have Prefect use the server of the settings; without one it starts its own inside."""
    if settings.prefect_api_url is not None:
        os.environ["PREFECT_API_URL"] = settings.prefect_api_url.get_secret_value()


def run_here(settings: Settings, overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run (or resume) one round and return its row of figures.

    Raises rounds.turn.RoundBusy while another round works.
    """
    with _connected(settings):
        from flows.run_round import SKIPPED, run_round
        from rounds.turn import RoundBusy

        state: Any = run_round(str(settings.home), overrides or {}, return_state=True)
        if state.name == SKIPPED:
            raise RoundBusy(state.message)
        metrics: dict[str, Any] = state.result()
        return metrics


def _connected(settings: Settings) -> AbstractContextManager[None]:
    connect_prefect(settings)
    from prefect.settings import PREFECT_API_URL

    if PREFECT_API_URL.value() is not None:
        return nullcontext()
    from flows.embedded_server import embedded_server

    return embedded_server()
