"""The opening view, the form, the flow picker, and connecting (ux.md V0 to V3)."""

from dataclasses import replace

import pytest

from bot.enrollment.model.connections import ConsentState, Service
from bot.enrollment.model.drafts import Source
from bot.enrollment.model.flows import Flow, FlowMatches
from bot.views import compose, connect, flow_options, ids, opening
from tests.unit.view_builders import (
    DATE,
    FLOW,
    GONG,
    ID,
    NOW,
    REFERENCE,
    SNOWFLAKE,
    block,
    buttons,
    consent,
    draft,
    texts,
)

OFF = replace(GONG, healthy=False, status="unhealthy")


def facts(**changes: object) -> compose.Facts:
    """A form with both services connected once."""
    return replace(compose.Facts(draft(), (SNOWFLAKE,), (GONG,)), **changes)  # type: ignore[arg-type]


def test_the_first_view_waits_for_nothing() -> None:
    """It says what is going on and that nothing is sent."""
    view = opening.view(ID)
    assert "enroll_opening" == view["callback_id"]
    assert ID == view["private_metadata"]
    assert "submit" not in view
    assert [
        "Enroll contacts",
        "Close",
        ":hourglass_flowing_sand: Opening your form…",
        "Nothing is sent to Gong until you confirm the numbers.",
    ] == texts(view)


def test_a_form_that_cannot_be_loaded_says_what_was_not_done() -> None:
    """With a reference and a way to try again."""
    view = opening.failed(REFERENCE)
    said = "The form could not be loaded. Nothing was enrolled; your draft is kept. Reference R-4H8D2K."
    assert said == view["blocks"][0]["text"]["text"]
    assert [("Try again", "reopen")] == buttons(view)


def test_the_form_asks_only_what_it_has_to() -> None:
    """One connection of each is told, not asked."""
    view = compose.view(facts())
    assert ["source", "sql", "flow"] == [ids.stem(b["block_id"]) for b in view["blocks"] if b["type"] == "input"]
    assert "Check contacts" == view["submit"]["text"]
    assert view["notify_on_close"] is True
    assert ["Snowflake: Warehouse · Gong: Gong Connection", compose.NEXT] == texts(view["blocks"])[-2:]
    assert "Flows that Gong Connection can see." == block(view, "flow")["hint"]["text"]


def test_every_input_but_the_file_reports_what_is_typed() -> None:
    """Nothing typed is lost, and Enter stays a line break in the query."""
    for source in Source:
        view = compose.view(facts(draft=draft(source=source)))
        silent = [b["block_id"] for b in view["blocks"] if b["type"] == "input" and not b.get("dispatch_action")]
        assert (["sql_file"] if source is Source.FILE else []) == [ids.stem(one) for one in silent]
    typed = block(compose.view(facts()), "sql")["element"]
    assert {"trigger_actions_on": ["on_character_entered"]} == typed["dispatch_action_config"]
    assert 3000 == typed["max_length"]


def test_the_cursor_is_in_an_empty_query_else_on_the_flow() -> None:
    """At most one element has the focus."""
    empty = compose.view(facts())
    assert block(empty, "sql")["element"]["focus_on_load"] is True
    assert "focus_on_load" not in block(empty, "flow")["element"]
    typed = compose.view(facts(draft=draft(sql="SELECT 1")))
    assert "focus_on_load" not in block(typed, "sql")["element"]
    assert block(typed, "flow")["element"]["focus_on_load"] is True


def test_a_restored_draft_says_so_and_can_be_started_over() -> None:
    """Its query and its flow are in place."""
    view = compose.view(facts(draft=draft(sql="SELECT 1", flow=FLOW), restored=True, notices=(compose.SQL_IGNORED,)))
    assert "Your draft is back. Nothing has been enrolled." == view["blocks"][0]["text"]["text"]
    assert f"Saved {DATE}." == view["blocks"][1]["text"]["text"]
    assert "Start over?" == view["blocks"][1]["accessory"]["confirm"]["title"]["text"]
    said = "Your draft is kept. The query you typed after the command was not used."
    assert said == view["blocks"][2]["text"]["text"]
    assert "SELECT 1" == block(view, "sql")["element"]["initial_value"]
    assert FLOW.id == block(view, "flow")["element"]["initial_option"]["value"]


