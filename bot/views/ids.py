"""Every callback, block and action id of ux.md, once; tests compare these lists with what `handlers` registers.

A block that has to take a new initial value gets a new suffix ("sql:2"); `stem` and `argument` read the two parts.
"""

import zlib
from collections.abc import Mapping
from typing import Any, Final

COMMAND: Final = "/enroll-flow"
SHORTCUT: Final = "enroll_contacts"

# Views, by callback_id.
OPENING: Final = "enroll_opening"
COMPOSE: Final = "enroll_compose"
CHECKING: Final = "enroll_checking"
REPEAT: Final = "enroll_repeat"
REVIEW: Final = "enroll_review"
FIELDS: Final = "enroll_fields"
QUERY: Final = "enroll_query"
EMPTY: Final = "enroll_empty"
REFUSED: Final = "enroll_refused"
BLOCKED: Final = "enroll_blocked"

DENY_REQUEST: Final = "enroll_deny"
ASK_REQUESTER: Final = "enroll_ask"
ANSWER_QUESTION: Final = "enroll_answer"
REQUEST: Final = "enroll_request"

# A view and the action that opens it carry the same name.
CONNECT_GONG: Final = "connect_gong"
CONNECT_SNOWFLAKE: Final = "connect_snowflake"

VIEWS: Final = (
    OPENING,
    COMPOSE,
    CHECKING,
    REPEAT,
    REVIEW,
    FIELDS,
    QUERY,
    EMPTY,
    REFUSED,
    BLOCKED,
    DENY_REQUEST,
    ASK_REQUESTER,
    ANSWER_QUESTION,
    REQUEST,
    CONNECT_GONG,
    CONNECT_SNOWFLAKE,
)

# Blocks that `forms` reads, and the ones whose place matters.
SOURCE: Final = "source"
SQL: Final = "sql"
SQL_FILE: Final = "sql_file"
SNOWFLAKE: Final = "snowflake"
GONG: Final = "gong"
FLOW: Final = "flow"
ID_COLUMN: Final = "id_column"
OPT_OUT: Final = "opt_out"
FIELD: Final = "field"
VALUE: Final = "value"
POST_TO: Final = "post_to"
CHANNEL: Final = "channel"
TICKS: Final = "options"
NOTE: Final = "note"
TYPED_NUMBER: Final = "typed_number"
REASON: Final = "reason"
QUESTION: Final = "question"
REPLY: Final = "reply"

BLOCKS: Final = (
    SOURCE,
    SQL,
    SQL_FILE,
    SNOWFLAKE,
    GONG,
    FLOW,
    ID_COLUMN,
    OPT_OUT,
    FIELD,
    VALUE,
    POST_TO,
    CHANNEL,
    TICKS,
    NOTE,
    TYPED_NUMBER,
    REASON,
    QUESTION,
    REPLY,
)

# Actions of the form and of connecting.
START_OVER: Final = "start_over"
PICK_SOURCE: Final = "pick_source"
TYPE_SQL: Final = "type_sql"
ATTACH_SQL: Final = "attach_sql"
PICK_SNOWFLAKE: Final = "pick_snowflake"
PICK_GONG: Final = "pick_gong"
SEARCH_FLOW: Final = "search_flow"
REOPEN: Final = "reopen"
OPEN_GONG: Final = "open_gong"
CHECK_GONG: Final = "check_gong"
OPEN_SNOWFLAKE_FORM: Final = "open_snowflake_form"
ASK_OPERATOR: Final = "ask_operator"

# Actions of the check and the review.
EDIT_QUERY: Final = "edit_query"
CHECK_AGAIN: Final = "check_again"
SEND_LEFT_OUT: Final = "send_left_out"
PICK_ID_COLUMN: Final = "pick_id_column"
PICK_OPT_OUT: Final = "pick_opt_out"
MAP_FIELD: Final = "map_field"
TYPE_VALUE: Final = "type_value"
FILL_FIELDS: Final = "fill_fields"
PICK_POST_TO: Final = "pick_post_to"
PICK_CHANNEL: Final = "pick_channel"
TICK_OPTIONS: Final = "tick_options"
TYPE_NOTE: Final = "type_note"
TYPE_NUMBER: Final = "type_number"
SHOW_QUERY: Final = "show_query"

