"""Identifiers, each made and unmade by a pair of functions."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from contracts.errors import UnknownName

NUMBER = re.compile(r"^[A-Z][A-Z0-9]{1,7}-[0-9]{4}-[0-9]{4,6}$")
PORTFOLIO = re.compile(r"^portfolio/[a-z][a-z0-9_-]{0,63}$")

ContractNumber = Annotated[str, Field(pattern=NUMBER.pattern)]
"""``LY-2025-0001``: the alliance's prefix, the year, a serial."""

TaskId = Annotated[str, Field(min_length=3, max_length=200)]
"""
``LY-2025-0001/quote:quote-LGWY-1``: the workflow's path, a colon, the task's name in it.

That of a portfolio begins with ``portfolio/``.
"""


def contract_workflow(number: str) -> str:
    """Return the id of the root workflow that carries contract *number*."""
    return f"contract/{number}"


def number_of(workflow_id: str) -> str:
    """Return the contract number that a root or child *workflow_id* belongs to."""
    prefix, _, rest = workflow_id.partition("/")
    number = rest.partition("/")[0]
    if prefix != "contract" or not NUMBER.fullmatch(number):
        raise UnknownName(f"{workflow_id!r} is not the workflow of a contract")
    return number


def quoting_workflow(number: str) -> str:
    """Return the id of the child that gathers the quotes."""
    return f"contract/{number}/quote"


def signing_workflow(number: str, version: int) -> str:
    """Return the id of the child that has document *version* signed."""
    return f"contract/{number}/sign/v{version}"


def delivering_workflow(number: str, member: str, version: int = 1) -> str:
    """Return the id of the child that follows *member*'s share; a later start after an exit counts on."""
    return f"contract/{number}/deliver/{member}" + (f"/{version}" if version > 1 else "")


def reviewing_workflow(number: str) -> str:
    """Return the id of the child in which the members are reviewed."""
    return f"contract/{number}/review"


def portfolio_workflow(portfolio: str) -> str:
    """Return the id of the workflow in which the contracts of *portfolio* are awarded together."""
    return f"portfolio/{portfolio}"


def archiving_workflow(number: str) -> str:
    """Return the id of the workflow that stores the histories of the tree once the root has closed."""
    return f"archive/{number}"


def task_id(workflow_id: str, name: str) -> str:
    """Return the id of the task called *name* on the board of *workflow_id*."""
    return f"{workflow_id.removeprefix('contract/')}:{name}"


def task_place(task: str) -> tuple[str, str]:
    """
    Return the workflow id and the task's name that *task* was made of.

    Raises:
        UnknownName: If *task* is not the id of a task.
    """
    path, colon, name = task.partition(":")
    if colon and name and PORTFOLIO.fullmatch(path):
        return path, name
    if not colon or not name or not NUMBER.fullmatch(path.partition("/")[0]):
        raise UnknownName(f"{task!r} is not the id of a task; it looks like LY-2025-0001/quote:quote-LGWY-1")
    return f"contract/{path}", name
