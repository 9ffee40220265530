"""Values for the tests of views and forms: a draft, a check and an enrollment as ux.md's samples have them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.enrollment.model.approvals import Terms
from bot.enrollment.model.checks import Check, CheckStage, CheckState, CrmKind, Funnel, LeftOut, Preflight, Refusal
from bot.enrollment.model.connections import Connection, Consent, ConsentState, Service
from bot.enrollment.model.drafts import Draft, DraftStatus
from bot.enrollment.model.enrollments import Enrollment, Outcome, State, Step, Tally, Trouble
from bot.enrollment.model.flows import Flow

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
DATE = "<!date^1795442700^{date_short_pretty} at {time}|2026-11-23 14:05 UTC>"
TIME = "<!date^1795442700^{time}|14:05 UTC>"
FLOW = Flow("1234567890123482913", "Q4 Renewal")
SNOWFLAKE = Connection("sf-1", "Warehouse", Service.SNOWFLAKE, healthy=True, status="healthy")
GONG = Connection("gong-1", "Gong Connection", Service.GONG, healthy=True, status="healthy")
ID = "E-7K2M9Q"
REFERENCE = "R-4H8D2K"
FINGERPRINT = "9f2c41d0" * 8


def draft(**changes: Any) -> Draft:
    """An open draft that holds nothing yet."""
    empty = Draft(
        id=ID,
        team_id="T1",
        user_id="U0REQUESTER",
        status=DraftStatus.OPEN,
        revision=1,
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(empty, **changes)


def funnel(rows: int = 1412, left_out: tuple[tuple[LeftOut, int], ...] | None = None) -> Funnel:
    """The funnel of ux.md, less what is not built yet."""
    if left_out is None:
        left_out = ((LeftOut.NO_ID, 12), (LeftOut.DUPLICATE, 88), (LeftOut.NOT_A_CONTACT_ID, 87))
    return Funnel(rows, left_out, rows - sum(count for _, count in left_out))


def preflight(**changes: Any) -> Preflight:
    """What one read of the query told."""
    made = Preflight(
        funnel=funnel(),
        columns=("CONTACT_ID", "EMAIL", "PLAN"),
        id_column="CONTACT_ID",
        kinds=((CrmKind.SALESFORCE_CONTACT, 1313),),
        sample_columns=("CONTACT_ID", "PLAN"),
        sample=(("0035g00000AbCdEAAV", "enterprise"), ("0035g00000AbCdFAAV", "")),
        blanks=(),
        suppressed=True,
        digest="d16e57",
    )
    return replace(made, **changes)


def check(**changes: Any) -> Check:
    """A check that ended with numbers."""
    made = Check(
        id="check-1",
        team_id="T1",
        user_id="U0REQUESTER",
        draft_id=ID,
        number=2,
        state=CheckState.DONE,
        stage=CheckStage.FLOW,
        sql="SELECT contact_id FROM salesforce_contacts",
        tables=("SALESFORCE_CONTACTS",),
        snowflake_id="sf-1",
        snowflake_name="Warehouse",
        gong_id="gong-1",
        flow=FLOW,
        id_column="",
        created_at=NOW,
        due_at=None,
        rows=1412,
        preflight=preflight(),
        query_hash="4a54",
    )
    return replace(made, **changes)


def enrolling(people: int, left_out: tuple[tuple[LeftOut, int], ...] = (), **changes: Any) -> Check:
    """A check that ended with this many people to enroll."""
    rows = people + sum(count for _, count in left_out)
    return check(rows=rows, preflight=preflight(funnel=Funnel(rows, left_out, people), **changes))


def refused(**facts: Any) -> Check:
    """A check that ended with a refusal."""
    return check(
        state=CheckState.REFUSED,
        preflight=None,
        refusal=Refusal(**{"kind": "QueryRefused", "reference": REFERENCE, **facts}),
    )


def enrollment(state: State = State.LAUNCHING, **changes: Any) -> Enrollment:
    """An enrollment of 1,225 contacts in this state."""
    made = Enrollment(
        id=ID,
        team_id="T1",
        requester_id="U0REQUESTER",
        state=state,
        step=Step.CREATE_MODEL,
        revision=7,
        check_id="check-1",
        sql="SELECT 1",
        snowflake_id="sf-1",
        gong_id="gong-1",
        flow=FLOW,
        id_column="CONTACT_ID",
        mappings=(),
        post_channel="C0REVOPS",
        origin_channel_id="C0REVOPS",
        response_url="",
        batch_size=1000,
        tally=Tally(1225),
        created_at=NOW,
        updated_at=NOW,
        due_at=NOW,
    )
    return replace(made, **changes)


def awaiting(state: State = State.AWAITING_APPROVAL, **terms: Any) -> Enrollment:
    """A request of 1,225 contacts that waits for the word of an approver."""
    made = Terms(
        rule="approval.large",
        above=500,
        needed=1,
        approvers=("U0APPROVER", "U0OTHER"),
        expires_at=NOW + timedelta(hours=24),
        remind_at=NOW + timedelta(hours=12),
        escalate_at=NOW + timedelta(hours=18),
        owner=("U0OPERATOR",),
        escalate_to=("U0BOSS",),
    )
    return enrollment(state, terms=replace(made, **terms), fingerprint=FINGERPRINT)


def partly() -> Enrollment:
    """1,180 of 1,225, the sample of ux.md."""
    reasons = ((Outcome.NOT_IN_CRM, 31), (Outcome.ALREADY_IN_FLOW, 12), (Outcome.OTHER, 2))
    return ended(State.PARTLY_ENROLLED, tally=Tally(1225, 1180, 45, 0, reasons))


def ended(state: State, **changes: Any) -> Enrollment:
    """An enrollment that ended four minutes after its run began."""
    return enrollment(state, started_at=NOW, ended_at=NOW + timedelta(minutes=4), due_at=None, **changes)


def troubled(state: State, kind: str, **facts: Any) -> Enrollment:
    """An enrollment with this trouble."""
    changes = {"tally": facts.pop("tally", Tally(1225)), "post_channel": facts.pop("post_channel", "C0REVOPS")}
    return enrollment(state, trouble=Trouble(kind=kind, **facts), **changes)


def consent(state: ConsentState, service: Service = Service.GONG, **changes: Any) -> Consent:
    """A consent of the requester."""
    made = Consent(
        id="consent-1",
        team_id="T1",
        user_id="U0REQUESTER",
        service=service,
        state=state,
        connection_id="gong-1",
        connection_name="",
        draft_id=ID,
        view_id=None,
        expires_at=NOW + timedelta(minutes=30),
        created_at=NOW,
        due_at=None,
        url="https://app.polytomic.example/connect" if state is ConsentState.WAITING else "",
    )
    return replace(made, **changes)


def texts(shown: Any) -> list[str]:
    """Every text of a view or message that a person reads, in order."""
    if isinstance(shown, dict):
        own = [shown["text"]] if isinstance(shown.get("text"), str) and "type" in shown else []
        return own + [text for key, value in shown.items() if key != "text" or not own for text in texts(value)]
    if isinstance(shown, list):
        return [text for one in shown for text in texts(one)]
    return []


def block(view: dict[str, Any], stem: str) -> dict[str, Any]:
    """The block with this stem."""
    return next(one for one in view["blocks"] if str(one.get("block_id", "")).partition(":")[0] == stem)


def buttons(shown: dict[str, Any]) -> list[tuple[str, str]]:
    """Label and action of every button, in order."""
    found = []
    for one in shown["blocks"]:
        elements = one.get("elements", []) if one["type"] == "actions" else [one.get("accessory") or {}]
        found += [(e["text"]["text"], e["action_id"]) for e in elements if e.get("type") == "button"]
    return found
