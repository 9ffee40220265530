"""One Slack, whole: the workspace, its HTTP face, and the way to the bot."""

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.applications import Starlette

from bot.sandbox.slack import api
from bot.sandbox.slack.deliveries import Deliveries
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.world import SlackWorld


class Slack:
    """Serve `app`, put its address into `world.base_url`, and say with `deliveries` where the bot listens."""

    def __init__(self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.world = SlackWorld(clock=clock)
        self.socket = SocketMode(self.world.new_id, self.world.tickets)
        self.deliveries = Deliveries(self.world, self.socket)
        self.interactions = Interactions(self.world, self.deliveries)
        self.app: Starlette = api.build(self.world, self.socket)