def test_another_draft_and_another_connection_get_new_blocks() -> None:
    """Slack would keep what stands under the old id: the text, and what was picked or attached."""
    first, second = compose.view(facts()), compose.view(facts(draft=draft(id="E-ABCDEF")))
    assert block(first, "sql")["block_id"] != block(second, "sql")["block_id"]
    two = {"snowflakes": (SNOWFLAKE, replace(SNOWFLAKE, id="sf-2")), "gongs": (GONG, replace(GONG, id="gong-2"))}
    drafts = (draft(source=Source.FILE), draft(id="E-ABCDEF", source=Source.FILE))
    mine, other = [compose.view(facts(draft=one, **two)) for one in drafts]
    for stem in ("source", "sql_file", "snowflake", "gong"):
        assert block(mine, stem)["block_id"] != block(other, stem)["block_id"]
    other = compose.view(facts(gongs=(replace(GONG, id="gong-2"),)))
    assert block(first, "flow")["block_id"] != block(other, "flow")["block_id"]
    assert block(first, "sql")["block_id"] == block(other, "sql")["block_id"]
    assert block(first, "sql")["block_id"].partition(":")[2].isdigit()


def test_a_flow_that_is_gone_is_not_chosen() -> None:
    """Nothing stands in the picker."""
    view = compose.view(facts(draft=draft(flow=FLOW), flow_listed=False))
    assert "initial_option" not in block(view, "flow")["element"]


def test_a_flow_whose_name_is_not_enough_is_shown_as_the_picker_has_it() -> None:
    """The chosen value shows its text alone."""
    view = compose.view(facts(draft=draft(flow=FLOW), flow_text="Q4 Renewal · id …482913"))
    assert "Q4 Renewal · id …482913" == block(view, "flow")["element"]["initial_option"]["text"]["text"]


def test_a_kept_file_may_stay() -> None:
    """Its name and length are told; attaching is then optional."""
    kept = draft(source=Source.FILE, file_name="renewals.sql", file_sql="x" * 4210)
    view = compose.view(facts(draft=kept))
    assert block(view, "sql_file")["optional"] is True
    assert "renewals.sql, 4,210 characters, is attached. Choose another to replace it." in texts(view)
    assert "optional" not in block(compose.view(facts(draft=draft(source=Source.FILE))), "sql_file")


def test_two_connections_are_asked_for_and_a_healthy_one_comes_first() -> None:
    """The person's choice wins over health."""
    two = (OFF, replace(GONG, id="gong-2", name="Second"))
    assert "gong-2" == block(compose.view(facts(gongs=two)), "gong")["element"]["initial_option"]["value"]
    chosen = compose.view(facts(gongs=two, draft=draft(gong_id="gong-1")))
    assert "gong-1" == block(chosen, "gong")["element"]["initial_option"]["value"]


def test_what_is_not_known_yet_is_not_called_disconnected() -> None:
    """The form opens before anybody has told what is connected."""
    view = compose.view(compose.Facts(draft(), known=False))
    assert not [text for text in texts(view) if "connected" in text]
    assert "flow" in [ids.stem(b.get("block_id", "")) for b in view["blocks"]]


def test_gong_takes_the_place_of_the_flow_until_it_is_connected() -> None:
    """And Snowflake stands above the query."""
    view = compose.view(compose.Facts(draft(), may_connect_snowflake=True))
    assert [("Connect Snowflake", "connect_snowflake"), ("Connect Gong", "connect_gong")] == buttons(view)
    assert "*Gong is not connected.* One person allows it once, for everyone who uses this bot." in texts(view)
    after = compose.view(facts(gong_consent=consent(ConsentState.CONNECTED)))
    assert "Gong is connected. Choose a flow." in texts(after)


@pytest.mark.parametrize(
    ("expected", "state", "error"),
    [
        ("Gong was not connected: access was not allowed there. Your query is kept.", ConsentState.DENIED, ""),
        (
            "Gong was not connected: nobody allowed it within 30 minutes. Your query is kept.",
            ConsentState.EXPIRED,
            "",
        ),
        (
            "Gong was not connected. Polytomic says: bad scope. Your query is kept.",
            ConsentState.FAILED,
            "bad scope.",
        ),
    ],
)
def test_a_consent_that_came_to_nothing_says_why(expected: str, state: ConsentState, error: str) -> None:
    """And offers another try."""
    view = connect.gong_view(connect.Facts("U0REQUESTER", consent=consent(state, status_error=error)), ID)
    assert expected == view["blocks"][0]["text"]["text"]
    assert [("Try again", "connect_gong")] == buttons(view)


