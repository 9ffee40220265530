"""What the Slack app offers, as its manifest says: the sandbox's workspace has it installed."""

import yaml

from bot.sandbox.page.offer import Command, Offer, Shortcut


def read(manifest: str) -> Offer:
    """The offer of this manifest."""
    told = yaml.safe_load(manifest)
    features = told["features"]
    commands = tuple(
        Command(one["command"], one["description"], one.get("usage_hint", ""))
        for one in features.get("slash_commands", ())
    )
    shortcuts = tuple(
        Shortcut(one["name"], one["callback_id"], one["description"], one["type"])
        for one in features.get("shortcuts", ())
    )
    return Offer(told["display_information"]["name"], commands, shortcuts)
