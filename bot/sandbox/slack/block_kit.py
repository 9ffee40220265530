"""Whole views and messages: what stands around the blocks, and what must hold between them."""

import json
from collections import Counter
from collections.abc import Sequence

from bot.sandbox.slack.rules import texts
from bot.sandbox.slack.rules.block_rules import block
from bot.sandbox.slack.rules.problem import Json, Problem, Walk

_LARGEST_VIEW = 250_000
# No documentation states it: about 13.2 k characters of blocks already fail (bolt-js issue 2509).
_LARGEST_MESSAGE = 13_200
_MODAL = ("blocks", "title")
_MODAL_MORE = (
    "submit",
    "close",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
    "submit_disabled",
)
_HOME_MORE = ("private_metadata", "callback_id", "external_id")


def problems_of_view(view: Json) -> list[Problem]:
    """Everything for which Slack would refuse this view; empty for a good one."""
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return [Problem("invalid_arguments", "/view/type", "must be modal or home")]
    walk = Walk(str(kind), code="invalid_arguments")
    if len(json.dumps(view)) > _LARGEST_VIEW:
        walk.problem("/view", "the view is larger than 250 KB", "view_too_large")
    needed = _MODAL if kind == "modal" else ("blocks",)
    if walk.keys(view, "/view", needed, _MODAL_MORE if kind == "modal" else _HOME_MORE):
        _view_texts(walk, view)
        blocks = walk.many(view["blocks"], "/view/blocks", 100)
        _blocks(walk, blocks, "/view/blocks")
        has_input = any(isinstance(one, dict) and one.get("type") == "input" for one in blocks)
        if kind == "modal" and has_input and view.get("submit") is None:
            walk.problem("/view/submit", "a view with input blocks must have a submit button")
    return walk.found


def problems_of_message(message: Json) -> list[Problem]:
    """Everything for which Slack would refuse this message; a missing `text` counts, though Slack only warns."""
    walk = Walk("message")
    blocks = message.get("blocks") or []
    if not isinstance(message.get("text"), str) or not message["text"].strip():
        walk.problem("/text", "no text: notifications and screen readers would have nothing", "no_text")
    elif len(message["text"]) > 40_000:
        walk.problem("/text", "too long", "msg_too_long")
    if len(blocks) > 50:
        walk.problem("/blocks", "no more than 50 items allowed")
    if len(json.dumps(blocks, ensure_ascii=False)) > _LARGEST_MESSAGE:
        walk.problem("/blocks", "the blocks are too long", "msg_blocks_too_long")
    if sum(1 for one in blocks if isinstance(one, dict) and one.get("type") == "table") > 1:
        walk.problem("/blocks", "only_one_table_allowed", "invalid_attachments")
    _blocks(walk, blocks, "/blocks")
    return walk.found


def _view_texts(walk: Walk, view: Json) -> None:
    for name in ("title", "submit", "close"):
        if view.get(name) is not None:
            texts.text(walk, view[name], f"/view/{name}", 24, plain=True)
    for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if view.get(name) is not None:
            walk.words(view[name], f"/view/{name}", most, least=0)


def _blocks(walk: Walk, blocks: Sequence[object], pointer: str) -> None:
    for place, one in enumerate(blocks):
        block(walk, one, f"{pointer}/{place}")
    known = [one for one in blocks if isinstance(one, dict)]
    for block_id, count in Counter(one["block_id"] for one in known if one.get("block_id")).items():
        if count > 1:
            walk.problem(pointer, f"block_id {block_id} stands twice")
    actions = Counter(
        (one.get("block_id"), held.get("action_id"))
        for one in known
        if one.get("type") == "actions" and isinstance(one.get("elements"), list)
        for held in one["elements"]
        if isinstance(held, dict) and held.get("action_id")
    )
    for (block_id, action_id), count in actions.items():
        if count > 1 and block_id:
            walk.problem(pointer, f"action_id {action_id} stands twice in block {block_id}")
    if json.dumps(known).count('"focus_on_load": true') > 1:
        walk.problem(pointer, "focus_on_load may be set once")
