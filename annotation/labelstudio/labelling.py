"""What people see and fill in there: a labelling configuration made from the scheme.

Source: https://labelstud.io/tags
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from labels.judgements import VERDICTS
from labels.scheme import Scale, Scheme

SOUND, WORDS, EMOTION, SECONDARY, VERDICT, NOTE, MARK = (
    "audio", "words", "emotion", "secondary", "verdict", "note", "stretch",
)  # fmt: skip
"""Names of what is heard, of what is said in it, and of the questions; a scale goes by its own
name behind `SCALE`."""
FINER, SCALE = "finer: ", "scale: "
MAX_STEPS = 11
"""A scale of more steps is a number field."""
_DIGITS = "1234567890"
_COLOURS = (
    "#c0392b", "#7d8b1a", "#7b3fa0", "#d98e04", "#5f6b7a", "#2060b0", "#00838f", "#ad1457",
    "#4e6e1e", "#795548", "#3949ab", "#00695c",
)  # fmt: skip


def configuration(scheme: Scheme) -> str:
    """The XML of a project's labelling interface: an emotion of the first tier, then a finer one;
    what is also heard; a verdict instead; each scale; marked stretches; a note.

    Words stand in a panel that is shut to begin with, as at the desk: the voice is judged. They are
    a header without a name, for with two named fields Label Studio takes no uploads.
    """
    view = Element("View")
    SubElement(view, "Style").text = ".lsf-choices_layout_inline{margin:2px 0}"
    _header(view, "Stretches: choose an emotion, then drag over the sound")
    SubElement(view, "Labels", name=MARK, toName=SOUND, choice="single")
    for nth, emotion in enumerate(scheme.emotions):
        colour = _COLOURS[nth % len(_COLOURS)]
        SubElement(view[-1], "Label", value=emotion.name, background=colour)
    SubElement(view, "Audio", name=SOUND, value="$audio", hotkey="space", height="90")
    panel = SubElement(SubElement(view, "Collapse", open="false"), "Panel", value="Words")
    SubElement(panel, "Header", value=f"${WORDS}", size="4")
    _emotions(view, scheme)
    for scale in scheme.scales:
        _scale(view, scale)
    _header(view, "Also heard (up to two)")
    also = _choices(view, SECONDARY, "multiple")
    for emotion in scheme.emotions:
        SubElement(also, "Choice", value=emotion.name)
    _header(view, "Note")
    SubElement(view, "TextArea", name=NOTE, toName=SOUND, rows="1", maxSubmissions="1")
    indent(view)
    return tostring(view, encoding="unicode")


def is_choice(scale: Scale) -> bool:
    """Whether a scale's steps are chosen from, rather than a number written."""
    return scale.n_bins <= MAX_STEPS


def _emotions(view: Element, scheme: Scheme) -> None:
    _header(view, "What is heard")
    first = _choices(view, EMOTION, "single-radio")
    for nth, emotion in enumerate(scheme.emotions):
        key = {"hotkey": _DIGITS[nth]} if nth < len(_DIGITS) else {}
        SubElement(first, "Choice", value=emotion.name, **key)
    for emotion in scheme.emotions:
        if not emotion.finer:
            continue
        finer = _choices(view, FINER + emotion.name, "single-radio")
        finer.attrib |= {
            "visibleWhen": "choice-selected",
            "whenTagName": EMOTION,
            "whenChoiceValue": emotion.name,
        }
        for name in emotion.finer:
            SubElement(finer, "Choice", value=name)
    _header(view, "… or nothing that can be named")
    verdict = _choices(view, VERDICT, "single-radio")
    for name, key in zip(VERDICTS, "cx", strict=True):
        SubElement(verdict, "Choice", value=name, hotkey=key)


def _scale(view: Element, scale: Scale) -> None:
    low, high = f"{scale.low:g}", f"{scale.high:g}"
    ends = f": {low} {scale.low_means} … {high} {scale.high_means}" if scale.low_means else ""
    _header(view, scale.name + ends)
    name = SCALE + scale.name
    if not is_choice(scale):
        SubElement(view, "Number", name=name, toName=SOUND, min=low, max=high, step="any")
        return
    steps = _choices(view, name, "single-radio")
    for value in scale.centres:
        SubElement(steps, "Choice", value=f"{value:g}")


def _choices(view: Element, name: str, choice: str) -> Element:
    return SubElement(
        view, "Choices", name=name, toName=SOUND, choice=choice, layout="inline", showInline="true"
    )


def _header(view: Element, text: str) -> None:
    SubElement(view, "Header", value=text, size="5")
