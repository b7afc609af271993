"""Where a round works: the records, the folders and the scheme, as plain values."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import db.engine
from audio.front_ends import OWN, FrontEndSpec
from labels.scheme import Scheme

if TYPE_CHECKING:
    from models.tracking import Tracker

Progress = Callable[[str, int, int], None]
"""Called with (what, how many done, how many in all) while long work goes on."""


def silent(what: str, done: int, total: int) -> None:
    """The Progress of somebody who does not want to be told."""


@dataclass(frozen=True)
class Workspace:
    """All that the steps of a round need to know of their surroundings.

    `engine` holds the records; `artifacts` is the folder of recomputable files; `cache` keeps
    remote audio; `function_dirs` are folders of the user's own labelling functions; `front_end`
    makes the features that models read (labelling functions always read Undertone's own).
    """

    engine: Any
    artifacts: Path
    cache: Path
    scheme: Scheme
    function_dirs: tuple[Path, ...]
    tracking_uri: str
    experiment: str
    held_out_share: float = 0.25
    front_end: FrontEndSpec = OWN

    @classmethod
    def open(
        cls,
        *,
        database_url: str,
        data_dir: Path,
        scheme: Scheme,
        function_dirs: tuple[Path, ...] = (),
        tracking_uri: str | None = None,
        experiment: str = "undertone",
        held_out_share: float = 0.25,
        front_end: FrontEndSpec = OWN,
    ) -> "Workspace":
        """Connect to the records (migrating them to the newest tables) and make the folders."""
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"data_dir {data_dir} cannot be made: {error.strerror}") from None
        engine = db.engine.connect(database_url)
        db.engine.upgrade(engine)
        return cls(
            engine=engine,
            artifacts=data_dir / "artifacts",
            cache=data_dir / "cache",
            scheme=scheme,
            function_dirs=function_dirs,
            tracking_uri=tracking_uri or f"sqlite:///{data_dir / 'mlflow.db'}",
            experiment=experiment,
            held_out_share=held_out_share,
            front_end=front_end,
        )

    def reading(self) -> AbstractContextManager[Any]:
        """A transaction that only reads."""
        return db.engine.transaction(self.engine, write=False)

    def writing(self) -> AbstractContextManager[Any]:
        """A transaction that may write; it is durable when the `with` block is left."""
        return db.engine.transaction(self.engine)

    def tracker(self) -> "Tracker":
        """The experiment tracker of this workspace."""
        from models.tracking import Tracker

        return Tracker(self.tracking_uri, self.experiment, f"{self.experiment}-emotion")
