"""Gong Engage flows: what the picker offers, and the fields that a flow requires."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Flow:
    """A Gong Engage flow: a Polytomic target object. `id` is a string of 19 digits and stays a string."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class FlowMatches:
    """The answer of the flow picker: the best 100 of `total` that match, `as_of` set when the cache is stale."""

    flows: tuple[Flow, ...]
    total: int
    all_flows: int
    words: str
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class FlowField:
    """A target field that the flow requires beside the identity."""

    id: str
    name: str
    is_email: bool = False


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """How a required field is filled: from a column of the query, or with one value for everyone (exactly one)."""

    field_id: str
    field_name: str
    column: str | None = None
    value: str | None = None
