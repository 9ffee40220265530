"""The people that the rows of a query name, CRM by CRM: what has to be known of each, without the rows themselves.

A hundred thousand of them are held at once, so that equal texts are held once and numbers stand in arrays.
"""

import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.enrollment.contacts import ContactId


@dataclass(slots=True)
class People:
    """The contacts of one CRM, each once, in the order in which they were met first: their place.

    `blanks` has, by place, one bit per column that is blank in that first row; `opted_out` says of a place in which
    words any of the person's rows said so.
    """

    rows: int = 0
    short: int = 0
    tidied: int = 0
    places: dict[str, int] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    first_rows: "array[int]" = field(default_factory=lambda: array("Q"))
    companies: list[str] = field(default_factory=list)
    blanks: list[int] = field(default_factory=list)
    opted_out: dict[int, str] = field(default_factory=dict)
    repeats: Counter[tuple[str, int]] = field(default_factory=Counter)

    def meet(self, contact: ContactId, row: int) -> tuple[int, bool]:
        """The person's place, and whether this is the first row that names them; row numbers only grow."""
        self.rows += 1
        self.short += contact.short
        self.tidied += contact.tidied
        source = contact.source_value
        # Nearly always the two are equal: then they are one and the same text.
        canonical = source if source == contact.canonical_id else contact.canonical_id
        place = self.places.setdefault(canonical, len(self.sources))
        if place < len(self.sources):
            self.repeats[source, place] += 1
            return place, False
        self.sources.append(source)
        self.first_rows.append(row)
        return place, True

    def note(self, company: str, blanks: int) -> None:
        """What the first row says of the person who was just met."""
        self.companies.append(sys.intern(company))
        self.blanks.append(blanks)

    def opt_out(self, place: int, words: str) -> None:
        """One of the person's rows says, in these words, that they have opted out: one is enough."""
        self.opted_out.setdefault(place, sys.intern(words))

    def standing(self) -> list[str]:
        """The canonical ids of those of whom no row says that they have opted out, in their order."""
        return [canonical for canonical, place in self.places.items() if place not in self.opted_out]

    def twice(self) -> Iterator[tuple[str, int, int]]:
        """Each form of an id in which somebody was named again, the row that named them first, and how often."""
        for (source, place), rows in self.repeats.items():
            yield source, self.first_rows[place], rows

    def by_source(self) -> Iterator[tuple[str, int]]:
        """Each form of an id, with the number of rows that have it."""
        rows = Counter(self.sources)
        for (source, _), again in self.repeats.items():
            rows[source] += again
        yield from rows.items()

    def blank_columns(self, names: Sequence[str], places: Sequence[int]) -> tuple[tuple[str, int], ...]:
        """By column, how many of these people have nothing there; columns that all of them fill are not named."""
        patterns = Counter(self.blanks[place] for place in places)
        counts = [sum(n for mask, n in patterns.items() if mask >> bit & 1) for bit in range(len(names))]
        return tuple((name, count) for name, count in zip(names, counts, strict=True) if count)
