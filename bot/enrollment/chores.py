"""The kinds of work that due rows ask for, by the names under which the runner knows them."""

from collections.abc import Callable

ENROLLMENT = "enrollment"
CHECK = "check"
CONSENT = "consent"
MESSAGE = "message"

Nudge = Callable[[str, str], None]
"""(chore, row id) -> the runner looks at that row now instead of at its next sweep."""
