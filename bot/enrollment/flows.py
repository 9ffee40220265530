"""The flows of a Gong connection, kept in memory so that the flow picker answers without asking anybody.

Slack wants options within 3 seconds and sends a request per keystroke (docs: block_suggestion), while Polytomic's
list of target objects is not paginated and may take long. So the list is read beforehand and searched here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.enrollment.flow_list import FlowList
from bot.enrollment.judging import allows
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.flows import Flow, FlowMatches
from bot.enrollment.model.policies import Choice
from bot.polytomic.client import PolytomicClient

BEST = 100
_NOT_FLOWS = frozenset({"account", "accounts", "people", "person"})


@dataclass(frozen=True, slots=True)
class _Listing:
    offered: FlowList
    by_id: dict[str, Flow]
    read_at: datetime


class Flows:
    """One cached listing per Gong connection, for `ttl` seconds; a stale one is still served, and says so.

    Only the flows of `choice` are offered. The others are known, so that whoever names one hears why not.
    """

    def __init__(self, polytomic: PolytomicClient, *, clock: Clock, ttl: float, choice: Choice | None = None) -> None:
        self._choice = choice or Choice()
        self._polytomic = polytomic
        self._clock = clock
        self._ttl = timedelta(seconds=ttl)
        self._listings: dict[str, _Listing] = {}

    def search(self, gong_id: str, words: str, *, last_used: Sequence[str] = ()) -> FlowMatches | None:
        """The best 100 flows for these words, as `FlowList.best` ranks them; None when no list was ever had."""
        listing = self._listings.get(gong_id)
        if listing is None:
            return None
        best, total = listing.offered.best(words, BEST, last_used=last_used)
        stale = self._clock() - listing.read_at > self._ttl
        return FlowMatches(
            flows=best,
            total=total,
            all_flows=len(listing.offered),
            words=words,
            as_of=listing.read_at if stale else None,
        )

    def offered(self, gong_id: str) -> int:
        """How many flows of this connection may be chosen."""
        listing = self._listings.get(gong_id)
        return len(listing.offered) if listing else 0

    def knows(self, gong_id: str) -> bool:
        """True when a list of this connection was read, however long ago."""
        return gong_id in self._listings

    def stale(self, gong_id: str) -> bool:
        """True when the list should be read again."""
        listing = self._listings.get(gong_id)
        return listing is None or self._clock() - listing.read_at > self._ttl

    def get(self, gong_id: str, flow_id: str) -> Flow | None:
        """The flow as last listed, or None."""
        listing = self._listings.get(gong_id)
        return listing.by_id.get(flow_id) if listing else None

    def gone(self, gong_id: str, flow_id: str, seen_at: datetime) -> bool:
        """True when a list that was read after the flow was seen does not have it; without one nobody can say."""
        listing = self._listings.get(gong_id)
        return listing is not None and listing.read_at > seen_at and flow_id not in listing.by_id

    async def refresh(self, gong_id: str) -> None:
        """The list is as Polytomic has it now. Raises PolytomicError, and keeps the old list."""
        objects = await self._polytomic.target_objects(gong_id)
        flows = [Flow(id=thing.id, name=thing.name) for thing in objects if not _fixed(thing.id, thing.name)]
        self._listings[gong_id] = _Listing(
            offered=FlowList(flow for flow in flows if allows(self._choice, flow.name, flow.id)),
            by_id={flow.id: flow for flow in flows},
            read_at=self._clock(),
        )


def _fixed(object_id: str, name: str) -> bool:
    # Nothing in the answer tells Gong's Accounts and People from flows but their names (polytomic-api.md section 11).
    return name.casefold() in _NOT_FLOWS and not object_id.isdigit()
