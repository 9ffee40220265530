"""What went wrong with an enrollment, in words for its living message and its ping.

A channel never reads a vendor's raw message (it may quote an id); a direct message may.
"""

from bot.enrollment.model.enrollments import Enrollment, Outcome, Tally, Trouble
from bot.views import sentences, words

_CAUSES = {
    "FlowNotFound": "the flow is no longer in Gong",
    "FieldNotMapped": "the flow now also needs another field",
    "NotAllowed": "your rights changed after you confirmed (rule `people`)",
    "rights_lost": "your rights changed after you confirmed (rule `people`)",
    "PolytomicBusy": "Polytomic asked me to wait for too long",
    "PolytomicRefused": "Polytomic refused what I asked",
    "PolytomicLockedOut": "the bot's access to Polytomic was refused",
    "PolytomicOddAnswer": "Polytomic gave an answer I do not understand",
    "run_failed": "Polytomic ended the run",
    "nobody_moved": "Polytomic finished the run with 0 contacts",
    "voided": "it was not the request that was confirmed any more",
}


def private(enrollment: Enrollment) -> bool:
    """True when the living message is in the requester's own messages."""
    return enrollment.post_channel == enrollment.requester_id or enrollment.post_channel.startswith("D")


def failed(enrollment: Enrollment, told: str) -> str:
    """Mrkdwn: what happened, how many were enrolled, what to do, the reference."""
    trouble = enrollment.trouble or Trouble(kind="")
    reference = f" Reference `{trouble.reference}`." if trouble.reference else ""
    return f"{_failed(enrollment, trouble, told)}{reference}"


def _failed(enrollment: Enrollment, trouble: Trouble, told: str) -> str:
    so_far = words.enrolled(enrollment.tally.enrolled)
    match trouble.kind:
        case "all_refused":
            return all_refused(enrollment.tally)
        case "FlowNotFound":
            return _so_far(sentences.flow_not_found(enrollment.flow.name), so_far)
        case "FieldNotMapped":
            return _so_far(sentences.field_not_mapped(enrollment.flow.name, trouble.field_name), so_far)
        case "NotAllowed" | "rights_lost" | "rules_changed" | "voided":
            return _not_any_more(trouble, so_far)
        case "run_failed" | "nobody_moved":
            return _run_ended(enrollment, trouble, so_far)
        case _:
            return _unanswered(enrollment, trouble, told, so_far)


def _not_any_more(trouble: Trouble, so_far: str) -> str:
    if trouble.kind == "voided":
        return (
            f"This is not the request that was confirmed any more. {so_far}"
            " Check the contacts again, and confirm what you see."
        )
    return f"{_changed(trouble)}. {so_far}"


def _changed(trouble: Trouble) -> str:
    if trouble.kind != "rules_changed":
        return "Your rights changed after you confirmed (rule `people`)"
    return f"The policy changed after you confirmed (rule {words.code(trouble.what)})"


def _rights_unknown(trouble: Trouble) -> str:
    since = f" since {words.date(trouble.since)}" if trouble.since else ""
    return f"Slack has not told me{since} whether you may still enroll"


def denied(enrollment: Enrollment) -> str:
    """Mrkdwn: who said no, when and why."""
    trouble = enrollment.trouble or Trouble(kind="")
    when = words.date(trouble.since or enrollment.ended_at or enrollment.updated_at)
    return f"Denied by {_approver(trouble)} {when}: {_quoted(trouble)}. Nobody was enrolled."


def denied_by(enrollment: Enrollment) -> str:
    """Mrkdwn: the same for a ping."""
    trouble = enrollment.trouble or Trouble(kind="")
    return f"Denied by {_approver(trouble)}: {_quoted(trouble)}. Nobody was enrolled."


def _approver(trouble: Trouble) -> str:
    return words.mention(trouble.by) if trouble.by else "an approver"


def _quoted(trouble: Trouble) -> str:
    return f"“{words.escape(trouble.fragment, words.REASON_MAX)}”"


def expired(enrollment: Enrollment) -> str:
    """Mrkdwn: what was waited for, for how long, and who stays."""
    stay = already(enrollment.tally)
    return f"{waited(enrollment)} {stay or 'Nobody was enrolled.'} Your query is kept."


def waited(enrollment: Enrollment) -> str:
    """A whole sentence: what did not happen in time."""
    within = (
        f" within {words.span(enrollment.trouble.limit)}" if enrollment.trouble and enrollment.trouble.limit else ""
    )
    if enrollment.trouble is not None and enrollment.trouble.kind == "unapproved":
        needed = enrollment.terms.needed if enrollment.terms is not None else 1
        who = f"Fewer than {words.number(needed)}" if needed > 1 else "Nobody"
        return f"{who} approved{within}."
    return f"Gong was not connected{within}."


def already(tally: Tally) -> str:
    """Who is in and stays, and how many are not; empty when nobody is."""
    if not tally.enrolled:
        return ""
    was, stay = ("was", "stays") if tally.enrolled == 1 else ("were", "stay")
    rest = tally.total - tally.enrolled
    were = "was" if rest == 1 else "were"
    return f"{words.number(tally.enrolled)} {was} already enrolled and {stay}; {words.number(rest)} {were} not."


def missing(tally: Tally) -> str:
    """42 refused, 3 gone, 500 not reached"""
    missed = tally.total - tally.done
    parts = [f"{words.number(tally.refused)} refused"] if tally.refused else []
    parts += [f"{words.number(tally.gone)} gone"] if tally.gone else []
    parts += [f"{words.number(missed)} not reached"] if missed > 0 else []
    return ", ".join(parts)


