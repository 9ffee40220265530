"""What a rule refused is said in the words of ux.md 5.3: what, what would pass, which rule, and who owns it."""

from dataclasses import replace

import pytest

from bot import errors
from bot.enrollment.model.checks import Refusal
from bot.enrollment.model.policies import Refused
from bot.views import blocked, not_allowed, notices, sentences
from tests.unit.view_builders import DATE, NOW

OWNER = ("U0OPERATOR",)
SAID = {
    Refused("people", OWNER, allowed=("S0REVOPS", "U0ONE")): (
        "You are not among those who may enroll. Members of <!subteam^S0REVOPS> may."
    ),
    Refused("flows", OWNER, refused="Q4 Renewal", count=12): (
        "Q4 Renewal is closed to this bot. Open to you: 12 flows, shown in the list."
    ),
    Refused("flows", OWNER, refused="<!channel>"): (
        "&lt;!channel&gt; is closed to this bot. The list shows the flows that are open to you."
    ),
    Refused("connections", OWNER, refused="Marketing", allowed=("Sales", "EU*")): (
        "Marketing may not be used with this flow; Sales may."
    ),
    Refused("connections", OWNER, refused="Marketing"): "Marketing may not be used with this flow.",
    Refused("channels", OWNER, refused="C0RANDOM", allowed=("C0REVOPS", "C0SALES")): (
        "Enrolling from <#C0RANDOM> is not allowed; from <#C0REVOPS> or <#C0SALES> it is."
    ),
    Refused("request_cap", OWNER, asked=2412, limit=2000): (
        "2,412 contacts; the limit per request is 2,000. Split the query, ask for a higher limit, or add ORDER BY so"
        " that the first 2,000 are meant."
    ),
    Refused("day_cap", OWNER, asked=400, limit=500, left=120, until=NOW): (
        f"120 of today's 500 are left; 400 were asked. Ask for 120 or fewer, or wait until {DATE}."
    ),
    Refused("day_cap", OWNER, asked=1225, limit=500, left=1, until=NOW): (
        "1 of today's 500 is left; 1,225 were asked. Ask for 1 or fewer."
    ),
    Refused("day_cap", OWNER, asked=1, limit=500, until=NOW): (
        f"Today's 500 are used up; 1 was asked. Wait until {DATE}."
    ),
    Refused("day_cap", OWNER, asked=501, limit=500, until=NOW): (
        "Today's 500 are used up; 501 were asked. Ask for 500 or fewer another day."
    ),
    Refused("opt_out.required", OWNER, allowed=("opted_out", "do_not_contact")): (
        "The query names no opt-out column, and the policy requires one. Select `opted_out` too."
    ),
}
NOBODY = Refused("approval.large", OWNER, asked=1225, limit=500, refused="U0REQUESTER", count=1)


@pytest.mark.parametrize("refused", SAID)
def test_a_refusal_has_its_words(refused: Refused) -> None:
    """The sentence, what was not done, the rule and its owner; the same from the error and from a check."""
    expected = f"{SAID[refused]} Nothing was enrolled. Rule `{refused.rule}`, owner <@U0OPERATOR>."
    assert expected == not_allowed.sentence(refused)
    assert expected == sentences.view(errors.NotAllowed(refused.rule, "allowed", refused))
    assert expected == blocked.refused(Refusal("NotAllowed", refused=refused))


@pytest.mark.parametrize("refused", SAID)
def test_in_plain_text_nobody_is_mentioned(refused: Refused) -> None:
    """Fields and alerts take no markup; an alert also has no room for the owner."""
    error = errors.NotAllowed(refused.rule, "allowed", refused)
    for said in (sentences.field(error), notices.of(error).words):
        assert not [mark for mark in ("<@", "<#", "<!sub", "<!date", "`", "&lt;") if mark in said]
        assert f"Rule {refused.rule}" in said
    assert len(notices.of(error).words) <= 200


def test_an_alert_names_one_way_out_where_names_are_long() -> None:
    """What was not done, and the rule, come last: they must not be what is cut."""
    longest = "N" * 75
    refused = Refused("connections", OWNER, refused=longest, allowed=(longest,) * 3)
    brief = not_allowed.plain(refused, brief=True)
    assert len(brief) <= 200
    assert brief.endswith("… may. Nothing was enrolled. Rule connections.")
    assert 4 == not_allowed.plain(refused).count("N…"), "a field has room for three of them"


def test_a_channel_is_named_in_plain_text_as_far_as_it_is_known() -> None:
    """An id helps nobody."""
    refused = Refused("channels", OWNER, refused="C0RANDOM", allowed=("C0REVOPS", "C0SALES"))
    tail = "Nothing was enrolled. Rule channels, owner your operator."
    names = {"C0RANDOM": "random", "C0REVOPS": "revops"}
    assert f"Enrolling from #random is not allowed; from #revops it is. {tail}" == not_allowed.plain(
        refused, channels=names
    )
    assert f"Enrolling from this channel is not allowed. {tail}" == not_allowed.plain(refused)


@pytest.mark.parametrize(
    ("refused", "why", "mend"),
    [
        (NOBODY, "the only approver is you", "one"),
        (replace(NOBODY, refused=""), "there is no approver", "one"),
        (replace(NOBODY, count=2, allowed=("U0A",)), "2 approvers are needed, and there is only 1 beside you", "one"),
        (
            replace(NOBODY, count=4, allowed=("U0A", "U0B"), refused=""),
            "4 approvers are needed, and there are only 2",
            "some",
        ),
    ],
)
def test_nobody_may_approve(refused: Refused, why: str, mend: str) -> None:
    """Why, who can mend it, and how many need nobody."""
    assert (
        f"Nobody may approve this: {why}. Nothing was sent. <@U0OPERATOR> can add {mend}; up to 500 contacts need no"
        " approval. Rule `approval.large`."
    ) == not_allowed.sentence(refused)
    assert "approval. Rule" not in not_allowed.sentence(replace(refused, limit=0))
    assert "Your operator can add" in not_allowed.sentence(replace(refused, owner=()))
