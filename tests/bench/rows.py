"""What was measured, as rows: ours beside a peer's of the same minutes, their ratio with its spread, and the target."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Figures = Sequence[float]
"""One figure for each round, in the order of the rounds."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The median over the rounds, with the lowest and the highest of them."""

    median: float
    low: float
    high: float


def spread(figures: Iterable[float]) -> Spread:
    """Of one figure for each round. Raises StatisticsError without any."""
    known = list(figures)
    return Spread(statistics.median(known), min(known), max(known))


@dataclass(frozen=True, slots=True)
class Target:
    """What was wished: of our figure itself, or of its ratio to the peer's."""

    sign: Literal["≤", "≥"]
    limit: float
    of: Literal["ratio", "ours"] = "ratio"

    def met(self, figure: float) -> bool:
        """True when this figure is on the right side of the limit, or on it."""
        return figure <= self.limit if self.sign == "≤" else figure >= self.limit


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    `ratio` says how many times ours the peer's is in the direction that `better` names: "times" is ours over theirs,
    "faster" and "fewer" are theirs over ours. `loop` says how the load came: closed (the next request after an
    answer), open (so many a second, whatever is answered), or nothing where one thing was done at a time.
    """

    what: str
    unit: str
    ours: Spread
    rounds: int
    peer: str = ""
    theirs: Spread | None = None
    ratio: Spread | None = None
    better: Literal["times", "faster", "fewer"] = "times"
    target: Target | None = None
    loop: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met by the medians; None where nothing was wished."""
        if self.target is None:
            return None
        judged = self.ours if self.target.of == "ours" else self.ratio
        return judged is not None and self.target.met(judged.median)


def alone(what: str, unit: str, ours: Figures, *, target: Target | None = None, loop: str = "", note: str = "") -> Row:
    """A row that has no peer."""
    return Row(what, unit, spread(ours), len(ours), target=target, loop=loop, note=note)


def beside(
    what: str,
    unit: str,
    ours: Figures,
    peer: str,
    theirs: Figures,
    *,
    better: Literal["times", "faster", "fewer"] = "times",
    target: Target | None = None,
    loop: str = "",
    note: str = "",
) -> Row:
    """A row with a peer; the ratio is taken in each round, so that what slows both of them down does not count."""
    ratios = [mine / other if better == "times" else other / mine for mine, other in zip(ours, theirs, strict=True)]
    return Row(
        *(what, unit, spread(ours), len(ours), peer, spread(theirs), spread(ratios)),
        better=better,
        target=target,
        loop=loop,
        note=note,
    )
