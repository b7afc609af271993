"""Finding labelling functions: those that ship and those in folders of your own."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from labeling_functions.machinery.function import LabelingFunction, version_of
from labeling_functions.machinery.problems import Problem, one_line
from labeling_functions.machinery.snorkel_functions import adopted, is_snorkel

SHIPPED = Path(__file__).parent.parent
"""The room itself: every file in it holds one idea."""


@dataclass(frozen=True)
class Loaded:
    """Functions of unique names, shipped ones first, and what could not be loaded."""

    functions: tuple[LabelingFunction, ...]
    problems: tuple[Problem, ...]


def load(folders: Sequence[Path] = ()) -> Loaded:
    """The shipped functions and those in the `*.py` files of `folders` (not below them).

    Tests (`test_*.py`, `*_test.py`, `conftest.py`) and files whose name begins with _ or . are
    passed over. A file that does not import, or holds no
    labelling function, and a function whose name is taken are problems, not exceptions. A
    function's version is the hash of its whole file: a constant beside it is part of the idea.
    """
    functions: dict[str, LabelingFunction] = {}
    problems: list[Problem] = []
    for folder in dict.fromkeys(Path(f).resolve() for f in (SHIPPED, *folders)):
        if not folder.is_dir():
            problems.append(Problem(str(folder), "is not a folder"))
            continue
        for file in sorted(folder.glob("*.py")):
            if not is_function_file(file):
                continue
            for found in _functions_in(file, problems):
                taken = functions.setdefault(found.name, found)
                if taken is not found:
                    reason = f"the name {found.name!r} is taken by {taken.file}; rename one"
                    problems.append(Problem(str(file), reason))
    return Loaded(tuple(functions.values()), tuple(problems))


def is_function_file(file: Path) -> bool:
    """Whether a file of a folder of functions is taken for one, by its name."""
    passed_over = file.name.startswith(("_", ".", "test_")) or file.name == "conftest.py"
    return file.suffix == ".py" and not passed_over and not file.stem.endswith("_test")


def file_of(function: LabelingFunction) -> Path:
    """The file that a loaded function stands in."""
    return SHIPPED / function.file  # of two absolute paths the second stands


def load_text(source: str, file: Path) -> Loaded:
    """The functions in the text of a file as it was once; their versions are as they were."""
    problems: list[Problem] = []
    found = _functions_of(source, file, problems)
    return Loaded(tuple(found), tuple(problems))


def _functions_in(file: Path, problems: list[Problem]) -> list[LabelingFunction]:
    try:
        source = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(str(file), f"does not import: {one_line(error)}"))
        return []
    return _functions_of(source, file, problems)


def _functions_of(source: str, file: Path, problems: list[Problem]) -> list[LabelingFunction]:
    try:
        module = _imported(file, source)
    except (Exception, SystemExit) as error:
        problems.append(Problem(str(file), f"does not import: {one_line(error)}"))
        return []
    shown = file.name if file.parent == SHIPPED.resolve() else str(file)
    found = []
    for name, thing in vars(module).items():
        if isinstance(thing, LabelingFunction) and thing.function.__module__ == module.__name__:
            found.append(replace(thing, version=version_of(f"{name}\n{source}"), file=shown))
        elif is_snorkel(thing):
            found.append(adopted(thing, version_of(f"{name}\n{source}"), shown))
    if not found:
        problems.append(Problem(str(file), "holds no labelling function"))
    return found


def _imported(file: Path, source: str) -> ModuleType:
    # Compiled from the text just read: no stale bytecode, and none left in anybody's folder. The
    # name goes with the text, so an edited file is loaded anew.
    text = f"{file}\n{source}"
    name = f"labeling_functions_in_{version_of(text)}"
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = str(file)
    sys.modules[name] = module
    try:
        exec(compile(source, file, "exec"), vars(module))
    except BaseException:
        del sys.modules[name]
        raise
    return module
