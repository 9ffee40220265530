"""How the corpus of the query guard is kept: by what a statement tries, with one verdict for each."""

from dataclasses import dataclass

from bot.errors import QueryProblem

Placed = tuple[QueryProblem, str, int | None, int | None, str]
"""A refusal with its place: the problem, the statement, line, column and the word that is named."""

Refused = tuple[QueryProblem | None, str]
"""A refusal. None stands for any: sqlglot's reading of what is not Snowflake's is nobody's promise."""


@dataclass(frozen=True, slots=True)
class Category:
    """One thing that people write, or that others try. `why` says what is defended, and what the verdict is.

    `reads` are plain reads that look like the rest and are allowed.
    """

    name: str
    why: str
    refused: tuple[Refused | Placed, ...] = ()
    reads: tuple[str, ...] = ()
