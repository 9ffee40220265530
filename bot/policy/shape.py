"""What may stand in a policy file: its keys, and what each has to look like. Few of them have to."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_PERSON = re.compile(r"[UWS][A-Z0-9]{2,}|@[a-z0-9][a-z0-9._-]*")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")


def wrong(words: str) -> PydanticCustomError:
    """An error that says these words of ours about the key."""
    return PydanticCustomError("wrong", "{words}", {"words": words})


def _matching(shape: re.Pattern[str], words: str) -> AfterValidator:
    def check(value: str) -> str:
        if not shape.fullmatch(value):
            raise wrong(f'must be {words}, got "{value}"')
        return value

    return AfterValidator(check)


def _read(read: Callable[[str], object], words: str) -> BeforeValidator:
    """TOML has dates and times of its own; in quotes they mean the same."""

    def check(value: object) -> object:
        if isinstance(value, datetime) or not isinstance(value, str):
            return value
        try:
            return read(value)
        except ValueError:
            raise wrong(f'must be {words}, got "{value}"') from None

    return BeforeValidator(check)


Person = Annotated[str, _matching(_PERSON, "a Slack id (U…, W…, S…) or a user group's @handle")]
Channel = Annotated[str, _matching(_CHANNEL, "a channel's id (C…, G…), which Slack shows below its details")]
Clock = Annotated[time, _read(time.fromisoformat, "a time such as 19:00")]
Day = Annotated[date, _read(date.fromisoformat, "a date such as 2026-12-24")]
Pattern = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]
Hours = Annotated[float, Field(gt=0)]


class Table(BaseModel):
    """A part of the file: other keys than these are mistakes."""

    # Made ready when a file is read: where there is none, a start does without.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True)


class Choosing(Table):
    """[flows] and [connections]: names or ids, `*` for anything."""

    allow: list[Pattern] = []
    deny: list[Pattern] = []


class Channels(Table):
    """[channels], by id."""

    allow: list[Channel] = []
    deny: list[Channel] = []


class Company(Table):
    """[company]; one without the other is a contradiction, and told as one."""

    cap: Count | None = None
    column: Pattern | None = None


class Approval(Table):
    """One of [[approvals]]."""

    name: Annotated[str, _matching(re.compile(r"[a-z0-9_-]+"), "a short name such as large")]
    threshold: Annotated[int, Field(ge=0)]
    approvers: Annotated[list[Person], Field(min_length=1)]
    needed: Count = 1
    flows: list[Pattern] = []
    channel: Channel | None = None
    expires_hours: Hours = 24
    escalate_to: list[Person] = []


class QuietHours(Table):
    """[quiet_hours], in the file's `time_zone`."""

    start: Clock | None = None
    end: Clock | None = None
    weekends: bool = True
    holidays: list[Day] = []


class OptOut(Table):
    """[opt_out]."""

    columns: list[Pattern] | None = None
    suppression_query: str = ""
    required: bool = False


class Canary(Table):
    """[canary]."""

    size: Count = 5
    offered_from: Count = 20
    ticked_from: Count = 500
    required_above: Annotated[int | None, Field(ge=0)] = None
    release: Literal["press", "automatic"] = "press"
    expires_hours: Hours = 24


class File(Table):
    """The whole file. What is None is not said there."""

    owner: list[Person] = []
    enroll: list[Person] | None = None
    operators: list[Person] | None = None
    request_cap: Count | None = None
    day_cap: Count | None = None
    time_zone: str = "UTC"
    cool_off_days: Annotated[int, Field(ge=0)] = 30
    sends_per_day: Count | None = None
    flows: Choosing = Choosing()
    connections: Choosing = Choosing()
    channels: Channels = Channels()
    company: Company = Company()
    approvals: list[Approval] = []
    quiet_hours: QuietHours | None = None
    opt_out: OptOut = OptOut()
    canary: Canary = Canary()
