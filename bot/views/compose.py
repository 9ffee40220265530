"""V1: the form. Everything it shows comes from the draft and from what is known of the two connections."""

from dataclasses import dataclass
from datetime import datetime

from bot.enrollment.model.connections import Connection, Consent, ConsentState, Service
from bot.enrollment.model.drafts import Draft, Source
from bot.enrollment.model.stops import Stop
from bot.views import connect, holds, ids, words
from bot.views.blocks import (
    Block,
    Element,
    View,
    alert,
    button,
    confirm,
    context,
    field,
    option,
    plain,
    plain_context,
    radio,
    section,
    select,
    text_input,
)
from bot.views.modal import Notice, alerts, modal

NEXT = "Next: I run the query and show who would be enrolled. Nothing is sent yet."
SQL_IGNORED = Notice("info", "Your draft is kept. The query you typed after the command was not used.")
GONG_MISSING = Notice("warning", "Gong is not connected yet, so there is no flow to choose. Your query is kept.")
GONG_CONNECTED = Notice("success", "Gong is connected. Choose a flow.")
SNOWFLAKE_MISSING = Notice("warning", "Snowflake is not connected yet, so the query cannot be run. Your query is kept.")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the form shows. `known` is false while nobody has told yet what is connected.

    `flow_listed` is false when the draft's flow is no longer among the connection's flows; `flow_text` is how the
    picker shows it where its name alone is not enough. The consents are those that this form follows.
    """

    draft: Draft
    snowflakes: tuple[Connection, ...] = ()
    gongs: tuple[Connection, ...] = ()
    gong_consent: Consent | None = None
    snowflake_consent: Consent | None = None
    known: bool = True
    flow_listed: bool = True
    flow_text: str = ""
    restored: bool = False
    stop: Stop | None = None
    notices: tuple[Notice, ...] = ()
    may_connect_gong: bool = True
    may_connect_snowflake: bool = False
    operators: tuple[str, ...] = ()
    asked_operator: frozenset[Service] = frozenset()
    gong_broken_since: datetime | None = None
    query_bytes: int = 8000

    @property
    def gong(self) -> connect.Facts:
        """What this person may know about connecting Gong."""
        return connect.Facts(
            self.draft.user_id,
            self.gongs,
            self.gong_consent,
            self.may_connect_gong,
            self.operators,
            self.gong_broken_since,
            Service.GONG in self.asked_operator,
        )

    @property
    def snowflake(self) -> connect.Facts:
        """What this person may know about connecting Snowflake."""
        return connect.Facts(
            self.draft.user_id,
            self.snowflakes,
            self.snowflake_consent,
            self.may_connect_snowflake,
            self.operators,
            None,
            Service.SNOWFLAKE in self.asked_operator,
        )


def view(facts: Facts) -> View:
    """The form as the draft has it."""
    blocks = [
        *_on_top(facts),
        _source(facts.draft),
        *(_file(facts) if facts.draft.source is Source.FILE else []),
        *(_without_snowflake(facts)),
        *([_sql(facts.draft)] if facts.draft.source is Source.TYPED else []),
        *_connections(facts),
        *_flow_or_connect(facts),
        *_tail(facts),
    ]
    return modal(ids.COMPOSE, _focused(blocks), draft_id=facts.draft.id, submit="Check contacts")


def chosen(connections: tuple[Connection, ...], wanted: str) -> Connection | None:
    """The wanted connection, else the first healthy one, else the first."""
    ordered = (
        [one for one in connections if one.id == wanted]
        + [one for one in connections if one.healthy]
        + list(connections)
    )
    return ordered[0] if ordered else None


def _on_top(facts: Facts) -> list[Block]:
    restored: list[Block] = []
    if facts.restored:
        again = button(
            "Start over",
            ids.START_OVER,
            confirm=confirm(
                "Start over?",
                "The query and choices in this form are removed. Nothing has been enrolled.",
                "Start over",
                "Keep draft",
            ),
        )
        restored = [
            alert("info", "Your draft is back. Nothing has been enrolled."),
            section(f"Saved {words.date(facts.draft.updated_at)}.", accessory=again),
        ]
    stopped = alerts([holds.alert(facts.stop)]) if facts.stop is not None else []
    return [*restored, *stopped, *alerts(facts.notices)]


def _source(draft: Draft) -> Block:
    options = [
        option("A query I type", Source.TYPED.value),
        option("A .sql file", Source.FILE.value),
    ]
    return field(ids.fresh(ids.SOURCE, draft.id), "Contacts from", radio(ids.PICK_SOURCE, options, draft.source.value))


def _sql(draft: Draft) -> Block:
    box = text_input(
        ids.TYPE_SQL,
        initial=draft.sql,
        placeholder="SELECT contact_id FROM salesforce_contacts WHERE …",
        multiline=True,
    )
    hint = (
        "One SELECT with a contact_id column: Salesforce or HubSpot contact ids."
        " Up to 3,000 characters; longer goes in a .sql file."
    )
    return field(ids.fresh(ids.SQL, draft.id), "Snowflake query", box, hint=hint)


def _file(facts: Facts) -> list[Block]:
    draft = facts.draft
    picker: Element = {
        "type": "file_input",
        "action_id": ids.ATTACH_SQL,
        "filetypes": ["sql", "txt"],
        "max_files": 1,
    }
    hint = f"One SELECT, UTF-8 text, up to {words.number(facts.query_bytes)} bytes once URL-encoded."
    kept = bool(draft.file_sql)
    # file_input must not dispatch (docs: input block).
    block = field(ids.fresh(ids.SQL_FILE, draft.id), "SQL file", picker, hint=hint, optional=kept, dispatch=False)
    if not kept:
        return [block]
    length = words.count(len(draft.file_sql), "character")
    name = words.data(draft.file_name, words.FLOW_MAX) or "A file"
    return [block, plain_context(f"{name}, {length}, is attached. Choose another to replace it.")]


def _without_snowflake(facts: Facts) -> list[Block]:
    if not facts.known or facts.snowflakes:
        return []
    return connect.snowflake_blocks(facts.snowflake)


def _connections(facts: Facts) -> list[Block]:
    draft = facts.draft
    blocks: list[Block] = []
    if len(facts.snowflakes) > 1:
        picker = _pick(ids.PICK_SNOWFLAKE, facts.snowflakes, draft.snowflake_id)
        blocks.append(field(ids.fresh(ids.SNOWFLAKE, draft.id), "Snowflake connection", picker))
    if len(facts.gongs) > 1:
        hint = "Each connection shows the flows of the person who consented."
        picker = _pick(ids.PICK_GONG, facts.gongs, draft.gong_id)
        blocks.append(field(ids.fresh(ids.GONG, draft.id), "Gong connection", picker, hint=hint))
    return blocks


def _pick(action_id: str, connections: tuple[Connection, ...], wanted: str) -> Element:
    first = chosen(connections, wanted)
    options = [option(connection.name, connection.id) for connection in connections]
    return select(action_id, options, chosen=first.id if first else "")


def _flow_or_connect(facts: Facts) -> list[Block]:
    if facts.known and not facts.gong.connected:
        return connect.gong_blocks(facts.gong)
    fresh = facts.gong_consent is not None and facts.gong_consent.state is ConsentState.CONNECTED
    told = alerts([GONG_CONNECTED]) if fresh else []
    return [*told, _flow(facts)]


def _flow(facts: Facts) -> Block:
    draft = facts.draft
    gong = chosen(facts.gongs, draft.gong_id)
    picker: Element = {
        "type": "external_select",
        "action_id": ids.SEARCH_FLOW,
        "min_query_length": 0,
        "placeholder": plain("Type words in any order"),
    }
    if draft.flow is not None and facts.flow_listed:
        picker["initial_option"] = option(facts.flow_text or draft.flow.name or draft.flow.id, draft.flow.id)
    hint = f"Flows that {words.data(gong.name, words.FLOW_MAX)} can see." if gong else ""
    block_id = ids.fresh(ids.FLOW, draft.id, gong.id if gong else "")
    return field(block_id, "Gong Engage flow", picker, hint=hint)


def _tail(facts: Facts) -> list[Block]:
    parts = []
    if len(facts.snowflakes) == 1:
        parts.append(f"Snowflake: {words.data(facts.snowflakes[0].name, words.FLOW_MAX)}")
    if len(facts.gongs) == 1:
        parts.append(f"Gong: {words.data(facts.gongs[0].name, words.FLOW_MAX)}")
    return [*([plain_context(" · ".join(parts))] if parts else []), context(NEXT)]


def _focused(blocks: list[Block]) -> list[Block]:
    """The cursor is in the query while that is empty, else on the flow."""
    boxes = {ids.stem(block["block_id"]): block for block in blocks if block["type"] == "input"}
    sql = boxes.get(ids.SQL)
    target = sql if sql is not None and "initial_value" not in sql["element"] else boxes.get(ids.FLOW)
    if target is not None:
        target["element"] = {**target["element"], "focus_on_load": True}
    return blocks