def _unanswered(enrollment: Enrollment, trouble: Trouble, told: str, so_far: str) -> str:
    match trouble.kind:
        case "rights_unknown":
            return f"{_rights_unknown(trouble)}. {so_far} Your query is kept."
        case "PolytomicAway" | "PolytomicBusy":
            since = f" since {words.date(trouble.since)}" if trouble.since else ""
            return f"Polytomic has not answered{since}. {so_far}"
        case "PolytomicRefused":
            message = trouble.fragment if private(enrollment) else ""
            said = sentences.polytomic_refused(trouble.what or "this", message, trouble.field_name, 150)
            return _so_far(words.escape(said), so_far)
        case "PolytomicLockedOut":
            return _so_far(sentences.locked_out(told), so_far)
        case "PolytomicOddAnswer":
            return sentences.odd_answer(enrollment.tally.enrolled, told)
        case _:
            return (
                f"Something broke on my side. {so_far} Your query is kept. Try again; if it stays, ask your operator."
            )


def _so_far(sentence: str, so_far: str) -> str:
    return sentence.replace("Nobody was enrolled;", f"{so_far[:-1]};").replace("Nobody was enrolled.", so_far)


def _run_ended(enrollment: Enrollment, trouble: Trouble, so_far: str) -> str:
    if trouble.kind == "run_failed":
        return _run_failed(enrollment.tally, trouble)
    return f"{_nobody_moved(enrollment, trouble)} {so_far}"


def _run_failed(tally: Tally, trouble: Trouble) -> str:
    cause = f": {words.escape(trouble.fragment, words.REASON_MAX)}" if trouble.fragment else ""
    if not tally.enrolled:
        return f"Polytomic ended the run{cause}. Nobody was enrolled before that."
    verb = "was" if tally.enrolled == 1 else "were"
    return (
        f"Polytomic ended the run{cause}. {words.number(tally.enrolled)} of {words.number(tally.total)}"
        f" {verb} enrolled before that."
    )


def all_refused(tally: Tally) -> str:
    """Gong refused everyone, and why most of them."""
    reasons = [reason for reason, _ in sorted(tally.reasons, key=lambda pair: -pair[1]) if reason is not Outcome.OTHER]
    most = f" Most: {reasons[0].value}." if reasons else ""
    return f"Gong refused all {words.number(tally.total)}. Nobody was enrolled.{most}"


def cause(enrollment: Enrollment) -> str:
    """Mrkdwn: the same for a ping, as half a sentence."""
    trouble = enrollment.trouble or Trouble(kind="")
    if trouble.kind == "PolytomicAway":
        since = f" since {words.date(trouble.since)}" if trouble.since else ""
        return f"Polytomic has not answered{since}"
    if trouble.kind == "rights_unknown":
        return _rights_unknown(trouble)
    if trouble.kind == "rules_changed":
        return _lower(_changed(trouble))
    if trouble.kind == "run_failed" and trouble.fragment:
        return f"Polytomic ended the run: {words.escape(trouble.fragment, words.REASON_MAX)}"
    return _CAUSES.get(trouble.kind, "something broke on my side")


def attention(enrollment: Enrollment, told: str) -> str:
    """Mrkdwn: what only an operator can decide."""
    trouble = enrollment.trouble or Trouble(kind="")
    again = f"I will not start it again, so nobody is enrolled twice. {told}"
    match trouble.kind:
        case "too_many":
            verb = "was" if trouble.limit == 1 else "were"
            return (
                f"Polytomic started a run over {words.count(trouble.size, 'contact')} where"
                f" {words.number(trouble.limit)} {verb} named. I canceled it;"
                f" {_lower(words.enrolled(enrollment.tally.enrolled))} {told}"
            )
        case "nobody_moved":
            return f"{_nobody_moved(enrollment, trouble)} {again}"
        case "interrupted":
            since = words.date(trouble.since or enrollment.updated_at)
            return f"Polytomic has interrupted the run since {since}; I cannot tell whether it goes on. {again}"
        case "PolytomicLockedOut":
            reference = f" Reference `{trouble.reference}`." if trouble.reference else ""
            return f"The bot's access to Polytomic was refused. {again}{reference}"
        case "PolytomicOddAnswer":
            # Nobody can say here who is enrolled: the run may be going.
            return f"{sentences.ODD_ANSWER} {again}"
        case _:
            since = words.date(trouble.since or enrollment.updated_at)
            return f"The run has been silent since {since}; I cannot tell whether it ended. {again}"


def attention_plain(enrollment: Enrollment) -> str:
    """Half a sentence for `text:`."""
    kind = enrollment.trouble.kind if enrollment.trouble else ""
    name = words.flow(enrollment.flow.name)
    if kind == "too_many":
        return f"the run into {name} was larger than its list and was canceled."
    if kind == "nobody_moved":
        return f"the run into {name} ended with 0 contacts. Nobody is enrolled twice."
    if kind == "interrupted":
        return f"the run into {name} is interrupted. Nobody is enrolled twice."
    if kind == "PolytomicLockedOut":
        return f"I may not look at the run into {name} any more. Nobody is enrolled twice."
    if kind == "PolytomicOddAnswer":
        return f"I do not understand what Polytomic says of the run into {name}. Nobody is enrolled twice."
    return f"the run into {name} is silent. Nobody is enrolled twice."


def _nobody_moved(enrollment: Enrollment, trouble: Trouble) -> str:
    sent = trouble.limit or enrollment.tally.total
    verb = "was" if sent == 1 else "were"
    return f"Polytomic reports a finished run with 0 contacts; {words.number(sent)} {verb} sent."


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
