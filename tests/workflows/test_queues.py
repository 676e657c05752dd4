"""Queues from one contract to the next: what a decision says of the queue is what the records keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.facts import QueueFacts
from contracts.task import Decline, TaskKind
from lianyue.books import publish
from lianyue.records.writing import SqlWriting
from lianyue.testing import House, small_contract

POLICY = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: by-turn, title: 轮候, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: alliance-core
  params: alliance-params
  match: {category: any}
  eligibility:
    - {id: served, require: contract.park in member.parks, message: 不服务该园区}
  select: {method: rotation, queue: turns, decline_consumes_turn: CONSUMES}
  divide: {method: whole}
"""
FRAMEWORK = {"mode": "framework"}


@pytest.mark.parametrize(("consumes", "served"), [("true", ("HILL", "LAKE")), ("false", ("LAKE",))])
async def test_a_declined_turn_is_used_or_given_back(
    home: House, tmp_path: Path, consumes: str, served: tuple[str, ...]
) -> None:
    """HILL declines and LAKE follows; whether HILL has had its turn is the policy's word, and on record."""
    books = tmp_path / "books"
    books.mkdir()
    (books / "by-turn.yaml").write_text(POLICY.replace("CONSUMES", consumes), encoding="utf-8")
    publish(home.wiring.records, books, home.wiring.categories)
    await home.start(small_contract(policy="by-turn", quoting=FRAMEWORK))
    await home.approve()
    refusing = await home.task(TaskKind.SIGN, "HILL")
    await home.desk.act("decline", Decline, refusing.id, home.user_for(refusing), reason="没有人手")
    await home.approve()

    last = home.desk.reading.decisions("LY-2025-0001")[-1].decision

    expected = QueueFacts(name="turns", order=("HILL", "LAKE", "NORTH"), last="LAKE", served=served)
    kept = home.wiring.database.write(lambda session: SqlWriting(session).queue("turns"))
    assert (("LAKE",), expected, expected) == (last.selected, last.queue_after, kept)
