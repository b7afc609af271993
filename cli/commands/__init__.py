"""The commands; importing this package adds them all to the app."""

from cli.commands import (
    aggregating,
    agreeing,
    batches,
    configuration,
    crowd,
    demo,
    desk,
    evaluating,
    functions,
    ingestion,
    predicting,
    quarantined,
    reporting,
    rounding,
    simulation,
    steps,
)

__all__ = [
    "aggregating",
    "agreeing",
    "batches",
    "configuration",
    "crowd",
    "demo",
    "desk",
    "evaluating",
    "functions",
    "ingestion",
    "predicting",
    "quarantined",
    "reporting",
    "rounding",
    "simulation",
    "steps",
]
