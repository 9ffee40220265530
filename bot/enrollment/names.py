"""The names and keys under which an enrollment is known: its id, references for errors, and what Polytomic sees.

Names at Polytomic carry the enrollment's id, so that an object whose creation was never answered can be found again.
"""

import hashlib
import secrets
import uuid

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_KEYS = uuid.UUID("6f0c1a3e-8f0b-5c55-9a57-0b3b6a1f5e21")


def enrollment_id() -> str:
    """A new id such as E-7K2M9Q: six random digits of Crockford's base 32."""
    return "E-" + _six()


def reference() -> str:
    """A new reference such as R-4H8D2K, which joins what a person reads to what the log holds."""
    return "R-" + _six()


def reference_of(*parts: object) -> str:
    """The reference that the same parts always have, for what is told more than once."""
    number = int(hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest(), 16)
    return "R-" + "".join(_CROCKFORD[number >> 5 * place & 31] for place in range(6))


def row_id() -> str:
    """A new id for a row that people never see."""
    return uuid.uuid4().hex


def model_name(enrollment_id: str) -> str:
    """What the enrollment's model is called at Polytomic."""
    return f"Enroll Flow {enrollment_id}"


def sync_name(enrollment_id: str) -> str:
    """What the enrollment's sync is called at Polytomic."""
    return f"Enroll Flow {enrollment_id}"


def key(*parts: object) -> str:
    """The Idempotency-Key for one call: the same parts always give the same key (docs: Idempotent requests)."""
    return str(uuid.uuid5(_KEYS, "/".join(str(part) for part in parts)))


def _six() -> str:
    return "".join(secrets.choice(_CROCKFORD) for _ in range(6))
