"""A list of flows that is searched at every key somebody presses: by words in any order, the best ones first.

Whatever can be prepared is prepared when the list is made. Knows nothing of where flows come from.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise

from bot.enrollment.model.flows import Flow


class FlowList:
    """Flows in the order of their names."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        folded = sorted(((flow.name.casefold(), flow.id, flow) for flow in flows), key=lambda one: one[:2])
        self._flows = tuple(flow for _, _, flow in folded)
        # With a space before it, one look tells whether any word of a name begins with something.
        self._names = [f" {name}" for name, _, _ in folded]
        self._places = {flow.id: place for place, flow in enumerate(self._flows)}
        # Two letters -> the places of the names that have them side by side: most words have two that are rare.
        self._pairs: dict[tuple[str, str], list[int]] = {}
        for place, name in enumerate(self._names):
            for pair in set(pairwise(name)):
                self._pairs.setdefault(pair, []).append(place)

    def __len__(self) -> int:
        return len(self._flows)

    def best(self, words: str, limit: int, *, last_used: Sequence[str] = ()) -> tuple[tuple[Flow, ...], int]:
        """The best `limit` of the flows whose names hold all the words, in any order; and how many hold them.

        Last used flows come first, then those where every word begins a word of the name, then the rest by name.
        """
        wanted = words.casefold().split()
        begins = [f" {word}" for word in wanted]
        hits, begun = self._holding(wanted), self._holding(begins)
        used = sorted(self._places[one] for one in last_used if one in self._places)
        mine = [place for said in (begins, wanted) for place in used if self._holds(place, said)]
        # Each has its place where it comes first; of hits so many are read that those which came before do not count.
        enough = limit + len(mine)
        ranked = dict.fromkeys(chain(mine, islice(begun, enough), islice(hits, 2 * enough)))
        return tuple(self._flows[place] for place in islice(ranked, limit)), len(hits)

    def _holding(self, wanted: Sequence[str]) -> Sequence[int]:
        """The places of the names that hold all of it, in their order."""
        names = self._names
        places = min(self._of_pairs(wanted), key=len, default=range(len(names)))
        for word in wanted:
            places = [place for place in places if word in names[place]]
        return places

    def _holds(self, place: int, wanted: Sequence[str]) -> bool:
        return all(word in self._names[place] for word in wanted)

    def _of_pairs(self, wanted: Sequence[str]) -> Iterator[Sequence[int]]:
        for word in wanted:
            for pair in pairwise(word):
                yield self._pairs.get(pair, ())
