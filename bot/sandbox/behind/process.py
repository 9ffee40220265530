"""The bot's process behind the curtain: how it is, what it logged last, and the ways to end and begin it."""

import json

from bot.sandbox.behind.sections import Given, Offered, Section, offer
from bot.sandbox.keeper import Keeper
from bot.sandbox.page.scene import Table

_LINES = 12


class ProcessPart:
    """The section of the bot's process."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def section(self) -> Section:
        """What it shows and offers now."""
        logged = tuple(_row(line) for line in reversed(self._keeper.last_words(_LINES).splitlines()))
        table = Table("What it logged last", ("At", "What", "More"), logged, "Nothing was logged yet.")
        return Section("bot", "The bot", self._words(), (self._offered(),), (table,))

    def _words(self) -> str:
        match self._keeper.state:
            case "running":
                return f"Running, as process {self._keeper.pid}."
            case "starting":
                return "Starting. Until it runs, Slack has no answer from it."
            case "killed":
                return "Killed. What was confirmed is in its database, and goes on once it is started again."
        if self._keeper.exit_code is None:
            return "Not started yet."
        return f"It ended by itself, with exit code {self._keeper.exit_code}. What it logged last says why."

    def _offered(self) -> Offered:
        if self._keeper.state in ("running", "starting"):
            words = "SIGKILL: it is gone in the middle of whatever it does. Slack, Polytomic and Gong go on without it."
            return offer("bot-kill", "Kill the bot", self._kill, words=words, is_drastic=True)
        return offer("bot-start", "Start the bot", self._start, words="Another process goes on over the same database.")

    async def _kill(self, _: Given) -> str:
        await self._keeper.kill()
        return "The bot is killed."

    async def _start(self, _: Given) -> str:
        await self._keeper.start()
        return "The bot starts."


def _row(line: str) -> tuple[str, str, str]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return "", line, ""
    at, what = str(told.pop("timestamp", ""))[11:19], str(told.pop("event", ""))
    return at, what, ", ".join(f"{name} {value}" for name, value in told.items())
