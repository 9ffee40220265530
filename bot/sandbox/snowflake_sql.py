"""Snowflake's SQL and Snowflake's complaints, for a DuckDB that stands in for it.

sqlglot translates; what it and DuckDB disagree about is mended here. It knows no table of its own.
"""

import re
from collections.abc import Iterator

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

MACROS = (
    "CREATE MACRO NVL(a, b) AS coalesce(a, b)",
    "CREATE MACRO DIV0(a, b) AS CASE WHEN b = 0 THEN 0 ELSE a / b END",
    "CREATE MACRO ZEROIFNULL(a) AS coalesce(a, 0)",
    "CREATE MACRO EQUAL_NULL(a, b) AS a IS NOT DISTINCT FROM b",
    "CREATE MACRO STARTSWITH(a, b) AS starts_with(a, b)",
    "CREATE MACRO ENDSWITH(a, b) AS ends_with(a, b)",
    "CREATE MACRO CAPITAL(w) AS upper(w[1]) || w[2:]",
    "CREATE MACRO INITCAP(a) AS array_to_string([CAPITAL(w) for w in string_split(lower(a), ' ')], ' ')",
)

_DATABASES = ("ANALYTICS", "DATABASE", "SANDBOX")
_TIME_FORMATS = {
    "YYYY": "%Y",
    "HH24": "%H",
    "MON": "%b",
    "MM": "%m",
    "DD": "%d",
    "MI": "%M",
    "SS": "%S",
}
_COMPLAINTS = (
    (r"Table with name (.+?) does not exist", "SQL compilation error:\nObject '{0}' does not exist or not authorized."),
    (r"[Ff]unction with name (\S+) does not exist", "the sandbox cannot run this: it has no function {upper}"),
    (r"Could not convert string '([^']*)'", "Numeric value '{0}' is not recognized"),
    (
        r'column "?([^"\s]+)"? must appear in the GROUP BY',
        "SQL compilation error:\n'{0}' is not a valid group by expression",
    ),
    (r'Ambiguous reference to column name "([^"]+)"', "SQL compilation error:\nambiguous column name '{upper}'"),
)
_UNKNOWN_COLUMNS = (
    r'[Cc]olumn "?([^"\s]+?)"? (?:not found|does not exist)',
    r'Referenced (?:column|table) "([^"]+)" not found',
    r'does not have a column named "([^"]+)"',
)
_READS = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)


class Refused(Exception):
    """The statement was not run; the text is what Snowflake (or the sandbox, saying so) answers."""


def as_duckdb(sql: str, names: frozenset[str]) -> str:
    """The statement in DuckDB's SQL. Raises Refused for what is not one readable SELECT over these names."""
    if not sql.strip():
        raise Refused("SQL compilation error:\nEmpty SQL statement.")
    tree = _parsed(sql)
    if not isinstance(tree, _READS):
        raise Refused("the sandbox cannot run this: it only reads, with one SELECT")
    _name_results(tree)
    tree = normalize_identifiers(tree, dialect=Snowflake)
    _drop_schema(tree)
    _check_case(tree, names, sql)
    _mend(tree)
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("quoted", True)
    try:
        return tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except SqlglotError as error:
        raise Refused(f"the sandbox cannot run this: {_first_line(str(error))}") from None


def _parsed(sql: str) -> exp.Expr:
    try:
        statements = [tree for tree in sqlglot.parse(sql, read="snowflake") if tree is not None]
    except ParseError as error:
        raise Refused(_syntax_error(error)) from None
    except (TokenError, RecursionError):
        raise Refused("SQL compilation error:\nparse error: the statement cannot be read.") from None
    if len(statements) != 1:
        count = len(statements)
        raise Refused(f"Actual statement count {count} did not match the desired statement count 1.")
    return statements[0]


def _syntax_error(error: ParseError) -> str:
    facts = error.errors[0] if error.errors else {}
    line, column = facts.get("line") or 1, facts.get("col") or 1
    word = facts.get("highlight") or "<EOF>"
    position = max(0, int(column) - len(str(word)))
    return f"SQL compilation error:\nsyntax error line {line} at position {position} unexpected '{word}'."


