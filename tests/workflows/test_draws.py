"""Lots from the start of a contract to its audit: committed to, sealed, revealed, and decided again."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.facts import DrawFacts
from contracts.task import Decline, TaskKind
from lianyue.audit.replay import Check, audit_contract
from lianyue.books import publish
from lianyue.testing import House, small_contract
from rules.select.lottery import commitment_to, lot

NUMBER = "LY-2025-0001"
POLICY = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: by-lot, title: 摇号, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: alliance-core
  params: alliance-params
  match: {category: any}
  eligibility:
    - {id: served, require: contract.park in member.parks, message: 不服务该园区}
  select: {method: lottery}
  divide: {method: whole}
"""


@pytest.fixture
def drawing(home: House, tmp_path: Path) -> House:
    """A house with a policy that draws lots."""
    books = tmp_path / "books"
    books.mkdir()
    (books / "by-lot.yaml").write_text(POLICY, encoding="utf-8")
    publish(home.wiring.records, books, home.wiring.categories)
    return home


async def test_a_draw_is_committed_to_before_and_checked_after(drawing: House) -> None:
    """The order holds the commitment, the decision the seed; whoever declines is passed over in the same draw."""
    await drawing.start(small_contract(policy="by-lot"))
    order = drawing.desk.reading.order(NUMBER)
    await drawing.answer_all(TaskKind.QUOTE, 3)
    await drawing.approve()
    first = drawing.desk.reading.decisions(NUMBER)[0]
    refusing = await drawing.task(TaskKind.SIGN, first.decision.selected[0])
    await drawing.desk.act("decline", Decline, refusing.id, drawing.user_for(refusing), reason="没有人手")
    await drawing.approve()

    second = drawing.desk.reading.decisions(NUMBER)[1]
    draw = first.facts.draw
    assert draw is not None
    assert draw == second.facts.draw == DrawFacts(commitment=commitment_to(draw.seed), seed=draw.seed)
    assert order.draw_commitment == draw.commitment
    assert draw.seed not in order.model_dump_json()
    ranking = sorted(("NORTH", "LAKE", "HILL"), key=lambda code: lot(draw.seed, NUMBER, code))
    assert (tuple(ranking), tuple(ranking[1:])) == (first.decision.ranking, second.decision.ranking)


async def test_an_audit_decides_a_draw_again(drawing: House) -> None:
    """From the recorded facts, and against what the order was started with."""
    await drawing.start(small_contract(policy="by-lot"))
    await drawing.answer_all(TaskKind.QUOTE, 3)
    await drawing.approve()

    report = await audit_contract(drawing.wiring, NUMBER, drawing.client)

    assert Check(name="draw", ok=True, detail="1 draws") in report.checks
    assert [] == [check for check in report.checks if not check.ok]


async def test_a_contract_that_is_started_twice_keeps_its_seed(drawing: House) -> None:
    """The second start draws nothing that counts."""
    await drawing.start(small_contract(policy="by-lot"))
    first = drawing.desk.reading.order(NUMBER)
    await drawing.start(small_contract(policy="by-lot"))

    assert first == drawing.desk.reading.order(NUMBER)


async def test_without_lots_there_is_no_commitment(home: House) -> None:
    """An order commits to a seed only where its policy draws lots."""
    await home.start(small_contract())

    assert home.desk.reading.order(NUMBER).draw_commitment is None
