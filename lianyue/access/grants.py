"""What a viewer hands over or excepts: mandates and exceptions, as far as they concern the viewer."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from contracts.approval import MandateGrant
from contracts.calendar import iso_day
from contracts.errors import Invalid, RoleMissing
from contracts.facts import ExceptionFacts
from contracts.organisation import Role
from contracts.value import Json
from lianyue.access.scope import Scope
from lianyue.desk.exceptions import ExceptionDesk
from lianyue.desk.mandates import MandateDesk
from lianyue.records.directory import Directory
from lianyue.records.grants import KeptMandate

FILE = "exception.yaml"
"""What problems of a text call the file that it would be."""


class OwnGrants:
    """The mandates and exceptions that the viewer may see, give and end."""

    def __init__(self, scope: Scope, directory: Directory, mandates: MandateDesk, exceptions: ExceptionDesk) -> None:
        self._scope = scope
        self._directory = directory
        self._mandates = mandates
        self._exceptions = exceptions

    # --- mandates -------------------------------------------------------------------------------------------

    def mandates(self) -> tuple[KeptMandate, ...]:
        """Return the mandates of the people of the viewer's company; overseers see all."""
        viewer = self._scope.viewer
        own = {person.user for person in self._directory.persons(viewer.company)}
        return tuple(each for each in self._mandates.all() if viewer.oversees or each.grant.principal in own)

    def hand_over(self, grant: MandateGrant) -> KeptMandate:
        """授权: hand the viewer's own authority, or tasks, over to a colleague; the same again is the same mandate."""
        self._need_all_roles()
        return self._mandates.grant(grant, self._user)

    def today(self) -> int:
        """Return the alliance's day."""
        return self._mandates.today()

    def recall(self, digest: str, from_day: int, reason: str) -> KeptMandate:
        """收回: end a mandate of the viewer's own from *from_day* on."""
        return self._mandates.revoke(digest, self._user, from_day, reason)

    # --- exceptions -----------------------------------------------------------------------------------------

    def exceptions(self) -> tuple[ExceptionFacts, ...]:
        """Return every exception, its signature checked now; overseers only."""
        self._scope.need_oversight("exceptions")
        return self._exceptions.all()

    def grant_exception(self, text: str) -> ExceptionFacts:
        """准予例外: have the viewer grant the exception that *text* states; the same again returns the first."""
        self._need_all_roles()
        return self._told(self._exceptions.grant(text, FILE, self._user).digest)

    def revoke_exception(self, named: str, from_day: int, reason: str) -> ExceptionFacts:
        """撤销例外: end an exception from *from_day* on; it stays on record."""
        self._need_all_roles()
        self._scope.need_oversight("exceptions")
        return self._told(self._exceptions.revoke(named, self._user, from_day, reason).digest)

    @property
    def _user(self) -> str:
        return self._scope.viewer.user

    def _told(self, digest: str) -> ExceptionFacts:
        return next(each for each in self._exceptions.all() if each.digest == digest)

    def _need_all_roles(self) -> None:
        """What outlasts the sign-in takes all roles of the user: a token limited to fewer could reach beyond them."""
        viewer = self._scope.viewer
        missing = [role for role in self._directory.person(viewer.user).roles if role not in viewer.roles]
        if missing:
            raise RoleMissing(f"this sign-in of {viewer.user} lacks {_listed(missing)}")


def granted(stated: Json) -> MandateGrant:
    """
    Return the mandate that *stated* is.

    Raises:
        Invalid: If it runs backwards, is to oneself, or stands in without an end.
    """
    try:
        return MandateGrant.model_validate(stated)
    except ValidationError as error:
        raise Invalid(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def mandate_document(kept: KeptMandate) -> dict[str, Any]:
    """Return a mandate for programs, its days as dates."""
    days = {"from": kept.grant.from_day, "to": kept.grant.to_day, "revoked_from": kept.revoked_day}
    written = {name: None if day is None else iso_day(day) for name, day in days.items()}
    return {"mandate": kept.digest, **kept.grant.model_dump(mode="json", exclude={"from_day", "to_day"}), **written}


def exception_document(exception: ExceptionFacts) -> dict[str, Any]:
    """Return an exception for programs, its days as dates."""
    days = {"from": iso_day(exception.from_day), "to": iso_day(exception.to_day)}
    revoked = None if exception.revoked_day is None else iso_day(exception.revoked_day)
    told = exception.model_dump(mode="json", exclude={"from_day", "to_day", "revoked_day"})
    return {**told, **days, "revoked_from": revoked}


def _listed(roles: list[Role]) -> str:
    return ", ".join(roles)
