"""What can go wrong at a press, behind the curtain: at Polytomic, at Gong, in a run, on the way from and to Slack."""

from datetime import timedelta

from bot.sandbox.behind.faults import FaultForms
from bot.sandbox.behind.sections import Given, Offered, Section, offer
from bot.sandbox.page.scene import Table
from bot.sandbox.polytomic.faults import ANY, KINDS, Kind
from bot.sandbox.polytomic.runs import End
from bot.sandbox.polytomic.world import PolytomicWorld
from bot.sandbox.slack.first_day import BOT
from bot.sandbox.slack.things import Fault
from bot.sandbox.slack.workspace import Slack

_REVOPS = "C0REVOPS"
_HOST = "U0OPERATOR"
_POSTS = "chat.postMessage"
# How long the bot waits before it asks: README, RUN_SILENT; `bot.enrollment.attention`, RESUMES_WITHIN.
_INTERRUPTED = "The enrollment waits. Once the run is interrupted, move the clock on by 6 minutes: operators are asked."
_SILENT = "The enrollment waits. Once the run stands still, move the clock on by 1 hour: operators are asked."


class MishapPart:
    """The section of everything that can be made to go wrong, and of what still waits to."""

    def __init__(self, slack: Slack, polytomic: PolytomicWorld) -> None:
        self._slack = slack
        self._polytomic = polytomic
        self._forms = FaultForms(slack, polytomic)

    def section(self) -> Section:
        """What it shows and offers now."""
        kinds = Table("What each fault at Polytomic does", ("Fault", "What happens"), tuple(KINDS.items()), "")
        tables = (*self._lines(), kinds)
        waiting = self._forms.waiting()
        clear = (offer("faults-clear", "Clear all faults", self._clear),) if waiting.rows else ()
        presses = (*self._at_polytomic(), *self._at_slack(), *self._on_the_way(), *self._on_the_line())
        words = "Each waits for the call it is about, and then happens to it."
        return Section(
            "faults", "What goes wrong", words, (*clear, *presses, *self._forms.offered()), (waiting, *tables)
        )

    def _at_polytomic(self) -> tuple[Offered, ...]:
        return (
            self._next("faults-model-cut", "Next model: made, then the line is cut", "create_model", "act_then_cut"),
            self._next("faults-sync-cut", "Next sync: made, then the line is cut", "create_sync", "act_then_cut"),
            self._next("faults-start-cut", "Next start: begun, then the line is cut", "start", "act_then_cut"),
            self._next("faults-away", "Polytomic away for the next 5 calls", ANY, "cut_before", 5),
            self._lasting("faults-busy", "429 for 20 s", "busy", 20),
            self._lasting("faults-key", "Polytomic refuses the bot's key for 60 s", "refuse", 60, status=401),
            self._lasting("faults-slow", "Polytomic takes 5 s for each call, for 60 s", "slow", 60, seconds=5),
            self._run("faults-run-fails", "Next run fails", "failed"),
            self._run("faults-run-interrupted", "Next run is interrupted", "interrupted", _INTERRUPTED),
            self._run("faults-run-silent", "Next run never ends", "never", _SILENT),
            offer("faults-consent", "Gong consent withdrawn", self._withdraw, words="Until it is given again."),
        )

    def _next(self, deed_id: str, label: str, operation: str, kind: Kind, times: int = 1) -> Offered:
        def press(_: Given) -> str:
            self._polytomic.faults.next(operation, kind, times)
            return f"{label}: it waits."

        return offer(deed_id, label, press)

    def _lasting(
        self, deed_id: str, label: str, kind: Kind, lasts: int, *, status: int = 500, seconds: float = 1
    ) -> Offered:
        def press(_: Given) -> str:
            time = timedelta(seconds=lasts)
            self._polytomic.faults.lasting(ANY, kind, time, status=status, seconds=seconds)
            return f"{label}, from now on."

        return offer(deed_id, label, press, words="By the clock, for any call.")

    def _run(self, deed_id: str, label: str, end: End, words: str = "") -> Offered:
        def press(_: Given) -> str:
            self._polytomic.faults.next_run(end)
            return f"{label}: it waits for a run to start."

        return offer(deed_id, label, press, words=words)

    def _withdraw(self, _: Given) -> str:
        if not any(one.type == "gong" and one.healthy for one in self._polytomic.connections):
            raise ValueError("No Gong connection is healthy: there is no consent to withdraw.")
        self._polytomic.revoke_gong()
        return "Somebody has withdrawn the consent at Gong."

    def _at_slack(self) -> tuple[Offered, ...]:
        def fault(made: Fault, said: str) -> str:
            self._slack.world.faults.append(made)
            return said

        members = self._slack.world.channels[_REVOPS].members
        if BOT in members:
            member = offer("slack-removed", "Slack: bot removed from #revops", self._remove)
        else:
            member = offer("slack-invited", "Slack: bot back in #revops", self._invite)
        return (
            offer(
                "slack-busy",
                "Slack: next message is rate-limited",
                lambda _: fault(Fault(_POSTS, retry_after=5), "The next message waits for 5 s."),
            ),
            offer(
                "slack-lost",
                "Slack: next message is posted, and the line cut",
                lambda _: fault(Fault(_POSTS, cut=True, after=True), "The answer to the next message gets lost."),
            ),
            member,
        )

    def _remove(self, _: Given) -> str:
        self._slack.world.channels[_REVOPS].members.discard(BOT)
        return "The bot is no member of #revops any more."

    def _invite(self, _: Given) -> str:
        self._slack.world.invite(_HOST, _REVOPS, BOT)
        return "The bot is a member of #revops."

    def _on_the_way(self) -> tuple[Offered, ...]:
        words = "Each request to the bot arrives twice at once; Slack takes the first answer."
        twice = offer("deliveries-twice", "Deliver everything twice", self._twice, words=words)
        once = offer("deliveries-once", "Deliver everything once again", self._once)
        again = offer("deliveries-again", "Deliver the last event again", self._again, words="As after a lost answer.")
        return (once if self._slack.deliveries.twice else twice, again)

    def _twice(self, _: Given) -> str:
        self._slack.deliveries.twice = True
        return "Everything arrives twice from now on."

    def _once(self, _: Given) -> str:
        self._slack.deliveries.twice = False
        return "Everything arrives once from now on."

    async def _again(self, _: Given) -> str:
        answer = await self._slack.deliveries.repeat()
        if answer is None:
            raise ValueError("No event was sent yet. Open the bot's Home tab first.")
        return f"The bot answered {answer.status}." if answer.status else "The bot gave no answer."

    def _on_the_line(self) -> tuple[Offered, ...]:
        if not self._slack.deliveries.over_socket:
            return ()
        return (
            offer("socket-refresh", "Slack asks for a new websocket", self._refresh),
            offer("socket-cut", "Cut every websocket", self._cut_sockets),
            offer("socket-silent", "Every websocket falls silent", self._silence_sockets),
        )

    def _lines(self) -> tuple[Table, ...]:
        if not self._slack.deliveries.over_socket:
            return ()
        is_open, silent = self._slack.socket.open
        row = (f"{is_open}", f"{silent}", f"{self._slack.socket.opened}")
        return (Table("Websockets", ("Open", "Of these silent", "Opened so far"), (row,), ""),)

    async def _refresh(self, _: Given) -> str:
        await self._slack.socket.disconnect()
        return "Each websocket was told to end, and is closed."

    def _cut_sockets(self, _: Given) -> str:
        self._slack.socket.cut()
        return "Each websocket is gone, without a word."

    def _silence_sockets(self, _: Given) -> str:
        self._slack.socket.fall_silent()
        return "Each websocket stays open, and nothing comes of it."

    def _clear(self, _: Given) -> str:
        self._polytomic.faults.clear()
        self._slack.world.faults.clear()
        self._slack.deliveries.twice = False
        return "Nothing waits to go wrong any more."
