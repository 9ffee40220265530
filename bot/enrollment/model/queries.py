"""What a query may be warned of before anybody is enrolled by it."""

from enum import StrEnum


class QueryWarning(StrEnum):
    """Why a query that may be run deserves a second look (ux.md V5)."""

    READS_EVERY_COLUMN = "reads_every_column"
    NO_WHERE = "no_where"
    UNORDERED_LIMIT = "unordered_limit"
    ROWS_MULTIPLY = "rows_multiply"
