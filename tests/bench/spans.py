"""Spans of time: what is left of one without those in which somebody else was at work, or everybody waited."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """From one moment to another."""

    began: datetime
    ended: datetime


def lasting(began: datetime, milliseconds: float) -> Span:
    """The span that began then and lasted so long."""
    return Span(began, began + timedelta(milliseconds=milliseconds))


def without(whole: Span, others: Iterable[Span]) -> float:
    """The seconds of the whole in which none of the others was going; where they overlap, they count once."""
    taken = sum((ended - began for began, ended in _joined(whole, others)), timedelta())
    return (whole.ended - whole.began - taken).total_seconds()


def _joined(whole: Span, others: Iterable[Span]) -> Iterator[Span]:
    """The others within the whole, in order, cut so that none of them overlap."""
    upto = whole.began
    for began, ended in sorted(others):
        if min(ended, whole.ended) > max(began, upto):
            yield Span(max(began, upto), min(ended, whole.ended))
            upto = min(ended, whole.ended)
