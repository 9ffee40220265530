"""Who and what is in the workspace from the first day."""

from bot.sandbox.slack.things import Channel, User

TEAM = "T0SANDBOX"
BOT = "U0BOT"


def people() -> dict[str, User]:
    """Those who are in the workspace from the first day."""
    listed = [
        User(BOT, "enroll_flow", TEAM, is_bot=True),
        User("U0REQUESTER", "rina", TEAM),
        User("U0COLLEAGUE", "cole", TEAM),
        User("U0OPERATOR", "olga", TEAM),
        User("U0BYSTANDER", "ben", TEAM),
        User("U0GUEST", "gus", TEAM, is_restricted=True),
        User("U0OUTSIDER", "otto", "T0OTHER", is_stranger=True),
        User("U0GONE", "gone", TEAM, deleted=True),
    ]
    return {user.id: user for user in listed}


def channels() -> dict[str, Channel]:
    """The channels of the first day; the bot is in #revops, #archive and #shared."""
    everybody = {"U0REQUESTER", "U0COLLEAGUE", "U0OPERATOR", "U0BYSTANDER", "U0GUEST"}
    listed = [
        Channel("C0REVOPS", "revops", everybody | {BOT}),
        Channel("C0RANDOM", "random", set(everybody)),
        Channel("C0SHARED", "shared", everybody | {BOT, "U0OUTSIDER"}, is_shared=True),
        Channel("C0ARCHIVE", "archive", everybody | {BOT}, is_archived=True),
        Channel("G0SECRET", "secret", {"U0REQUESTER"}, is_private=True),
    ]
    return {channel.id: channel for channel in listed}
