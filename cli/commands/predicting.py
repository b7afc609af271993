"""`undertone predict`: what a voice says beside its words, how sure that is, and why."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.console import bars, remark
from cli.main import app
from cli.prediction_view import show, tell, why, write_page
from cli.writing import check_out

if TYPE_CHECKING:
    import numpy as np

    from audio.front_ends import FrontEnd
    from models.emotion_model import EmotionModel
    from rounds.listening import Sounds
    from rounds.prediction import Promise


@app.command()
def predict(
    files: Annotated[
        list[str] | None, typer.Argument(help="Sounds to listen to, or folders of them.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="A .npz, a folder or models:/… (default: the workspace's champion)."),
    ] = None,
    enrol: Annotated[
        list[Path] | None,
        typer.Option(help="An utterance (or a folder of them) of the same speaker; repeatable."),
    ] = None,
    same_speaker: Annotated[
        bool, typer.Option(help="All files are one speaker: each tells what is usual for them.")
    ] = False,
    risk: Annotated[
        float | None,
        typer.Option(help="Say `unsure` so that at most this share of what is said is wrong."),
    ] = None,
    coverage: Annotated[
        float, typer.Option(help="How often the set of possible emotions holds the true one.")
    ] = 0.9,
    explain: Annotated[bool, typer.Option(help="Also say what moved each answer.")] = False,
    html: Annotated[
        Path | None, typer.Option(help="Page to write the explanation to (with --explain).")
    ] = None,
    stream: Annotated[
        bool, typer.Option(help="Follow speech on standard input: WAV, or raw 16-bit PCM.")
    ] = False,
    rate: Annotated[
        int, typer.Option(min=4000, max=768000, help="Sample rate of raw PCM in Hz.")
    ] = 16000,
    channels: Annotated[int, typer.Option(min=1, help="Channels of raw PCM.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object a line.")] = False,
) -> None:
    """Say which emotion each sound holds, with calibrated probabilities, or that it is unsure.

    Example: undertone predict clip.wav --explain --html clip.html
    """
    if stream == bool(files):
        raise typer.BadParameter("give FILE… or --stream, one of them", param_hint="FILE")
    if html is not None:
        check_out(html, (".html",), "--html")
    import torch

    from config.settings import Settings
    from rounds.prediction import front_of, promise

    torch.set_num_threads(1)
    trained = _model(model)
    front = front_of(trained, Settings().encoder_weights)
    if stream:
        known = _enrolled(front, enrol or [])
        promised = promise(trained, len(known), risk=risk, set_coverage=coverage)
        _follow(trained, front, promised, known, rate, channels, as_json)
        return
    _listen(
        trained,
        front,
        _named(files or []),
        enrol or [],
        same_speaker,
        risk,
        coverage,
        explain,
        html,
        as_json,
    )


def _listen(
    model: "EmotionModel",
    front: "FrontEnd",
    files: list[str],
    enrol: list[Path],
    same_speaker: bool,
    risk: float | None,
    coverage: float,
    explain: bool,
    html: Path | None,
    as_json: bool,
) -> None:
    from rounds.prediction import answers, promise, with_speaker

    with bars() as progress:
        known = _enrolled(front, enrol)
        taken, where, n_failed = _heard(model, front, files, progress)
    if not where:
        raise ValueError(f"none of {n_failed} files could be read")
    if same_speaker:
        known = _stacked(known, taken.features)
    promised = promise(model, len(known), risk=risk, set_coverage=coverage)
    wide = with_speaker(model, taken.features, known)
    found = answers(model, wide, where, promised, taken.tracks)
    if html is not None:
        write_page(html, model, front, wide, taken, found, promised, known)
        remark(f"wrote {html}")
    if not as_json:
        show(found, promised, len(known))
    for i, one in enumerate(found):
        if as_json:
            told = why(model, front, wide[i], taken.of(i), one, known) if explain else {}
            typer.echo(json.dumps(one.as_json() | told, ensure_ascii=False, allow_nan=False))
        elif explain:
            tell(model, front, wide[i], taken.of(i), one, known)
    if n_failed:
        raise typer.Exit(1)


def _model(where: str | None) -> "EmotionModel":
    from config.settings import Settings
    from models.model_source import load

    settings = Settings()
    if where is not None:
        return load(where, settings.mlflow_tracking_uri.get_secret_value())
    from config.layers import FILE
    from config.opening import open_workspace

    if not ((settings.home / FILE).is_file() or settings.data_dir.is_dir()):
        raise ValueError(
            "there is no workspace here, so no champion: give --model (`undertone evaluate SOURCE "
            "--save model.npz` makes one)"
        )
    tracker = open_workspace(settings).tracker()
    champion = tracker.champion()
    if champion is None:
        raise ValueError(
            "no model is champion yet: a round with held-out gold makes one; or give --model"
        )
    return tracker.load(champion.version)


def _named(given: list[str]) -> list[str]:
    """The sounds that were asked about, those of folders in their order.

    Raises ValueError for a folder without any.
    """
    names = []
    for name in given:
        inside = _sounds_in(Path(name))
        if not inside:
            raise ValueError(f"{name} is a folder that holds no audio")
        names += [name] if inside == [Path(name)] else [str(one) for one in inside]
    return names


def _sounds_in(path: Path) -> list[Path]:
    """The sounds in a folder, and below it; a file itself."""
    from corpora.extensions import AUDIO, extension

    if not path.is_dir():
        return [path]
    return sorted(one for one in path.rglob("*") if extension(one.name) in AUDIO)


def _enrolled(front: "FrontEnd", paths: list[Path]) -> "np.ndarray":
    """Features (m, d) of a speaker's own utterances; what cannot be read is named."""
    import numpy as np

    from audio.decoding import AudioError
    from rounds.prediction import heard, stretches

    rows = []
    for given in paths:
        for path in _sounds_in(given):
            try:
                rows += [heard(path, *stretch, front=front) for stretch in stretches(path)]
            except (AudioError, OSError) as error:
                remark(f"--enrol {path}: {_reason(error)}")
    if paths and not rows:
        raise ValueError("--enrol: nothing of it could be read")
    return np.array(rows, dtype=np.float64).reshape(-1, len(front.names))


