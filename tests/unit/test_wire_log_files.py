"""Log files are read whatever their shape, because Polytomic does not document it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.polytomic.log_files import LogLine, read

UNKNOWN = LogLine("003A", "not found in CRM")


@pytest.mark.parametrize(
    "record",
    [
        {"identity": "003A", "message": "not found in CRM"},
        {"Identity": "003A", "Error": "not found in CRM"},
        {"id": "003A", "error": {"message": "not found in CRM", "code": 7}},
        {"identity": {"field": "Id", "identity_value": "003A"}, "errors": ["not found in CRM"]},
        {"record": {"CONTACT_ID": "003A", "EMAIL": "a@b.example"}, "error_message": "not found in CRM"},
        {"record": {"SOMETHING": "003A"}, "reason": "not found in CRM"},
        {"identities": ["003A"], "errors": [{"message": "not found in CRM"}]},
        {"identity": None, "source_id": "003A", "message": "", "detail": "not found in CRM"},
    ],
    ids=range(8),
)
def test_the_identity_and_the_message_are_found(record: dict[str, object]) -> None:
    """The likely names are tried, case and nesting aside, in an array, an object around one, and lines."""
    whole = json.dumps(record)

    assert [UNKNOWN, UNKNOWN] == list(read(f"[{whole}, {whole}]".encode()))
    assert [UNKNOWN, UNKNOWN] == list(read(f'{{"records": [{whole}, {whole}], "total": 2}}'.encode()))
    assert [UNKNOWN, UNKNOWN] == list(read(f"{whole}\n\n{whole}\r\n".encode()))
    assert [UNKNOWN] == list(read(whole.encode()))


@pytest.mark.parametrize(
    ("identity", "said"), [("123456789012345678", 123456789012345678), ("17", 17.0), ("1.5", 1.5)], ids=repr
)
def test_an_identity_may_be_a_number(identity: str, said: float) -> None:
    """HubSpot's ids are digits, with all of which they are kept."""
    assert [LogLine(identity, "m")] == list(read(json.dumps([{"id": said, "message": "m"}]).encode()))


def test_what_cannot_be_told_is_kept_as_it_stands() -> None:
    """A record without a message is its own message, and a line that is no JSON is kept raw."""
    content = b'{"karma":1}\nwords of someone\n"a string"\n\xff\n'

    assert [
        LogLine("", '{"karma":1}'),
        LogLine("", "words of someone"),
        LogLine("", '"a string"'),
        LogLine("", "\ufffd"),
    ] == list(read(content))


@pytest.mark.parametrize("content", [b"", b"\n \n", b"[]"], ids=repr)
def test_an_empty_file_has_no_lines(content: bytes) -> None:
    """Nothing is made up."""
    assert [] == list(read(content))


def test_people_are_not_in_a_repr() -> None:
    """An identity and what is said about it belong into no log."""
    assert "LogLine()" == repr(UNKNOWN)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "record", "Error", "message"]), inner),
)


@pytest.mark.slow
@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_file_can_be_read(content: bytes) -> None:
    """Whatever stands in a file, reading it ends with lines."""
    lines = list(read(content))

    assert [(str, str)] * len(lines) == [(type(line.identity), type(line.message)) for line in lines]
