"""What is chosen in the review: the columns, how it begins, what the approvers read; and what its button says."""

from bot.enrollment.model.checks import Preflight
from bot.enrollment.model.drafts import NO_OPT_OUT
from bot.enrollment.model.policies import Release
from bot.enrollment.starting import canary_offered
from bot.views import ids, review_alerts, words
from bot.views.blocks import Block, checkboxes, context, option, section, select, text_input
from bot.views.blocks import field as field_block
from bot.views.review_facts import Facts

CANARY = "canary"
NOTE_MAX = 500
_COLUMNS_MAX = 100


def submit(facts: Facts) -> str:
    """What the button does if it is pressed now, in at most 24 characters."""
    people = facts.people
    if facts.judgement.tier is not None:
        return f"Ask to enroll {words.number(people)}"
    if facts.canary:
        begins = f"Start with {words.number(facts.canary)}"
        return begins if people >= 1_000_000 else words.fitting(f"{begins} of {words.number(people)}", begins)
    plainly = words.label("Enroll", people, "contact")
    until = review_alerts.quiet_until(facts)
    return words.fitting(f"Enroll {words.number(people)} {until}", plainly) if until else plainly


def columns(preflight: Preflight) -> list[Block]:
    """Which column has the contact ids, and which says who has opted out."""
    return [id_column(preflight, "Contact ids come from this column:"), _opt_out(preflight)]


def id_column(preflight: Preflight, said: str) -> Block:
    """The choice of the column that holds the contact ids; an option's value is the column's place."""
    options = [option(name, str(index)) for index, name in enumerate(preflight.columns)]
    here = str(preflight.columns.index(preflight.id_column)) if preflight.id_column in preflight.columns else ""
    accessory = select(ids.PICK_ID_COLUMN, options, chosen=here) if options else None
    return section(said, accessory=accessory, block_id=ids.ID_COLUMN)


def _opt_out(preflight: Preflight) -> Block:
    names, chosen = preflight.columns[: _COLUMNS_MAX - 1], preflight.opt_out_column
    options = [option(name, str(index)) for index, name in enumerate(names)]
    options.append(option("No opt-out column", NO_OPT_OUT))
    here = str(names.index(chosen)) if chosen in names else NO_OPT_OUT
    picker = select(ids.PICK_OPT_OUT, options, chosen="" if chosen and chosen not in names else here)
    return section("Opted out when this is true:", accessory=picker, block_id=ids.OPT_OUT)


def blocks(facts: Facts) -> list[Block]:
    """Whether a few begin, what the approvers are told, and the number where nobody else looks."""
    return [*_canary(facts), *_note(facts), *_typed_number(facts)]


def _canary(facts: Facts) -> list[Block]:
    canary, judgement = facts.policy.canary, facts.judgement
    if not canary_offered(canary, facts.people, judgement):
        return []
    demanded = judgement.canary_demanded
    # What the policy demands cannot be left out: ticked again by a block of a new name each time it is shown.
    seed = (facts.check.id, str(facts.draft.revision)) if demanded else (facts.check.id,)
    box = checkboxes(ids.TICK_OPTIONS, [option(_canary_words(facts), CANARY)], [CANARY] if facts.canary else [])
    made = [field_block(ids.fresh(ids.TICKS, *seed), "How it begins", box, optional=True)]
    return [*made, context("The policy asks for this: rule `canary`.")] if demanded else made


def _canary_words(facts: Facts) -> str:
    size = facts.policy.canary.size
    begins = f"Start with the first {'one' if size == 1 else words.number(size)}"
    if facts.policy.canary.release is Release.BY_ITSELF:
        return f"{begins}; the rest follows if {'it gets' if size == 1 else 'all of them get'} in"
    return f"{begins} and wait for my word"


def _note(facts: Facts) -> list[Block]:
    if facts.judgement.tier is None:
        return []
    placeholder = "Why these people, why now"
    box = text_input(ids.TYPE_NOTE, initial=facts.draft.note, placeholder=placeholder, multiline=True, limit=NOTE_MAX)
    return [field_block(ids.fresh(ids.NOTE, facts.draft.id), "Note to the approvers", box, optional=True)]


def _typed_number(facts: Facts) -> list[Block]:
    if not facts.number_typed:
        return []
    box = text_input(ids.TYPE_NUMBER, limit=20)
    label = f"Type {facts.people} to confirm"
    return [field_block(ids.fresh(ids.TYPED_NUMBER, facts.check.id), label, box, hint="Commas are fine.")]
