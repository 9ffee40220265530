"""What the operators allow: read at start, told where it refuses, and whoever is refused has started nothing."""

from pathlib import Path

import pytest

from bot.errors import Misconfigured
from tests.conftest import OpenTown
from tests.scenario import doing

CLOSED = """
enroll = ["@revops"]
[flows]
deny = ["Q4*"]
[channels]
allow = ["C0REVOPS"]
"""
ELSEWHERE = """
[connections]
allow = ["*Gong*", "Another Warehouse"]
"""


def policy(folder: Path, text: str) -> str:
    """The file of a policy."""
    file = folder / "policy.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


async def test_a_closed_flow_is_not_offered_and_a_closed_channel_is_refused(
    open_here: OpenTown, tmp_path: Path
) -> None:
    """The group that the file names may enroll, from where it says; the form says so before anything is checked."""
    async with open_here(policy_file=policy(tmp_path, CLOSED)) as town:
        rina, ben = town.person("U0REQUESTER"), town.person("U0BYSTANDER")
        await ben.command()
        await ben.until_sees("Members of <!subteam^S0REVOPS> may.")
        await rina.command(doing.QUERY, channel="C0RANDOM")
        await rina.until_sees("Check contacts")
        offered = await rina.search("Gong Engage flow")
        assert "Q3 Renewal" in offered
        assert [] == [flow for flow in offered if flow.startswith("Q4")]
        await rina.pick_found("Gong Engage flow", "Q3", "Q3 Renewal")
        said = "Enrolling from #random is not allowed. Nothing was enrolled. Rule channels, owner your operator."
        assert {"Gong Engage flow": said} == await rina.submit()


@pytest.mark.slow
async def test_a_form_from_before_is_judged_by_the_policy_of_now(open_here: OpenTown, tmp_path: Path) -> None:
    """What was chosen under another policy is refused on its field, and what would pass is said there."""
    async with open_here(policy_file=policy(tmp_path, ELSEWHERE)) as town:
        rina = town.person("U0REQUESTER")
        await doing.open_form(rina)
        await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
        refused = await rina.submit()
        assert ["Snowflake query"] == list(refused)
        assert "may not be used with this flow; Another Warehouse may." in refused["Snowflake query"]
        policy(tmp_path, CLOSED)
        await town.restart_bot()
        await rina.until(lambda: town.polytomic.requests)
        refused = await rina.submit()
        assert ["Gong Engage flow"] == list(refused)
        assert refused["Gong Engage flow"].startswith(f"{doing.FLOW} is closed to this bot. Open to you: ")
        assert [] == doing.in_flow(town)


async def test_nothing_starts_with_a_bad_policy(open_here: OpenTown, tmp_path: Path) -> None:
    """Every mistake is told with its line, those that only Slack can see among them."""
    file = policy(tmp_path, 'enroll = ["@revopps"]\nrequest_cap = "many"\n')
    with pytest.raises(Misconfigured) as refusal:
        async with open_here(policy_file=file):
            pass
    assert (
        f"{file}:1: Slack has no user group @revopps.\n"
        f'{file}:2: request_cap must be a whole number, got "many". Nothing was started.'
    ) == refusal.value.words
