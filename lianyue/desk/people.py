"""Who is asking: a user of the directory, acting for the company the directory says."""

from __future__ import annotations

from contracts.errors import RoleMissing, UnknownName
from contracts.organisation import Actor, Role
from lianyue.records.directory import Directory


def actor_named(directory: Directory, user: str) -> Actor:
    """
    Return the actor behind *user*; the company comes from the directory, never from the request.

    Raises:
        UnknownName: If nobody is called so, or no name was given.
    """
    if not user:
        raise UnknownName("say who you are: --as USER, or LIANYUE_USER")
    person = directory.person(user)
    return Actor(user=person.user, company=person.company, roles=person.roles)


def require(actor: Actor, role: Role) -> None:
    """
    Let only actors with *role* pass.

    Raises:
        RoleMissing: If the actor does not hold it.
    """
    if not actor.holds(role):
        raise RoleMissing(f"{actor.user} of {actor.company} does not hold the role {role}")
