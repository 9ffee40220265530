"""What the flow picker offers: names people recognize, and flows of one name told apart."""

from collections import Counter
from typing import Any

from bot.enrollment.model.flows import Flow, FlowMatches
from bot.views import words
from bot.views.blocks import option, plain

NO_FLOWS_NOW = "Flows cannot be loaded now. Type to try again."
NO_FLOWS_VALUE = "!"


def flow_options(matches: FlowMatches | None) -> dict[str, Any]:
    """The answer to a search for flows, as Slack wants it; None means that the list cannot be had."""
    if matches is None:
        return {"options": [option(NO_FLOWS_NOW, NO_FLOWS_VALUE)]}
    if not matches.flows:
        return {"options": []}
    options = [option(text, flow.id) for flow, text in zip(matches.flows, texts(matches.flows), strict=True)]
    return {"option_groups": [{"label": plain(_group(matches), 75), "options": options[:100]}]}


def _group(matches: FlowMatches) -> str:
    if matches.total > len(matches.flows):
        said = f"Best {len(matches.flows)} of {words.count(matches.total, 'flow')}: type more words"
    elif matches.words.strip():
        said = f"{words.count(matches.total, 'flow')} {'matches' if matches.total == 1 else 'match'}"
    else:
        said = words.count(matches.total, "flow")
    return f"{said}, as of {matches.as_of:%H:%M}" if matches.as_of else said


def texts(flows: tuple[Flow, ...]) -> list[str]:
    """One text per flow; flows of one name are told apart by the end of their id, or by all of it."""
    shown = [words.data(flow.name, 75) or flow.id for flow in flows]
    twins = Counter(shown)
    if len(twins) == len(shown):
        return shown
    ends = Counter((text, flow.id[-6:]) for flow, text in zip(flows, shown, strict=True))
    told = []
    for flow, text in zip(flows, shown, strict=True):
        if twins[text] == 1:
            told.append(text)
        elif ends[text, flow.id[-6:]] == 1:
            told.append(f"{words.cut(text, 62)} · id …{flow.id[-6:]}")
        else:
            mark = f" · id {flow.id}"
            told.append(words.cut(text, 75 - len(mark)) + mark)
    return told
