"""What was written in a conversation or a thread, drawn as one person's window shows it."""

from dataclasses import dataclass

from markupsafe import Markup

from bot.sandbox.page import rooms
from bot.sandbox.page.marks import Marks
from bot.sandbox.page.pen import Pen
from bot.sandbox.page.place import Place, Reader
from bot.sandbox.page.window import Window
from bot.sandbox.slack import elements
from bot.sandbox.slack.things import Message, Refused
from bot.sandbox.slack.world import SlackWorld

MOST = 200
_REMEMBERED = 5000


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message: what is known of it, and how it looks. `day` stands above it when it is the first of its day."""

    line: rooms.Line
    id: str
    body: Markup
    moment: Markup
    last_reply: Markup
    day: str
    for_me: bool


class Conversations:
    """Draws messages; one that looks the same as before is not drawn again."""

    def __init__(self, world: SlackWorld, marks: Marks, pen: Pen) -> None:
        self._world = world
        self._marks = marks
        self._pen = pen
        self._drawn: dict[tuple[object, ...], Markup] = {}

    def lines(self, window: Window, reader: Reader) -> list[Drawn]:
        """The newest messages of the place, oldest first."""
        return self._all("m", self._read(window), reader)

    def replies(self, window: Window, reader: Reader) -> list[Drawn]:
        """The open thread with its parent; nothing where the message is no longer there."""
        return self._all("t", self._read_thread(window), reader)

    def first_new(self, window: Window) -> str:
        """The ts of the first message of the place that is new to the person; empty when none is."""
        return next((line.message.ts for line in self._read(window) if line.is_unread), "")

    def seen(self, window: Window) -> None:
        """What stands in this window was seen by its person."""
        told = self._read(window)
        if told:
            self._marks.seen(window.person, window.place, told[-1].message.ts)
        below = self._read_thread(window) if window.thread else []
        if below:
            self._marks.seen(window.person, window.place, below[-1].message.ts, thread=below[0].message.ts)

    # -- how

    def _read(self, window: Window) -> list[rooms.Line]:
        return rooms.conversation(self._world, window.person, window.place, window.zone, MOST, marks=self._marks)

    def _read_thread(self, window: Window) -> list[rooms.Line]:
        try:
            return rooms.thread(self._world, window.person, window.place, window.thread, window.zone, marks=self._marks)
        except Refused:
            return []

    def _all(self, prefix: str, told: list[rooms.Line], reader: Reader) -> list[Drawn]:
        days = [None, *(line.day for line in told)]
        return [
            self._one(prefix, line, reader, is_first=line.day != above) for line, above in zip(told, days, strict=False)
        ]

    def _one(self, prefix: str, line: rooms.Line, reader: Reader, *, is_first: bool) -> Drawn:
        message = line.message
        named = f"{prefix}-{message.channel}-{message.ts.replace('.', '-')}"
        return Drawn(
            line=line,
            id=named,
            body=self._body(message, named, reader),
            moment=self._pen.moment(line.at, reader),
            last_reply=self._pen.moment(line.last_reply_at, reader) if line.last_reply_at else Markup(),
            day=f"{line.day:%A, %B} {line.day.day}" if is_first else "",
            for_me=not line.is_mine and reader.id in message.mentions,
        )

    def _body(self, message: Message, named: str, reader: Reader) -> Markup:
        picked = message.values.get(reader.id)
        # What is picked in a message changes it for one person; the day, what "today" means in it.
        key = (named, message.edits, reader.id, reader.zone.key, reader.now.astimezone(reader.zone).date(), str(picked))
        found = self._drawn.get(key)
        if found is None:
            if len(self._drawn) >= _REMEMBERED:
                self._drawn.clear()
            found = self._drawn[key] = self._draw(message, named, reader)
        return found

    def _draw(self, message: Message, named: str, reader: Reader) -> Markup:
        if not message.blocks:
            return self._pen.words(message.text, reader)
        picked = message.values.get(reader.id)
        place = Place(surface="message", prefix=named, values=elements.values_of({"blocks": message.blocks}, picked))
        return self._pen.blocks(message.blocks, place, reader)
