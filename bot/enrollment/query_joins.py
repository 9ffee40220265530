"""What a FROM joins, and whether it ties everything that it joins together: what is not tied multiplies the rows.

A tie is a condition that names both sides, wherever it stands. A column without its table's name may be anybody's, so
two columns of which one is such a column count as a tie between all.
"""

from collections.abc import Iterator

from sqlglot import exp

from bot.enrollment.query_tree import cte_of, folded

_GROUPS = (exp.Select, exp.Subquery, exp.Table)


def any_multiplies(tree: exp.Expr) -> bool:
    """True when a join of the query, however deep, leaves something untied."""
    return any(group.args.get("joins") and _multiplies(group) for group in tree.find_all(*_GROUPS))


def joined(group: exp.Expr) -> list[exp.Expr]:
    """What stands in a FROM, or in parentheses within one, in order: tables, queries, functions."""
    joins = [join.this for join in group.args.get("joins") or ()]
    if not isinstance(group, exp.Select):
        return [group, *joins]
    origin = group.args.get("from_")
    return [origin.this, *joins] if isinstance(origin, exp.From) else joins


def leaves(group: exp.Expr) -> Iterator[exp.Expr]:
    """What a FROM joins, without the parentheses that only group it."""
    waiting = joined(group)[::-1]
    while waiting:
        source = waiting.pop()
        if source is not group and source.args.get("joins"):
            waiting += [join.this for join in source.args["joins"]][::-1]
        if isinstance(source, exp.Subquery) and not isinstance(source.this, exp.Query):
            waiting += [source.this]
        else:
            yield source


def names_of(source: exp.Expr) -> frozenset[str]:
    """The names under which a condition may call this source."""
    aliases = [source.args.get("alias"), *(pivot.args.get("alias") for pivot in source.args.get("pivots") or ())]
    names = {folded(alias.this) for alias in aliases if alias is not None and alias.this is not None}
    if not names and isinstance(source, exp.Table):
        names.add(folded(source.this))
    return frozenset(names)


def ties_nothing(condition: exp.Expr | None) -> bool:
    """True for a condition that is missing, or that is true of every row by itself, such as 1 = 1."""
    if condition is None:
        return True
    terms = list(condition.flatten()) if isinstance(condition, exp.And) else [condition.unnest()]
    return all(_is_always_true(term) for term in terms)


def _is_always_true(term: exp.Expr) -> bool:
    if isinstance(term, exp.Boolean):
        return bool(term.this)
    sides = (term.args.get("this"), term.args.get("expression"))
    return isinstance(term, exp.EQ) and sides[0] == sides[1] and isinstance(sides[0], exp.Literal)


def _multiplies(group: exp.Expr) -> bool:
    sources = joined(group)
    names = [_all_names(source) for source in sources]
    ties = [_own_tie(source, at, names) for at, source in enumerate(sources)]
    select = group if isinstance(group, exp.Select) else group.parent_select
    conditions = [select.args.get("where"), select.args.get("qualify")] if select is not None else []
    for condition in conditions:
        if condition is not None:
            ties += [_tied(term, names) for term in _terms(condition.this)]
    return not _is_one_piece(len(sources), ties)


def _all_names(source: exp.Expr) -> frozenset[str]:
    """The names of the source, or of what its parentheses hold."""
    return frozenset(name for leaf in leaves(source) for name in names_of(leaf))


def _own_tie(source: exp.Expr, at: int, names: list[frozenset[str]]) -> set[int]:
    """The sources that are tied by how this one is joined; the one before it, where a condition does not say."""
    if _is_one_row(source):
        return {at, at - 1 if at else min(1, len(names) - 1)}
    join = source.parent
    if not at or not isinstance(join, exp.Join):
        return {at}
    if join.args.get("using") or join.method in {"NATURAL", "ASOF"} or _depends_on_the_row(source):
        return {at, at - 1}
    if ties_nothing(join.args.get("on")):
        return {at}
    tied = set[int]().union(*(_tied(term, names) for term in _terms(join.args["on"])))
    return tied | {at} if tied - {at} else {at, at - 1}


def _depends_on_the_row(source: exp.Expr) -> bool:
    """True for what is made of each row before it: LATERAL, FLATTEN and its like."""
    if isinstance(source, exp.TableFromRows):
        return not isinstance(source.this, exp.Generator)
    return isinstance(source, exp.Lateral)


def _terms(condition: exp.Expr) -> list[exp.Expr]:
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def _tied(term: exp.Expr, names: list[frozenset[str]]) -> set[int]:
    """The sources that this condition ties together."""
    columns = list(term.find_all(exp.Column))
    tables = {folded(column.args["table"]) for column in columns if column.args.get("table") is not None}
    named = {at for at, known in enumerate(names) if known & tables}
    select = term.parent_select
    bare = [one for one in columns if one.args.get("table") is None and one.parent_select is select]
    return set(range(len(names))) if bare and len(bare) + len(named) > 1 else named


def _is_one_piece(count: int, ties: list[set[int]]) -> bool:
    """True when the ties join all of the sources, directly or through others."""
    reached = {0}
    while met := [tie for tie in ties if tie & reached and not tie <= reached]:
        reached = reached.union(*met)
    return len(reached) == count


def _is_one_row(source: exp.Expr) -> bool:
    """True for what gives one row at most, such as a query of constants or of a total: it multiplies nothing."""
    node: exp.Expr | None = source
    while node is not None:
        if isinstance(node, exp.Values):
            return len(node.expressions) == 1
        if isinstance(node, exp.Table):
            cte = cte_of(node)
            node = cte.this if cte is not None else None
        elif isinstance(node, exp.Subquery):
            node = node.this
        elif isinstance(node, exp.Select) and not _gives_one_row(node):
            inner = joined(node)
            node = inner[0] if len(inner) == 1 else None
        else:
            return isinstance(node, exp.Select)
    return False


def _gives_one_row(query: exp.Select) -> bool:
    limit = query.args.get("limit")
    if isinstance(limit, exp.Limit) and limit.expression.is_int:
        return int(limit.expression.this) <= 1
    if query.args.get("from_") is None:
        return query.args.get("connect") is None
    totals = (part for part in query.expressions for part in part.find_all(exp.AggFunc))
    return query.args.get("group") is None and any(_is_total(part, query) for part in totals)


def _is_total(part: exp.Expr, query: exp.Select) -> bool:
    window = part.find_ancestor(exp.Window, exp.Select)
    return window is query
