"""Running the round flow in this process, as a command does."""

import os
from typing import Any

from config.settings import Settings


def connect_prefect(settings: Settings) -> None:
    """Have Prefect use the server of the settings; without one it starts its own inside."""
    if settings.prefect_api_url is not None:
        os.environ["PREFECT_API_URL"] = settings.prefect_api_url.get_secret_value()


def run_here(settings: Settings, overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run (or resume) one round and return its row of figures."""
    connect_prefect(settings)
    from flows.run_round import run_round

    metrics: dict[str, Any] = run_round(str(settings.home), overrides or {})
    return metrics
