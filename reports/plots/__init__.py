"""Figures of a round and of a simulation, each with a caption for a newcomer."""

from reports.plots.classification import confusion, reliability
from reports.plots.learning import learning_curve
from reports.plots.pool import affect_map, class_shares
from reports.plots.simulation import simulation_curve
from reports.plots.sources import disagreement, weak_sources
from reports.style import Plot

__all__ = [
    "Plot",
    "affect_map",
    "class_shares",
    "confusion",
    "disagreement",
    "learning_curve",
    "reliability",
    "simulation_curve",
    "weak_sources",
]
