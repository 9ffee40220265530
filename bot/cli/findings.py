"""What `doctor` found, and how it prints: a line each for people, one object for machines."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from rich.console import Console
from rich.text import Text


class Level(StrEnum):
    """How bad it is; only FAIL makes the doctor end with 1."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


_COLORS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` says what to do when it is not well."""

    level: Level
    name: str
    words: str
    mend: str = ""


def tell(findings: Sequence[Finding], *, as_json: bool) -> int:
    """Prints them all; returns the exit code."""
    counts = Counter(finding.level for finding in findings)
    if as_json:
        print(json.dumps({"findings": [asdict(finding) for finding in findings], **_sums(counts)}, indent=2))
    else:
        _lines(findings, counts)
    return 1 if counts[Level.FAIL] else 0


def _sums(counts: Counter[Level]) -> dict[str, int]:
    return {"ok": counts[Level.OK], "warnings": counts[Level.WARN], "failures": counts[Level.FAIL]}


def _lines(findings: Sequence[Finding], counts: Counter[Level]) -> None:
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for finding in findings:
        line = Text(f"{finding.level:<5}", style=_COLORS[finding.level])
        line.append(f" {finding.name:<21} {finding.words}", style="default")
        if finding.mend:
            line.append(f"     -> {finding.mend}", style="default")
        console.print(line)
    sums = _sums(counts)
    console.print(
        f"{sums['ok']} ok, {_counted(sums['warnings'], 'warning')}, {_counted(sums['failures'], 'failure')}",
        markup=False,
    )


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
