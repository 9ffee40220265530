"""What the review is made of: a check with numbers, its draft, and what the policy says of it at the moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.enrollment import starting
from bot.enrollment.model.checks import Check, Preflight
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.flows import FieldMapping
from bot.enrollment.model.policies import APPROVAL, Judgement, Policy, Refused
from bot.enrollment.model.stops import Stop
from bot.views import fields
from bot.views.modal import Notice
from bot.views.place import Origin


@dataclass(frozen=True, slots=True)
class Facts:
    """What the review shows. The check is done and somebody would be enrolled.

    `judgement` is what `policy` says of this request, and `stop` stands in its way, if there is one. `links` lead from
    the ids of other enrollments to their messages. `left_out_sent` once the list was asked for; `stale` when the check
    is too old to confirm, which offers another; `root` when there is no form beneath.
    """

    check: Check
    draft: Draft
    origin: Origin = field(default_factory=Origin)
    policy: Policy = field(default_factory=Policy)
    judgement: Judgement = field(default_factory=Judgement)
    stop: Stop | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    left_out_sent: bool = False
    stale: bool = False
    root: bool = False

    @property
    def preflight(self) -> Preflight:
        """The numbers, which a check that is reviewed has."""
        if self.check.preflight is None:
            raise ValueError("a check without numbers cannot be reviewed")
        return self.check.preflight

    @property
    def nobody_approves(self) -> Refused | None:
        """Why this cannot even be asked for: somebody's word is needed, and nobody may give it."""
        return next((one for one in self.judgement.refused if one.rule.startswith(APPROVAL)), None)

    @property
    def people(self) -> int:
        """How many would be enrolled."""
        return self.preflight.funnel.will_enroll

    @property
    def mappings(self) -> tuple[FieldMapping, ...]:
        """How the required fields would be filled now."""
        return fields.mappings(self.check, self.draft)

    @property
    def canary(self) -> int:
        """How many would begin, as it is ticked now; 0 for everybody at once."""
        return starting.first(self.policy.canary, self.people, self.judgement, self.draft.canary)

    @property
    def number_typed(self) -> bool:
        """True when the number of contacts has to be typed."""
        return starting.number_typed(self.people, self.judgement, self.canary)