def _heard(
    model: "EmotionModel", front: "FrontEnd", files: list[str], progress: Any
) -> tuple["Sounds", list[Any], int]:
    """(what is read of them, (path, start, end) of each, how many files could not be read)."""
    import numpy as np

    from audio.decoding import AudioError, read
    from rounds.listening import Sounds, take_in
    from rounds.prediction import stretches

    rows, where, n_failed = [], [], 0
    for i, name in enumerate(files, 1):
        try:
            for start_s, end_s in stretches(Path(name)):
                rows.append(take_in(model, [read(Path(name), start_s, end_s)], front))
                where.append((name, start_s, end_s))
        except (AudioError, OSError) as error:
            n_failed += 1
            remark(f"{name}: {_reason(error)}")
        progress("listen", i, len(files))
    features = [one.features[0] for one in rows]
    tracks = [one.tracks[0] for one in rows if one.tracks is not None]
    table = np.array(features, dtype=np.float32).reshape(-1, len(front.names))
    return Sounds(table, None if model.listener is None else tuple(tracks)), where, n_failed


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _stacked(known: "np.ndarray", rows: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return np.concatenate([known, rows])


def _follow(
    model: "EmotionModel",
    front: "FrontEnd",
    promised: "Promise",
    known: Any,
    rate: int,
    channels: int,
    as_json: bool,
) -> None:
    from rounds.streaming import follow, samples_of

    sound = samples_of(sys.stdin.buffer, rate_hz=rate, n_channels=channels)
    now = None
    for now in follow(sound, model, promised, known, front=front):
        one = now.answer
        if as_json:
            told = {"time_s": round(now.time_s, 3), "silent": one is None}
            line = json.dumps(told | (one.as_json() if one else {}), ensure_ascii=False)
        elif one is None:
            line = f"{now.time_s:8.1f} s  –"
        elif one.note:
            line = f"{now.time_s:8.1f} s  –  {one.note}"
        else:
            scales = "  ".join(f"{name} {mean:.1f}" for name, (mean, _) in one.scales.items())
            line = (
                f"{now.time_s:8.1f} s  {one.emotion:<10} {one.likeliest:<10} "
                f"{one.confidence:4.0%}  {scales}"
            )
        typer.echo(line)
        sys.stdout.flush()
    if now is None:
        raise ValueError("no sound came on standard input")
