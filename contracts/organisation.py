"""Who takes part: the alliance, its member companies and clients, and the people who act for them."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from contracts.value import Authored, BasisPoints, Code, Count, Digest, EpochDay, Line, Recorded, Slug, UserName

IsoDay = Line
"""A date as text, ``2025-07-01``; the loader turns it into an epoch day."""


class Role(StrEnum):
    """What a person may do for a company."""

    COORDINATOR = "coordinator"
    HANDLER = "handler"
    SIGNER = "signer"
    BUYER = "buyer"
    DESK_OFFICER = "desk_officer"
    FINANCE_LEAD = "finance_lead"
    COUNCIL_MEMBER = "council_member"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class CompanyKind(StrEnum):
    """In which capacity a company belongs to the alliance."""

    MEMBER = "member"
    CLIENT = "client"
    OFFICE = "office"


class Certificate(Authored):
    """A licence or certificate a company holds, from its first to its last valid day."""

    code: Slug
    number: Line
    valid_from: IsoDay
    valid_to: IsoDay


class Company(Authored):
    """A company of the alliance: what it may do, and how much."""

    code: Code
    name: Line
    name_en: Line
    kind: CompanyKind
    credit_code: str = Field(default="", pattern=r"^([0-9A-Z]{18})?$")
    categories: tuple[Slug, ...] = ()
    parks: tuple[Slug, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    capacity: dict[Slug, Count] = {}
    joined_on: IsoDay = "2025-01-01"
    controllers: tuple[Code, ...] = ()
    """Who controls or manages it (控股、管理关系): directly, and up the chain to the last."""
    person_in_charge: Line | None = None
    """The person in charge (单位负责人), by name or number; two companies with the same one are related."""
    sme: bool = False
    """Whether it is a small or medium enterprise (中小企业)."""
    grades: dict[Slug, Count] = {}
    """Category to grade, 1 being the highest."""
    synthetic: bool = False


class Person(Authored):
    """A user: one name to sign in with, one company, some roles."""

    user: UserName
    name: Line
    company: Code
    roles: tuple[Role, ...]
    related: tuple[Code, ...] = ()
    """Companies this person is related to (关联公司): they take no part where these win."""
    email: str = Field(default="", max_length=120, pattern=r"^([^@\s<>,;\"]+@[^@\s<>,;\"]+)?$")
    """Where the daily digest of notices goes; nowhere without one."""
    synthetic: bool = False


class Keyholder(Authored):
    """
    Who holds one of the keys by which sealed quotes are opened: somebody with the role at the company.

    ``public_key`` is an X25519 key in 64 hexadecimal digits (`lianyue keys show`). A test keyholder has none: its key
    follows from its name, and protects nothing.
    """

    name: Slug
    title: Line
    company: Code
    role: Role
    public_key: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    test: bool = False


class OpeningStanding(Authored):
    """The review score a member starts with, when the alliance brings scores along."""

    member: Code
    category: Slug
    score_bp: BasisPoints


class Alliance(Authored):
    """The directory of one alliance: its office, members, clients and people."""

    name: Line
    name_en: Line
    office: Code
    companies: tuple[Company, ...]
    people: tuple[Person, ...]
    keyholders: tuple[Keyholder, ...] = ()
    standings: tuple[OpeningStanding, ...] = ()

    @model_validator(mode="after")
    def _names_agree(self) -> Alliance:
        """Codes and user names are unique, and everybody belongs to a company that exists."""
        _refuse_twice("company", [company.code for company in self.companies])
        _refuse_twice("user", [person.user for person in self.people])
        known = {company.code for company in self.companies}
        for person in self.people:
            if person.company not in known:
                raise ValueError(f"user {person.user} belongs to {person.company}, which is not a company here")
            for code in person.related:
                if code not in known:
                    raise ValueError(f"user {person.user} is related to {code}, which is not a company here")
        _refuse_twice("keyholder", [holder.name for holder in self.keyholders])
        for holder in self.keyholders:
            if holder.company not in known:
                raise ValueError(f"keyholder {holder.name} is of {holder.company}, which is not a company here")
            if holder.test is bool(holder.public_key):
                raise ValueError(f"keyholder {holder.name} needs either a public_key or test: true")
        _refuse_twice("public key", [holder.public_key for holder in self.keyholders if not holder.test])
        if self.office not in known:
            raise ValueError(f"the office {self.office} is not a company here")
        return self


class MandateScope(StrEnum):
    """What a mandate is for: the approvals of awards, or all other tasks while somebody is away."""

    APPROVALS = "approvals"
    TASKS = "tasks"


class Mandate(Recorded):
    """
    By what authority somebody acts for (代) another: what *principal* handed over, from day to day, half-open.

    The digest is that of the record. The roles are the principal's on the day of the act. Without ``to_day`` it has
    no end; a revocation brings the end forward.
    """

    digest: Digest
    principal: UserName
    company: Code
    roles: tuple[Role, ...]
    from_day: EpochDay
    to_day: EpochDay | None = None
    scope: MandateScope = MandateScope.APPROVALS

    def is_in_force(self, day: int) -> bool:
        """Say whether it may be used on epoch *day*."""
        return self.from_day <= day and (self.to_day is None or day < self.to_day)


class Actor(Recorded):
    """
    Who does something, as the desk has authenticated it: the company always comes from the sign-in.

    With a ``mandate`` the actor acts for its principal, with the principal's roles and not with their own.
    """

    user: UserName
    company: Code
    roles: tuple[Role, ...]
    mandate: Mandate | None = None

    def holds(self, role: Role) -> bool:
        """Say whether the actor holds *role* themselves."""
        return role in self.roles

    def acts_as(self, role: Role) -> bool:
        """Say whether the actor acts in *role* here: their principal's where they have a mandate, else their own."""
        return role in (self.mandate.roles if self.mandate else self.roles)

    @property
    def seat(self) -> str:
        """In whose place the actor holds a task: that of the one they stand in for, else their own."""
        stands_in = self.mandate is not None and self.mandate.scope is MandateScope.TASKS
        return self.mandate.principal if self.mandate and stands_in else self.user

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody this act counts for: the actor, and whom they act for."""
        return (self.user, self.mandate.principal) if self.mandate else (self.user,)


def _refuse_twice(what: str, names: list[str]) -> None:
    seen: list[str] = []
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name} is listed twice")
        seen.append(name)
