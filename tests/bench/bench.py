"""How much is measured, and where its files may lie: what every measurement is given."""

from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Bench:
    """`rounds` for each row; `size` is the share of the usual load, 1 for figures and less to see that it runs."""

    folder: Path
    rounds: int = ROUNDS
    size: float = 1.0

    def share(self, usual: int, least: int = 1) -> int:
        """So many of what is usually so many."""
        return max(least, round(usual * self.size))
