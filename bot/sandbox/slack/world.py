"""The workspace: its people, channels, messages, views and files, and the rules that hold between them.

No back door: the bot reaches it by HTTP (`api`) and hears of it by signed deliveries (`deliveries`); only tests and
the sandbox's page read it directly.
"""

import asyncio
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.sandbox.slack import elements
from bot.sandbox.slack.block_kit import problems_of_message, problems_of_view
from bot.sandbox.slack.things import (
    Call,
    Channel,
    File,
    Json,
    Message,
    OpenView,
    Refused,
    ResponseUrl,
    Trigger,
    User,
)

TEAM = "T0SANDBOX"
BOT = "U0BOT"
_TRIGGER_LIVES = timedelta(seconds=3)
_DEEPEST = 3


@dataclass(slots=True)
class Fault:
    """What the next calls of a method meet instead of being done."""

    method: str
    error: str = ""
    retry_after: int = 0
    slow: float = 0.0
    cut: bool = False
    after: bool = False
    times: int = 1


def people() -> dict[str, User]:
    """Those who are in the workspace from the first day."""
    listed = [
        User(BOT, "enroll_flow", TEAM, is_bot=True),
        User("U0REQUESTER", "rina", TEAM),
        User("U0COLLEAGUE", "cole", TEAM),
        User("U0OPERATOR", "olga", TEAM),
        User("U0BYSTANDER", "ben", TEAM),
        User("U0GUEST", "gus", TEAM, is_restricted=True),
        User("U0OUTSIDER", "otto", "T0OTHER", is_stranger=True),
        User("U0GONE", "gone", TEAM, deleted=True),
    ]
    return {user.id: user for user in listed}


def channels() -> dict[str, Channel]:
    """The channels of the first day; the bot is in #revops, #archive and #shared."""
    everybody = {"U0REQUESTER", "U0COLLEAGUE", "U0OPERATOR", "U0BYSTANDER", "U0GUEST"}
    listed = [
        Channel("C0REVOPS", "revops", everybody | {BOT}),
        Channel("C0RANDOM", "random", set(everybody)),
        Channel("C0SHARED", "shared", everybody | {BOT, "U0OUTSIDER"}, is_shared=True),
        Channel("C0ARCHIVE", "archive", everybody | {BOT}, is_archived=True),
        Channel("G0SECRET", "secret", {"U0REQUESTER"}, is_private=True),
    ]
    return {channel.id: channel for channel in listed}


