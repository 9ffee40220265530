"""Who of the people named by a query is left out, and why: what was said of them, then what is known, then the caps."""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from bot.enrollment.model.checks import LeftOut
from bot.enrollment.preflight_people import People

Why = tuple[LeftOut, str]
"""The reason, and the words that tell it of this person."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of people beside the query, by canonical id.

    `suppressed` is null when nobody was asked who must not be mailed; `lately` says in words when and by what somebody
    was enrolled into this flow.
    """

    suppressed: AbstractSet[str] | None = field(default=None, repr=False)
    lately: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Caps:
    """At most so many people of one company, and of the whole request; 0 for as many as there are.

    The request is cut where the query says in which `ordered` way its people come; elsewhere nobody is left out for it.
    """

    company: int = 0
    request: int = 0
    ordered: bool = False


def sieve(people: People, known: Known, caps: Caps) -> Iterator[Why | None]:
    """Place by place: why this person is left out, None for one who will be enrolled."""
    of_company: Counter[str] = Counter()
    stay = 0
    for canonical, place in people.places.items():
        company = people.companies[place]
        why = _told(people, place, canonical, known)
        if why is None and caps.company and company and of_company[company] >= caps.company:
            why = LeftOut.COMPANY_CAP, f"company already has {caps.company:,}"
        if why is None and caps.request and caps.ordered and stay >= caps.request:
            why = LeftOut.REQUEST_CAP, f"after the first {caps.request:,}"
        if why is None:
            of_company[company] += 1
            stay += 1
        yield why


def _told(people: People, place: int, canonical: str, known: Known) -> Why | None:
    if place in people.opted_out:
        return LeftOut.OPTED_OUT, people.opted_out[place]
    if known.suppressed is not None and canonical in known.suppressed:
        return LeftOut.SUPPRESSED, "named by the operators' suppression query"
    if canonical in known.lately:
        return LeftOut.ENROLLED_LATELY, known.lately[canonical]
    return None
