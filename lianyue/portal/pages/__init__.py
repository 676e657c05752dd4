"""The pages: a router each for what people come for."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lianyue.portal.pages import (
    around,
    award,
    contract,
    contracts,
    inbox,
    live,
    orders,
    papers,
    people,
    portfolios,
    proof,
    rules,
    task,
    verify,
)
from lianyue.portal.pages.visit import broken, lost, unfit

ROUTERS: tuple[APIRouter, ...] = (
    verify.router,
    around.router,
    live.router,
    inbox.router,
    task.router,
    contracts.router,
    orders.router,
    contract.router,
    award.router,
    papers.router,
    portfolios.router,
    proof.router,
    rules.router,
    people.router,
)
"""In the order in which they are asked: a fixed path before one with a name in it."""

HANDLERS: dict[Any, Callable[..., Any]] = {HTTPException: lost, RequestValidationError: unfit, Exception: broken}
"""How people are told of what no route could tell them."""
