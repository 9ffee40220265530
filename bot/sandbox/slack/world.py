"""The workspace: its people, channels, messages, views and files, and the rules that hold between them.

No back door: the bot reaches it by HTTP (`api`) and hears of it by signed deliveries (`deliveries`); only tests and
the sandbox's page read it directly.
"""

import asyncio
import itertools
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.sandbox.slack import elements, mentions
from bot.sandbox.slack.block_kit import MESSAGE_TEXT, problems_of_message, problems_of_view
from bot.sandbox.slack.first_day import BOT, channels, people
from bot.sandbox.slack.things import (
    Call,
    Channel,
    Fault,
    File,
    Json,
    Message,
    OpenView,
    Refused,
    ResponseUrl,
    Trigger,
    User,
)

_TRIGGER_LIVES = timedelta(seconds=3)
_DEEPEST = 3


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
    homes: dict[str, OpenView] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)
    uploads: dict[str, File] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    # Slack itself takes blocks without the text that notifications need; here it is refused, unless told otherwise.
    needs_text: bool = True
    _watching: set[asyncio.Event] = field(default_factory=set)
    _count: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    # -- ids and time

    def new_id(self, prefix: str) -> str:
        """An id that nothing else here has."""
        return f"{prefix}{next(self._count):06d}"

    def new_ts(self) -> str:
        """A message's ts: it grows, and is unique in the workspace."""
        return f"{int(self.clock().timestamp())}.{next(self._count):06d}"

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """An event of the caller's own, set whenever something here changes until the block ends."""
        mine = asyncio.Event()
        self._watching.add(mine)
        try:
            yield mine
        finally:
            self._watching.remove(mine)

    def touch(self) -> None:
        """Whoever watches looks again."""
        for one in self._watching:
            one.set()

    # -- triggers and response urls

    def trigger(self, user: str, screen: str = "") -> str:
        """A new trigger_id for something this person did, on one of their screens."""
        made = Trigger(f"{secrets.token_hex(6)}.{secrets.token_hex(6)}", user, self.clock(), screen or user)
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

    def ticket(self) -> str:
        """What one Socket Mode connection may come with, once."""
        made = secrets.token_hex(12)
        self.tickets.add(made)
        return made

    def response_url(self, channel: str, user: str, message_ts: str = "") -> str:
        """A new address for answers to what this person did."""
        made = ResponseUrl(secrets.token_hex(12), channel, user, self.clock(), message_ts)
        self.response_urls[made.token] = made
        return f"{self.base_url}/response/{made.token}"

    # -- views

    def open_view(self, trigger: Trigger, view: Json) -> OpenView:
        """The view alone on the person's screen."""
        self._demand_view(view)
        for old in self.stacks.get(trigger.screen, []):
            old.is_open = False
        opened = self._new_view(trigger.user, view, screen=trigger.screen)
        self.stacks[trigger.screen] = [opened]
        return opened

    def push_view(self, user: str, view: Json, *, screen: str = "") -> OpenView:
        """The view on top of what the person has open; three at most."""
        self._demand_view(view)
        screen = screen or user
        stack = self.stacks.setdefault(screen, [])
        if len(stack) >= _DEEPEST:
            raise Refused("push_limit_reached")
        if not stack:
            raise Refused("not_found")
        pushed = self._new_view(user, view, screen=screen, below=stack[-1], root=stack[0])
        stack.append(pushed)
        return pushed

    def update_view(self, found: OpenView, view: Json) -> OpenView:
        """The open view shows this now; what was typed stays where block_id and action_id did."""
        self._demand_view(view, instead_of=found)
        view = self._named(view)
        found.view = view
        found.hash = self._new_hash()
        found.values = elements.values_of(view, kept=found.values)
        self.touch()
        return found

    def find_view(self, view_id: str, external_id: str) -> OpenView:
        """The open view with this id; not_found once it was closed."""
        for one in self.views.values():
            if one.is_open and (one.id == view_id if view_id else one.view.get("external_id") == external_id):
                return one
        raise Refused("not_found")

    def top_view(self, screen: str) -> OpenView | None:
        """What the person has in front of them; a screen is a user id, with a device after it if they have several."""
        stack = self.stacks.get(screen)
        return stack[-1] if stack else None

    def close_top(self, screen: str) -> OpenView | None:
        """The top view is gone; the one below shows again."""
        stack = self.stacks.get(screen, [])
        if not stack:
            return None
        closed = stack.pop()
        closed.is_open = False
        self.touch()
        return closed

    def close_one(self, opened: OpenView) -> None:
        """This view is gone, wherever it stands in its stack."""
        self.stacks[opened.screen].remove(opened)
        opened.is_open = False
        self.touch()

    def close_all(self, screen: str) -> list[OpenView]:
        """The whole stack is gone."""
        stack = self.stacks.pop(screen, [])
        for one in stack:
            one.is_open = False
        self.touch()
        return stack

    def publish_home(self, user: str, view: Json) -> OpenView:
        """The person's App Home shows this."""
        self._demand_view(view)
        held, view = self.homes.get(user), self._named(view)
        view_id = held.id if held else self.new_id("V")
        made = OpenView(view_id, user, view, self._new_hash(), view_id, screen=user, values=elements.values_of(view))
        self.homes[user] = made
        self.touch()
        return made

    def _new_view(
        self, user: str, view: Json, *, screen: str, below: OpenView | None = None, root: OpenView | None = None
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
            screen=screen,
            values=elements.values_of(view),
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
        made.mentions = mentions.notified(text, blocks)
        return self._posted(made)

    def say(self, user: str, channel: str, text: str, thread_ts: str = "") -> Message:
        """What a person typed stands in the channel; the bot, which subscribes to no messages, hears nothing of it."""
        place = self.place_to_speak(user, channel)
        if not text.strip():
            raise Refused("no_text")
        if len(text) > MESSAGE_TEXT:
            raise Refused("msg_too_long")
        if thread_ts:
            parent = self.find_message(place.id, thread_ts)
            thread_ts = parent.thread_ts or parent.ts
        words = mentions.resolved(text.strip(), mentions.names(self.users.values(), self.channels.values(), user))
        made = Message(place.id, self.new_ts(), user, words, [], thread_ts, by_person=True)
        made.mentions = mentions.notified(words, [])
        return self._posted(made)

    def place_to_speak(self, user: str, channel: str) -> Channel:
        """The conversation, where this person may write."""
        speaker = self.users.get(user)
        if speaker is None or speaker.deleted:
            raise Refused("account_inactive")
        place = self.direct(user) if channel == speaker.direct_id else self.conversation(channel)
        if user not in place.members:
            raise Refused("channel_not_found" if place.is_private or place.is_im else "not_in_channel")
        if place.is_archived:
            raise Refused("is_archived")
        return place

    def invite(self, user: str, channel: str, invited: str) -> Message:
        """The other one is in the channel from now on, and a line there says so."""
        place = self.place_to_speak(user, channel)
        if invited in place.members:
            raise Refused("already_in_channel")
        host, guest = self.users[user], self.users[invited]
        if place.is_im or host.is_restricted or host.is_stranger or guest.is_stranger or guest.deleted:
            raise Refused("cant_invite")
        place.members.add(invited)
        words = f"was added to #{place.name} by {host.real_name}."
        by_person = not guest.is_bot
        return self._posted(
            Message(place.id, self.new_ts(), invited, words, [], by_person=by_person, subtype="channel_join")
        )

    def whisper(
        self, channel: str, user: str, text: str, blocks: list[Json], *, thread_ts: str = "", author: str = BOT
    ) -> Message:
        """A message that one person sees (docs: chat.postEphemeral, response_url)."""
        self._demand_message(text, blocks)
        named = self.named_blocks(blocks)
        return self._posted(Message(channel, self.new_ts(), author, text, named, thread_ts, only_for=user))

    def _posted(self, made: Message) -> Message:
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
        made = Channel(user.direct_id, "directmessage", {user_id, BOT}, is_im=True)
        return self.channels.setdefault(user.direct_id, made)

    def _demand_message(self, text: str, blocks: list[Json]) -> None:
        problems = problems_of_message({"text": text, "blocks": blocks}, needs_text=self.needs_text)
        if problems:
            raise Refused(
                problems[0].code, *(f"[ERROR] {one.message} [json-pointer:{one.pointer}]" for one in problems)
            )
