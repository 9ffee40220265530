"""Why a query is not run, in the words of ux.md section 3, "On submit", and what is said of one that is.

They are plain text for the field they stand under; a view escapes them. The fragment is the person's own text.
"""

from collections.abc import Mapping

from bot.enrollment.model.checks import Refusal
from bot.enrollment.model.queries import QueryWarning
from bot.errors import QueryProblem, QueryRefused
from bot.views import words

FRAGMENT_MAX = 60
_MINUTE = 60
NOT_YOUR_QUERY = (
    "Without it I cannot leave out people who must not be mailed. Nothing was enrolled; your query is not the cause."
)
WHAT_THEN = "Nothing was enrolled. Narrow the query, or try when the warehouse is less busy."

WARNINGS: Mapping[QueryWarning, str] = {
    QueryWarning.READS_EVERY_COLUMN: "SELECT * reads every column.",
    QueryWarning.NO_WHERE: "No WHERE: this is the whole table.",
    QueryWarning.UNORDERED_LIMIT: "LIMIT without ORDER BY can pick other people each time.",
    QueryWarning.ROWS_MULTIPLY: "This join has no condition: rows multiply.",
}
"""What is said of a query that may run (ux.md V5); the review shows it."""

# What is missing altogether has no place worth naming.
_NOWHERE = (QueryProblem.EMPTY, QueryProblem.ONLY_A_COMMENT)


def query_refused(refused: QueryRefused | Refusal) -> str:
    """The sentences of this refusal, as plain text."""
    problem = QueryProblem(refused.problem)
    sentence = _about_the_text(problem, words.data(refused.fragment, FRAGMENT_MAX))
    if sentence:
        place = "" if problem in _NOWHERE else _place(refused.line, refused.column)
        return place + sentence if place else sentence[0].upper() + sentence[1:]
    return _about_its_size(problem, refused)


def timed_out(limit: int) -> str:
    """The first sentence when Snowflake took longer than the setting allows."""
    within = words.minutes(limit) if limit >= _MINUTE else words.count(limit, "second")
    return f"Snowflake did not finish within {within}, so I stopped waiting."


def suppression(refused: QueryRefused | Refusal) -> str:
    """What became of the operators' query of those who must not be mailed, and that it was not the person's own."""
    if refused.fragment:
        what = "Snowflake refused the operators' suppression query."
    elif refused.limit:
        what = f"{timed_out(refused.limit)[:-1]} for the operators' suppression query."
    else:
        what = f"The operators' suppression query gives {words.count(refused.size, 'value')} that {_are(refused.size)}."
    return f"{what} {NOT_YOUR_QUERY}"


def _are(values: int) -> str:
    return "is no contact id" if values == 1 else "are no contact ids"


def _about_the_text(problem: QueryProblem, fragment: str) -> str:
    quoted = f"“{fragment}”"
    sentences = {
        QueryProblem.EMPTY: "Write a SELECT here, or choose “A .sql file” above.",
        QueryProblem.ONLY_A_COMMENT: "There is only a comment here. Write one SELECT.",
        QueryProblem.SECOND_STATEMENT: "a second statement starts here. Send one SELECT; nothing was run.",
        QueryProblem.NOT_A_SELECT: (
            f"{fragment.upper() or 'this'} is not a SELECT. I only run queries that read; nothing was run."
        ),
        QueryProblem.UNREADABLE: (
            f"I cannot read this{f' from {quoted} on' if fragment else ''}. Try it in Snowflake, then paste it again."
        ),
        QueryProblem.VARIABLE: f"{quoted} is a variable. Put its value in.",
        QueryProblem.NOT_A_TABLE: f"{quoted} is not a table. Select from tables or views.",
        QueryProblem.NOT_A_FUNCTION: (
            f"{quoted} is not a function I run. Use ordinary SQL functions; nothing was run."
        ),
    }
    return sentences.get(problem, "")


def _about_its_size(problem: QueryProblem, refused: QueryRefused | Refusal) -> str:
    limit = words.number(refused.limit)
    sentences = {
        QueryProblem.TOO_LONG: (
            f"This query is {words.number(refused.size)} bytes once encoded; the limit is {limit}."
            " Make it a view in Snowflake and select from that. Nothing was run."
        ),
        QueryProblem.TOO_MANY_ROWS: (
            f"This query returns {words.count(refused.size, 'row') if refused.size else 'too many rows'};"
            f" the limit is {limit}. Narrow the WHERE. Nothing was enrolled."
        ),
        QueryProblem.TIMED_OUT: f"{timed_out(refused.limit)} {WHAT_THEN}",
        QueryProblem.SNOWFLAKE_SAID_NO: "Snowflake refused the query. Nothing was enrolled.",
        QueryProblem.SUPPRESSION: suppression(refused),
    }
    return sentences[problem]


def _place(line: int | None, column: int | None) -> str:
    if line is None:
        return ""
    return f"Line {line}, column {column}: " if column is not None else f"Line {line}: "
