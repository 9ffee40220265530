"""Rows in; the funnel, the frozen list, and a reason for every row left out. Reads page by page, in one pass.

Only contacts of one CRM are enrolled: where both appear, the one with more rows, for ids of the other cannot belong
to the CRM that is linked to Gong. Knows nothing of where rows come from or how many are too many.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.enrollment.contacts import ContactId, WrongId, describe, read
from bot.enrollment.model.checks import Contact, CrmKind, Funnel, LeftOut, LeftOutRow, Preflight

_ID_COLUMNS = ("contact_id", "hs_object_id", "id")
_ENROLLED_KINDS = (CrmKind.SALESFORCE_CONTACT, CrmKind.HUBSPOT_CONTACT)
_SAMPLE_ROWS = 5
_SAMPLE_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Findings:
    """What a whole reading told: the numbers, and the two long lists. Lists are in the order of the query's rows."""

    preflight: Preflight
    contacts: tuple[Contact, ...]
    left_out: tuple[LeftOutRow, ...]


@dataclass(slots=True)
class _Side:
    """The contacts of one CRM, as long as it is not known which CRM has more rows."""

    rows: int = 0
    short: int = 0
    tidied: int = 0
    first_row: dict[str, int] = field(default_factory=dict)
    contacts: list[tuple[str, str]] = field(default_factory=list)
    repeats: Counter[tuple[str, int]] = field(default_factory=Counter)
    blanks: Counter[str] = field(default_factory=Counter)


class Reading:
    """One read of a query, fed in pages. Rows are numbered from 1, as a person would count them."""

    def __init__(self, columns: Sequence[str], *, id_column: str = "", sample_columns: Sequence[str] = ()) -> None:
        self._columns = tuple(columns)
        self._id_column = find_id_column(self._columns, id_column)
        self._sample_columns = _sampled(self._columns, self._id_column, sample_columns)
        self._sample: list[tuple[str, ...]] = []
        self._rows = 0
        self._blank = 0
        self._sides = {kind: _Side() for kind in _ENROLLED_KINDS}
        self._leads: Counter[str] = Counter()
        self._wrong: Counter[tuple[str, str]] = Counter()
        self._looks: Counter[str] = Counter()

    def add(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Every row is counted, and its contact is kept or has a reason to be left out."""
        for row in rows:
            self._rows += 1
            if len(self._sample) < _SAMPLE_ROWS:
                self._sample.append(tuple(_text(_cell(row, column)) for column in self._sample_columns))
            if self._id_column:
                self._sort(row, _cell(row, self._id_column))

    def finish(self) -> Findings:
        """The findings over every row added so far."""
        kept = max(_ENROLLED_KINDS, key=lambda kind: self._sides[kind].rows)
        side = self._sides[kept]
        left_out = tuple(self._left_out(kept))
        contacts = tuple(Contact(at, source, canonical) for at, (source, canonical) in enumerate(side.contacts))
        preflight = Preflight(
            funnel=Funnel(self._rows, _summed(left_out), len(contacts)),
            columns=self._columns,
            id_column=self._id_column,
            kinds=self._kinds(),
            sample_columns=self._sample_columns,
            sample=tuple(self._sample),
            blanks=tuple((column, side.blanks[column]) for column in self._columns if side.blanks[column]),
            short_ids=side.short,
            tidied_ids=side.tidied,
            most_look_like=next((words for words, _ in self._looks.most_common(1)), ""),
        )
        return Findings(preflight, contacts, left_out)

    def _sort(self, row: Mapping[str, object], value: object) -> None:
        match read(value):
            case None:
                self._blank += 1
            case WrongId(looks_like=looks_like, detail=detail):
                self._wrong[_text(value), detail] += 1
                self._looks[looks_like] += 1
            case ContactId(kind=CrmKind.SALESFORCE_LEAD):
                self._leads[_text(value)] += 1
                self._looks[describe(CrmKind.SALESFORCE_LEAD)] += 1
            case ContactId() as contact:
                self._keep(row, contact, self._sides[contact.kind])

    def _keep(self, row: Mapping[str, object], contact: ContactId, side: _Side) -> None:
        side.rows += 1
        side.short += contact.short
        side.tidied += contact.tidied
        first = side.first_row.setdefault(contact.canonical_id, self._rows)
        if first != self._rows:
            side.repeats[contact.source_value, first] += 1
            return
        side.contacts.append((contact.source_value, contact.canonical_id))
        side.blanks.update(column for column in self._columns if not _text(_cell(row, column)).strip())

    def _kinds(self) -> tuple[tuple[CrmKind, int], ...]:
        counts = {kind: side.rows for kind, side in self._sides.items()}
        counts[CrmKind.SALESFORCE_LEAD] = self._leads.total()
        return tuple((kind, counts[kind]) for kind in CrmKind if counts[kind])

    def _left_out(self, kept: CrmKind) -> Iterable[LeftOutRow]:
        """Yields in the order of LeftOut, so that the file needs no sorting."""
        if self._blank:
            yield LeftOutRow(LeftOut.NO_ID, "", "", self._blank)
        for (source, first), rows in self._sides[kept].repeats.items():
            yield LeftOutRow(LeftOut.DUPLICATE, source, f"first seen in row {first}", rows)
        for (source, detail), rows in self._wrong.items():
            yield LeftOutRow(LeftOut.NOT_A_CONTACT_ID, source, detail, rows)
        for kind in _ENROLLED_KINDS:
            if kind is not kept:
                yield from _of_the_other_crm(kind, kept, self._sides[kind])
        for source, rows in self._leads.items():
            yield LeftOutRow(LeftOut.LEAD, source, describe(CrmKind.SALESFORCE_LEAD), rows)


def find_id_column(columns: Sequence[str], chosen: str = "") -> str:
    """The column that holds contact ids: the chosen one, else the first that is named like one; empty if none is."""
    for wanted in (chosen, *_ID_COLUMNS):
        if wanted in columns:
            return wanted
        found = next((column for column in columns if column.casefold() == wanted.casefold()), "")
        if found:
            return found
    return ""


def _sampled(columns: Sequence[str], id_column: str, allowed: Sequence[str]) -> tuple[str, ...]:
    names = {name.casefold() for name in allowed}
    others = [column for column in columns if column.casefold() in names and column != id_column]
    return tuple(([id_column] if id_column else []) + others)[:_SAMPLE_COLUMNS]


def _of_the_other_crm(kind: CrmKind, kept: CrmKind, side: _Side) -> Iterable[LeftOutRow]:
    detail = f"{describe(kind)}, among more rows of {describe(kept)}"
    rows = Counter(source for source, _ in side.contacts)
    for (source, _), repeats in side.repeats.items():
        rows[source] += repeats
    return (LeftOutRow(LeftOut.NOT_A_CONTACT_ID, source, detail, count) for source, count in rows.items())


def _summed(left_out: Iterable[LeftOutRow]) -> tuple[tuple[LeftOut, int], ...]:
    sums: Counter[LeftOut] = Counter()
    for row in left_out:
        sums[row.reason] += row.rows
    return tuple((reason, sums[reason]) for reason in LeftOut if sums[reason])


def _cell(row: Mapping[str, object], column: str) -> object:
    """The row's value there. Names are compared without case only when the row does not have the exact one."""
    if column in row:
        return row[column]
    return next((value for name, value in row.items() if name.casefold() == column.casefold()), None)


def _text(value: object) -> str:
    return "" if value is None else str(value)
