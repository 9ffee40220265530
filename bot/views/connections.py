"""Section 2, `connect`: how Polytomic, Snowflake and Gong stand, and the buttons that mend it."""

from dataclasses import dataclass

from bot.enrollment.model.connections import Connection, Service
from bot.views import ids, words
from bot.views.blocks import Block, Element, Message, actions, button, section
from bot.views.connect import NAMES

_OK = ":white_check_mark:"
_NOT = ":warning:"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is connected; `waiting` enrollments wait for Gong. `may_connect_snowflake` is for operators."""

    connections: tuple[Connection, ...] = ()
    reachable: bool = True
    waiting: int = 0
    may_connect_gong: bool = True
    may_connect_snowflake: bool = False


def lines(facts: Facts) -> str:
    """Three lines of mrkdwn, one per service."""
    reachable = f"{_OK} reachable" if facts.reachable else f"{_NOT} does not answer"
    return "\n".join(
        [f"Polytomic {reachable}", _line(facts, Service.SNOWFLAKE), _line(facts, Service.GONG)],
    )


def _line(facts: Facts, service: Service) -> str:
    mine = [one for one in facts.connections if one.service is service]
    healthy = [one for one in mine if one.healthy]
    if healthy:
        names = ", ".join(words.flow(one.name) for one in healthy[:3])
        return f"{NAMES[service]} {_OK} {names}"
    if not mine:
        state = "not connected" if facts.reachable else "not known now"
        return f"{NAMES[service]} {_NOT} {state}"
    if service is Service.GONG:
        wait = f", {words.count(facts.waiting, 'enrollment')} {'waits' if facts.waiting == 1 else 'wait'}"
        return f"Gong {_NOT} needs consent again{wait if facts.waiting else ''}"
    status = words.escape(mine[0].status, 90)
    return f"Snowflake {_NOT} is not working{': ' + status if status else ''}"


def buttons(facts: Facts) -> list[Element]:
    """What this person may do about it."""
    if not facts.reachable:
        return []
    made = []
    gong = [one for one in facts.connections if one.service is Service.GONG]
    snowflake = [one for one in facts.connections if one.service is Service.SNOWFLAKE]
    if facts.may_connect_gong and not any(one.healthy for one in gong):
        made.append(button("Reconnect Gong" if gong else "Connect Gong", ids.CONNECT_GONG))
    if facts.may_connect_snowflake and not any(one.healthy for one in snowflake):
        made.append(button("Connect Snowflake", ids.CONNECT_SNOWFLAKE))
    return made


def blocks(facts: Facts) -> list[Block]:
    """The lines and the buttons."""
    made = buttons(facts)
    return [section(lines(facts)), *([actions(*made)] if made else [])]


def answer(facts: Facts) -> Message:
    """The private answer to `connect`."""
    return {"response_type": "ephemeral", "text": lines(facts), "blocks": blocks(facts)}