@dataclass(slots=True)
class SlackWorld:
    """One workspace. `base_url` is where it is served; `calls` is every Web API call, in order."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    bot_token: str = "xoxb-sandbox"
    app_token: str = "xapp-sandbox"
    signing_secret: str = "sandbox-signing-secret"
    base_url: str = ""
    users: dict[str, User] = field(default_factory=people)
    channels: dict[str, Channel] = field(default_factory=channels)
    groups: dict[str, list[str]] = field(default_factory=lambda: {"S0REVOPS": ["U0REQUESTER", "U0COLLEAGUE"]})
    messages: list[Message] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    stacks: dict[str, list[OpenView]] = field(default_factory=dict)
    views: dict[str, OpenView] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    uploads: dict[str, File] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _count: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    # -- ids and time

    def new_id(self, prefix: str) -> str:
        """An id that nothing else here has."""
        return f"{prefix}{next(self._count):06d}"

    def new_ts(self) -> str:
        """A message's ts: it grows, and is unique in the workspace."""
        return f"{int(self.clock().timestamp())}.{next(self._count):06d}"

    def touch(self) -> None:
        """Whoever waits for something to change looks again."""
        self.changed.set()

    # -- triggers and response urls

    def trigger(self, user: str, view_id: str = "") -> str:
        """A new trigger_id for something this person did."""
        made = Trigger(f"{secrets.token_hex(6)}.{secrets.token_hex(6)}", user, self.clock(), view_id)
        self.triggers[made.id] = made
        return made.id

    def use_trigger(self, trigger_id: str) -> Trigger:
        """The trigger, which cannot be used again (docs: modals)."""
        found = self.triggers.get(trigger_id)
        if found is None:
            raise Refused("invalid_trigger_id")
        if found.used:
            raise Refused("exchanged_trigger_id")
        if self.clock() - found.made_at > _TRIGGER_LIVES:
            raise Refused("expired_trigger_id")
        found.used = True
        return found

    def response_url(self, channel: str, user: str, message_ts: str = "") -> str:
        """A new address for answers to what this person did."""
        made = ResponseUrl(secrets.token_hex(12), channel, user, self.clock(), message_ts)
        self.response_urls[made.token] = made
        return f"{self.base_url}/response/{made.token}"

    # -- views

    def open_view(self, trigger: Trigger, view: Json) -> OpenView:
        """The view alone on the person's screen."""
        self._demand_view(view)
        for old in self.stacks.get(trigger.user, []):
            old.is_open = False
        opened = self._new_view(trigger.user, view)
        self.stacks[trigger.user] = [opened]
        return opened

    def push_view(self, user: str, view: Json) -> OpenView:
        """The view on top of what the person has open; three at most."""
        self._demand_view(view)
        stack = self.stacks.setdefault(user, [])
        if len(stack) >= _DEEPEST:
            raise Refused("push_limit_reached")
        if not stack:
            raise Refused("not_found")
        pushed = self._new_view(user, view, below=stack[-1], root=stack[0])
        stack.append(pushed)
        return pushed

    def update_view(self, found: OpenView, view: Json) -> OpenView:
        """The open view shows this now; what was typed stays where block_id and action_id did."""
        self._demand_view(view, instead_of=found)
        view = self._named(view)
        found.view = view
        found.hash = self._new_hash()
        found.values = _values(view, kept=found.values)
        self.touch()
        return found

    def find_view(self, view_id: str, external_id: str) -> OpenView:
        """The open view with this id; not_found once it was closed."""
        for one in self.views.values():
            if one.is_open and (one.id == view_id if view_id else one.view.get("external_id") == external_id):
                return one
        raise Refused("not_found")

    def top_view(self, user: str) -> OpenView | None:
        """What the person has in front of them."""
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def close_top(self, user: str) -> OpenView | None:
        """The top view is gone; the one below shows again."""
        stack = self.stacks.get(user, [])
        if not stack:
            return None
        closed = stack.pop()
        closed.is_open = False
        self.touch()
        return closed

    def close_all(self, user: str) -> list[OpenView]:
        """The whole stack is gone."""
        stack = self.stacks.pop(user, [])
        for one in stack:
            one.is_open = False
        self.touch()
        return stack

    def publish_home(self, user: str, view: Json) -> OpenView:
        """The person's App Home shows this."""
        self._demand_view(view)
        view = self._named(view)
        self.homes[user] = view
        self.touch()
        return OpenView(self.new_id("V"), user, view, self._new_hash(), "", values=_values(view))

    def _new_view(
        self, user: str, view: Json, *, below: OpenView | None = None, root: OpenView | None = None
    ) -> OpenView:
        view_id = self.new_id("V")
        view = self._named(view)
        made = OpenView(
            id=view_id,
            user=user,
            view=view,
            hash=self._new_hash(),
            root_id=root.id if root else view_id,
            previous_id=below.id if below else "",
            values=_values(view),
        )
        self.views[view_id] = made
        self.touch()
        return made

    def _named(self, view: Json) -> Json:
        """The view with a block_id for every block that came without one."""
        return {**view, "blocks": self.named_blocks(view["blocks"])}

    def named_blocks(self, blocks: list[Json]) -> list[Json]:
        """The same blocks, each with a block_id."""
        return [block if block.get("block_id") else {**block, "block_id": self.new_id("b")} for block in blocks]

    def _new_hash(self) -> str:
        return f"{int(self.clock().timestamp())}.{secrets.token_hex(4)}"

    def _demand_view(self, view: Json, *, instead_of: OpenView | None = None) -> None:
        problems = problems_of_view(view)
        if problems:
            raise Refused(
                problems[0].code, *(f"[ERROR] {one.message} [json-pointer:{one.pointer}]" for one in problems)
            )
        external = view.get("external_id")
        for one in self.views.values():
            if external and one.is_open and one is not instead_of and one.view.get("external_id") == external:
                raise Refused("duplicate_external_id")

    # -- messages

    def post(self, channel: str, text: str, blocks: list[Json], *, thread_ts: str = "") -> Message:
        """A message of the bot in a conversation it may post to."""
        self._demand_message(text, blocks)
        target = self.conversation(channel)
        if target.is_archived:
            raise Refused("is_archived")
        if BOT not in target.members:
            raise Refused("channel_not_found" if target.is_private else "not_in_channel")
        made = Message(target.id, self.new_ts(), BOT, text, self.named_blocks(blocks), thread_ts)
        self.messages.append(made)
        self.touch()
        return made

    def whisper(self, channel: str, user: str, text: str, blocks: list[Json]) -> Message:
        """A message that one person sees (docs: chat.postEphemeral, response_url)."""
        self._demand_message(text, blocks)
        made = Message(channel, self.new_ts(), BOT, text, self.named_blocks(blocks), only_for=user)
        self.messages.append(made)
        self.touch()
        return made

    def edit(self, found: Message, text: str, blocks: list[Json]) -> Message:
        """The message says this now; nobody is notified."""
        self._demand_message(text, blocks)
        found.was.append(found.text)
        found.text, found.blocks, found.edits = text, self.named_blocks(blocks), found.edits + 1
        self.touch()
        return found

    def find_message(self, channel: str, ts: str) -> Message:
        """The message with this ts."""
        for one in self.messages:
            if one.channel == channel and one.ts == ts and not one.deleted:
                return one
        raise Refused("message_not_found")

    def conversation(self, channel: str) -> Channel:
        """The channel, or the direct messages with the user of this id."""
        if channel in self.users:
            return self.direct(channel)
        if channel not in self.channels:
            raise Refused("channel_not_found")
        return self.channels[channel]

    def direct(self, user_id: str) -> Channel:
        """The bot's direct messages with this person."""
        user = self.users.get(user_id)
        if user is None:
            raise Refused("user_not_found")
        if user.deleted:
            raise Refused("user_disabled")
        if user.is_bot:
            raise Refused("cannot_dm_bot")
        channel_id = f"D{user_id[1:]}"
        if channel_id not in self.channels:
            self.channels[channel_id] = Channel(channel_id, "directmessage", {user_id, BOT}, is_im=True)
        return self.channels[channel_id]

    def _demand_message(self, text: str, blocks: list[Json]) -> None:
        problems = problems_of_message({"text": text, "blocks": blocks})
        if problems:
            raise Refused(
                problems[0].code, *(f"[ERROR] {one.message} [json-pointer:{one.pointer}]" for one in problems)
            )


def _values(view: Json, kept: dict[tuple[str, str], Json] | None = None) -> dict[tuple[str, str], Json]:
    """What every element holds: what was typed before if it is the same element, else its initial value."""
    values: dict[tuple[str, str], Json] = {}
    for block, element in elements.all_of(view["blocks"]):
        first = elements.initial(element)
        if first is None:
            continue
        key = (block["block_id"], element["action_id"])
        values[key] = (kept or {}).get(key, first)
    return values
