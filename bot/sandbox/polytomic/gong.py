"""The sandbox's Gong: its Engage flows, the contacts that its CRM knows, and what it says when it refuses one.

What Gong holds against a contact is decided by the contact's id alone, so it is the same on every machine.
"""

import hashlib
from dataclasses import dataclass, replace

from bot.sandbox.crm_ids import canonical
from bot.sandbox.polytomic.switches import Switches

IDENTITY = "Id"
OWNER_EMAIL = "flowInstanceOwnerEmail"
ACCOUNTS, PEOPLE = "account", "person"

_NAMES = (
    "Q4 Renewal", "Q4 Renewal EMEA", "Q3 Renewal", "Q1 Expansion", "Q2 Expansion", "Gold Plan Upsell",
    "Silver to Gold", "Free Trial Day 1", "Free Trial Day 7", "Free Trial Expiring", "Onboarding", "Onboarding",
    "Welcome, New Admins", "Winback 90 Days", "Winback 180 Days", "No-show Follow-up", "Demo Follow-up",
    "Event: Berlin Meetup", "Event: London Dinner", "Webinar Attended", "Webinar Missed", "Inbound MQL",
    "Inbound Pricing Page", "Outbound CFO", "Outbound RevOps", "Outbound IT (DACH)", "Partner Referral",
    "Price Change Notice", "Contract Redline Nudge", "Procurement Chase", "Executive Sponsor Intro", "QBR Invite",
    "NPS Promoters", "NPS Detractors & Care", "Dormant Champions", "Job Change: Champion Moved", "Closed Lost Revisit",
    "Competitor <Acme> Switch", "Holiday Greeting ❄", "Renewal: 30 Days Out", "Renewal: 60 Days Out",
    "Owner's Personal Touch",
)  # fmt: skip
_NEEDS_OWNER = "Owner's Personal Touch"


@dataclass(frozen=True, slots=True)
class FlowField:
    """A target field of a flow, beside the identity."""

    id: str
    name: str
    type: str = "string"
    required: bool = False


@dataclass(frozen=True, slots=True)
class GongFlow:
    """A flow as Gong lists it. The two fixed objects are listed in the same way, but their ids are words."""

    id: str
    name: str
    fields: tuple[FlowField, ...] = (FlowField(OWNER_EMAIL, "Flow instance owner e-mail", "email"),)
    modes: tuple[str, ...] | None = None

    @property
    def is_flow(self) -> bool:
        return self.id not in (ACCOUNTS, PEOPLE)


class Gong:
    """The flows, in the order Gong lists them, and the judgment over contacts."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._flows = {flow.id: flow for flow in _first_flows()}
        self._members: dict[str, set[str]] = {}
        self._unknown: set[str] = set()
        self._exclusive: set[str] = set()

    # ------------------------------------------------------------------------------------- flows

    @property
    def flows(self) -> tuple[GongFlow, ...]:
        """Every flow, without Accounts and People."""
        return tuple(flow for flow in self._flows.values() if flow.is_flow)

    @property
    def objects(self) -> tuple[GongFlow, ...]:
        """Every target object."""
        return tuple(self._flows.values())

    def find(self, object_id: str) -> GongFlow | None:
        """The target object of this id."""
        return self._flows.get(object_id)

    def flow_named(self, name: str) -> GongFlow:
        """The first flow of this name; KeyError when there is none."""
        for flow in self.flows:
            if flow.name == name:
                return flow
        raise KeyError(name)

    def add_flow(self, name: str, *fields: FlowField) -> GongFlow:
        """A new flow is listed."""
        flow = GongFlow(_flow_id(f"added {name} {len(self._flows)}"), name, fields)
        self._flows[flow.id] = flow
        return flow

    def remove_flow(self, flow_id: str) -> None:
        """The flow is gone."""
        del self._flows[flow_id]

    def rename_flow(self, flow_id: str, name: str) -> None:
        """The flow has another name."""
        self._flows[flow_id] = replace(self._flows[flow_id], name=name)

    def require(self, flow_id: str, field: FlowField) -> None:
        """The flow now requires one more field."""
        flow = self._flows[flow_id]
        others = tuple(known for known in flow.fields if known.id != field.id)
        self._flows[flow_id] = replace(flow, fields=(*others, replace(field, required=True)))

    # ---------------------------------------------------------------------------------- contacts

    def forget(self, *contacts: str) -> None:
        """The CRM linked to Gong does not know these contacts."""
        self._unknown.update(_known_form(contact) for contact in contacts)

    def put_in(self, flow_id: str, *contacts: str) -> None:
        """These contacts are in the flow, through someone else's doing: the ledger does not have them."""
        self._members.setdefault(flow_id, set()).update(_known_form(contact) for contact in contacts)

    def hold_exclusively(self, *contacts: str) -> None:
        """These contacts are in some other flow that does not share them."""
        self._exclusive.update(_known_form(contact) for contact in contacts)

    def refuses(self, flow: GongFlow, value: str, owner_email: str | None = None) -> str | None:
        """Gong's words for not taking this value into the flow, or None: it would be taken. Nothing changes."""
        contact = canonical(value)
        if contact is None or (len(value.strip()) == 15 and not self._switches.short_ids):
            return f"InvalidArgument: Invalid crmId {value}"
        if contact in self._unknown or _dice("crm", contact) < self._switches.not_in_crm_percent:
            return f"InvalidArgument: Invalid crmId {value}: no such prospect in the CRM"
        return self._keeps_out(flow, contact, value, owner_email) if flow.is_flow else None

    def _keeps_out(self, flow: GongFlow, contact: str, value: str, owner_email: str | None) -> str | None:
        if contact in self._members.get(flow.id, ()) or self._was_there(flow, contact):
            return f"InvalidState: Prospect {value} is already in flow {flow.name}"
        if contact in self._exclusive:
            return f"InvalidState: Prospect {value} is in an exclusive flow"
        if owner_email is not None and "@" not in owner_email:
            return "InvalidArgument: flowInstanceOwnerEmail is not a user's e-mail"
        return None

    def take(self, flow: GongFlow, value: str) -> str:
        """The contact is in the flow; its canonical id is returned."""
        contact = _known_form(value)
        self._members.setdefault(flow.id, set()).add(contact)
        return contact

    def _was_there(self, flow: GongFlow, contact: str) -> bool:
        return _dice(flow.id, contact) < self._switches.already_in_flow_percent


def _known_form(contact: str) -> str:
    return canonical(contact) or contact


def _dice(purpose: str, contact: str) -> int:
    digest = hashlib.sha256(f"{purpose}:{contact}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100


def _flow_id(seed: str) -> str:
    """19 digits: more than a float can hold, so a client that takes it for a number gets another flow's."""
    digest = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    return str(1_000_000_000_000_000_000 + digest % 8_000_000_000_000_000_000)


def _first_flows() -> tuple[GongFlow, ...]:
    fixed = (
        GongFlow(ACCOUNTS, "Accounts", (FlowField("Name", "Name"), FlowField("Industry", "Industry"))),
        GongFlow(PEOPLE, "People", (FlowField("Email", "Email", "email"), FlowField("Title", "Title"))),
    )
    flows = []
    for number, name in enumerate(_NAMES):
        owner = FlowField(OWNER_EMAIL, "Flow instance owner e-mail", "email", required=name == _NEEDS_OWNER)
        flows.append(GongFlow(_flow_id(f"{number} {name}"), name, () if name == "Q4 Renewal" else (owner,)))
    return (*fixed, *flows)
