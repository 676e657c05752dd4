"""Who is looking: made of a session or a token and the directory, never of a request."""

from __future__ import annotations

from contracts.errors import UnknownName
from contracts.organisation import Actor, CompanyKind, Role
from contracts.value import Code, Recorded, UserName
from lianyue.records.directory import Directory


class Viewer(Recorded):
    """A signed-in user; ``roles`` are those of this sign-in, which a token may hold fewer of than its user."""

    user: UserName
    company: Code
    kind: CompanyKind
    is_office: bool
    roles: tuple[Role, ...]

    @property
    def oversees(self) -> bool:
        """
        Whether everything may be seen: by the people of the office, who coordinate and approve, and by auditors.

        An auditor whom a member employs is not one here: members compete.
        """
        return self.is_office or (Role.AUDITOR in self.roles and self.kind is not CompanyKind.MEMBER)

    @property
    def coordinates(self) -> bool:
        """Whether contracts are started and steered by this viewer: a coordinator of the office."""
        return self.is_office and Role.COORDINATOR in self.roles

    def as_actor(self) -> Actor:
        """Return the viewer as workflows know people."""
        return Actor(user=self.user, company=self.company, roles=self.roles)


def viewer_of(directory: Directory, user: str, ceiling: tuple[Role, ...] | None = None) -> Viewer:
    """
    Return the viewer that *user* is today, with no role beyond the *ceiling*.

    Raises:
        UnknownName: If the directory no longer lists the user.
    """
    person = directory.person(user)
    company = directory.company(person.company)
    roles = tuple(role for role in person.roles if ceiling is None or role in ceiling)
    return Viewer(
        user=person.user,
        company=company.code,
        kind=company.kind,
        is_office=company.code == _office(directory),
        roles=roles,
    )


def somebody_of(company: str, office: str, client: str) -> Viewer:
    """Return a viewer of *company* without any role: what it may see, each of its people may."""
    kind = CompanyKind.OFFICE if company == office else CompanyKind.CLIENT if company == client else CompanyKind.MEMBER
    return Viewer(user="somebody", company=company, kind=kind, is_office=company == office, roles=())


def _office(directory: Directory) -> str:
    try:
        return directory.office()
    except UnknownName:
        return ""
