"""The pages: a router each for what people come for."""

from fastapi import APIRouter

from lianyue.portal.pages import around, contract, contracts, inbox, live, people, rules, task

ROUTERS: tuple[APIRouter, ...] = (
    around.router,
    live.router,
    inbox.router,
    task.router,
    contracts.router,
    contract.router,
    rules.router,
    people.router,
)
"""In the order in which they are asked: a fixed path before one with a name in it."""