def _name_results(tree: exp.Expr) -> None:
    """Snowflake names an unnamed expression by its own text: COUNT(*), not count_star()."""
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    if not isinstance(tree, exp.Select):
        return
    for projection in list(tree.expressions):
        if isinstance(projection, exp.Column | exp.Alias | exp.Star | exp.Aliases) or projection.is_star:
            continue
        name = projection.sql(dialect="snowflake", comments=False).upper()
        projection.replace(exp.alias_(projection.copy(), exp.to_identifier(name, quoted=True)))


def _drop_schema(tree: exp.Expr) -> None:
    """All tables are in PUBLIC of one database; DuckDB has them without either."""
    for table in tree.find_all(exp.Table):
        if table.db not in ("", "PUBLIC") or table.catalog not in ("", *_DATABASES):
            raise Refused(_no_object(f"'{table.catalog or table.db}.{table.name}'"))
        table.set("db", None)
        table.set("catalog", None)


def _mend(tree: exp.Expr) -> None:
    """What sqlglot hands over in a form that DuckDB reads differently or not at all."""
    for node in list(tree.find_all(exp.ToChar)):
        wanted = node.args.get("format")
        if isinstance(wanted, exp.Literal):
            node.replace(exp.TimeToStr(this=node.this, format=exp.Literal.string(_strftime(wanted.name))))
    # DuckDB would take CURRENT_DATE AS "CURRENT_DATE" for a column that names itself.
    for today in list(tree.find_all(exp.CurrentDate)):
        today.replace(exp.Anonymous(this="today"))
    # Times have no zone here: those with one need a package that the product does not.
    for now in list(tree.find_all(exp.CurrentTimestamp)):
        now.replace(exp.cast(exp.Anonymous(this="get_current_timestamp"), "TIMESTAMP"))


def _strftime(wanted: str) -> str:
    for theirs, ours in _TIME_FORMATS.items():
        wanted = re.sub(theirs, ours, wanted, flags=re.IGNORECASE)
    return wanted


def _check_case(tree: exp.Expr, names: frozenset[str], sql: str) -> None:
    """DuckDB would find "contact_id" in CONTACT_ID; Snowflake does not."""
    known = names | frozenset(_given_names(tree))
    folded = {name.casefold() for name in known}
    for identifier in tree.find_all(exp.Identifier):
        name = identifier.name
        if name in known or name.casefold() not in folded:
            continue
        if isinstance(identifier.parent, exp.Table):
            raise Refused(_no_object(f'"{name}"'))
        if isinstance(identifier.parent, exp.Column):
            raise Refused(_unknown_column(f'"{name}"', sql))


def _given_names(tree: exp.Expr) -> Iterator[str]:
    for alias in tree.find_all(exp.Alias, exp.TableAlias):
        if isinstance(alias, exp.Alias):
            yield alias.alias
            continue
        if alias.this:
            yield alias.this.name
        yield from (column.name for column in alias.args.get("columns") or ())


def in_snowflakes_words(error: duckdb.Error, sql: str) -> Refused:
    """What Snowflake would have said to this mistake."""
    text = str(error)
    for pattern, words in _COMPLAINTS:
        if found := re.search(pattern, text):
            return Refused(words.format(found[1], upper=found[1].upper()))
    for pattern in _UNKNOWN_COLUMNS:
        if found := re.search(pattern, text):
            return Refused(_unknown_column(found[1], sql))
    return Refused(f"the sandbox cannot run this: {_first_line(text)}")


def _unknown_column(name: str, sql: str) -> str:
    last = name.rsplit(".", 1)[-1]
    for number, line in enumerate(sql.splitlines(), 1):
        if found := re.search(rf"(?<!\w){re.escape(last)}(?!\w)", line, re.IGNORECASE):
            return _no_column(f"'{last}'", number, found.start())
    return _no_column(f"'{last}'", 1, 0)


def _no_column(name: str, line: int, position: int) -> str:
    shown = name if name.startswith("'") else f"'{name}'"
    return f"SQL compilation error: error line {line} at position {position}\ninvalid identifier {shown}"


def _no_object(name: str) -> str:
    shown = name if name.startswith("'") else f"'{name}'"
    return f"SQL compilation error:\nObject {shown} does not exist or not authorized."


def _first_line(text: str) -> str:
    return text.split(": ", 1)[-1].splitlines()[0]
