"""What the command answers, App Home, and the two files (ux.md section 2 and 4.7)."""

from dataclasses import replace

import pytest

from bot.enrollment.model.checks import LeftOut, LeftOutRow
from bot.enrollment.model.connections import ConsentState
from bot.enrollment.model.enrollments import Outcome, State
from bot.views import answers, connections, files, home, ids, status
from tests.unit import view_builders as some
from tests.unit.view_builders import DATE, GONG, ID, NOW, SNOWFLAKE, buttons, texts


def test_help_names_what_the_reader_may_type() -> None:
    """To stop and to resume are for operators."""
    said = answers.help()["text"]
    assert said.startswith("*Enroll Flow* puts the contacts of a Snowflake query into a Gong Engage flow.\n")
    assert "stop" not in said
    assert "resume" not in said
    more = answers.help(operator=True)["text"]
    stopping = (
        "`/enroll-flow stop &lt;reason&gt;`   hold everything, for everyone\n`/enroll-flow resume`   lift the stop\n"
    )
    assert said == more.replace(stopping, "")
    assert said != more


@pytest.mark.parametrize(
    ("expected", "pressed", "typed"),
    [
        (
            "I don't know `stauts`. Did you mean `status`?",
            [("Show status", "run_status"), ("Show help", "run_help")],
            "stauts",
        ),
        ("I don't know `hlep`. Did you mean `help`?", [("Show help", "run_help")], "hlep"),
        (
            "I don't know `cancle`. Did you mean `cancel`? Type `/enroll-flow cancel`.",
            [("Show help", "run_help")],
            "cancle",
        ),
    ],
)
def test_a_near_word_is_offered(expected: str, pressed: list[tuple[str, str]], typed: str) -> None:
    """A button only where a press harms nobody."""
    message = answers.unknown(typed)
    assert expected == message["text"]
    assert pressed == buttons(message)
    assert "ephemeral" == message["response_type"]


def test_a_far_word_gets_help() -> None:
    """And hears that nothing was done."""
    for operator in (False, True):
        said = answers.help(operator=operator)["text"]
        expected = f"I don't know `foo`. Nothing was done.\n\n{said}"
        assert expected == answers.unknown("foo", operator=operator)["text"]


@pytest.mark.parametrize("word", ["history", "retry", "undo", "saved", "schedule", "settings", "why", "receipt"])
def test_a_reserved_word_is_never_unknown(word: str) -> None:
    """It says that it is not here yet, and what is."""
    assert answers.reserved(word.upper())["text"].startswith(f"`{word}` is not here yet. ")


def test_status_lists_open_ones_first() -> None:
    """Ten at most, with what they wait for in sum."""
    enrollments = [some.enrollment(State.ENROLLED, id=f"E-00000{n}") for n in range(10)] + [some.enrollment()]
    message = status.status(enrollments, status.Counts(3, 1, 6), {ID: "https://x"})
    first = f":hourglass_flowing_sand: *Launching* · 1,225 → Q4 Renewal · `E-7K2M9Q` · {DATE} · <https://x|open>"
    assert first == message["blocks"][0]["text"]["text"]
    assert 11 == len(message["blocks"])
    assert "3 waiting, 1 running, 6 ended in the last 30 days." == texts(message["blocks"])[-1]
    assert (
        "You have no enrollments yet. Start one with `/enroll-flow`." == status.status([], status.Counts(), {})["text"]
    )


def test_ids_that_are_wrong_or_somebody_elses() -> None:
    """Only ids that the person may see are ever offered."""
    assert "I know no `E-7K2M9O`. Did you mean `E-7K2M9Q`?" == status.no_such("E-7K2M9O", [ID])["text"]
    assert "I know no `E-7K2M9O`." == status.no_such("E-7K2M9O", [])["text"]
    assert "`E-7K2M9Q` is not yours." == status.not_yours(ID)["text"]


def test_cancel_asks_before_it_does() -> None:
    """One is asked about, several are listed, none is told."""
    one = status.cancel_one(some.enrollment())
    assert (
        "Cancel `E-7K2M9Q`, 1,225 → Q4 Renewal? Nobody has been enrolled yet. Your query is kept as a draft."
    ) == one["text"]
    assert [("Cancel enrollment", "cancel"), ("Keep it", "keep")] == buttons(one)
    assert "danger" == one["blocks"][1]["elements"][0]["style"]
    several = status.cancel_several([some.enrollment(), some.enrollment(id="E-ABCDEF")], {})
    spoken = [block["accessory"]["accessibility_label"] for block in several["blocks"]]
    assert ["Cancel E-7K2M9Q", "Cancel E-ABCDEF"] == spoken
    assert "Nothing of yours can be canceled: all have ended." == status.cancel_none()["text"]


