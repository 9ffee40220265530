"""What the operators allow, as frozen values: who, whither, from where, how many, when, and with whose word.

Ids of people are Slack's, of users (U…, W…) and user groups (S…). What a value means is in `enrollment.judging`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from bot.enrollment.model.flows import Flow

APPROVAL = "approval."
"""What the name of every rule begins with that asks for somebody's word; the name of its tier follows."""


class Rule(StrEnum):
    """The rules that may say no, or ask for somebody's word; the values are what people read and grep for."""

    PEOPLE = "people"
    FLOWS = "flows"
    CONNECTIONS = "connections"
    CHANNELS = "channels"
    REQUEST_CAP = "request_cap"
    DAY_CAP = "day_cap"
    OPT_OUT = "opt_out.required"
    QUIET_HOURS = "quiet_hours"
    CANARY = "canary"


@dataclass(frozen=True, slots=True)
class Choice:
    """Names or ids that may be used: those that match `allow` (nothing there: all), less those that match `deny`.

    A pattern may have `*` in it and is compared without case.
    """

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Company:
    """At most `cap` contacts of one company, which `column` of the query names."""

    cap: int
    column: str


@dataclass(frozen=True, slots=True)
class Tier:
    """More than `above` contacts into one of these flows (none named: any) need the word of `needed` approvers.

    `name` makes the rule's name: "large" is rule `approval.large`. `channel` takes the card instead of the approvers'
    direct messages. `hours` is how long the request waits before it has expired.
    """

    name: str
    above: int
    approvers: tuple[str, ...]
    needed: int = 1
    flows: tuple[str, ...] = ()
    channel: str = ""
    hours: float = 24
    escalate_to: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        return f"{APPROVAL}{self.name}"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing starts between `start` and `end` of a day, in this zone (IANA); on weekends neither if `weekends`.

    `start` may be later than `end`: the night. Equal times mean no hours of a day, only the weekends. `days` are
    holidays.
    """

    zone: str
    start: time
    end: time
    weekends: bool = True
    days: tuple[date, ...] = ()


class Release(StrEnum):
    """What lets the rest of a list go once the canary was good."""

    BY_PRESS = "press"
    BY_ITSELF = "automatic"


@dataclass(frozen=True, slots=True)
class Canary:
    """The first batch: so many people, offered from, ticked from and demanded above so many contacts."""

    size: int = 5
    offered_from: int = 20
    ticked_from: int = 500
    required_above: int | None = None
    release: Release = Release.BY_PRESS
    hours: float = 24


@dataclass(frozen=True, slots=True)
class OptOut:
    """Columns that say whether somebody has opted out, a query of those who must not be mailed, and whether one is
    demanded."""

    columns: tuple[str, ...] = ("opted_out", "has_opted_out_of_email", "do_not_contact")
    suppression_query: str = field(default="", repr=False)
    required: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that the operators allow.

    `owner` are those whom refusals name. `lines` has, by the key's path in the file ("request_cap", "approvals.large"),
    the line that says so; `source` is the file's name, empty when there is none.
    """

    enroll: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    flows: Choice = field(default_factory=Choice)
    connections: Choice = field(default_factory=Choice)
    channels: Choice = field(default_factory=Choice)
    request_cap: int | None = None
    day_cap: int | None = None
    zone: str = "UTC"
    company: Company | None = None
    approvals: tuple[Tier, ...] = ()
    quiet: Quiet | None = None
    cool_off_days: int = 30
    opt_out: OptOut = field(default_factory=OptOut)
    canary: Canary = field(default_factory=Canary)
    sends_per_day: int | None = None
    source: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def may_wait(self) -> bool:
        """True when the clock can keep waiting what everybody has allowed."""
        return self.quiet is not None or self.day_cap is not None


@dataclass(frozen=True, slots=True)
class Refused:
    """One rule that says no: what was asked, what would pass, who owns the rule, and where it stands in the file.

    `asked` and `limit` are contacts; `left` those that are left of a day's `limit`; `until` when there are more.
    `refused` is what may not be used, `allowed` what would pass (patterns of flows, connections, channels; columns).
    For an approval that nobody could give: `limit` needs nobody's word, `count` words are needed, `allowed` could give
    one, and `refused` is the requester when they are the only approver or one of them.
    """

    rule: str
    owner: tuple[str, ...] = ()
    line: int | None = None
    asked: int = 0
    limit: int = 0
    left: int = 0
    until: datetime | None = None
    refused: str = ""
    allowed: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to do, as far as a policy has a say in it.

    `connections` are (id, name) of those used, `channel_id` where progress is posted, or where the command was typed.
    `used_today` are the contacts that the team has started today in the policy's zone; `approvers` the users behind
    each tier, by its name, groups opened. `opt_out_known` is true when a column or a query says who has opted out.
    `listed` is false when the requester is not among those who may enroll; `unknown` is true when Slack cannot say now
    who is behind a user group.
    """

    requester_id: str
    flow: Flow
    people: int
    connections: tuple[tuple[str, str], ...] = ()
    channel_id: str = ""
    used_today: int = 0
    opt_out_known: bool = True
    approvers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    listed: bool = True
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the policy says of it: refused by these rules, or allowed, with whose word, and from when on.

    `approvers` are the users who may give their word for `tier`, the requester not among them. `quiet_until` is when
    quiet hours end, null outside of them; `day_full_until` when another day begins, null while today's cap has room
    for all of them. `unknown` is true when Slack cannot say now who is behind a user group: it is to be asked again.
    """

    refused: tuple[Refused, ...] = ()
    tier: Tier | None = None
    approvers: tuple[str, ...] = ()
    quiet_until: datetime | None = None
    day_full_until: datetime | None = None
    canary_demanded: bool = False
    unknown: bool = False

    @property
    def allowed(self) -> bool:
        return not self.refused and not self.unknown