# Actions of messages, of the answers to the command, and of App Home.
CANCEL: Final = "cancel"
KEEP: Final = "keep"
RELEASE: Final = "release"
STOP_HERE: Final = "stop_here"
CHECK_RUN: Final = "check_run"
RUN_ENDED: Final = "run_ended"
RUN_NEVER_RAN: Final = "run_never_ran"
START: Final = "start"
SEND_REFUSED: Final = "send_refused"
REOPEN_DRAFT: Final = "reopen_draft"
REOPEN_REVIEW: Final = "reopen_review"
POST_THERE: Final = "post_there"
SHOW: Final = "show"
RUN_STATUS: Final = "run_status"
RUN_HELP: Final = "run_help"
RUN_CONNECT: Final = "run_connect"
CHECK_CONNECTIONS: Final = "check_connections"
OPEN_REQUEST: Final = "open_request"
RESUME: Final = "resume"
LEAVE_STOPPED: Final = "leave_stopped"

# Actions of a request that waits for somebody's word.
APPROVE: Final = "approve"
DENY: Final = "deny"
ASK: Final = "ask"
ANSWER: Final = "answer"
WITHDRAW: Final = "withdraw"

ACTIONS: Final = (
    START_OVER,
    PICK_SOURCE,
    TYPE_SQL,
    ATTACH_SQL,
    PICK_SNOWFLAKE,
    PICK_GONG,
    SEARCH_FLOW,
    REOPEN,
    CONNECT_GONG,
    CONNECT_SNOWFLAKE,
    OPEN_GONG,
    CHECK_GONG,
    OPEN_SNOWFLAKE_FORM,
    ASK_OPERATOR,
    EDIT_QUERY,
    CHECK_AGAIN,
    SEND_LEFT_OUT,
    PICK_ID_COLUMN,
    PICK_OPT_OUT,
    MAP_FIELD,
    TYPE_VALUE,
    FILL_FIELDS,
    PICK_POST_TO,
    PICK_CHANNEL,
    TICK_OPTIONS,
    TYPE_NOTE,
    TYPE_NUMBER,
    SHOW_QUERY,
    CANCEL,
    KEEP,
    RELEASE,
    STOP_HERE,
    CHECK_RUN,
    RUN_ENDED,
    RUN_NEVER_RAN,
    START,
    SEND_REFUSED,
    REOPEN_DRAFT,
    REOPEN_REVIEW,
    POST_THERE,
    SHOW,
    RUN_STATUS,
    RUN_HELP,
    RUN_CONNECT,
    CHECK_CONNECTIONS,
    OPEN_REQUEST,
    APPROVE,
    DENY,
    ASK,
    ANSWER,
    WITHDRAW,
    RESUME,
    LEAVE_STOPPED,
)

_CONNECTION = "connection:"

# Selects that ask for their options.
OPTIONS: Final = (SEARCH_FLOW,)


def stem(block_id: str) -> str:
    """The part before the colon: "sql" of "sql:2"."""
    return block_id.partition(":")[0]


def argument(block_id: str) -> str:
    """The part after the first colon: a field's id in "field:owner", nothing in "sql"."""
    return block_id.partition(":")[2]


def fresh(block: str, *seed: str) -> str:
    """The block's id with a suffix that changes with the seed, and only then.

    Slack keeps what stands in an input while its id stays (docs: views.update), so the seed names what the input
    belongs to: text typed for another draft must not reappear.
    """
    return f"{block}:{zlib.crc32('/'.join(seed).encode())}"


def of_connection(connection_id: str) -> str:
    """The value of a button that is about one connection, told apart from a draft's id."""
    return f"{_CONNECTION}{connection_id}"


def connection_of(value: str) -> str:
    """The connection that a button's value names; empty when it names none."""
    return value.removeprefix(_CONNECTION) if value.startswith(_CONNECTION) else ""


def present(view: Mapping[str, Any], block: str) -> str:
    """The full id under which this block stands in the view; the bare name when it is not there."""
    for one in view.get("blocks", ()):
        if stem(str(one.get("block_id", ""))) == block:
            return str(one["block_id"])
    return block
