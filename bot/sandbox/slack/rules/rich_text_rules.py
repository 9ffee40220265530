"""rich_text: its four kinds of parts and the runs inside them (docs: rich text block)."""

from bot.sandbox.slack.rules.problem import Json, Walk

_PARTS = {
    "rich_text_section": (),
    "rich_text_preformatted": ("border", "language"),
    "rich_text_quote": ("border",),
    "rich_text_list": ("style", "indent", "offset", "border"),
}
_RUNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (("text",), ("style",)),
    "emoji": (("name",), ("unicode", "skin_tone", "style")),
    "user": (("user_id",), ("style",)),
    "usergroup": (("usergroup_id",), ("style",)),
    "channel": (("channel_id",), ("style",)),
    "link": (("url",), ("text", "unsafe", "style")),
    "date": (("timestamp", "format"), ("url", "fallback", "style")),
    "broadcast": (("range",), ("style",)),
    "color": (("value",), ()),
}
_STYLES = frozenset({"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"})


def rich_text(walk: Walk, block: Json, pointer: str) -> None:
    """A rich_text block."""
    if not walk.keys(block, pointer, ("elements",), ("block_id",)):
        return
    for place, part in enumerate(walk.many(block["elements"], f"{pointer}/elements", 1000)):
        _part(walk, part, f"{pointer}/elements/{place}")


def _part(walk: Walk, part: Json, pointer: str) -> None:
    kind = part.get("type", "")
    if kind not in _PARTS:
        walk.problem(f"{pointer}/type", f"unsupported type: {kind}")
        return
    if not walk.keys(part, pointer, ("elements",), _PARTS[kind]):
        return
    if kind == "rich_text_list" and part.get("style") not in ("bullet", "ordered"):
        walk.problem(f"{pointer}/style", "must be bullet or ordered")
    for place, run in enumerate(walk.many(part["elements"], f"{pointer}/elements", 1000)):
        inner = f"{pointer}/elements/{place}"
        if kind == "rich_text_list":
            _part(walk, run, inner)
        else:
            _run(walk, run, inner)


def _run(walk: Walk, run: Json, pointer: str) -> None:
    kind = run.get("type", "")
    if kind not in _RUNS:
        walk.problem(f"{pointer}/type", f"unsupported type: {kind}")
        return
    needed, allowed = _RUNS[kind]
    if not walk.keys(run, pointer, needed, allowed):
        return
    if kind == "text":
        walk.words(run["text"], f"{pointer}/text", 20_000)
    if not set(run.get("style") or {}) <= _STYLES:
        walk.problem(f"{pointer}/style", "unknown style")
