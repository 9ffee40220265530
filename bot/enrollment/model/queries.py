"""What is worth saying of a query that may run."""

from enum import StrEnum


class QueryWarning(StrEnum):
    """Why a query that may run deserves a second look, in the order in which people read it (ux.md V5)."""

    READS_EVERY_COLUMN = "reads_every_column"
    NO_WHERE = "no_where"
    UNORDERED_LIMIT = "unordered_limit"
    ROWS_MULTIPLY = "rows_multiply"
