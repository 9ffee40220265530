"""The flow picker's memory: words in any order, the best hundred, and what happens when the list is old or missing."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from bot.enrollment.flows import BEST, Flows
from bot.errors import PolytomicAway
from bot.polytomic.client import PolytomicClient

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
GONG = "gong-1"


class Listing:
    """Polytomic's list of target objects, which a test can change or take away."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.away = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The list, in the order given."""
        if self.away:
            return httpx.Response(503)
        fixed = [{"id": "accounts", "name": "Accounts"}, {"id": "people", "name": "People"}]
        flows = [{"id": str(10**18 + place), "name": name} for place, name in enumerate(self.names)]
        return httpx.Response(200, json={"data": fixed + flows})


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """The time."""
        return self.now


def flows_of(listing: Listing, clock: Clock) -> Flows:
    """Flows over this listing, fresh for five minutes."""
    client = PolytomicClient(
        "https://polytomic.test", SecretStr("key"), version="2024-02-08", transport=httpx.MockTransport(listing)
    )
    return Flows(client, clock=clock, ttl=300)


async def test_nothing_is_known_before_the_first_list() -> None:
    """No list is another thing than an empty one."""
    assert flows_of(Listing(), Clock()).search(GONG, "") is None


async def test_words_match_in_any_order_and_accounts_and_people_are_no_flows() -> None:
    """Every word must occur; Gong's fixed objects are not offered."""
    flows = flows_of(Listing("Q4 Renewal", "Renewal EMEA", "Onboarding"), Clock())
    await flows.refresh(GONG)
    found = flows.search(GONG, "renew Q4")
    assert found is not None
    assert ["Q4 Renewal"] == [flow.name for flow in found.flows]
    everything = flows.search(GONG, "")
    assert everything is not None
    assert ["Onboarding", "Q4 Renewal", "Renewal EMEA"] == [flow.name for flow in everything.flows]


async def test_beginnings_of_words_come_first_and_last_used_before_them() -> None:
    """Last used, then where words begin, then anywhere."""
    flows = flows_of(Listing("Prenewal", "Renewal", "Best renewal"), Clock())
    await flows.refresh(GONG)
    found = flows.search(GONG, "renewal", last_used=[str(10**18)])
    assert found is not None
    assert ["Prenewal", "Best renewal", "Renewal"] == [flow.name for flow in found.flows]


async def test_the_best_hundred_of_many() -> None:
    """Slack refuses the 101st option, so the rest is only counted."""
    flows = flows_of(Listing(*(f"Flow {n:04d}" for n in range(342))), Clock())
    await flows.refresh(GONG)
    found = flows.search(GONG, "flow")
    assert found is not None
    assert (BEST, 342, 342) == (len(found.flows), found.total, found.all_flows)


async def test_an_old_list_is_served_and_says_so() -> None:
    """A stale list is better than none, and a failed refresh keeps it."""
    listing, clock = Listing("Q4 Renewal"), Clock()
    flows = flows_of(listing, clock)
    await flows.refresh(GONG)
    clock.now = NOW + timedelta(minutes=6)
    listing.away = True
    with pytest.raises(PolytomicAway):
        await flows.refresh(GONG)
    found = flows.search(GONG, "q4")
    assert found is not None
    assert NOW == found.as_of
    assert flows.stale(GONG)


async def test_ids_of_19_digits_stay_text() -> None:
    """As a number the last digits would be lost."""
    flows = flows_of(Listing("Q4 Renewal"), Clock())
    await flows.refresh(GONG)
    flow = flows.get(GONG, "1000000000000000000")
    assert flow is not None
    assert "1000000000000000000" == flow.id
