"""The ledger: what a decision sees of the others, and what it takes."""

from __future__ import annotations

from activities.recording import Written
from contracts.calendar import epoch_day
from contracts.facts import Candidate, LedgerFacts, MemberFacts, QueueFacts
from contracts.organisation import Alliance
from contracts.service_contract import Stage
from contracts.task import TaskState
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.sql import SqlRecords
from tests.lianyue.records.samples import (
    ALLIANCE,
    AT,
    DAY,
    DIGEST,
    NUMBER,
    decision,
    happening,
    order,
    request,
    task,
    write,
)

OTHER = "LY-2025-0002"


def ledger_of(database: Database, member: str, day: int = DAY, category: str = "property") -> LedgerFacts:
    """What another contract's decision would see of *member*."""
    contract = order("LY-2025-0009", category=category).contract
    found = write(database, lambda writing: writing.candidates(contract, day))
    return next(each.ledger for each in found if each.member.code == member)  # type: ignore[attr-defined]


def test_candidates_are_members_with_their_standing(alliance: Database) -> None:
    """Members come ordered by code, with the standing brought along, or the usual one."""
    found = write(alliance, lambda writing: writing.candidates(order().contract, DAY))

    joined = epoch_day("2025-01-01")
    stated = {"categories": ("property",), "joined_day": joined}
    assert (
        Candidate(member=MemberFacts(code="LGNY", capacity={"m2": 500}, **stated)),
        Candidate(member=MemberFacts(code="LGWY", capacity={"m2": 900_000}, band="A", score_bp=9_100, **stated)),
    ) == found


def test_only_named_candidates_are_considered(alliance: Database) -> None:
    """A contract that names candidates considers no other member."""
    contract = order(candidates=("LGNY", "LGCY")).contract

    found = write(alliance, lambda writing: writing.candidates(contract, DAY))

    assert ["LGNY"] == [each.member.code for each in found]  # type: ignore[attr-defined]


def test_member_that_left_is_not_considered(alliance: Database) -> None:
    """A company that is no longer in the directory receives no new work."""
    remaining = tuple(company for company in ALLIANCE.companies if company.code != "LGNY")
    Directory(alliance).load(ALLIANCE.model_copy(update={"companies": remaining}))

    found = write(alliance, lambda writing: writing.candidates(order().contract, DAY))

    assert ["LGWY"] == [each.member.code for each in found]  # type: ignore[attr-defined]


def test_standing_counts_from_its_day(alliance: Database) -> None:
    """A decision for a day before a standing began does not see it."""
    before = epoch_day("2024-12-31")

    found = write(alliance, lambda writing: writing.candidates(order().contract, before))

    assert [("B", 8_000), ("B", 8_000)] == [(each.member.band, each.member.score_bp) for each in found]  # type: ignore[attr-defined]


def test_award_counts_and_takes_capacity_by_share(records: SqlRecords, alliance: Database) -> None:
    """Two members that share a contract share its needs in proportion, exact to the unit."""
    contract = order(needs={"m2": 100}).contract
    write(alliance, lambda writing: writing.reserve(contract, decision(LGWY=200, LGNY=100), DAY))

    counted = {"awards": 1, "client_awards": 1, "last_award_day": DAY}
    assert LedgerFacts(awarded_fen=200, reserved={"m2": 67}, **counted) == ledger_of(alliance, "LGWY")
    assert LedgerFacts(awarded_fen=100, reserved={"m2": 33}, **counted) == ledger_of(alliance, "LGNY")


def test_own_award_is_not_counted(records: SqlRecords, alliance: Database) -> None:
    """A contract that is decided again does not stand in its own way."""
    write(alliance, lambda writing: writing.reserve(order().contract, decision(LGWY=100), DAY))

    found = write(alliance, lambda writing: writing.candidates(order().contract, DAY))

    assert [LedgerFacts(), LedgerFacts()] == [each.ledger for each in found]  # type: ignore[attr-defined]


