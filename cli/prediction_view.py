"""What `undertone predict` shows of its answers: tables, reasons in words, a page."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.console import out, say, table

if TYPE_CHECKING:
    from audio.front_ends import FrontEnd
    from models.emotion_model import EmotionModel
    from rounds.listening import Sounds
    from rounds.prediction import Answer, Promise


def show(found: list["Answer"], promised: "Promise", n_known: int) -> None:
    """The table of answers, and what is promised of them."""
    scales = list(dict.fromkeys(name for one in found for name in one.scales))
    cut = any(one.start_s > 0 for one in found)
    rows = []
    for one in found:
        place = f"{one.path} {one.start_s:.1f}-{one.end_s:.1f} s" if cut else one.path
        others = ", ".join(name for name in one.possible if name != one.likeliest) or "–"
        figures = [one.scales[name][0] if name in one.scales else None for name in scales]
        if one.note:
            rows.append((place, one.emotion, "–", None, "–", *(None for _ in scales)))
        else:
            rows.append((place, one.emotion, one.likeliest, one.confidence, others, *figures))
    columns = ("file", "emotion", "likeliest", "probability", "also possible", *scales)
    out.print(table("What is heard", columns, rows))
    for one in found:
        if one.note:
            say(f"{one.path}: {one.note}.")
    known = f"{n_known} utterances of the speaker are known" if n_known else "a speaker not known"
    if not math.isnan(promised.risk):
        say(
            f"With {known}, `unsure` below {promised.threshold:.2f}: on voices never heard this "
            f"spoke of {promised.coverage:.0%}, and {promised.risk:.0%} of what it said was wrong. "
            f"Possible: sets that held the truth in {promised.set_coverage:.0%}."
        )
    elif promised.threshold > 1:
        say("No threshold keeps that risk on voices never heard: nothing is said for sure.")
    else:
        say("The model was judged on too little to say how often it is wrong.")


def why(
    model: "EmotionModel",
    front: "FrontEnd",
    wide: Any,
    tracks: Any,
    one: "Answer",
    known: Any,
) -> dict[str, Any]:
    """What moved an answer, what is alike in training, and the answer over time: plain values.
    Times count from where the stretch begins."""
    from reports.voice_words import sentence
    from rounds.listening import attention
    from rounds.prediction import neighbours, reasons

    found = reasons(model, wide, one.likeliest, tracks)
    path = _path_of(model, front, one, known)
    listened = attention(model, tracks)
    heard = {} if listened is None else {"attention": _attention(listened)}
    return heard | {
        "in_words": sentence((r.feature, r.deviation) for r in found if r.evidence > 0),
        "reasons": [{k: _finite(v) for k, v in vars(r).items()} for r in found[:10]],
        "nearest": [{"segment": n, "emotion": e} for n, e in neighbours(model, wide)],
        "trajectory": [
            {
                "time_s": round(float(t), 3),
                "proba": dict(zip(model.classes, p.tolist(), strict=True)),
                "scales": {n: _finite(float(v)) for n, v in zip(model.scales, s, strict=True)},
            }
            for t, p, s in zip(path.time_s, path.proba, path.scales, strict=True)
        ],
    }


def _attention(listened: Any) -> dict[str, Any]:
    return {
        "time_s": [round(float(t), 3) for t in listened.time_s],
        "level": [round(float(v), 3) for v in listened.level],
        "stretches": [
            {name: round(value, 3) for name, value in vars(one).items()}
            for one in listened.stretches
        ],
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _path_of(model: "EmotionModel", front: "FrontEnd", one: "Answer", known: Any) -> Any:
    from audio.decoding import read
    from rounds.prediction import trajectory

    return trajectory(model, read(Path(one.path), one.start_s, one.end_s), known, front=front)


def tell(
    model: "EmotionModel",
    front: "FrontEnd",
    wide: Any,
    tracks: Any,
    one: "Answer",
    known: Any,
) -> None:
    """Why an answer is what it is, in words and tables."""
    from reports.attention_words import listened_to, sparks

    if one.note:
        return
    told = why(model, front, wide, tracks, one, known)
    usual = "this speaker's usual" if len(known) else "usual"
    words = told["in_words"]
    say("")
    place = f"{one.path} {one.start_s:.1f}-{one.end_s:.1f} s" if one.start_s > 0 else one.path
    say(f"{place}: {one.likeliest} ({one.confidence:.0%}), for " + (
        f"{words} than {usual}." if words else "nothing that stands out by itself."))  # fmt: skip
    rows = [
        (r["feature"], r["value"], r["usual"], r["unit"] or "–", r["deviation"], r["evidence"])
        for r in told["reasons"][:8]
    ]
    columns = ("descriptor", "here", "usual", "unit", "deviations", f"for {one.likeliest}")
    out.print(table("What moved it", columns, rows))
    if "attention" in told:
        course = told["attention"]
        stretches = [(s["start_s"], s["end_s"], s["share"]) for s in course["stretches"]]
        say(f"Listened {listened_to(stretches)}.")
        say(f"attention over time: {sparks(course['level'])} {one.end_s - one.start_s:.1f} s")
    steps = told["trajectory"][:: max(1, len(told["trajectory"]) // 12)]
    scales = [n for n in model.scales if steps and steps[0]["scales"][n] is not None]
    rows = [
        (s["time_s"], max(s["proba"], key=s["proba"].get), s["proba"][one.likeliest],
         *(s["scales"][n] for n in scales))
        for s in steps
    ]  # fmt: skip
    out.print(table("Over time", ("s", "likeliest", one.likeliest, *scales), rows))
    for near in told["nearest"]:
        say(f"alike in training: {near['segment']} ({near['emotion']})")


def write_page(
    html: Path,
    model: "EmotionModel",
    front: "FrontEnd",
    wide: Any,
    taken: "Sounds",
    found: list["Answer"],
    promised: Any,
    known: Any,
) -> None:
    """The answers as a page to look at and listen to."""
    from audio.decoding import read
    from reports.prediction_report import Clip, render
    from rounds.listening import attention
    from rounds.prediction import neighbours, reasons
    from rounds.sounds import sound_uri

    clips = [
        Clip(
            answer=one,
            samples=read(Path(one.path), one.start_s, one.end_s),
            sound=sound_uri(Path(one.path), one.start_s, one.end_s),
            trajectory=_path_of(model, front, one, known),
            reasons=reasons(model, wide[i], one.likeliest, taken.of(i))[:12],
            nearest=neighbours(model, wide[i]),
            attention=attention(model, taken.of(i)),
        )
        for i, one in enumerate(found)
    ]
    page = render(clips, model.classes, list(model.scales), promised, n_known=len(known))
    html.write_text(page, encoding="utf-8")
