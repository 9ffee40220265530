"""Where progress is posted: the choice in the review, with its audience spelled out."""

from dataclasses import dataclass

from bot.enrollment.model.drafts import Draft, PostTo
from bot.views import ids, words
from bot.views.blocks import Block, Element, context, field, option, plain, radio

WHO_SEES = "Everyone there sees the flow and the counts, never contacts or the query."
_NAME_MAX = 40

# Why a picked channel cannot be posted in; the keys are Slack's own codes, "shared" for Slack Connect, and "unknown"
# until Slack was heard: a channel of two companies must not be taken for one of ours.
CHANNEL_PROBLEMS = {
    "not_in_channel": "I am not in this channel. Type /invite @Enroll Flow there, or choose another.",
    "is_archived": "This channel is archived.",
    "unknown": "Slack has not said yet whether I may post in this channel. Choose it again, or another.",
    "shared": "This channel is shared with another company. Choose an internal one.",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The channel where the command was typed: empty name when there was none, or it was a direct message."""

    channel_name: str = ""
    bot_is_in: bool = False
    shared: bool = False

    @property
    def postable(self) -> bool:
        """True when progress may be posted there."""
        return bool(self.channel_name) and self.bot_is_in and not self.shared


def chosen(draft: Draft, origin: Origin) -> PostTo:
    """What the draft says, else the channel when it may be posted in, else a direct message."""
    if draft.post_to is PostTo.HERE and not origin.postable:
        return PostTo.DM
    if draft.post_to is not None:
        return draft.post_to
    return PostTo.HERE if origin.postable else PostTo.DM


def blocks(draft: Draft, origin: Origin) -> list[Block]:
    """The radio buttons, and the channel select once another channel is wanted."""
    now = chosen(draft, origin)
    # The block names the channel that was shown: the next command may be typed elsewhere before this is submitted.
    block_id = f"{ids.POST_TO}:{draft.origin_channel_id}" if origin.postable else ids.POST_TO
    made = [field(block_id, "Post progress in", _radio(origin, now), hint=WHO_SEES)]
    if now is PostTo.CHANNEL:
        made.append(field(ids.CHANNEL, "Channel", _channels(draft)))
    if origin.channel_name and not origin.bot_is_in and not origin.shared:
        name = words.escape(origin.channel_name, _NAME_MAX)
        made.append(context(f"I am not in #{name}. Type `/invite @Enroll Flow` there to post in it."))
    return made


def _radio(origin: Origin, now: PostTo) -> Element:
    options = [option("A direct message to me", PostTo.DM.value)]
    if origin.postable:
        name = words.data(origin.channel_name, _NAME_MAX)
        options.append(option(f"#{name}, where you typed the command", PostTo.HERE.value))
    options.append(option("Another channel…", PostTo.CHANNEL.value))
    return radio(ids.PICK_POST_TO, options, now.value)


def _channels(draft: Draft) -> Element:
    picker: Element = {
        "type": "conversations_select",
        "action_id": ids.PICK_CHANNEL,
        "placeholder": plain("Choose a channel"),
        "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
    }
    if draft.channel_id:
        picker["initial_conversation"] = draft.channel_id
    return picker