def test_other_year_and_category_count_capacity_only(records: SqlRecords, alliance: Database) -> None:
    """Awards count in their calendar year and category; capacity is taken in all of them."""
    write(alliance, lambda writing: writing.reserve(order().contract, decision(LGWY=100), DAY))

    next_year = ledger_of(alliance, "LGWY", epoch_day("2026-01-01"))
    assert LedgerFacts(last_award_day=DAY, reserved={"m2": 300}) == next_year
    assert LedgerFacts(reserved={"m2": 300}, client_awards=1) == ledger_of(alliance, "LGWY", category="catering")


def test_release_gives_everything_back(records: SqlRecords, alliance: Database) -> None:
    """What is released no longer counts; releasing names the members, ordered, and the second time nobody."""
    write(alliance, lambda writing: writing.reserve(order().contract, decision(LGWY=200, LGNY=100), DAY))

    assert ("LGNY",) == write(alliance, lambda writing: writing.release(NUMBER, "LGNY"))
    assert ("LGWY",) == write(alliance, lambda writing: writing.release(NUMBER))
    assert () == write(alliance, lambda writing: writing.release(NUMBER))
    assert LedgerFacts() == ledger_of(alliance, "LGWY")


def test_ended_contract_frees_capacity_and_keeps_award(records: SqlRecords, alliance: Database) -> None:
    """A reviewed contract takes no more capacity, and its award still counts."""
    write(alliance, lambda writing: writing.reserve(order().contract, decision(LGWY=100), DAY))
    ended = request(stage=Stage.REVIEWED, happenings=(happening("reviewed"),))
    records.once(ended, lambda _: Written(key="ended"), Written)

    assert LedgerFacts(awarded_fen=100, awards=1, client_awards=1, last_award_day=DAY) == ledger_of(alliance, "LGWY")


def test_declined_quotes_are_counted(records: SqlRecords, alliance: Database) -> None:
    """A refused task to quote counts as a decline of its company in its year and category."""
    declined = request(tasks=(task(2, state=TaskState.REFUSED),))
    records.once(declined, lambda _: Written(key="declined"), Written)

    assert LedgerFacts(declines=1) == ledger_of(alliance, "LGWY")
    assert LedgerFacts() == ledger_of(alliance, "LGWY", epoch_day("2026-07-01"))


def test_a_queue_is_kept_as_it_stands(alliance: Database) -> None:
    """An unknown queue is empty; a kept one comes back to the last credit."""
    assert QueueFacts(name="property") == write(alliance, lambda writing: writing.queue("property"))

    expected = QueueFacts(
        name="property",
        order=("LGNY", "LGWY"),
        last="LGWY",
        cycle=3,
        served=("LGWY",),
        joining=("LGFW",),
        credits={"LGNY": 1, "LGWY": -1},
        weights={"LGNY": 1, "LGWY": 1},
    )
    write(alliance, lambda writing: writing.keep_queue(expected))

    assert expected == write(alliance, lambda writing: writing.queue("property"))


def test_same_reservation_twice_is_refused(records: SqlRecords, alliance: Database) -> None:
    """A member is never reserved twice for one contract without a release in between."""
    Door(alliance).register(order(OTHER), DIGEST, AT)
    write(alliance, lambda writing: writing.reserve(order().contract, decision(LGWY=100), DAY))
    write(alliance, lambda writing: writing.reserve(order(OTHER).contract, decision(LGWY=100), DAY))
    write(alliance, lambda writing: writing.release(NUMBER))
    write(alliance, lambda writing: writing.reserve(order().contract, decision(LGWY=150), DAY))

    assert 250 == ledger_of(alliance, "LGWY").awarded_fen


def test_reload_keeps_moved_standing(alliance: Database) -> None:
    """Loading the directory again does not put an opening standing on top of the present one."""
    changed = Alliance.model_validate(
        {**ALLIANCE.model_dump(), "standings": [{"member": "LGWY", "category": "property", "score_bp": 6_100}]}
    )
    Directory(alliance).load(changed)

    assert 9_100 == write(alliance, lambda writing: writing.standing("LGWY", "property")).score_bp  # type: ignore[attr-defined]
