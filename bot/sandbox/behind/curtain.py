"""What is behind the curtain of the sandbox, put together: the scene that the page draws, and the deeds it may do."""

from collections.abc import Mapping

from bot.sandbox.behind.clockwork import ClockPart
from bot.sandbox.behind.mishaps import MishapPart
from bot.sandbox.behind.polytomic import LedgerPart, PolytomicPart
from bot.sandbox.behind.process import ProcessPart
from bot.sandbox.behind.sections import Part
from bot.sandbox.behind.switchboard import SwitchPart
from bot.sandbox.behind.traffic import Traffic
from bot.sandbox.clock import MovableClock
from bot.sandbox.keeper import Keeper
from bot.sandbox.page.scene import Scene
from bot.sandbox.services import Services


class TownCurtain:
    """The `Curtain` of these services, whose bot is kept in a process of its own and goes by the same clock."""

    def __init__(self, services: Services, keeper: Keeper, clock: MovableClock) -> None:
        slack, polytomic = services.slack, services.polytomic
        self._clock = clock
        self._keeper = keeper
        self._touch = slack.world.touch
        self._traffic = Traffic(slack, polytomic)
        self._parts: tuple[Part, ...] = (
            ProcessPart(keeper),
            ClockPart(clock, keeper),
            MishapPart(slack, polytomic),
            PolytomicPart(polytomic),
            LedgerPart(polytomic),
            SwitchPart(polytomic.switches),
        )

    @property
    def bot(self) -> str:
        """What the bot's process is doing now."""
        return self._keeper.state

    def scene(self) -> Scene:
        """What there is to see now, newest traffic first."""
        groups = tuple(part.section().group() for part in self._parts)
        return Scene(self._clock(), self._keeper.state, self._traffic.newest(), groups)

    async def do(self, deed_id: str, given: Mapping[str, str]) -> str:
        """The deed is done, and whoever watches looks again. Raises ValueError, in words, for what cannot be done."""
        for part in self._parts:
            for one in part.section().offered:
                if one.deed.id == deed_id:
                    said = one.do(given)
                    words = said if isinstance(said, str) else await said
                    self._touch()
                    return words
        raise ValueError("This is not offered any more. Look again at what there is to do now.")
