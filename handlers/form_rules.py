"""What the policy says of a form before anything is checked: the flow, the connections, and where it was typed.

Pure, and from memory alone: whom a user group holds and how many were started today is asked when it is confirmed.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.enrollment import judging
from bot.enrollment.model.connections import Connection, Service
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.flows import Flow
from bot.enrollment.model.policies import Policy, Refused
from bot.views import ids, not_allowed
from handlers import form_state
from handlers.form_state import View

_BLOCKS = {Service.SNOWFLAKE: ids.SNOWFLAKE, Service.GONG: ids.GONG}


def bad_places(
    view: View,
    draft: Draft,
    policy: Policy,
    *,
    flow: Flow | None,
    connections: Sequence[Connection],
    open_flows: int,
    carrier: str,
) -> dict[str, str]:
    """A sentence per field that the policy refuses; what is not asked for is told at the flow, or at `carrier`."""
    flow_field = ids.present(view, ids.FLOW) if form_state.stands(view, ids.FLOW) else carrier
    wrong: list[tuple[str, Refused]] = [
        (flow_field, replace(no, count=open_flows)) for no in judging.places(policy, flow=flow)
    ]
    for connection in connections:
        other = flow_field if connection.service is Service.GONG else carrier
        block = _BLOCKS[connection.service]
        field = ids.present(view, block) if form_state.stands(view, block) else other
        wrong += [(field, no) for no in judging.places(policy, connections=((connection.id, connection.name),))]
    wrong += [(flow_field, no) for no in judging.places(policy, channel_id=draft.origin_channel_id)]
    names = {draft.origin_channel_id: draft.origin_channel_name} if draft.origin_channel_name else {}
    # The first thing that is wrong with a field is told there.
    return {field: not_allowed.plain(no, channels=names) for field, no in reversed(wrong)}
