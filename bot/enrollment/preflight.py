"""Rows in; the funnel, the frozen list, and a reason for every row left out. Reads page by page, in one pass.

Only contacts of one CRM are enrolled: where both appear, the one with more rows, for ids of the other cannot belong
to the CRM that is linked to Gong. Knows nothing of where rows come from or how many are too many.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.enrollment.contacts import ContactId, WrongId, describe, read
from bot.enrollment.model.checks import Contact, CrmKind, Funnel, LeftOut, LeftOutRow, Preflight
from bot.enrollment.preflight_columns import Columns, Row, cell, text
from bot.enrollment.preflight_opt_outs import opted_out
from bot.enrollment.preflight_people import People
from bot.enrollment.preflight_sieve import Caps, Known, sieve

_ENROLLED_KINDS = (CrmKind.SALESFORCE_CONTACT, CrmKind.HUBSPOT_CONTACT)
_SAMPLE_ROWS = 5
_SAMPLE_COLUMNS = 4
_NOTHING = Known()
_NONE = Caps()


@dataclass(frozen=True, slots=True)
class Findings:
    """What a whole reading told: the numbers, and the two long lists. Lists are in the order of the query's rows."""

    preflight: Preflight
    contacts: tuple[Contact, ...]
    left_out: tuple[LeftOutRow, ...]


class Reading:
    """One read of a query, fed in pages. Rows are numbered from 1, as a person would count them."""

    def __init__(self, columns: Columns, *, sample_columns: Sequence[str] = ()) -> None:
        self._columns = columns
        self._sample_columns = _sampled(columns, sample_columns)
        self._sample: list[tuple[str, ...]] = []
        self._rows = 0
        self._blank = 0
        self._sides = {kind: People() for kind in _ENROLLED_KINDS}
        self._leads: Counter[str] = Counter()
        self._wrong: Counter[tuple[str, str]] = Counter()
        self._looks: Counter[str] = Counter()

    def add(self, rows: Iterable[Row]) -> None:
        """Every row is counted, and its contact is kept or has a reason to be left out."""
        for row in rows:
            self._rows += 1
            if len(self._sample) < _SAMPLE_ROWS:
                self._sample.append(tuple(text(cell(row, column)) for column in self._sample_columns))
            if self._columns.id:
                self._sort(row, cell(row, self._columns.id))

    def standing(self) -> list[str]:
        """The canonical ids of those who would be enrolled for all that the rows added so far say."""
        return self._sides[self._kept()].standing()

    def finish(self, known: Known = _NOTHING, caps: Caps = _NONE) -> Findings:
        """The findings over every row added so far, with what is known beside them."""
        kept = self._kept()
        side = self._sides[kept]
        contacts, sieved = _parted(side, known, caps)
        left_out = (*self._of_rows(kept), *sieved)
        preflight = Preflight(
            funnel=Funnel(self._rows, _summed(left_out), len(contacts)),
            columns=self._columns.names,
            id_column=self._columns.id,
            kinds=self._kinds(),
            sample_columns=self._sample_columns,
            sample=tuple(self._sample),
            blanks=side.blank_columns(self._columns.names, [side.places[one.canonical_id] for one in contacts]),
            short_ids=side.short,
            tidied_ids=side.tidied,
            most_look_like=next((words for words, _ in self._looks.most_common(1)), ""),
            opt_out_column=self._columns.opt_out[0] if self._columns.opt_out else "",
            suppressed=known.suppressed is not None,
            company_cap=caps.company if self._columns.company else 0,
            request_cap=caps.request,
        )
        return Findings(preflight, contacts, left_out)

    def _kept(self) -> CrmKind:
        return max(_ENROLLED_KINDS, key=lambda kind: self._sides[kind].rows)

    def _sort(self, row: Row, value: object) -> None:
        match read(value):
            case None:
                self._blank += 1
            case WrongId(looks_like=looks_like, detail=detail):
                self._wrong[text(value), detail] += 1
                self._looks[looks_like] += 1
            case ContactId(kind=CrmKind.SALESFORCE_LEAD):
                self._leads[text(value)] += 1
                self._looks[describe(CrmKind.SALESFORCE_LEAD)] += 1
            case ContactId() as contact:
                self._meet(row, contact, self._sides[contact.kind])

    def _meet(self, row: Row, contact: ContactId, side: People) -> None:
        place, new = side.meet(contact, self._rows)
        if new:
            side.note(self._company(row), self._blanks(row))
        for column in self._columns.opt_out:
            kind = opted_out(cell(row, column))
            if kind:
                side.opt_out(place, f"{column} has {kind}")

    def _company(self, row: Row) -> str:
        column = self._columns.company
        return text(cell(row, column)).strip().casefold() if column else ""

    def _blanks(self, row: Row) -> int:
        names = self._columns.names
        return sum(1 << bit for bit, name in enumerate(names) if not text(cell(row, name)).strip())

    def _kinds(self) -> tuple[tuple[CrmKind, int], ...]:
        counts = {kind: side.rows for kind, side in self._sides.items()}
        counts[CrmKind.SALESFORCE_LEAD] = self._leads.total()
        return tuple((kind, counts[kind]) for kind in CrmKind if counts[kind])

    def _of_rows(self, kept: CrmKind) -> Iterator[LeftOutRow]:
        """The rows that name nobody who could be enrolled, or somebody once more, in the order of LeftOut."""
        if self._blank:
            yield LeftOutRow(LeftOut.NO_ID, "", "", self._blank)
        for source, first, rows in self._sides[kept].twice():
            yield LeftOutRow(LeftOut.DUPLICATE, source, f"first seen in row {first}", rows)
        for (source, detail), rows in self._wrong.items():
            yield LeftOutRow(LeftOut.NOT_A_CONTACT_ID, source, detail, rows)
        for kind in _ENROLLED_KINDS:
            if kind is not kept:
                detail = f"{describe(kind)}, among more rows of {describe(kept)}"
                for source, rows in self._sides[kind].by_source():
                    yield LeftOutRow(LeftOut.NOT_A_CONTACT_ID, source, detail, rows)
        for source, rows in self._leads.items():
            yield LeftOutRow(LeftOut.LEAD, source, describe(CrmKind.SALESFORCE_LEAD), rows)


def _parted(people: People, known: Known, caps: Caps) -> tuple[tuple[Contact, ...], list[LeftOutRow]]:
    """The frozen list, and one row for everybody else, in the order of LeftOut."""
    contacts: list[Contact] = []
    out: dict[LeftOut, list[LeftOutRow]] = {reason: [] for reason in LeftOut}
    for (canonical, place), why in zip(people.places.items(), sieve(people, known, caps), strict=True):
        source = people.sources[place]
        if why is None:
            contacts.append(Contact(len(contacts), source, canonical))
        else:
            out[why[0]].append(LeftOutRow(why[0], source, why[1]))
    return tuple(contacts), [row for rows in out.values() for row in rows]


def _sampled(columns: Columns, allowed: Sequence[str]) -> tuple[str, ...]:
    names = {name.casefold() for name in allowed}
    others = [column for column in columns.names if column.casefold() in names and column != columns.id]
    return tuple(([columns.id] if columns.id else []) + others)[:_SAMPLE_COLUMNS]


def _summed(left_out: Iterable[LeftOutRow]) -> tuple[tuple[LeftOut, int], ...]:
    sums: Counter[LeftOut] = Counter()
    for row in left_out:
        sums[row.reason] += row.rows
    return tuple((reason, sums[reason]) for reason in LeftOut if sums[reason])
