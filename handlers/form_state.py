"""Reads of one view's state: what stands in an input, and whether the view has it at all.

A block is named by its stem ("sql" finds "sql:2"), or in full when its argument matters ("field:owner").
"""

from collections.abc import Mapping
from typing import Any

from bot.views import ids

View = Mapping[str, Any]


def element(view: View, block: str, action: str) -> Mapping[str, Any] | None:
    """What stands in this input; None when the view does not show it."""
    values = (view.get("state") or {}).get("values") or {}
    for block_id, elements in values.items():
        if (block_id == block or (":" not in block and ids.stem(block_id) == block)) and action in elements:
            found: Mapping[str, Any] = elements[action]
            return found
    return None


def stands(view: View, block: str) -> bool:
    """True when the view has this block, whatever stands in it."""
    blocks = [str(one.get("block_id", "")) for one in view.get("blocks", ())]
    return any(one == block or (":" not in block and ids.stem(one) == block) for one in blocks if block)


def typed(view: View, block: str, action: str) -> str | None:
    """The text in a box, empty or not; None when the view does not show the box."""
    found = element(view, block, action)
    return None if found is None else str(found.get("value") or "")


def picked(view: View, block: str, action: str) -> str:
    """The value of the chosen option; empty when there is none."""
    option = (element(view, block, action) or {}).get("selected_option") or {}
    return str(option.get("value") or "")


def ticked(view: View, block: str, action: str, value: str) -> bool | None:
    """Whether this box is ticked; None when the view does not show it."""
    found = element(view, block, action)
    return None if found is None else any(one.get("value") == value for one in found.get("selected_options") or ())


def nearest(view: View, *block_ids: str) -> str:
    """The first of these blocks that the view has, else the last one named."""
    return next((one for one in block_ids if stands(view, one)), block_ids[-1])
