"""What the review warns of, the most important first, and what it tells beside the numbers, each only if true."""

from zoneinfo import ZoneInfo

from bot.enrollment.model.checks import COLLISION_DAYS, Collision, CrmKind, Preflight
from bot.enrollment.preflight_columns import column_named
from bot.views import holds, not_allowed, query_words, words
from bot.views.blocks import Block, context, section
from bot.views.modal import Notice, alerts
from bot.views.review_facts import Facts

_MOST = 3
COLLISIONS_NAMED = 3
_APPROVERS_NAMED = 5
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = 7
NO_OPT_OUT = Notice(
    "warning",
    "This query names no opt-out column, so I cannot leave out people who opted out. Gong does not block them.",
)


def blocks(facts: Facts) -> list[Block]:
    """At most three alerts: why nothing was started before anything else, then in the order of their weight.

    Whom I will ask is said wherever somebody has to be asked, even where its alert found no room.
    """
    stopped = [holds.alert(facts.stop, "error")] if facts.stop is not None else []
    first = list(dict.fromkeys([*stopped, *facts.notices, *_refused(facts)]))[:_MOST]
    limit = _over_the_limit(facts)
    room = _MOST - len(first)
    rest = [
        *([] if facts.preflight.opt_out_column or facts.preflight.suppressed else [NO_OPT_OUT]),
        *_no_company(facts),
        *_two_kinds(facts.preflight),
        *_quiet(facts),
        *(Notice("warning", query_words.WARNINGS[one]) for one in facts.check.warnings),
    ]
    said = alerts(limit, room)
    return [*alerts(first), *said, *_whom_i_ask(facts), *alerts(rest, room - len(said))]


def _refused(facts: Facts) -> list[Notice]:
    channels = {facts.draft.origin_channel_id: facts.draft.origin_channel_name}
    named = {one: name for one, name in channels.items() if name}
    return [Notice("error", not_allowed.plain(one, channels=named, brief=True)) for one in facts.judgement.refused]


def _over_the_limit(facts: Facts) -> list[Notice]:
    tier = facts.judgement.tier
    if tier is None:
        return []
    above = f"More than {words.count(tier.above, 'contact')}: an" if tier.above else "An"
    return [Notice("warning", f"{above} approver has to allow this first.")]


def _whom_i_ask(facts: Facts) -> list[Block]:
    tier, approvers = facts.judgement.tier, facts.judgement.approvers
    if tier is None:
        return []
    if not approvers:
        return [section("I will ask the approvers; Slack does not tell me now who they are.")]
    named = [words.mention(one) for one in approvers[:_APPROVERS_NAMED]]
    others = len(approvers) - len(named)
    asked = words.joined([*named, *([words.count(others, "other")] if others > 0 else [])], "or")
    several = f" {words.number(tier.needed)} of them have to agree." if tier.needed > 1 else ""
    return [
        section(
            f"I will ask {asked}.{several} You cannot approve your own."
            f" Rule {words.code(tier.rule)} in the policy; ask {words.operators(facts.policy.owner)} about it."
        )
    ]


def _no_company(facts: Facts) -> list[Notice]:
    """A cap that cannot be applied; nothing where so few are enrolled that no company could be over it."""
    company = facts.policy.company
    if company is None or facts.people <= company.cap or column_named(facts.preflight.columns, company.column):
        return []
    named = f"This query names no {words.data(company.column, words.FLOW_MAX)} column"
    limit = f"the limit of {words.number(company.cap)} per company is not applied"
    return [Notice("warning", f"{named}, so {limit}. Select it too.")]


def _two_kinds(preflight: Preflight) -> list[Notice]:
    leads = dict(preflight.kinds).get(CrmKind.SALESFORCE_LEAD, 0)
    contacts = preflight.funnel.will_enroll  # Each once: the kinds count every row.
    if not leads or not contacts:
        return []
    said = f"Ids are of two kinds: {words.count(contacts, 'contact')} and {words.count(leads, 'lead')}."
    return [Notice("warning", f"{said} Only contacts are enrolled.")]


def _quiet(facts: Facts) -> list[Notice]:
    if facts.judgement.quiet_until is None:
        return []
    zone = words.data(_zone(facts), words.FLOW_MAX)
    # Where somebody's word is waited for as well, that may come later.
    then = "then" if facts.judgement.tier is None and facts.stop is None else "then at the earliest"
    return [Notice("info", f"Quiet hours until {quiet_until(facts)} ({zone}). It starts {then}.")]


def quiet_until(facts: Facts) -> str:
    """When the quiet hours end, as a clock in the policy's zone shows it: Mon 09:00. Empty outside of them."""
    until = facts.judgement.quiet_until
    if until is None:
        return ""
    there = until.astimezone(ZoneInfo(_zone(facts)))
    soon = (there.date() - facts.check.created_at.astimezone(there.tzinfo).date()).days < _WEEK
    return f"{_DAYS[there.weekday()] if soon else f'{there:%b} {there.day}'} {there:%H:%M}"


def _zone(facts: Facts) -> str:
    return facts.policy.quiet.zone if facts.policy.quiet is not None else facts.policy.zone


# ------------------------------------------------------------------------------------ beside the numbers


def asides(facts: Facts) -> list[Block]:
    """Who of them is in other flows of late, how long the sender takes, and which ids were written in other ways."""
    return [*_collisions(facts), *_load(facts), *_matched(facts.preflight)]


def _collisions(facts: Facts) -> list[Block]:
    found = facts.preflight.collisions
    if not found:
        return []
    people = min(sum(one.contacts for one in found), facts.people)
    were, flows = ("was", "another flow") if people == 1 else ("were", "other flows")
    named = [_collision(facts, one) for one in found[:COLLISIONS_NAMED]]
    more = [f"and {words.number(len(found) - len(named))} more"] if len(found) > len(named) else []
    return [
        context(
            f"{words.number(people)} of these {were} enrolled by this bot in {flows} in the last {COLLISION_DAYS} days:"
            f" {', '.join([*named, *more])}."
        )
    ]


def _collision(facts: Facts, one: Collision) -> str:
    link = facts.links.get(one.enrollment_id, "")
    name = words.link(link, one.enrollment_id) if link else words.code(one.enrollment_id)
    who = "you" if one.user_id == facts.draft.user_id else words.mention(one.user_id)
    return f"{name} ({words.number(one.contacts)}, {who})"


def _load(facts: Facts) -> list[Block]:
    sends = facts.policy.sends_per_day
    if not sends:
        return []
    days = -(-facts.people // sends)
    a_day = words.count(sends, "send")
    return [context(f"At {a_day} a day this is about {words.count(days, 'working day')}.")]


def _matched(preflight: Preflight) -> list[Block]:
    short, tidied = preflight.short_ids, preflight.tidied_ids
    parts = []
    if short:
        parts.append(f"{words.count(short, 'id')} in the 15-character form")
    if tidied:
        tidied_words = "with spaces or lower case"
        parts.append(
            f"{words.number(tidied)} {tidied_words}" if short else f"{words.count(tidied, 'id')} {tidied_words}"
        )
    if not parts:
        return []
    if short + tidied == 1:
        return [context(f"{parts[0]} was matched to the same person.")]
    return [context(f"{' and '.join(parts)} were matched to the same people.")]
