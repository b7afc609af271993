"""Templates into one HTML file that needs nothing from anywhere else."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import numbers
from reports.images import svg_uri
from reports.style import Plot

_TEMPLATES = Path(__file__).parent / "templates"


def page(template: str, **values: Any) -> str:
    """The template filled in. Whatever is put in is escaped."""
    world = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for shown in (
        numbers.count,
        numbers.score,
        numbers.points,
        numbers.share,
        numbers.seconds,
        numbers.between,
        numbers.shares_between,
        numbers.text,
    ):
        world.filters[shown.__name__] = shown
    world.globals["between"] = numbers.between
    world.globals["shares_between"] = numbers.shares_between
    return world.get_template(template).render(**values)


def pictures(*plots: Plot | None) -> list[dict[str, str]]:
    """What a template needs of each plot there is: name, title, caption, alt, uri."""
    return [
        {
            "name": plot.name,
            "title": plot.title,
            "caption": plot.caption,
            "alt": plot.alt,
            "uri": svg_uri(plot.figure),
        }
        for plot in plots
        if plot is not None
    ]


def playable(source: Any) -> str | None:
    """An audio source that a report may hold: inline audio, or a path beside the report.

    Anything else (another host, a script, a path from the root) is None.
    """
    if not isinstance(source, str) or not source:
        return None
    if source.startswith("data:audio/"):
        return source
    local = ":" not in source and "\\" not in source and not source.startswith("/")
    return source if local else None
