"""Figures as bytes and data URIs: the same figure gives the same bytes, whenever and wherever."""

import base64
import io

import matplotlib as mpl
from matplotlib.figure import Figure

from reports.style import GRID, INK, PAPER, QUIET

_DARK = {INK: "#e8eaed", QUIET: "#a9b1bc", GRID: "#3a424d", PAPER: "#1c2229"}
_NOT_SAID = ("Creator", "Date", "Format", "Type")


def png(figure: Figure, *, dpi: int = 160) -> bytes:
    """The figure as PNG on white, with no date or program in it."""
    sink = io.BytesIO()
    figure.savefig(sink, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})
    return sink.getvalue()


def svg(figure: Figure) -> str:
    """The figure as an SVG that turns its ink over where the reader's screen is dark."""
    sink = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "undertone", "svg.fonttype": "path"}):
        figure.savefig(
            sink, format="svg", dpi=150, transparent=True, metadata=dict.fromkeys(_NOT_SAID)
        )
    text = sink.getvalue()
    text = text[text.index("<svg") :]
    for number, ink in enumerate(_DARK):
        text = text.replace(ink, f"var(--ink{number})")
    light = "".join(f"--ink{n}:{ink};" for n, ink in enumerate(_DARK))
    dark = "".join(f"--ink{n}:{ink};" for n, ink in enumerate(_DARK.values()))
    rules = (
        f"<style>svg{{{light}}}"
        f"@media screen and (prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    )
    head_ends = text.index(">") + 1
    return text[:head_ends] + rules + text[head_ends:]


def png_uri(figure: Figure, *, dpi: int = 160) -> str:
    """The figure as a `data:` URI of a PNG."""
    return "data:image/png;base64," + base64.b64encode(png(figure, dpi=dpi)).decode()


def svg_uri(figure: Figure) -> str:
    """The figure as a `data:` URI of an SVG."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg(figure).encode()).decode()
