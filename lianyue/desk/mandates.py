"""Mandates: to approve, or to stand in while somebody is away; to one colleague, from day to day, and on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from contracts.approval import MandateGrant, Revocation
from contracts.calendar import iso_day
from contracts.errors import DutiesNotSeparated, Invalid, NotYourTask, Refused, RoleMissing
from contracts.organisation import Actor, Mandate, MandateScope
from lianyue.desk.people import actor_named
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.grants import Grants, KeptMandate


class MandateDesk:
    """Grants, revokes and finds mandates; a refusal is on record with the attempt."""

    def __init__(self, directory: Directory, grants: Grants, door: Door, today: Callable[[], int]) -> None:
        self._directory = directory
        self._grants = grants
        self._door = door
        self._today = today

    def grant(self, grant: MandateGrant, user: str) -> KeptMandate:
        """
        Have *user* hand over their own authority to approve, or their tasks; the same again is the same mandate.

        Raises:
            NotYourTask: If somebody hands over what is another's, approvals to somebody outside the office, or tasks
                to somebody of another company.
            DutiesNotSeparated: If it would make a circle with mandates of the same days.
        """
        actor, delegate = actor_named(self._directory, user), actor_named(self._directory, grant.delegate)
        refusal = self._refusal(grant, actor, delegate)
        if refusal:
            self._door.refuse(datetime.now(UTC), actor, "mandate", grant.delegate, refusal)
            raise refusal
        return self._grants.keep_mandate(grant, datetime.now(UTC))

    def revoke(self, digest: str, user: str, from_day: int, reason: str) -> KeptMandate:
        """
        Have the principal end a mandate from *from_day* on, which is not past.

        Raises:
            NotYourTask: If *user* is not its principal.
        """
        actor, mandate = actor_named(self._directory, user), self._grants.mandate(digest)
        if actor.user != mandate.grant.principal:
            refusal = NotYourTask(f"the mandate was given by {mandate.grant.principal}, who alone revokes it")
            self._door.refuse(datetime.now(UTC), actor, "revoke", digest, refusal)
            raise refusal
        revocation = Revocation(target=digest, from_day=from_day, reason=reason, user=user)
        not_past(revocation, self._today())
        self._grants.revoke_mandate(revocation, datetime.now(UTC))
        return self._grants.mandate(digest)

    def today(self) -> int:
        """Return the alliance's day."""
        return self._today()

    def all(self) -> tuple[KeptMandate, ...]:
        """Return every mandate, the earliest first."""
        return self._grants.mandates()

    def standing_in(self, day: int, scope: MandateScope = MandateScope.TASKS) -> tuple[KeptMandate, ...]:
        """Return who stands in for whom on epoch *day*, in tasks or in approvals, the earliest mandate first."""
        return tuple(each for each in self.all() if each.grant.scope is scope and each.is_in_force(day))

    def acting_for(self, actor: Actor, principal: str, day: int, scope: MandateScope = MandateScope.APPROVALS) -> Actor:
        """
        Return *actor* with the mandate of *principal* that is in force on epoch *day*, else with the latest there is.

        Whether it may be used is decided, on record, where it is used.

        Raises:
            RoleMissing: If *principal* has never handed anything over to them.
        """
        between = (principal, actor.user, scope)
        given = [e for e in self.all() if (e.grant.principal, e.grant.delegate, e.grant.scope) == between]
        if not given:
            what = "authority" if scope is MandateScope.APPROVALS else "tasks"
            raise RoleMissing(f"{principal} has handed no {what} over to {actor.user}")
        best = next((each for each in given if each.is_in_force(day)), given[-1])
        whose = self._directory.person(principal)
        mandate = Mandate(
            digest=best.digest,
            principal=principal,
            company=whose.company,
            roles=whose.roles,
            from_day=best.grant.from_day,
            to_day=best.to_day,
            scope=scope,
        )
        return actor.model_copy(update={"mandate": mandate})

    def _refusal(self, grant: MandateGrant, actor: Actor, delegate: Actor) -> Refused | None:
        if actor.user != grant.principal:
            return NotYourTask(f"{actor.user} cannot hand over the authority of {grant.principal}")
        outsider = self._outsider(grant, actor, delegate)
        if outsider:
            return NotYourTask(outsider)
        circle = next(_circles(grant, self.all()), None)
        if circle:
            return DutiesNotSeparated(f"the mandate would go round in a circle: {' → '.join(circle)}")
        return None

    def _outsider(self, grant: MandateGrant, actor: Actor, delegate: Actor) -> str:
        """Say who is of the wrong company, if somebody is."""
        if grant.scope is MandateScope.TASKS:
            same = actor.company == delegate.company
            return "" if same else f"{delegate.user} is of {delegate.company}, not a colleague at {actor.company}"
        office = self._directory.office()
        strangers = [person for person in (actor, delegate) if person.company != office]
        told = [f"{each.user} is of {each.company}; only people of {office} approve awards" for each in strangers]
        return told[0] if told else ""


def not_past(revocation: Revocation, today: int) -> None:
    """Raise Invalid if *revocation* reaches back: what was done by what it ends stays done."""
    if revocation.from_day < today:
        raise Invalid(f"a revocation does not reach back; today is {iso_day(today)}", where="--from")


def _circles(grant: MandateGrant, others: tuple[KeptMandate, ...]) -> Iterator[tuple[str, ...]]:
    """Ways on which what *grant* hands over would come back to its principal, on days that overlap with it."""
    beside = [each.grant for each in others if each.grant.scope is grant.scope and _overlap(each, grant)]
    ways: list[tuple[str, ...]] = [(grant.principal, grant.delegate)]
    while ways:
        way = ways.pop()
        for other in beside:
            if other.principal == way[-1] and other.delegate == grant.principal:
                yield (*way, grant.principal)
            elif other.principal == way[-1] and other.delegate not in way:
                ways.append((*way, other.delegate))


def _overlap(kept: KeptMandate, grant: MandateGrant) -> bool:
    begins_in_time = grant.to_day is None or kept.grant.from_day < grant.to_day
    return begins_in_time and (kept.to_day is None or grant.from_day < kept.to_day)
