"""Telling Prefect what happened, so that deployments waiting for it can start."""

from config.settings import Settings
from flows.running import connect_prefect

BATCH_COMPLETED = "undertone.batch.completed"


def announce_complete(settings: Settings, batch_id: str) -> bool:
    """Emit the event that a batch is fully judged; returns whether there was a server to tell.

    With an embedded server nobody is waiting, and nothing is sent.
    """
    connect_prefect(settings)
    import prefect.settings
    from prefect.events import emit_event
    from prefect.events.worker import EventsWorker

    if prefect.settings.PREFECT_API_URL.value() is None:
        return False
    emit_event(
        BATCH_COMPLETED,
        resource={
            "prefect.resource.id": f"undertone.batch.{batch_id}",
            "undertone.home": str(settings.home.resolve()),
        },
        payload={"batch": batch_id},
    )
    EventsWorker.drain_all()
    return True
