"""The main job with the bot in several parts over PostgreSQL: one that answers Slack, two that work."""

import pytest

from tests.conftest import OpenTown
from tests.scenario import doing


@pytest.mark.slow
async def test_the_main_job_by_many(open_on_postgresql: OpenTown) -> None:
    """Checked, confirmed and ended as in one process, with one model, one sync and one run."""
    async with open_on_postgresql(switches=doing.willing()) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))
        assert (1, 1, 1) == (len(town.polytomic.models), len(town.polytomic.syncs), len(town.polytomic.syncs[0].runs))
        assert 312 == len(set(doing.in_flow(town))) == len(doing.in_flow(town))
