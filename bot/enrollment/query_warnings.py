"""What deserves a second look in a query that may run: it reads more than it says, or other people each time.

Each question is whether something can be reached in sqlglot's tree: whatever passes through a CTE or a query within the
query is followed to the tables. In doubt nothing is said: a warning that is wrong teaches people not to read them.
"""

from collections.abc import Callable, Iterator

from sqlglot import exp

from bot.enrollment.model.queries import QueryWarning
from bot.enrollment.query_joins import any_multiplies, joined, leaves, names_of, ties_nothing
from bot.enrollment.query_tree import cte_of, folded

_Step = Callable[[exp.Expr], list[exp.Expr]]


def warnings_of(tree: exp.Expr) -> tuple[QueryWarning, ...]:
    """Every warning that holds, each once, in the order of QueryWarning."""
    found = {
        QueryWarning.READS_EVERY_COLUMN: _reaches_a_table(tree, _with_every_column),
        QueryWarning.NO_WHERE: _reaches_a_table(tree, _with_every_row),
        QueryWarning.UNORDERED_LIMIT: any(_picks_anyone(query) for query in tree.find_all(exp.Query)),
        QueryWarning.ROWS_MULTIPLY: any_multiplies(tree),
    }
    return tuple(warning for warning, holds in found.items() if holds)


def is_ordered(tree: exp.Expr) -> bool:
    """True when the rows come in an order that the query itself gives: in what the outermost one, in or out of
    parentheses, is ordered by, there is a column or the number of one.
    """
    while isinstance(tree, exp.Subquery) and not (_order(tree) or _cuts(tree)):
        tree = tree.this
    return any(_orders(key) for key in _order(tree))


def _reaches_a_table(tree: exp.Expr, step: _Step) -> bool:
    waiting, seen = [tree], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if not isinstance(node, exp.Table):
            waiting += step(node)
        elif (cte := cte_of(node)) is not None:
            waiting.append(cte.this)
        else:
            return True
    return False


# -- every column


def _with_every_column(query: exp.Expr) -> list[exp.Expr]:
    """What the query passes on with all of its columns."""
    if isinstance(query, exp.SetOperation):
        return [query.this, query.expression]
    if isinstance(query, exp.Subquery | exp.Lateral):
        return [query.this]
    if not isinstance(query, exp.Select):
        return []
    return [source for star in query.expressions for source in _meant(star, query)]


def _meant(star: exp.Expr, query: exp.Select) -> Iterator[exp.Expr]:
    everything = star.this if isinstance(star, exp.Column) else star
    if not isinstance(everything, exp.Star) or everything.args.get("ilike"):
        return
    table = star.args.get("table")
    for source in leaves(query):
        if table is None or folded(table) in names_of(source):
            yield source


# -- every row


def _with_every_row(query: exp.Expr) -> list[exp.Expr]:
    """What the query passes on with all of its rows."""
    if _cuts(query) or query.args.get("sample"):
        return []
    if isinstance(query, exp.Union):
        return [query.this, query.expression]
    if isinstance(query, exp.Subquery):
        return _kept(query.this) if isinstance(query.this, exp.Table) else [query.this]
    if not isinstance(query, exp.Select) or _filters(query):
        return []
    return _kept(query)


def _filters(query: exp.Select) -> bool:
    where, connect = query.args.get("where"), query.args.get("connect")
    if connect is not None and connect.args.get("start") is not None:
        return True
    return bool(query.args.get("having") or query.args.get("qualify")) or not ties_nothing(where and where.this)


def _kept(group: exp.Expr) -> list[exp.Expr]:
    """The tables of a FROM of which every row is still there after its joins."""
    kept = joined(group)[:1]
    for source in joined(group)[1:]:
        join = source.parent
        if not isinstance(join, exp.Join) or isinstance(source, exp.Lateral | exp.TableFromRows):
            continue
        if join.method == "ASOF" or join.side == "LEFT":
            continue
        if join.side == "RIGHT":
            kept = [source]
        elif join.side == "FULL" or _has_no_condition(join):
            kept = [*kept, source] if kept else []
        else:
            kept = []
    return [source for source in kept if not source.args.get("sample")]


def _has_no_condition(join: exp.Join) -> bool:
    return not join.args.get("using") and join.method != "NATURAL" and ties_nothing(join.args.get("on"))


# -- other people each time


def _picks_anyone(query: exp.Expr) -> bool:
    return _cuts(query) and not isinstance(query.parent, exp.Exists) and not any(map(_orders, _order(query)))


def _cuts(query: exp.Expr) -> bool:
    limit = query.args.get("limit")
    unlimited = limit is None or isinstance(limit.args.get("expression"), exp.Null)
    return not unlimited or query.args.get("offset") is not None


def _order(query: exp.Expr) -> list[exp.Expr]:
    order = query.args.get("order")
    return list(order.expressions) if isinstance(order, exp.Order) else []


def _orders(key: exp.Expr) -> bool:
    """False for ORDER BY RANDOM() and the like, which is another order each time."""
    term = key.this if isinstance(key, exp.Ordered) else key
    return (isinstance(term, exp.Literal) and term.is_int) or term.find(exp.Column) is not None
