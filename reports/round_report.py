"""The report of a round: one HTML file that a newcomer understands, and that works offline."""

from typing import Any

import numpy as np
import pandas as pd

from reports import plots, round_story, round_table
from reports.pages import page, pictures, playable
from reports.plots.sources import bare
from reports.round_facts import HeldOut, RoundReport

__all__ = ["HeldOut", "RoundReport", "render", "round_plots"]

_MOST_SOURCES = 40
_MOST_QUARANTINED = 50


def render(report: RoundReport, figures: dict[str, plots.Plot | None] | None = None) -> str:
    """The report as one HTML text. Names, reasons and paths are escaped, whatever they hold.

    `figures` are its `round_plots`, where they are drawn already.
    """
    shown = round_table.shown_rounds(report.rounds)
    figures = figures or round_plots(report)
    return page(
        "round.html",
        report=report,
        story=round_story.story(report),
        tiles=round_story.tiles(report),
        doubts=round_story.doubts(report),
        rounds=shown,
        n_rounds_hidden=len(report.rounds) - len(shown),
        groups=round_table.groups(shown),
        model_plots=pictures(*(figures[n] for n in ("learning_curve", "confusion", "reliability"))),
        source_plots=pictures(*(figures[n] for n in ("weak_sources", "disagreement"))),
        pool_plots=pictures(*(figures[n] for n in ("class_shares", "affect_map"))),
        label_model=list(report.label_model.items()),
        source_tables=_source_tables(report.sources),
        batch=_batch(report.batch),
        **_about_batch(report),
        quarantine=list(report.quarantine)[:_MOST_QUARANTINED],
        n_quarantine_hidden=max(0, len(report.quarantine) - _MOST_QUARANTINED),
    )


def round_plots(report: RoundReport) -> dict[str, plots.Plot | None]:
    """The report's figures by name, None where there is nothing to draw; for MLflow as well."""
    held, sources = report.held_out, report.sources
    chance = round_story.chance(report)
    judged = held is not None and chance is not None
    return {
        "learning_curve": plots.learning_curve(report.rounds, chance=chance),
        "confusion": plots.confusion(held.truth, held.proba, report.classes) if judged else None,
        "reliability": plots.reliability(held.truth, held.proba) if judged else None,
        "weak_sources": None if sources is None else plots.weak_sources(sources),
        "disagreement": None if sources is None else plots.disagreement(sources),
        "class_shares": _shares(report),
        "affect_map": _affect(report),
    }


def _shares(report: RoundReport) -> plots.Plot | None:
    columns = [f"p_{name}" for name in report.classes]
    views = {}
    if report.soft is not None and (report.soft["confidence"] > 0).any():
        voted = report.soft[report.soft["confidence"] > 0]
        views["weak labels"] = voted[columns].mean().to_numpy()
    if report.pool is not None and len(report.pool):
        views["model"] = report.pool[columns].mean().to_numpy()
    return plots.class_shares(views, report.classes) if views else None


def _affect(report: RoundReport) -> plots.Plot | None:
    scales = {scale.name: scale for scale in report.scales}
    if report.pool is None or not {"valence", "arousal"} <= set(scales):
        return None
    return plots.affect_map(report.pool, report.classes, scales["valence"], scales["arousal"])


def _source_tables(sources: pd.DataFrame | None) -> list[dict[str, Any]]:
    """A table a dimension, emotion first, the most accurate sources first."""
    if sources is None or sources.empty:
        return []
    optional = ("low", "high", "chance", "accuracy")
    whole = sources.assign(**{name: np.nan for name in optional if name not in sources})
    names = sorted(whole["dimension"].unique(), key=lambda name: (name != "emotion", name))
    tables = []
    for name in names:
        rows = whole[whole["dimension"] == name]
        rows = rows.sort_values(["accuracy", "coverage", "source"], ascending=[False, False, True])
        rows = rows.assign(name=rows["source"].map(bare))
        tables.append(
            {
                "dimension": name,
                "rows": rows.head(_MOST_SOURCES).to_dict("records"),
                "n_hidden": max(0, len(rows) - _MOST_SOURCES),
                "has_chance": bool(rows["chance"].notna().any()),
            }
        )
    return tables


def _about_batch(report: RoundReport) -> dict[str, Any]:
    """What the batch is made of, and what the next hour is worth, in words."""
    batch = pd.DataFrame({"purpose": []}) if report.batch is None else report.batch
    judge = batch["purpose"] == "evaluation"
    opinions = (
        batch["reason"].astype(str).str.startswith("another opinion") if len(batch) else judge
    )
    worth = report.rounds[-1].get("prospect") if report.rounds else None
    unknown = (
        "What another hour of an expert is worth shows once three rounds were judged on their "
        "random slices."
    )
    return {
        "n_teach": int((~judge).sum()),
        "n_judge": int(judge.sum()),
        "n_opinions": int(opinions.sum()),
        "worth": f"{worth[:1].upper()}{worth[1:]}." if worth else unknown,
    }


def _batch(batch: pd.DataFrame | None) -> list[dict[str, Any]]:
    if batch is None:
        return []
    rows = []
    for row in batch.sort_values("rank").to_dict("records"):
        known = {name: row.get(name) for name in ("speaker", "duration_s", "reason", "purpose")}
        rows.append({**row, **known, "audio": playable(row.get("audio"))})
    return rows
