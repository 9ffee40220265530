"""Views and messages that Slack takes, many of them exactly at a limit."""

from tests.unit.block_kit_parts import (
    Json,
    actions,
    asked,
    button,
    confirm,
    context,
    form,
    home,
    lines,
    modal,
    mrkdwn,
    option,
    options,
    paragraph,
    plain,
    rich,
    said,
    section,
    select,
    table,
    typed,
    words,
)

_DATE = {"type": "date", "timestamp": 1795442700, "format": "{date_short_pretty} at {time}", "fallback": "2026-11-23"}
_IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A picture"}

GOOD_VIEWS: dict[str, Json] = {
    "one section": modal(section()),
    "every key of a modal": form(
        section(),
        close=plain("Close"),
        callback_id="c" * 255,
        external_id="e" * 255,
        private_metadata="p" * 3000,
        clear_on_close=False,
        notify_on_close=True,
    ),
    "title, submit and close of 24": modal(
        section(), title=plain("t" * 24), submit=plain("s" * 24), close=plain("c" * 24)
    ),
    "a hundred blocks": modal(*[section()] * 100),
    "a section of 3000": modal(section("x" * 3000)),
    "ten fields of 2000": modal({"type": "section", "fields": [mrkdwn("x" * 2000)] * 10}),
    "an expanded section": modal(section(expand=True)),
    "a header of 150": modal({"type": "header", "text": plain("h" * 150)}),
    "a context of ten": modal(context(*[mrkdwn()] * 10)),
    "a context with a picture": modal(context(_IMAGE, plain())),
    "an alert of 200": modal({"type": "alert", "level": "warning", "text": plain("a" * 200)}),
    "an alert of every level": modal(
        *({"type": "alert", "level": level, "text": mrkdwn()} for level in ("default", "info", "error", "success"))
    ),
    "a text input": form(asked(typed(multiline=True, max_length=3000, initial_value="x" * 3000), block_id="sql:1")),
    "an input that tells every character": form(
        asked(typed(dispatch_action_config={"trigger_actions_on": ["on_character_entered"]}), dispatch_action=True)
    ),
    "an optional input with a hint": form(
        asked(typed(placeholder=plain("p" * 150)), optional=True, hint=plain("h" * 2000))
    ),
    "a file input": form(
        asked({"type": "file_input", "action_id": "attach", "filetypes": ["sql", "txt"], "max_files": 1})
    ),
    "a select that asks": form(asked({"type": "external_select", "action_id": "find", "min_query_length": 0})),
    "a select that asks and holds something": form(
        asked({"type": "external_select", "action_id": "find", "initial_option": option("Gone", "9")})
    ),
    "a hundred options of 75 and 150": form(
        asked(select(options=[option("t" * 75, "v" * 150, description=plain("d" * 75))] * 100))
    ),
    "a hundred groups": form(
        asked(
            select_of_groups := {
                "type": "static_select",
                "action_id": "pick",
                "option_groups": [{"label": plain("g" * 75), "options": options(1)}] * 100,
            }
        )
    ),
    "an initial option out of a group": form(asked(select_of_groups | {"initial_option": option("Option 0", "0")})),
    "a select beside words": modal(section(accessory=select(initial_option=option("Option 1", "1")))),
    "ten radio buttons": form(asked({"type": "radio_buttons", "action_id": "pick", "options": options(10)})),
    "radio buttons with one chosen": form(
        asked({"type": "radio_buttons", "action_id": "pick", "options": options(2), "initial_option": options(2)[1]})
    ),
    "checkboxes with two ticked": form(
        asked({"type": "checkboxes", "action_id": "tick", "options": options(3), "initial_options": options(2)})
    ),
    "checkboxes in mrkdwn": form(
        asked({"type": "checkboxes", "action_id": "tick", "options": [{"text": mrkdwn(), "value": "1"}]})
    ),
    "a channel that is not shared": form(
        asked(
            {
                "type": "conversations_select",
                "action_id": "channel",
                "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
            }
        )
    ),
    "days and times": form(
        asked({"type": "datepicker", "action_id": "d", "initial_date": "2026-11-23"}),
        asked({"type": "timepicker", "action_id": "t", "initial_time": "14:05"}),
        asked({"type": "datetimepicker", "action_id": "dt", "initial_date_time": 1795442700}),
    ),
    "focus on one": form(asked(typed(focus_on_load=True))),
    "the same action in two blocks": modal(actions(button()), actions(button())),
    "buttons in every style": modal(
        actions(button(style="primary"), button(action_id="b", style="danger"), button(action_id="c", value="v" * 2000))
    ),
    "a button that asks first": modal(
        actions(
            button(
                confirm=confirm(title=plain("t" * 100), text=mrkdwn("x" * 300), confirm=plain("y" * 30), style="danger")
            )
        )
    ),
    "a link with words for screen readers": modal(
        actions(button("t" * 75, url="https://example.com/", accessibility_label="a" * 75))
    ),
    "an overflow menu": modal(
        section(accessory={"type": "overflow", "action_id": "o", "options": [option(url="https://example.com/")] * 5})
    ),
    "rich text with everything": modal(
        rich(
            paragraph(words(bold=True), words(code=True, italic=True), _DATE, {"type": "emoji", "name": "repeat"}),
            lines(words("a  1"), border=1),
            {"type": "rich_text_quote", "elements": [{"type": "user", "user_id": "U0REQUESTER"}]},
            {"type": "rich_text_list", "style": "bullet", "elements": [paragraph(words())], "indent": 1},
            paragraph({"type": "link", "url": "https://example.com/", "text": "here", "style": {"bold": True}}),
        )
    ),
    "hostile words are only words": modal(rich(paragraph(words("<!channel> </>&\u202e\u0000\U0001f600")))),
    "no words in a rich section": modal(rich(paragraph())),
    "a picture and a line": modal({**_IMAGE, "title": plain()}, {"type": "divider"}),
    "a form without inputs": form(section()),
    "emoji and verbatim where they belong": modal(
        {"type": "section", "text": plain(emoji=True), "fields": [mrkdwn(verbatim=True)]}
    ),
    "a Home": home(section(), actions(button()), {"type": "header", "text": plain()}, callback_id="home"),
    "an input in a Home needs no submit": home(asked(typed(), dispatch_action=True)),
}

GOOD_MESSAGES: dict[str, Json] = {
    "only text": {"text": "Words"},
    "text of 40000": {"text": "x" * 40_000},
    "fifty blocks": said(*[section("x")] * 50),
    "no blocks": said(),
    "a table": said(table(), section()),
    "a table of 100 rows": said(table(rows=100, columns=1)),
    "a table of 20 columns": said(table(columns=20)),
    "rich text in a table": said(
        {
            "type": "table",
            "rows": [[rich(paragraph(words()))]],
            "column_settings": [{"align": "right", "is_wrapped": True}],
        }
    ),
    "markdown of 12000": said({"type": "markdown", "text": "x" * 12_000}),
    "twenty-five buttons": said(actions(*(button(action_id=f"b{number}") for number in range(25)))),
    "blocks with ids": said(section(block_id="running:1"), section(block_id="running:2")),
    "just short enough": said(*[section("x" * 2900)] * 4),
}
