"""Records in which contracts were decided, without a server: the desk's order and the deciding activity are real."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from activities.deciding import DecideRequest, Deciding, DecisionRecord
from contracts.calendar import epoch_day
from contracts.ids import contract_workflow
from contracts.organisation import Actor, Alliance, Role
from contracts.quote import Quote
from contracts.service_contract import ServiceContract
from lianyue.books import publish
from lianyue.desk.orders import OrderDesk
from lianyue.packs import categories
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.sql import SqlRecords
from lianyue.records.upgrade import upgrade
from lianyue.seals import QuoteSeals
from lianyue.settings import Settings
from lianyue.signing.dev_authority import DevAuthority
from lianyue.testing import PRICES, small_alliance
from lianyue.working_days import shanghai_calendar
from rules.canonical import digest

AT = datetime(2025, 7, 1, 1, 30, tzinfo=UTC)
DAY = epoch_day("2025-07-01")
COORDINATOR = Actor(user="coord", company="OFFICE", roles=(Role.COORDINATOR,))


class DecidingHouse:
    """The small *alliance*, or another, with its records under a folder; contracts are decided one after the other."""

    def __init__(self, data: Path, books: Path | None = None, alliance: Alliance | None = None) -> None:
        self.settings = Settings(data=data, books=books, clock_origin="2025-07-01T09:30:00+08:00")
        data.mkdir(parents=True, exist_ok=True)
        upgrade(self.settings.records_url)
        with Database(self.settings.records_url) as database:
            Directory(database).load(alliance or small_alliance())

    def decide(self, contract: ServiceContract, prices: dict[str, int] | None = None) -> DecisionRecord:
        """Publish the books, register *contract* and decide it on *prices*, by member."""
        with Database(self.settings.records_url) as database:
            records, packs = SqlRecords(database, now=lambda: AT), categories()
            publish(records, self.settings.books, packs)
            desk = OrderDesk(self.settings, records, Directory(database), packs, shanghai_calendar(2025, 2027))
            order = desk.order(contract, COORDINATOR, AT)
            Door(database).register(order, digest(contract.model_dump(mode="json")), AT)
            request = DecideRequest(
                workflow_id=contract_workflow(contract.number),
                number=contract.number,
                step="decide",
                occurrence=1,
                contract=contract,
                pins=order.pins,
                quotes=_quotes(PRICES if prices is None else prices),
                declined={},
                day=DAY,
                office=order.office,
                draw_commitment=order.draw_commitment,
            )
            keys = self.settings.keys
            seals, signatures = QuoteSeals(keys / "quotes"), DevAuthority(keys / "authority")
            return Deciding(records, seals, signatures).decide(request)


def _quotes(prices: dict[str, int]) -> tuple[Quote, ...]:
    commitment = digest({})
    return tuple(
        Quote(member=code, round=1, price_fen=fen, commitment=commitment, nonce="0", order=place, content={})
        for place, (code, fen) in enumerate(prices.items())
    )
