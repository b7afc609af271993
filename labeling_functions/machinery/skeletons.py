"""A new labelling function: a file that works from the start, and a test of it beside it."""

import keyword
from pathlib import Path

from labeling_functions.machinery.loading import is_function_file
from labels.scheme import Scheme

_FUNCTION = '''\
"""{title}."""

from labeling_functions import cases, labeling_function


@labeling_function(on="{on}")
def {name}(table):
    """Louder and higher than this speaker usually is: {idea}."""
    loud = table["loudness_db_mean_z"] > 0.5
    high = table["f0_semitone_mean_z"] > 0.5
    # The first case that holds wins; where none holds the function says nothing.
    return cases(table, (loud & high, {value}))
'''

_TEST = '''\
"""What {name} should say of clips that are clear: `python -m pytest {file}`."""

from pathlib import Path

import pandas as pd

from labeling_functions import apply, load
from labels.scheme import Scheme

HERE = Path(__file__).resolve().parent
SCHEME = {scheme}


def said(**features):
    """The classes it votes for on one clip with these features; an empty set where it abstains."""
    (function,) = [f for f in load([HERE]).functions if f.name == "{name}"]
    applied = apply([function], pd.DataFrame([features]), SCHEME)
    assert applied.problems == []
    votes = applied.votes[function.on]
    return {{c for value in votes.value for c in votes.vocabulary[value]}}


def test_it_votes_on_a_clear_case():
    assert said(loudness_db_mean_z=1.0, f0_semitone_mean_z=1.0) != set()


def test_it_abstains_where_the_speaker_sounds_as_usual():
    assert said(loudness_db_mean_z=0.0, f0_semitone_mean_z=0.0) == set()


def test_it_abstains_where_a_feature_is_not_known():
    assert said(loudness_db_mean_z=float("nan"), f0_semitone_mean_z=1.0) == set()
'''


class NewFunctionError(ValueError):
    """A labelling function that cannot be begun; the message is one line."""


def begin(
    folder: Path, name: str, on: str, scheme: Scheme, *, scheme_path: Path | None = None
) -> tuple[Path, Path]:
    """Write `NAME.py`, with an example that works, and `NAME_test.py`; nothing is overwritten.

    `scheme_path` is the scheme's file, for the test (None: the default scheme). Returns both
    files. Raises NewFunctionError for a name that is no name, a dimension that the scheme does
    not have, a file that is there already and a folder that cannot be written.
    """
    file, test = folder / f"{name}.py", folder / f"{name}_test.py"
    _check(file, name, on, scheme)
    idea, value = _example(on, scheme)
    title = name.replace("_", " ").capitalize()
    where = "Scheme.default()"
    if scheme_path is not None and scheme_path.is_file():
        same = scheme_path.resolve().parent == folder.resolve().parent
        shown = f'HERE.parent / "{scheme_path.name}"' if same else f"Path({str(scheme_path)!r})"
        where = f"Scheme.load({shown})"
    texts = {
        file: _FUNCTION.format(title=title, name=name, on=on, idea=idea, value=value),
        test: _TEST.format(name=name, file=test.name, scheme=where),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            with path.open("x", encoding="utf-8") as new:
                new.write(text)
    except FileExistsError as error:
        raise NewFunctionError(f"{error.filename} is there already; it is left as it is") from None
    except OSError as error:
        raise NewFunctionError(f"{folder} cannot be written: {error.strerror}") from None
    return file, test


def _check(file: Path, name: str, on: str, scheme: Scheme) -> None:
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        raise NewFunctionError(
            f"{name!r} is no name for a function (letters, digits and _, such as loud_and_high)"
        )
    if not is_function_file(file):
        raise NewFunctionError(
            f"{name!r} would be passed over: files that begin with _ or test_ or end in _test.py "
            "are no labelling functions"
        )
    if on not in scheme.dimensions:
        known = ", ".join(scheme.dimensions)
        raise NewFunctionError(f"the scheme has no dimension {on!r} (it has {known})")
    if file.exists():
        raise NewFunctionError(f"{file} is there already; it is left as it is")


def _example(on: str, scheme: Scheme) -> tuple[str, str]:
    if on != "emotion":
        return f"much {on}", '"high"'
    aroused = [c for c in ("anger", "fear", "happiness") if c in scheme.classes]
    some = aroused if 2 <= len(aroused) < len(scheme.classes) else [scheme.classes[0]]
    if len(some) == 1:
        return some[0], f'"{some[0]}"'
    return f"{', '.join(some[:-1])} or {some[-1]}", "{" + ", ".join(f'"{c}"' for c in some) + "}"
