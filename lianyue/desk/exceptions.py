"""Granting and revoking exceptions: checked against the rules in force, signed by the office, kept for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from activities.exceptions import stated
from activities.ports import Signatures
from contracts.approval import Revocation
from contracts.calendar import epoch_day, iso_day
from contracts.errors import Invalid, NotYourTask, Refused, RoleMissing, WrongState
from contracts.facts import ExceptionFacts
from contracts.organisation import Actor, Role
from contracts.waiving import SignedException, SignedRevocation
from lianyue.desk.mandates import not_past
from lianyue.desk.orders import AUTHORITY
from lianyue.desk.people import actor_named
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.grants import Grants, digest_of
from lianyue.records.sql import SqlRecords
from rules.check_book import problems_in
from rules.documents.authority import AuthorityMatrix, PolicyException, PolicyExceptionSpec
from rules.documents.kinds import MODELS
from rules.exceptions import exception_in
from rules.parse import parsed
from rules.problems import RuleProblems
from rules.source import read


class ExceptionDesk:
    """Grants exceptions in the name of the office; a refusal is on record with the attempt."""

    def __init__(
        self,
        records: SqlRecords,
        directory: Directory,
        grants: Grants,
        door: Door,
        signatures: Signatures,
        today: Callable[[], int],
    ) -> None:
        self._records = records
        self._directory = directory
        self._grants = grants
        self._door = door
        self._signatures = signatures
        self._today = today

    def grant(self, text: str, file: str, user: str) -> SignedException:
        """
        Have *user* grant the exception that *text* states; the same again returns the first.

        Raises:
            RuleProblems: If the text has problems, or waives what the published rules do not let anybody waive.
            RoleMissing: If *user* does not hold the role that the authority matrix names.
            NotYourTask: If the exception says that somebody else grants it.
            WrongState: If it has ended already, or was granted on a day that has not come.
        """
        actor = actor_named(self._directory, user)
        document, digest = self._checked(text, file)
        self._refuse(self._refusal(document.spec, actor), actor, "except", document.metadata.name)
        signature = self._signatures.sign(actor.company, digest, actor, datetime.now(UTC))
        self._grants.keep_exception(document, text, signature, datetime.now(UTC))
        return self._grants.exception(digest)

    def revoke(self, named: str, user: str, from_day: int, reason: str) -> SignedException:
        """
        Have *user* end an exception from *from_day* on, which is not past; the exception itself stays.

        Raises:
            RoleMissing: If *user* does not hold the role that the authority matrix names.
        """
        actor, signed = actor_named(self._directory, user), self._grants.exception(named)
        self._refuse(self._missing_role(actor), actor, "revoke", signed.digest)
        revocation = Revocation(target=signed.digest, from_day=from_day, reason=reason, user=user)
        not_past(revocation, self._today())
        digest, now = digest_of(revocation), datetime.now(UTC)
        signature = self._signatures.sign(actor.company, digest, actor, now)
        kept = SignedRevocation(digest=digest, revocation=revocation, signature=signature)
        self._grants.keep_signed_revocation(kept, now)
        return self._grants.exception(signed.digest)

    def all(self) -> tuple[ExceptionFacts, ...]:
        """Return every exception as a decision would be told of it, its signature checked now."""
        return stated(self._signatures, self._directory.office(), self._grants.exceptions())

    def _checked(self, text: str, file: str) -> tuple[PolicyException, str]:
        found = exception_in(text, file)
        editions = [each for each in self._records.editions() if each.kind in MODELS]
        published = {f"{each.kind}/{each.name}/{each.edition}": self._records.text(each.digest) for each in editions}
        problems = [each for each in problems_in({**published, file: text}) if each.file == file]
        if problems:
            raise RuleProblems(problems)
        return found

    def _refusal(self, spec: PolicyExceptionSpec, actor: Actor) -> Refused | None:
        grant, today = spec.granted_by, self._today()
        if refusal := self._missing_role(actor):
            return refusal
        if (grant.user, grant.role) != (actor.user, self._role()):
            return NotYourTask(f"the exception says that {grant.user} grants it as {grant.role}, not {actor.user}")
        if today < epoch_day(grant.day):
            return WrongState(f"the exception says it was granted on {grant.day}; today is {iso_day(today)}")
        if epoch_day(spec.effective.end) <= today:
            return WrongState(f"the exception ended on {spec.effective.end}; today is {iso_day(today)}")
        return None

    def _missing_role(self, actor: Actor) -> RoleMissing | None:
        role, office = self._role(), self._directory.office()
        if actor.holds(role) and actor.company == office:
            return None
        return RoleMissing(f"{actor.user} of {actor.company} does not hold the role {role} of {office}")

    def _role(self) -> Role:
        """
        Return the role that grants exceptions, by the authority matrix in force today.

        Raises:
            Invalid: If the matrix names none: then there are no exceptions.
        """
        text = self._records.text(self._records.needed_edition("AuthorityMatrix", AUTHORITY, self._today()))
        authority = parsed(read(text, AUTHORITY), AuthorityMatrix).spec.exceptions
        if authority is None:
            raise Invalid(f"the authority matrix {AUTHORITY!r} names no role that grants exceptions")
        return authority.role

    def _refuse(self, refusal: Refused | None, actor: Actor, verb: str, target: str) -> None:
        if refusal:
            self._door.refuse(datetime.now(UTC), actor, verb, target, refusal)
            raise refusal
