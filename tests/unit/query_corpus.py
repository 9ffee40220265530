"""The whole corpus of the query guard: every statement of every category, each with its one verdict."""

from tests.unit.query_category import Placed, Refused
from tests.unit.query_corpus_calls import CALLS
from tests.unit.query_corpus_reads import READING
from tests.unit.query_corpus_statements import STATEMENTS
from tests.unit.query_corpus_texts import TEXTS

CATEGORIES = (READING, *STATEMENTS, *CALLS, *TEXTS)

READS: tuple[str, ...] = tuple(sql for category in CATEGORIES for sql in category.reads)
PLACED: tuple[Placed, ...] = tuple(row for category in CATEGORIES for row in category.refused if len(row) == 5)
REFUSED: tuple[Refused, ...] = tuple(row for category in CATEGORIES for row in category.refused if len(row) == 2)
