"""What tasks are called: in Chinese as their workflows named them, in English by their kind and what they are about."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.task import MemberTask, TaskKind
from lianyue.settings import Language

ENGLISH: Mapping[TaskKind, str] = {
    TaskKind.CONFIRM_TERMS: "Confirm the terms of {contract}, draft {version}",
    TaskKind.REVISE_TERMS: "Revise the terms of {contract}, draft {version}",
    TaskKind.QUOTE: "Quote for {contract}",
    TaskKind.OPEN_QUOTES: "Open the sealed quotes for {contract}",
    TaskKind.ADJUST: "Adjust the award of {contract}",
    TaskKind.APPROVE: "Approve the award of {contract}",
    TaskKind.SIGN: "Sign {contract}, version {version}",
    TaskKind.DELIVER: "Deliver {contract}: {milestone}",
    TaskKind.ACCEPT: "Inspect {milestone}, delivered by {member}",
    TaskKind.RATE: "Rate the members of {contract}",
    TaskKind.REPLY: "Reply to the draft review of {contract}",
    TaskKind.HEAR_APPEAL: "Hear the appeal of {member}: {contract}",
}
"""A history keeps the title that its workflow wrote; it is put into English where it is read."""


def task_title(task: MemberTask, contract: str, names: Mapping[str, str], language: str) -> str:
    """
    Return the title of *task* of the contract that is titled *contract*.

    *names* calls companies by code and milestones by ``milestone:<code>``. A task of a portfolio, which is kept under
    the number of its first contract, is about the portfolio.
    """
    if language != Language.EN:
        return task.title
    portfolio = task.subject.get("portfolio")
    member, milestone = task.subject.get("member", task.company), task.subject.get("milestone", "")
    return ENGLISH[task.kind].format(
        contract=f"portfolio {portfolio}" if portfolio else contract,
        version=task.subject.get("version", "1"),
        member=names.get(member, member),
        milestone=names.get(f"milestone:{milestone}", milestone),
    )
