"""The commands; importing this package adds them all to the app."""

from cli.commands import (
    batches,
    configuration,
    crowd,
    demo,
    functions,
    ingestion,
    quarantined,
    reporting,
    rounding,
    simulation,
    steps,
)

__all__ = [
    "batches",
    "configuration",
    "crowd",
    "demo",
    "functions",
    "ingestion",
    "quarantined",
    "reporting",
    "rounding",
    "simulation",
    "steps",
]
