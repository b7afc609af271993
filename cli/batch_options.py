"""Options of the commands that make a batch: what it may take, and who must be in it."""

from typing import Annotated, Any

import typer

Minutes = Annotated[
    float | None,
    typer.Option(help="An expert's minutes for the batch; without --batch-size they decide alone."),
]
Quota = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=SHARE",
        help="Largest share of one speaker, gender, language, dialect, style or predicted emotion, "
        "such as speaker=0.2; may be repeated; none: no quotas.",
    ),
]
Floor = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=SHARE", help="Smallest share of each gender, language, … there is."),
]


def batch_wishes(
    minutes: float | None, quota: list[str] | None, floor: list[str] | None
) -> dict[str, Any]:
    """What of a round's plan the options replace. Raises ValueError, naming the option."""
    from config.shares import read_shares

    wishes: dict[str, Any] = {}
    if minutes is not None:
        if not 0 < minutes < float("inf"):
            raise ValueError(f"--minutes {minutes:g} is no time for a batch: it is above 0")
        wishes["batch_minutes"] = minutes
    for option, name, given in (("--quota", "quotas", quota), ("--floor", "floors", floor)):
        if given:
            try:
                wishes[name] = read_shares(",".join(given))
            except ValueError as error:
                raise ValueError(f"{option} {','.join(given)}: {error}") from None
    return wishes
