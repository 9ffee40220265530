"""Where the sandbox's own pages and files can be reached, and secrets that only this world can sign with."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

KEY = "sandbox"
"""The API key: like everything secret here, it opens nothing but this machine's sandbox."""


@dataclass(slots=True)
class Hosts:
    """The addresses are known once the world is served; until then links have these."""

    base_url: str = "http://polytomic.sandbox.invalid"
    storage_url: str = "http://storage.sandbox.invalid"
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def signature(self, text: str) -> str:
        """The text's signature by this world."""
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()
