"""Slack's end, with the bot and its peers before it, each in a process of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.sandbox.services import Services
from bot.store import migrate
from tests.bench import peers, processes, slack_end
from tests.bench.bench import Bench
from tests.bench.signed import Sender
from tests.bench.slack_end import SlackEnd

_PEOPLE = 64


@dataclass(frozen=True, slots=True)
class Stage:
    """Slack's end, and who answers it by name: "bot" and its peers. `users` may all enroll."""

    slack: SlackEnd
    senders: dict[str, Sender]
    users: list[str]


@asynccontextmanager
async def stage(bench: Bench, services: Services, names: Sequence[str]) -> AsyncIterator[Stage]:
    """The bot and these peers are up, each in a process of its own, and each has answered once."""
    users = slack_end.people(_PEOPLE)
    database = f"sqlite+aiosqlite:///{bench.folder / 'enroll-flow.db'}"
    migrate.upgrade(database)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_end.served(users))
        settings = services.settings(database, slack_api_url=slack.url)
        running = [
            *await stack.enter_async_context(processes.running(["run"], settings, bench.folder)),
            *await stack.enter_async_context(
                processes.running(names, settings, bench.folder, command=("-m", "tests.bench.peers"))
            ),
        ]
        secret = settings.slack_signing_secret.get_secret_value()
        senders = {one.role: Sender(f"{one.url}{peers.SLACK_PATH}", secret) for one in running}
        for sender in senders.values():
            stack.push_async_callback(sender.close)
        yield Stage(slack, {"bot": senders.pop("run"), **senders}, users)
