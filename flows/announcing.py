"""Telling Prefect what happened, so that deployments waiting for it can start."""

from config.settings import Settings
from flows.running import connect_prefect

BATCH_COMPLETED = "undertone.batch.completed"


class AnnounceError(ValueError):
    """The Prefect server that is configured could not be told."""


def announce_complete(settings: Settings, batch_id: str) -> bool:
    """Emit the event that a batch is fully judged; returns whether there was a server to tell.

    When this returns the server has it (Prefect's own emitting is done in the background, and
    may be lost when the process ends). With an embedded server nobody is waiting, and nothing is
    sent. Raises AnnounceError.
    """
    connect_prefect(settings)
    import prefect.settings
    from prefect.client.orchestration import get_client
    from prefect.events import Event

    url = prefect.settings.PREFECT_API_URL.value()
    if url is None:
        return False
    event = Event(
        event=BATCH_COMPLETED,
        resource={
            "prefect.resource.id": f"undertone.batch.{batch_id}",
            "undertone.home": str(settings.home.resolve()),
        },
        payload={"batch": batch_id},
    )
    try:
        with get_client(sync_client=True) as client:
            client.request("POST", "/events", json=[event.model_dump(mode="json")])
    except Exception as error:  # whatever it is, the judgements are stored
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise AnnounceError(
            f"the Prefect server could not be told that {batch_id} is complete ({reason}); "
            "the round on a schedule will find it"
        ) from error
    return True
