"""
Who may see what: every question of that kind is answered here, from values alone.

| what                | overseer | client               | party of the agreement | asked                   |
|---------------------|----------|----------------------|------------------------|-------------------------|
| the contract        | all      | without who is asked | without who is asked   | without who is asked    |
| tasks               | all      | own, signing, delivery | own                  | own                     |
| quotes              | all, once opened | of the selected, once awarded | own | own                     |
| the decision        | all      | result               | result, own reasons and score | the same         |
| agreements          | all      | where it is a party  | where it is a party    | none                    |
| settlements         | all      | all                  | own                    | own                     |
| evidence            | all      | all                  | own                    | own                     |
| reviews             | all      | all                  | own                    | own                     |
| standings           | all      | none                 | own                    | own                     |
| what happened       | all      | by verb              | by verb                | by verb                 |
| portfolios, keys    | all      | none                 | none                   | none                    |
| refused attempts    | all      | none                 | none                   | none                    |

An overseer is of the office (coordinators, approvers) or an auditor. A company that has no part in a contract is told
that there is no such contract. A sealed quote has no price for anybody: it is another type.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from contracts.journal import Happening
from contracts.task import MemberTask, TaskKind
from lianyue.access.viewer import Viewer


class Part(StrEnum):
    """What a viewer has to do with one contract."""

    OVERSEER = "overseer"
    CLIENT = "client"
    PARTY = "party"
    ASKED = "asked"
    STRANGER = "stranger"


class Audience(IntEnum):
    """Who hears of a happening; each includes those after it."""

    CONCERNED = 1
    PARTIES = 2
    CLIENT_AND_OWN = 3
    OWN = 4
    OVERSEERS = 5


CLIENT_FOLLOWS = (TaskKind.SIGN, TaskKind.DELIVER)
"""Tasks of the members that the client may look at and urge: what it waits for once the award is made."""

WHO_IS_ASKED = ("candidates", "excluded", "incumbent", "renewals", "policy")
"""Fields of a contract that say who else is asked, or would let somebody guess."""

HEARD_BY: dict[str, Audience] = {
    **dict.fromkeys(
        ("registered", "specified", "allocated", "signed", "reviewed", "cancelled", "failed"), Audience.CONCERNED
    ),
    **dict.fromkeys(("suspended", "resumed", "cancellation_ordered"), Audience.CONCERNED),
    **dict.fromkeys(("signed_by", "voided", "delivered", "not_rated"), Audience.PARTIES),
    **dict.fromkeys(("amendment_proposed", "amended", "amendment_refused"), Audience.PARTIES),
    **dict.fromkeys(("delivered_by", "returned", "settled", "clawed_back"), Audience.CLIENT_AND_OWN),
    **dict.fromkeys(("passed_over", "drafted", "finalised"), Audience.CLIENT_AND_OWN),
    **dict.fromkeys(("opened", "claimed", "submitted", "declined", "transferred", "delegated"), Audience.OWN),
    **dict.fromkeys(("co_sign_asked", "copied", "given_back", "withdrawn", "reminded"), Audience.OWN),
    **dict.fromkeys(
        ("expired", "overdue", "escalated", "excluded", "waived", "voided_for", "sign_again"), Audience.OWN
    ),
    **dict.fromkeys(("quoted", "too_few_quotes", "quotes_opened", "decided"), Audience.OVERSEERS),
    **dict.fromkeys(("approval_passed_on", "award_overridden", "informed", "refused"), Audience.OVERSEERS),
    **dict.fromkeys(("joined", "portfolio_began", "portfolio_decided", "portfolio_approved"), Audience.OVERSEERS),
    **dict.fromkeys(("portfolio_adjusted", "portfolio_ended"), Audience.OVERSEERS),
}
"""By verb; a verb that is not here is for overseers. How many quoted tells a member how many compete."""

TOLD_TO_OTHERS: dict[str, tuple[str, ...]] = {"failed": (), "cancelled": ("reason",)}
"""The facts that others than overseers are told, where not all: why a contract failed names counts and people."""


def may_see_task(viewer: Viewer, task: MemberTask, client: str) -> bool:
    """Whether *viewer* may look at *task* of a contract of *client*."""
    if viewer.oversees or task.company == viewer.company:
        return True
    return viewer.company == client and task.kind in CLIENT_FOLLOWS


def heard(viewer: Viewer, part: Part, happening: Happening, is_about_own_task: bool) -> Happening | None:
    """Return *happening* as *viewer* hears of it, None if not at all."""
    if viewer.oversees:
        return happening
    if not _hears(viewer, part, happening, is_about_own_task):
        return None
    told = TOLD_TO_OTHERS.get(happening.verb)
    if told is None:
        return happening
    return happening.model_copy(
        update={"facts": {name: happening.facts[name] for name in told if name in happening.facts}}
    )


def _hears(viewer: Viewer, part: Part, happening: Happening, is_about_own_task: bool) -> bool:
    audience = HEARD_BY.get(happening.verb, Audience.OVERSEERS)
    if audience is Audience.OVERSEERS or part is Part.STRANGER:
        return False
    if happening.task and happening.verb == "cancelled":
        audience = Audience.OWN
    is_own = is_about_own_task or happening.company == viewer.company
    match audience:
        case Audience.CONCERNED:
            return True
        case Audience.PARTIES:
            return is_own or part in (Part.CLIENT, Part.PARTY)
        case Audience.CLIENT_AND_OWN:
            return is_own or part is Part.CLIENT
    return is_own
