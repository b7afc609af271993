"""The page of a check of labelling functions, with the sound of the segments to listen to."""

from pathlib import Path

from reports.function_report import FunctionReport, render
from rounds.function_bench import Checked
from rounds.sounds import sound_uri

_MOST_BYTES = 12_000_000


def write_page(found: Checked, path: Path) -> Path:
    """Write a check as one HTML file that works anywhere; returns where.

    Segments to listen to are in the file, the first ones of every function first, until they are
    12 MB. Raises ValueError where the file cannot be written.
    """
    report = FunctionReport(
        functions=found.functions,
        values=found.values,
        to_hear=found.to_hear,
        pairs=found.pairs,
        n_segments=found.n_segments,
        n_speakers=found.n_speakers,
        yardstick=found.yardstick,
        problems=found.problems,
        sounds=_sounds(found),
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(report), encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from error
    return path


def _sounds(found: Checked) -> dict[str, str]:
    if found.to_hear.empty:
        return {}
    wanted = found.to_hear.sort_values("rank", kind="stable").drop_duplicates("segment_id")
    sounds: dict[str, str] = {}
    n_bytes = 0
    columns = ["segment_id", "path", "start_s", "end_s"]
    for segment_id, path, start_s, end_s in wanted[columns].itertuples(index=False, name=None):
        uri = sound_uri(Path(path), start_s, end_s)
        if uri is not None and n_bytes + len(uri) <= _MOST_BYTES:
            sounds[segment_id] = uri
            n_bytes += len(uri)
    return sounds
