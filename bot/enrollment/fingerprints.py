"""One hash over everything that decides who is enrolled and how: any edit gives another one.

Equal if and only if the same people would be enrolled the same way. How many go in one batch does not matter, nor in
which order the fields of a flow are filled. Every part is written with its length before it, so that no two requests
are written alike.
"""

import hashlib
from collections.abc import Iterable

from bot.enrollment.model.flows import FieldMapping

Listed = Iterable[tuple[str, str]]
"""People of a frozen list in its order: what the query gave, and the id that it stands for."""


class ListDigest:
    """The hash of a frozen list, fed piece by piece; where the pieces end does not matter."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, people: Listed) -> None:
        """These people are next on the list."""
        written = "".join([f"{len(source)}:{source}{len(canonical)}:{canonical}" for source, canonical in people])
        self._hash.update(_bytes(written))

    def hexdigest(self) -> str:
        """The hash of everybody so far."""
        return self._hash.hexdigest()


def of_list(people: Listed) -> str:
    """The hash of a whole list."""
    digest = ListDigest()
    digest.add(people)
    return digest.hexdigest()


def of_query(normalized: str) -> str:
    """The hash by which two spellings of one query are the same."""
    return hashlib.sha256(_bytes(normalized)).hexdigest()


def fingerprint(
    *,
    query_hash: str,
    snowflake_id: str,
    gong_id: str,
    flow_id: str,
    id_column: str,
    mappings: Iterable[FieldMapping],
    listed: str,
) -> str:
    """The hash of one request; `query_hash` and `listed` are those of `of_query` and `of_list`."""
    fields = sorted(_written((one.field_id, *_maybe(one.column), *_maybe(one.value))) for one in mappings)
    parts = (query_hash, snowflake_id, gong_id, flow_id, id_column, _written(fields), listed)
    return hashlib.sha256(_bytes(_written(parts))).hexdigest()


def _maybe(value: str | None) -> tuple[str, str]:
    """Nothing given is not the same as an empty text."""
    return ("0", "") if value is None else ("1", value)


def _written(parts: Iterable[str]) -> str:
    return "".join(f"{len(part)}:{part}" for part in parts)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
