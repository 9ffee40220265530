"""The flow picker's search finds and ranks as its rule says, whatever the names and the words are."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.enrollment.flow_list import FlowList
from bot.enrollment.model.flows import Flow

_TEXTS = st.text(alphabet="ab cAß-1", max_size=9)


@st.composite
def _listed(draw: st.DrawFn) -> list[Flow]:
    return [Flow(str(number), name) for number, name in enumerate(draw(st.lists(_TEXTS, max_size=12)))]


def _rank(flow: Flow, words: Sequence[str], last_used: Sequence[str]) -> tuple[bool, bool, str, str]:
    """The rule, word for word: last used, then all words begin one of the name, then by name."""
    begun = all(f" {word}" in f" {flow.name.casefold()}" for word in words)
    return flow.id not in last_used, not begun, flow.name.casefold(), flow.id


@given(_listed(), _TEXTS, st.integers(1, 5), st.lists(st.sampled_from("0123xy"), max_size=4))
def test_a_search_is_what_sorting_all_of_them_would_give(
    flows: list[Flow], typed: str, limit: int, last_used: list[str]
) -> None:
    """Every flow that holds all the words is counted, and the best of them come in the order of the rule."""
    words = typed.casefold().split()
    holding = [flow for flow in flows if all(word in flow.name.casefold() for word in words)]
    ranked = sorted(holding, key=lambda flow: _rank(flow, words, last_used))
    assert (tuple(ranked[:limit]), len(ranked)) == FlowList(flows).best(typed, limit, last_used=last_used)
