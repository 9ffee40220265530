"""One call to Polytomic as a value: where it goes, what it carries, and what of it may be said aloud."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from pydantic import SecretStr

_SLOT = re.compile(r"\{[a-z_]+\}")


@dataclass(frozen=True, slots=True)
class Call:
    """One call, ready to be sent.

    `ids` fill the slots of `template` in their order. `params` and `body` may hold SQL, contact ids and secrets, so
    they stay out of repr; a SecretStr in the body is opened by `content` alone. `conflicts` says that the endpoint has
    a 409 of its own, beside the one that every Idempotency-Key brings.
    """

    method: str
    template: str
    ids: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, object] | None = field(default=None, repr=False)
    key: str | None = None
    conflicts: bool = False

    @property
    def name(self) -> str:
        """The call without ids or values, as errors and logs name it."""
        return f"{self.method} {self.template}"

    @property
    def path(self) -> str:
        """The path with its ids, each of them one segment whatever it holds."""
        rest = iter(self.ids)
        return _SLOT.sub(lambda _: _segment(next(rest)), self.template)

    @property
    def content(self) -> bytes | None:
        """The body as JSON with its secrets opened, for the moment of sending; None when there is none."""
        if self.body is None:
            return None
        # Only what is no JSON by itself comes to `_opened`: a thousand contact ids are not looked at one by one.
        return json.dumps(self.body, default=_opened, ensure_ascii=False, separators=(",", ":")).encode()

    def at_page(self, token: str) -> "Call":
        """The same call for the page that `token` names."""
        return replace(self, params={**self.params, "page_token": token})


def _segment(value: str) -> str:
    if value in ("", ".", ".."):
        raise ValueError("an id is missing from the path of a call")
    return quote(value, safe="")


def _opened(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} cannot be sent")
