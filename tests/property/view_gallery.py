"""Every view and every message of the bot, with one text from outside in every slot that outside text can reach."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.enrollment import receipts
from bot.enrollment.model.approvals import Decision, Word
from bot.enrollment.model.checks import CheckStage, CrmKind, Funnel, LeftOut
from bot.enrollment.model.connections import ConsentState, Service
from bot.enrollment.model.drafts import Draft, PostTo, Source
from bot.enrollment.model.enrollments import (
    Hold,
    Outcome,
    Pause,
    PauseKind,
    Run,
    RunStatus,
    State,
    Step,
    Tally,
    Trouble,
    Verdict,
)
from bot.enrollment.model.flows import FieldMapping, Flow, FlowField, FlowMatches
from bot.enrollment.model.outages import Outage, OutageKind, Waiting
from bot.enrollment.model.policies import Refused, Rule
from bot.enrollment.model.receipts import Chain
from bot.enrollment.model.stops import Resumed, Stop, Stopped
from bot.errors import FieldNotMapped, FlowNotFound, PolytomicRefused, QueryProblem
from bot.views import (
    answers,
    blocked,
    checking,
    compose,
    connect,
    connections,
    direct,
    empty,
    flow_options,
    holds,
    home,
    living,
    not_allowed,
    notices,
    opening,
    outages,
    ping,
    receipt,
    refused,
    review,
    sentences,
    status,
    stop_answers,
)
from bot.views.place import Origin
from bot.views.review_facts import Facts
from tests.property import approval_gallery, review_gallery
from tests.unit import view_builders as some
from tests.unit.view_builders import GONG, ID, NOW, REFERENCE, SNOWFLAKE

Shown = dict[str, Any]
TROUBLES = (
    "too_many",
    "nobody_moved",
    "silent",
    "interrupted",
    "run_failed",
    "all_refused",
    "rights_lost",
    "rights_unknown",
    "gong_lost",
    "voided",
    "FlowNotFound",
    "FieldNotMapped",
    "PolytomicAway",
    "PolytomicBusy",
    "PolytomicRefused",
    "PolytomicLockedOut",
    "PolytomicOddAnswer",
    "NotAllowed",
    "voided",
    "rules_changed",
    "unheard_of",
)
LINK = "https://app.polytomic.example/s/1"
_FIELDS = 5


def views(text: str, people: int) -> Iterator[Shown]:
    """Every modal view and App Home."""
    yield opening.view(ID)
    yield opening.failed(REFERENCE, ID)
    yield from _forms(text)
    yield from _connecting(text)
    yield from _checks(text, people)
    yield from _refusals(text)
    yield from _homes(text, people)
    yield from approval_gallery.views(text, people)


def messages(text: str, people: int) -> Iterator[Shown]:
    """Every message, private or not."""
    yield from _outages(text, people)
    yield from approval_gallery.messages(text, people)
    flow = Flow("1234567890123482913", text)
    for enrollment in _enrollments(flow, text, people):
        yield living.message(enrollment, living.Facts(NOW, (text,), LINK, receipt=True))
        yield living.message(enrollment, living.Facts(NOW, stop=_stop(text)))
        yield ping.message(enrollment, operators=(text,), link=LINK)
        yield direct.operator_note(enrollment, link=LINK)
        for verdict in Verdict:
            yield direct.judged(enrollment, verdict, "U0OPERATOR", NOW)
        yield direct.started(enrollment, LINK)
        for error in ("not_in_channel", "is_archived", text):
            yield direct.undelivered(enrollment, "C0REVOPS", error)
        yield status.status([enrollment], status.Counts(people, people, people), {ID: LINK})
        yield status.one(enrollment, LINK)
        yield status.cancel_one(enrollment)
        yield status.cancel_several([enrollment], {})
        yield answers.say(sentences.old_button(enrollment, LINK))
    yield from _answers(text)
    yield from _receipts(flow, text, people)
    yield from _stopping(text, people)
    yield direct.check_done(replace(some.enrolling(people), flow=flow))
    for problem in QueryProblem:
        yield direct.check_refused(some.refused(problem=problem, fragment=text, line=1, column=1))
    for consent in _consents(text):
        yield direct.consent(consent)


def _stop(text: str) -> Stop:
    return Stop("stop-1", "T1", "U0OPERATOR", text, NOW, lifted_by="U0OPERATOR")


def _stopping(text: str, people: int) -> Iterator[Shown]:
    stop = _stop(text)
    yield holds.stopped(stop)
    yield holds.resumed(stop)
    for count in (0, 1, 12):
        yield stop_answers.ask(stop, (ID,) * count)
        yield stop_answers.resumed(Resumed(stop, (ID,) * count))
        for told in ((), ((0, people),), ((people, people * 2),) * 3):
            for one in (stop, replace(stop, reason="")):
                yield stop_answers.stopped(Stopped(one, count, told, again=count > 1))
    for verb in ("stop", "resume"):
        yield stop_answers.only_operators(verb, ("U0OPERATOR",))
    yield stop_answers.not_stopped()
    yield stop_answers.left_stopped()
    yield stop_answers.another_stop()


def _answers(text: str) -> Iterator[Shown]:
    yield answers.help()
    yield answers.help(operator=True)
    yield answers.unknown(text)
    yield status.no_such(text, [ID])
    yield status.cancel_none()
    yield status.not_yours(ID)
    yield direct.impossible_row(ID, text)
    yield answers.say(sentences.only_operators_judge(("U0OPERATOR",)))
    yield answers.say(sentences.no_run_known(some.enrollment()))
    yield answers.say(sentences.already_released(some.enrollment(released_by="U0OPERATOR", released_at=NOW)))
    yield direct.ask_operator("U0REQUESTER", Service.GONG)
    for healthy in (True, False):
        both = tuple(replace(one, name=text, status=text, healthy=healthy) for one in (SNOWFLAKE, GONG))
        yield connections.answer(connections.Facts(both * 9, waiting=3, may_connect_snowflake=True))


def _forms(text: str) -> Iterator[Shown]:
    held = some.draft(sql=text, file_sql=text, file_name=text, flow=Flow("1", text))
    snowflakes = tuple(replace(SNOWFLAKE, id=f"sf-{n}", name=text) for n in range(3))
    gongs = tuple(replace(GONG, id=f"gong-{n}", name=text) for n in range(3))
    notice = (notices.of(FlowNotFound(text)), notices.of(FieldNotMapped(text, text)))
    refusal = notices.of(PolytomicRefused("GET /x", status=422, message=text, field=text))
    for source in Source:
        for many in (1, 3):
            yield compose.view(
                compose.Facts(
                    replace(held, source=source),
                    snowflakes[:many],
                    gongs[:many],
                    restored=True,
                    stop=_stop(text),
                    notices=(*notice, refusal),
                )
            )
    for consent in _consents(text):
        mine = {"gong_consent": consent} if consent.service is Service.GONG else {"snowflake_consent": consent}
        yield compose.view(compose.Facts(held, may_connect_snowflake=True, **mine))
    for composing in (True, False):
        yield connect.gong_view(
            connect.Facts("U0OTHER", may_connect=False, asked_operator=True, composing=composing), ID
        )
    asked = frozenset(Service)
    yield compose.view(compose.Facts(held, may_connect_gong=False, operators=("U0OPERATOR",) * 9, asked_operator=asked))


def _connecting(text: str) -> Iterator[Shown]:
    for consent in _consents(text):
        for viewer in ("U0REQUESTER", "U0OTHER"):
            facts = connect.Facts(viewer, (replace(GONG, name=text),), consent)
            yield connect.gong_view(facts, ID)
            yield connect.snowflake_view(facts, ID)


def _consents(text: str) -> Iterator[Any]:
    for service in Service:
        for state in ConsentState:
            yield some.consent(state, service, status_error=text, connection_name=text)


def _checks(text: str, people: int) -> Iterator[Shown]:
    flow = Flow("1234567890123482913", text)
    fields = tuple(FlowField(f"field-{n}", text, is_email=n == 0) for n in range(_FIELDS))
    read = some.preflight(
        funnel=Funnel(people * 5, tuple((reason, people) for reason in LeftOut), people),
        columns=("CONTACT_ID", *(f"{text[:250]}{n}" for n in range(101))),
        kinds=tuple((kind, people) for kind in CrmKind),
        sample_columns=("CONTACT_ID", text, text, text),
        sample=((text, text, "", text),) * 5,
        short_ids=people,
        tidied_ids=people,
        most_look_like=text,
        company_cap=people,
        request_cap=people,
    )
    check = replace(some.check(), flow=flow, preflight=read, tables=(text,) * 50, sql=text)
    for stage in CheckStage:
        yield checking.view(replace(check, stage=stage), NOW + timedelta(minutes=1), root=True)
    for count in (0, 3, _FIELDS):
        for held in _reviewed(text):
            facts = Facts(
                replace(check, fields=fields[:count]),
                held,
                Origin(text, bot_is_in=count > 0),
                notices=(notices.flow_gone(text),) * 4,
                stale=True,
                root=count == 3,
            )
            yield review.view(facts)
            if count:
                yield review.fields_view(facts)
    yield from review_gallery.judged(check, text, people)
    yield review.query_view(check, check.tables)
    wrong = ((LeftOut.NOT_A_CONTACT_ID, people),)
    for counted in (Funnel(0, (), 0), Funnel(people, ((LeftOut.LEAD, people),), 0), Funnel(people, wrong, 0)):
        for column in ("CONTACT_ID", "", text):
            yield empty.view(replace(check, preflight=replace(read, funnel=counted, id_column=column)))


def _reviewed(text: str) -> Iterator[Draft]:
    yield some.draft()
    value = tuple(FieldMapping(f"field-{n}", text, value=text) for n in range(_FIELDS))
    yield some.draft(mappings=value, post_to=PostTo.CHANNEL, channel_id="C0OTHER")
    column = tuple(FieldMapping(f"field-{n}", text, column=f"{text[:250]}{n}") for n in range(_FIELDS))
    yield some.draft(mappings=column, post_to=PostTo.HERE)


def _refusals(text: str) -> Iterator[Shown]:
    for problem in QueryProblem:
        yield refused.view(some.refused(problem=problem, fragment=text, line=3, column=14, size=9412, limit=8000))
    for kind in ("PolytomicAway", *TROUBLES):
        yield refused.view(some.refused(kind=kind, fragment=text, flow_name=text, until=NOW), root=True)
    yield refused.of_file("not_text", ID)
    for rule in (Rule.PEOPLE, Rule.FLOWS, Rule.CONNECTIONS, Rule.OPT_OUT, Rule.DAY_CAP, "approval.large"):
        no = Refused(rule, ("U0OPERATOR",), asked=7, limit=5, refused=text, allowed=(text, text), count=3)
        yield blocked.view(not_allowed.sentence(no), title="Not allowed")
    yield blocked.view(sentences.already_open(some.enrollment()), reference=REFERENCE, show_enrollment=ID)


def _homes(text: str, people: int) -> Iterator[Shown]:
    many = tuple(_enrollments(Flow("1", text), text, people))
    waiting = tuple(some.consent(ConsentState.WAITING, service) for service in Service)
    both = tuple(replace(one, name=text, status=text) for one in (SNOWFLAKE, GONG))
    asked = tuple(replace(some.awaiting(), flow=Flow("1", text), tally=Tally(people)) for _ in range(30))
    yield home.view(home.Facts(NOW, many, {ID: LINK}, waiting, asked, connections.Facts(both)))
    yield home.view(home.Facts(NOW, stop=_stop(text)))
    yield home.view(home.Facts(NOW))
    yield home.guest()


def _outages(text: str, people: int) -> Iterator[Shown]:
    for kind in OutageKind:
        outage = Outage("outage-1", "T1", kind, "gong-1", text, REFERENCE, NOW, resumed=people)
        for waiting in (Waiting(), Waiting(1, 1, 1, (ID,)), Waiting(people + 10, people, people, (ID,) * 10)):
            yield outages.message(outage, waiting)
        yield outages.message(replace(outage, healed_at=NOW), Waiting())
        yield outages.healed(outage)


def _enrollments(flow: Flow, text: str, people: int) -> Iterator[Any]:
    reasons = tuple((reason, people // 9) for reason in Outcome if reason.value not in ("pending", "sent", "enrolled"))
    tallies = (Tally(people), Tally(people, people), Tally(people * 3, people, people, people, reasons))
    for tally in tallies:
        for state in State:
            yield replace(some.ended(state, tally=tally), flow=flow)
        for step in Step:
            yield replace(some.enrollment(step=step, tally=tally), flow=flow, failures=1)
        yield from (replace(one, flow=flow) for one in _canaries(people, tally))
    refused = Trouble("PolytomicLockedOut", REFERENCE, unanswered=NOW)
    for step in (Step.CREATE_MODEL, Step.START_RUN, Step.WATCH_RUN):
        yield replace(some.enrollment(step=step, tally=tallies[2]), flow=flow, held_for=Hold.KEY, trouble=refused)
        for why in PauseKind:
            pause = Pause(why, NOW, NOW, "U0OPERATOR", text, people, text)
            for begun in (None, NOW):
                yield replace(some.enrollment(State.ON_HOLD, tally=tally, started_at=begun), flow=flow, pause=pause)
    for kind in TROUBLES:
        for state in (State.FAILED, State.NEEDS_ATTENTION):
            for channel in ("C0REVOPS", "U0REQUESTER"):
                facts = {"fragment": text, "field_name": text, "what": text, "size": people, "limit": people}
                troubled = some.troubled(state, kind, post_channel=channel, reference=REFERENCE, **facts)
                yield replace(troubled, flow=flow)


def _receipts(flow: Flow, text: str, people: int) -> Iterator[Shown]:
    """With everything that may stand in one, and with next to nothing."""
    names = {"U0REQUESTER": text, "U0APPROVER": text}
    said = [Word(ID, "T1", "U0APPROVER", decision, text, NOW, text) for decision in Decision]
    runs = [Run(ID, batch, 0, RunStatus.COMPLETED, people, execution_id=text) for batch in range(9)]
    mapping = FieldMapping("owner", text, value=text)
    check = replace(some.enrolling(people), fields=(FlowField("owner", text, is_email=True),))
    for state in (State.PARTLY_ENROLLED, State.CANCELED):
        tally = Tally(people * 3, people, people, people, ((Outcome.OTHER, people),))
        ended = replace(some.ended(state, tally=tally, mappings=(mapping,)), flow=flow, sync_id=text, canary=5)
        for about in (receipts.body(ended, check, said, runs), receipts.body(replace(ended, canary=0), None, [], [])):
            entry = receipts.entry(Chain("T1", people, receipts.BEFORE_THE_FIRST), about, NOW)
            yield receipt.message(entry, names)
            yield receipt.message(entry, {})


def _canaries(people: int, tally: Tally) -> Iterator[Any]:
    """While it runs, when it has run, and as it ends: of one, of several, of nearly all."""
    for size in {1, min(5, people), max(people - 1, 1)}:
        for state in (State.RUNNING, State.CANARY, State.EXPIRED, State.CANCELED):
            trouble = Trouble("unreleased", limit=86_400, until=NOW)
            counts = replace(tally, total=people + 1)
            yield replace(some.ended(state, tally=counts), canary=size, canary_until=NOW, trouble=trouble)


def options(text: str) -> list[Shown]:
    """The options of a flow picker full of flows of this name."""
    flows = tuple(Flow(f"{n:019}", text) for n in range(100))
    groups = flow_options.flow_options(FlowMatches(flows, 342, 342, text))["option_groups"]
    return [option for group in groups for option in group["options"]]
