"""People of the warehouse whom nobody has enrolled yet."""

from dataclasses import dataclass
from itertools import count

from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.town import Town

_TABLE = "SALESFORCE_CONTACTS"


@dataclass(frozen=True, slots=True)
class People:
    """Some of them, and the query that finds them and nobody else."""

    query: str
    ids: list[str]


class Crowd:
    """New people for each enrollment, `size` at a time, each in the warehouse by the time they are given out."""

    def __init__(self, town: Town, size: int) -> None:
        self.size = size
        self._town = town
        self._numbers = count()

    def next(self) -> People:
        """The next ones."""
        ids = [with_suffix(f"003{next(self._numbers):012d}") for _ in range(self.size)]
        plan = f"plan {ids[0]}"
        self._town.warehouse.insert(_TABLE, [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": plan} for one in ids])
        return People(f"SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = '{plan}'", ids)
