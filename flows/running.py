"""Running the round flow in this process, as a command does."""

import os
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
    connect_prefect(settings)
    import prefect.settings

    if prefect.settings.PREFECT_API_URL.value() is None:
        from flows.embedded_server import start_embedded_server

        start_embedded_server()
    from flows.run_round import SKIPPED, run_round
    from rounds.turn import RoundBusy

    state: Any = run_round(str(settings.home), overrides or {}, return_state=True)
    if state.name == SKIPPED:
        raise RoundBusy(state.message)
    metrics: dict[str, Any] = state.result()
    return metrics
