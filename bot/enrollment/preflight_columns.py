"""Which column of a query means what: the chosen one, else one by its name, and the ids' by their shape at last.

A number alone has no shape: a column of seats looks like one of HubSpot ids. Its name has to speak of an id too.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.enrollment.contacts import ContactId, read
from bot.enrollment.model.checks import CrmKind
from bot.enrollment.model.drafts import NO_OPT_OUT

Row = Mapping[str, object]

_ID_NAMES = ("contact_id", "hs_object_id", "id")
_NAMED_LIKE_AN_ID = re.compile(r"(?:^|_|contact|object|record|person|hubspot)v?id$")
_ROWS_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a query, and what some of them say; empty where none says it.

    `opt_out` are those that tell who has opted out: the one that was chosen, else all that are named like it.
    """

    names: tuple[str, ...]
    id: str = ""
    opt_out: tuple[str, ...] = ()
    company: str = ""


def id_column(names: Sequence[str], first_rows: Sequence[Row] = (), chosen: str = "") -> str:
    """The column that holds contact ids, or none."""
    for wanted in (chosen, *_ID_NAMES):
        found = column_named(names, wanted)
        if found:
            return found
    return _by_shape(names, first_rows[:_ROWS_LOOKED_AT])


def opt_out_columns(names: Sequence[str], known: Sequence[str], chosen: str = "") -> tuple[str, ...]:
    """The columns that tell who has opted out; none when a person chose none. `known` are names that speak of it."""
    if chosen == NO_OPT_OUT:
        return ()
    found = column_named(names, chosen)
    if found:
        return (found,)
    by_name = (column_named(names, name) for name in known)
    return tuple(dict.fromkeys(name for name in by_name if name))


def column_named(names: Sequence[str], wanted: str) -> str:
    """The column of this name, in its own case if there is one; empty if there is none."""
    if wanted in names:
        return wanted
    return next((name for name in names if name.casefold() == wanted.casefold()), "")


def cell(row: Row, column: str) -> object:
    """The row's value there. Names are compared without case only when the row does not have the exact one."""
    if column in row:
        return row[column]
    return next((value for name, value in row.items() if name.casefold() == column.casefold()), None)


def text(value: object) -> str:
    """The value as text, empty for none."""
    return "" if value is None else str(value)


def _by_shape(names: Sequence[str], rows: Sequence[Row]) -> str:
    """Of the columns whose values are mostly contact ids, the one that names the most people."""
    people = {name: _people(name, [cell(row, name) for row in rows]) for name in names}
    best = max(names, key=lambda name: people[name], default="")
    return best if best and people[best] else ""


def _people(name: str, values: Sequence[object]) -> int:
    known = [found for found in map(read, values) if found is not None]
    ids = [found.canonical_id for found in known if isinstance(found, ContactId) and _is_one(name, found)]
    return len(set(ids)) if len(ids) * 2 > len(known) else 0


def _is_one(name: str, found: ContactId) -> bool:
    if found.kind is CrmKind.HUBSPOT_CONTACT:
        return _NAMED_LIKE_AN_ID.search(name.casefold()) is not None
    return found.kind is CrmKind.SALESFORCE_CONTACT
