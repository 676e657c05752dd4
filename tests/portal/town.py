"""The house with its HTTP door: people knock with tokens, in the loop in which the workflows run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from contracts.organisation import Person, Role
from contracts.task import TaskKind
from lianyue.access.service import Service
from lianyue.portal.app import make_app
from lianyue.portal.pages import HANDLERS, ROUTERS
from lianyue.testing import House, house, small_alliance, small_contract

SEALED, AWARDED = "LY-2025-0001", "LY-2025-0002"
BASE = "http://127.0.0.1:8080"
SEALED_PRICES = {"NORTH": 61_234_567, "LAKE": 62_345_678}
PRICES = {"NORTH": 60_123_457, "LAKE": 61_765_439, "HILL": 63_456_781}
TOGETHER = {
    "LY-2025-0003": {"NORTH": 58_123_451, "LAKE": 58_765_433},
    "LY-2025-0004": {"NORTH": 57_234_561, "LAKE": 57_976_543},
}
"""What is asked for two contracts that are awarded together, of which nobody may have both; nothing is announced."""
USERS = {
    "member north": "north",
    "member lake": "lake",
    "member hill": "hill",
    "client": "buyer",
    "coordinator": "coord",
    "approver": "council1",
    "auditor": "auditor",
    "member's auditor": "lake.auditor",
    "other client": "stranger",
}
"""Everybody who looks, by what they are."""


class Town:
    """A house and its portal."""

    def __init__(self, made: House, service: Service | None = None) -> None:
        self.house = made
        self.service = service or Service(made.wiring, made.client)
        self.app = make_app(self.service, *ROUTERS, handlers=HANDLERS)
        self.walks: dict[str, dict[str, str]] = {}
        self._tokens: dict[str, str] = {}
        self._doors: dict[str, httpx2.AsyncClient] = {}

    def token(self, user: str, *roles: Role) -> str:
        """Issue a token for *user*, with no role beyond *roles* if there are any."""
        name = f"{user}-{uuid4().hex[:8]}".replace(".", "-")
        secret, _ = self.service.sign_in.issue(name, user, roles, 30)
        self._tokens[name] = secret
        return secret

    def door(self, user: str = "", **headers: str) -> httpx2.AsyncClient:
        """Return the door as *user* stands before it; without a name, a stranger does."""
        if user and user not in self._doors:
            self._doors[user] = self.knocking(Authorization=f"Bearer {self.token(user)}", **headers)
        return self._doors[user] if user else self.knocking(**headers)

    def knocking(self, **headers: str) -> httpx2.AsyncClient:
        """Return a client with *headers*; a defect inside is an answer, not an exception."""
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False, client=("127.0.0.1", 123))
        return httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers)

    async def get(self, user: str, path: str) -> httpx2.Response:
        """Have *user* look at *path* of the API."""
        return await self.door(user).get(f"/api/v1{path}")

    async def post(self, user: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Have *user* send *body* to *path* of the API."""
        return await self.door(user).post(f"/api/v1{path}", json=body, headers=headers)

    async def settle(self) -> None:
        """Bring a contract to sealed quotes, another one to its first settlement, and two together to an approval."""
        place = self.house
        await place.start(small_contract(AWARDED, quoting={"min_quotes": 3, "rounds": 1}), PRICES)
        for member in PRICES:
            await place.answer(TaskKind.QUOTE, member)
        await place.approve()
        await place.sign_all()
        await place.start(small_contract(SEALED, title="港口二期物业服务"), SEALED_PRICES)
        for member in SEALED_PRICES:
            task = await place.task(TaskKind.QUOTE, member, SEALED)
            await place.desk.submit(task.id, place.user_for(task), place.usual(task))
        await place.answer(TaskKind.DELIVER)
        await place.answer(TaskKind.ACCEPT)
        await place.until(lambda: bool(place.desk.reading.settlements(AWARDED)))
        await self.award_together()

    async def award_together(self) -> None:
        """Have two contracts quoted for and decided together; of two approvals of their award one is given."""
        place = self.house
        await place.start_together(TOGETHER, candidates=("NORTH", "LAKE"), quoting={"rounds": 1})
        for number, prices in TOGETHER.items():
            for member in prices:
                task = await place.task(TaskKind.QUOTE, member, number)
                await place.desk.submit(task.id, place.user_for(task), place.usual(task))
        await place.answer(TaskKind.APPROVE)

    async def close(self) -> None:
        """Close every door."""
        for door in self._doors.values():
            await door.aclose()


@asynccontextmanager
async def town(data: Path, records_url: str, **settings: Any) -> AsyncIterator[Town]:
    """Open a house with a door, in which an auditor, a member's own auditor and a second client live too."""
    async with house(data, records_url, **settings) as made:
        made.wiring.directory.load(_with_onlookers())
        opened = Town(made)
        yield opened
        await opened.close()


def _with_onlookers():  # type: ignore[no-untyped-def]
    alliance = small_alliance()
    client = next(each for each in alliance.companies if each.code == "HARBOUR")
    other = client.model_copy(update={"code": "MARKET", "name": "市集平台", "name_en": "Market"})
    people = (
        Person(user="auditor", name="审计人", company="OFFICE", roles=(Role.AUDITOR,)),
        Person(user="lake.auditor", name="湖岸审计", company="LAKE", roles=(Role.AUDITOR,)),
        Person(user="stranger", name="外人", company="MARKET", roles=(Role.BUYER,)),
    )
    return alliance.model_copy(
        update={"companies": (*alliance.companies, other), "people": (*alliance.people, *people)}
    )
