"""What was measured, as one table for people and as JSON for programs, with the machine and the versions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """One process: memory in bytes at the end, its share of one core while nothing happened."""

    role: str
    resident: int
    own: int
    cpu: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One database with so many enrollments waiting.

    `ready` and `watched` are seconds from the start of the processes: until each of them answers, and until Polytomic
    was first asked what happened to the runs (None when nobody waits). The rest is of the time in which nothing
    happened: statements a second at the database, calls to Polytomic a minute by operation.
    """

    database: str
    processes: tuple[ProcessFigures, ...]
    server_cpu: float | None
    statements: float
    calls: Mapping[str, float]
    waiting: int = 0
    ready: float = 0
    watched: float | None = None


def as_json(where: Mapping[str, str], seconds: float, measured: Sequence[Figures]) -> dict[str, object]:
    """Everything, for whoever compares it with another day's."""
    return {"machine": dict(where), "seconds": seconds, "figures": [asdict(one) for one in measured]}


def table(measured: Sequence[Figures]) -> str:
    """One line for each process; what belongs to all of them stands on the first."""
    head = (
        *("database", "waiting", "process", "RSS MB", "over idle", "USS MB", "over idle", "CPU %"),
        *("ready s", "watched s", "statements/s", "calls/min"),
    )
    lines = [head, *(line for one in measured for line in _lines(one, _idle(measured, one.database)))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(_aligned(line, widths) for line in lines)


def _idle(measured: Iterable[Figures], database: str) -> Mapping[str, ProcessFigures]:
    """The processes of this database while nobody waited."""
    idle = next((one for one in measured if one.database == database and not one.waiting), None)
    return {process.role: process for process in idle.processes} if idle else {}


def _lines(one: Figures, idle: Mapping[str, ProcessFigures]) -> Iterable[tuple[str, ...]]:
    for number, process in enumerate(one.processes):
        then = idle.get(process.role, process)
        weight = (
            *(f"{process.resident / _MB:.1f}", f"{(process.resident - then.resident) / _MB:+.1f}"),
            *(f"{process.own / _MB:.1f}", f"{(process.own - then.own) / _MB:+.1f}"),
            f"{process.cpu:.2%}".rstrip("%"),
        )
        yield (one.database, str(one.waiting), process.role, *weight, *(("",) * 4 if number else _of_all(one)))
    if one.server_cpu is not None:
        cpu = f"{one.server_cpu:.2%}".rstrip("%")
        yield (one.database, str(one.waiting), "(server)", "", "", "", "", cpu, "", "", "", "")


def _of_all(one: Figures) -> tuple[str, ...]:
    by_operation = ", ".join(f"{name} {count:.1f}" for name, count in sorted(one.calls.items()))
    calls = f"{sum(one.calls.values()):.1f}" + (f" ({by_operation})" if by_operation else "")
    watched = "" if one.watched is None else f"{one.watched:.2f}"
    return f"{one.ready:.2f}", watched, f"{one.statements:.1f}", calls


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    """Words to the left, figures to the right."""
    words = {0, 2, len(line) - 1}
    cells = (
        cell.ljust(width) if column in words else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join(cells).rstrip()
