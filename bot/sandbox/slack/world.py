"""The workspace: its people, channels, messages and files, and the rules that hold between them.

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
from bot.sandbox.slack.block_kit import MESSAGE_TEXT, demand, problems_of_message
from bot.sandbox.slack.first_day import BOT, channels, people
from bot.sandbox.slack.screens import Screens
from bot.sandbox.slack.things import (
    Call,
    Channel,
    Fault,
    File,
    Json,
    Message,
    Refused,
    ResponseUrl,
    Trigger,
    User,
)

_TRIGGER_LIVES = timedelta(seconds=3)


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
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)
    uploads: dict[str, File] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    # Slack itself takes blocks without the text that notifications need; here it is refused, unless told otherwise.
    needs_text: bool = True
    screens: Screens = field(init=False)
    _watching: set[asyncio.Event] = field(default_factory=set)
    _count: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.screens = Screens(self.clock, self.new_id, self.touch)

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

    # -- messages

    def post(self, channel: str, text: str, blocks: list[Json], *, thread_ts: str = "") -> Message:
        """A message of the bot in a conversation it may post to."""
        self._demand_message(text, blocks)
        target = self.conversation(channel)
        if target.is_archived:
            raise Refused("is_archived")
        if BOT not in target.members:
            raise Refused("channel_not_found" if target.is_private else "not_in_channel")
        made = Message(target.id, self.new_ts(), BOT, text, elements.named(blocks, self.new_id), thread_ts)
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
        named = elements.named(blocks, self.new_id)
        return self._posted(Message(channel, self.new_ts(), author, text, named, thread_ts, only_for=user))

    def _posted(self, made: Message) -> Message:
        self.messages.append(made)
        self.touch()
        return made

    def edit(self, found: Message, text: str, blocks: list[Json]) -> Message:
        """The message says this now; nobody is notified."""
        self._demand_message(text, blocks)
        found.was.append(found.text)
        found.text, found.blocks, found.edits = text, elements.named(blocks, self.new_id), found.edits + 1
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
        demand(problems_of_message({"text": text, "blocks": blocks}, needs_text=self.needs_text))
