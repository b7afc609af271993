"""The commands; importing this package adds them all to the app."""

from cli.commands import (
    crowd,
    batches,
    configuration,
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
    "crowd",
    "batches",
    "configuration",
    "demo",
    "functions",
    "ingestion",
    "quarantined",
    "reporting",
    "rounding",
    "simulation",
    "steps",
]
