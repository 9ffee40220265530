"""Text objects, confirm dialogs and options (docs: composition objects)."""

from bot.sandbox.slack.rules.problem import Json, Walk


def text(walk: Walk, value: object, pointer: str, most: int, *, plain: bool = False) -> None:
    """A text object; `plain` where mrkdwn is refused."""
    if not isinstance(value, dict):
        walk.problem(pointer, "must be a text object")
        return
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if value.get("type") not in kinds:
        walk.problem(f"{pointer}/type", f"must be one of {', '.join(kinds)}")
        return
    allowed = ("emoji",) if value["type"] == "plain_text" else ("verbatim",)
    if walk.keys(value, pointer, ("text",), allowed):
        walk.words(value["text"], f"{pointer}/text", most)


def confirm(walk: Walk, value: object, pointer: str) -> None:
    """A confirm dialog."""
    if not isinstance(value, dict):
        walk.problem(pointer, "must be a confirm object")
        return
    if walk.keys(value, pointer, ("title", "text", "confirm", "deny"), ("style",)):
        text(walk, value["title"], f"{pointer}/title", 100, plain=True)
        text(walk, value["text"], f"{pointer}/text", 300)
        text(walk, value["confirm"], f"{pointer}/confirm", 30, plain=True)
        text(walk, value["deny"], f"{pointer}/deny", 30, plain=True)
    if value.get("style") not in (None, "primary", "danger"):
        walk.problem(f"{pointer}/style", "must be primary or danger")


def option(walk: Walk, value: object, pointer: str, *, mrkdwn: bool = False) -> None:
    """One option of a select, radio or checkbox."""
    if not isinstance(value, dict):
        walk.problem(pointer, "must be an option")
        return
    if walk.keys(value, pointer, ("text", "value"), ("description",)):
        text(walk, value["text"], f"{pointer}/text", 75, plain=not mrkdwn)
        walk.words(value["value"], f"{pointer}/value", 150)
    if value.get("description") is not None:
        text(walk, value["description"], f"{pointer}/description", 75, plain=not mrkdwn)


def options(walk: Walk, element: Json, pointer: str, most: int, *, mrkdwn: bool = False) -> list[Json]:
    """All options of an element, flat or in groups; exactly one of the two must be given."""
    if ("options" in element) == ("option_groups" in element):
        walk.problem(pointer, "must have options or option_groups")
        return []
    found: list[Json] = []
    if "options" in element:
        found = walk.many(element["options"], f"{pointer}/options", most)
    for place, group in enumerate(walk.many(element.get("option_groups", [{}]), f"{pointer}/option_groups", most)):
        if "option_groups" in element and walk.keys(group, f"{pointer}/{place}", ("label", "options"), ()):
            text(walk, group["label"], f"{pointer}/option_groups/{place}/label", 75, plain=True)
            found += walk.many(group["options"], f"{pointer}/option_groups/{place}/options", most)
    for place, one in enumerate(found):
        option(walk, one, f"{pointer}/options/{place}", mrkdwn=mrkdwn)
    return found