def test_the_link_is_shown_to_the_one_it_was_made_for() -> None:
    """Somebody else reads who is at it, and may ask for a link of their own."""
    waiting = consent(ConsentState.WAITING)
    mine = connect.gong_view(connect.Facts("U0REQUESTER", consent=waiting))
    assert [("Open Gong", "open_gong"), ("Check now", "check_gong")] == buttons(mine)
    assert waiting.url == mine["blocks"][1]["elements"][0]["url"]
    theirs = connect.gong_view(connect.Facts("U0OTHER", consent=waiting))
    assert waiting.url not in str(theirs)
    said = f"<@U0REQUESTER> was asked to connect Gong {DATE}. I will go on when it is done."
    assert said == theirs["blocks"][0]["text"]["text"]
    assert [("Connect it myself", "connect_gong")] == buttons(theirs)


def test_the_other_states_of_gong() -> None:
    """Asked, broken, connected, and not for this person."""
    asked = connect.gong_blocks(connect.Facts("U0REQUESTER", consent=consent(ConsentState.ASKED)))
    assert [":hourglass_flowing_sand: Asking Polytomic for Gong's page…"] == texts(asked)
    broken = connect.gong_blocks(connect.Facts("U0REQUESTER", (OFF,), broken_since=NOW))
    assert f"*Gong needs consent again.* It stopped accepting the old one {DATE}." == texts(broken)[0]
    done = connect.gong_view(connect.Facts("U0REQUESTER", (GONG,)))
    assert [("Enroll contacts", "start")] == buttons(done)
    no = connect.Facts("U0REQUESTER", may_connect=False, operators=("U0OPERATOR",))
    assert "*Gong is not connected.* <@U0OPERATOR> can connect it." == texts(connect.gong_blocks(no))[0]
    asked_them = connect.gong_blocks(replace(no, asked_operator=True))
    assert "Asked. I will write to you when Gong is connected. Your draft is kept." == texts(asked_them)[1]


def test_snowflake_is_connected_without_a_password_in_slack() -> None:
    """An operator gets Polytomic's own form; a refusal says that nothing was saved."""
    may = connect.Facts("U0REQUESTER", consent=consent(ConsentState.WAITING, Service.SNOWFLAKE))
    assert [("Open the secure form", "open_snowflake_form")] == buttons(connect.snowflake_view(may))
    failed = consent(ConsentState.FAILED, Service.SNOWFLAKE, status_error="wrong password.")
    view = connect.snowflake_view(replace(may, consent=failed))
    assert "Snowflake was not connected: wrong password. Nothing was saved." == view["blocks"][0]["text"]["text"]
    done = connect.snowflake_view(connect.Facts("U0REQUESTER", (SNOWFLAKE,)))
    assert "Snowflake is connected: Warehouse." == done["blocks"][0]["text"]["text"]


@pytest.mark.parametrize(
    ("expected", "matches"),
    [
        ("42 flows", FlowMatches((FLOW,) * 42, 42, 42, "")),
        ("Best 100 of 342 flows: type more words", FlowMatches((FLOW,) * 100, 342, 342, "")),
        ("3 flows match", FlowMatches((FLOW,) * 3, 3, 42, "q4")),
        ("1 flow matches", FlowMatches((FLOW,), 1, 42, "q4")),
        ("42 flows, as of 14:05", FlowMatches((FLOW,) * 42, 42, 42, "", NOW)),
    ],
)
def test_the_group_of_flows_says_what_it_is(expected: str, matches: FlowMatches) -> None:
    """How many there are, how many match, how old the list is."""
    answer = flow_options.flow_options(matches)
    assert expected == answer["option_groups"][0]["label"]["text"]
    assert len(answer["option_groups"][0]["options"]) <= 100


def test_flows_of_one_name_are_told_apart() -> None:
    """By the end of their ids, or by all of it where the ends agree."""
    same = (Flow("1111111111111482913", "Q4"), Flow("1111111111111482914", "Q4"), Flow("2", "Other"))
    assert ["Q4 · id …482913", "Q4 · id …482914", "Other"] == flow_options.texts(same)
    ends = (Flow("1111111111111482913", "Q" * 80), Flow("2222222222222482913", "Q" * 80))
    long = flow_options.texts(ends)
    assert "· id 1111111111111482913" == long[0][-24:]
    assert max(len(text) for text in long) <= 75
    assert 2 == len(set(long))


def test_no_flows_and_no_list_are_different_answers() -> None:
    """Nothing matches, or nothing can be had."""
    assert {"options": []} == flow_options.flow_options(FlowMatches((), 0, 42, "zzz"))
    option = flow_options.flow_options(None)["options"][0]
    assert ("Flows cannot be loaded now. Type to try again.", "!") == (option["text"]["text"], option["value"])