def test_connect_says_how_the_three_stand() -> None:
    """And offers what this person may mend."""
    broken = replace(GONG, healthy=False, status="unhealthy")
    message = connections.answer(connections.Facts((SNOWFLAKE, broken), waiting=3))
    assert (
        "Polytomic :white_check_mark: reachable\n"
        "Snowflake :white_check_mark: Warehouse\n"
        "Gong :warning: needs consent again, 3 enrollments wait"
    ) == message["text"]
    assert [("Reconnect Gong", "connect_gong")] == buttons(message)
    nothing = connections.answer(connections.Facts(may_connect_snowflake=True))
    assert [("Connect Gong", "connect_gong"), ("Connect Snowflake", "connect_snowflake")] == buttons(nothing)
    away = connections.answer(connections.Facts(reachable=False))
    assert "Polytomic :warning: does not answer" in away["text"]
    assert [] == buttons(away)


def test_home_has_every_part_in_its_order() -> None:
    """Also when there is nothing in them."""
    view = home.view(home.Facts(NOW))
    assert "home" == view["type"]
    headers = [texts(one)[0] for one in view["blocks"] if one["type"] == "header"]
    assert ["Waiting for you", "Your enrollments", "Connections"] == headers
    assert home.NOTHING_WAITS in texts(view)
    assert home.NONE_YET in texts(view)
    assert f"As of {DATE}." == texts(view)[-1]
    assert ["Enroll Flow is for full members of this workspace."] == texts(home.guest())


def test_home_gives_each_enrollment_one_button() -> None:
    """That of the state table, with the id for those who hear it."""
    enrollments = tuple(some.enrollment(state, id=f"E-{state[:6].upper()}") for state in State)
    view = home.view(home.Facts(NOW, enrollments, consents=(some.consent(ConsentState.WAITING),)))
    pressed = buttons(view)
    assert ("Open request", "open_request") in pressed
    wanted = {"cancel", "check_run", "start", "send_refused", "reopen_draft"}
    assert wanted - {"send_refused"} <= {action for _, action in pressed}
    partly = home.view(home.Facts(NOW, (some.partly(),)))
    assert ("Send me the refused", "send_refused") in buttons(partly)
    assert all(ids.ACTIONS.count(action) == 1 for _, action in pressed)


def test_ids_stand_once() -> None:
    """No list has an id twice, and no block's name has a colon."""
    for listed in (ids.VIEWS, ids.ACTIONS, ids.BLOCKS, ids.OPTIONS):
        assert len(listed) == len(set(listed))
    assert ("sql", "2") == (ids.stem("sql:2"), ids.argument("sql:2"))
    assert ("field", "a:b") == (ids.stem("field:a:b"), ids.argument("field:a:b"))
    assert "sql:2" == ids.present({"blocks": [{"type": "divider"}, {"block_id": "sql:2"}]}, "sql")


def test_the_refused_file_says_what_to_do() -> None:
    """BOM, CRLF, four columns, and no cell that a spreadsheet would run."""
    written = files.refused_csv(
        [("0035g00000AbCdEAAV", Outcome.NOT_IN_CRM, "=1+1"), ("7", Outcome.ALREADY_IN_FLOW, 'a "b", c')]
    )
    assert (
        "\ufeffcontact_id,reason,what_to_do,gong_message\r\n"
        "0035g00000AbCdEAAV,not in the CRM linked to Gong,"
        "Check the id in the CRM. New contacts reach Gong after its next CRM import: try again later.,'=1+1\r\n"
        '7,already in this flow,Nothing to do.,"a ""b"", c"\r\n'
    ).encode() == written
    assert "E-7K2M9Q-refused.csv" == files.refused_name(ID)
    assert "45 refused contacts of E-7K2M9Q. Keep this out of channels." == files.refused_comment(ID, 45)


def test_the_left_out_file_is_sorted_by_reason() -> None:
    """Blanks have an empty id and their number of rows."""
    rows = [LeftOutRow(LeftOut.DUPLICATE, "-7", "as 7", 2), LeftOutRow(LeftOut.NO_ID, "", "", 12)]
    assert (
        "\ufeffcontact_id,reason,detail,rows\r\n,no contact id,,12\r\n'-7,same contact again,as 7,2\r\n"
    ).encode() == files.left_out_csv(rows)
    assert "E-7K2M9Q-left-out.csv" == files.left_out_name(ID)
    assert "1 row left out of E-7K2M9Q. Keep this out of channels." == files.left_out_comment(ID, 1)


def test_every_outcome_that_is_refused_has_something_to_do() -> None:
    """So no line of the file is without advice."""
    never = {Outcome.PENDING, Outcome.SENT, Outcome.ENROLLED}
    assert set(Outcome) - never == set(files.WHAT_TO_DO)
