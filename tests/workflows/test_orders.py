"""What coordinators may order: suspend, resume, amend, cancel; by the right person at the right time, on record."""

from __future__ import annotations

import pytest

from activities.delivering import Delivering, SettleRequest
from contracts.agreement import AgreementState
from contracts.delivery import Acceptance, SettlementKind
from contracts.errors import RoleMissing, WrongState
from contracts.money import added
from contracts.service_contract import Amendment, Cancellation, Resumption, Stage, Suspension
from contracts.task import Decline, TaskKind, TaskState
from lianyue.testing import House, greening_contract, small_contract

NUMBER = "LY-2025-0001"


async def to_delivery(home: House, **changes: object) -> None:
    """Bring a contract to its first delivery."""
    await home.start(small_contract(**changes))
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()
    await home.sign_all()
    await home.task(TaskKind.DELIVER)


async def test_a_suspension_stops_the_clock(home: House) -> None:
    """While a contract is suspended no inspection period ends; resumed, it runs on with the time that was left."""
    await to_delivery(home, delivery={"inspection_working_days": 3})
    await home.answer(TaskKind.DELIVER)
    before = await home.task(TaskKind.ACCEPT)
    await home.desk.suspend(NUMBER, "coord", Suspension(reason="对验收标准有争议"))
    await home.pass_days(30)
    during = await home.task(TaskKind.ACCEPT)
    await home.desk.resume(NUMBER, "coord", Resumption(reason="双方已达成一致"))
    await home.until(lambda: home.desk.reading.task(before.id).revision > before.revision)
    after = home.desk.reading.task(before.id)
    await home.pass_days(6)
    await home.task(TaskKind.DELIVER)

    assert before.due_at is not None
    assert after.due_at is not None
    assert TaskState.OFFERED == during.state
    assert 29 <= (after.due_at - before.due_at).days <= 31
    assert "deemed_accepted" == home.desk.reading.settlements(NUMBER)[0].acceptance


async def test_people_may_act_while_suspended(home: House) -> None:
    """A suspension stops deadlines, not people: a delivery is accepted meanwhile."""
    await to_delivery(home)
    await home.desk.suspend(NUMBER, "coord", Suspension(reason="争议"))
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT)

    assert "quarter_1" == (await home.task(TaskKind.DELIVER)).subject["milestone"]
    assert home.desk.reading.contract(NUMBER).is_suspended


async def test_an_amendment_changes_only_what_is_open(home: House) -> None:
    """Once all have signed it, an amendment moves the open instalments; a settled one stays as it was."""
    await to_delivery(home)
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT)
    await home.task(TaskKind.DELIVER)
    settled = home.desk.reading.settlements(NUMBER)[0]
    await home.desk.amend(NUMBER, "coord", Amendment(reason="增加保洁面积", value_fen=70_000_000, extend_days=30))
    await home.sign_all()
    while home.desk.reading.agreements(NUMBER)[-1].state is not AgreementState.IN_FORCE:
        await home.task(TaskKind.DELIVER)
    await home.deliver_all(4)
    await home.review_all()

    outcome = await home.outcome()

    old, new = (kept.version.agreement for kept in home.desk.reading.agreements(NUMBER))
    by_milestone = {cell.milestone: cell for cell in new.instalments}
    assert (70_000_000, 70_000_000) == (outcome.total_fen, outcome.paid_fen)
    assert settled.agreed_fen == by_milestone["takeover"].amount_fen
    assert ["takeover"] == [
        cell.milestone for cell in old.instalments if by_milestone[cell.milestone].due_day == cell.due_day
    ]


async def test_an_amendment_below_what_is_settled_claws_back(home: House) -> None:
    """What was settled beyond the new share is paid back, by a line of its own; everything still adds up."""
    await to_delivery(home)
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT)
    await home.task(TaskKind.DELIVER)
    settled = home.desk.reading.settlements(NUMBER)[0]
    await home.desk.amend(NUMBER, "coord", Amendment(reason="缩减范围", value_fen=1_000, repay_within_days=14))
    await home.sign_all()
    await home.until(lambda: "amended" in home.verbs())
    await home.deliver_all(4)
    await home.review_all()

    outcome = await home.outcome()

    plan = home.desk.reading.agreements(NUMBER)[-1].version.agreement
    lines = home.desk.reading.settlements(NUMBER)
    (back,) = [line for line in lines if line.kind is SettlementKind.CLAW_BACK]
    assert (1_000, 1_000, 1_000) == (outcome.total_fen, outcome.paid_fen, sum(line.agreed_fen for line in lines))
    assert plan.lines_planned() == {(line.member, line.milestone): line.agreed_fen for line in lines}
    assert ("NORTH", "claw-back-v2", 1_000 - settled.agreed_fen) == (back.member, back.milestone, back.agreed_fen)
    assert back.agreed_fen == back.payable.gross_fen == back.payable.net_fen + back.payable.vat_fen
    assert "clawed_back" in home.verbs()


async def test_an_amendment_that_a_party_refuses_changes_nothing(home: House) -> None:
    """An amendment is in force only with every signature; a refused one leaves the agreement in force."""
    await to_delivery(home)
    await home.desk.amend(NUMBER, "coord", Amendment(reason="涨价", value_fen=90_000_000))
    task = await home.task(TaskKind.SIGN, "HARBOUR")
    await home.desk.act("decline", Decline, task.id, "buyer", reason="不同意涨价")
    await home.deliver_all(5)

    states = [kept.state for kept in home.desk.reading.agreements(NUMBER)]
    assert [AgreementState.IN_FORCE, AgreementState.VOIDED] == states
    assert 63_000_000 == sum(line.agreed_fen for line in home.desk.reading.settlements(NUMBER))


async def test_cancelling_in_delivery_undoes_in_reverse_order(home: House) -> None:
    """A cancelled contract voids its agreement, then frees what was reserved; what was settled stays owed."""
    await to_delivery(home)
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT)
    await home.task(TaskKind.DELIVER)
    await home.desk.cancel(NUMBER, "coord", Cancellation(reason="项目终止"))

    outcome = await home.outcome()

    settled = sum(line.payable.gross_fen for line in home.desk.reading.settlements(NUMBER))
    assert (Stage.CANCELLED, ("void", "release"), settled) == (outcome.stage, outcome.undone, outcome.paid_fen)
    assert settled > 0
    assert [] == list(home.desk.reading.tasks(number=NUMBER))
    assert [AgreementState.VOIDED] == [kept.state for kept in home.desk.reading.agreements(NUMBER)]


@pytest.mark.parametrize("kind", [TaskKind.QUOTE, TaskKind.APPROVE, TaskKind.SIGN, TaskKind.RATE])
async def test_cancelling_takes_back_every_open_task(home: House, kind: TaskKind) -> None:
    """Whatever stage is cancelled, no task stays open; after delivery there is nothing left to cancel."""
    await home.start(small_contract())
    steps = {
        TaskKind.QUOTE: 0,
        TaskKind.APPROVE: 1,
        TaskKind.SIGN: 2,
        TaskKind.RATE: 4,
    }
    walk = [
        lambda: home.answer_all(TaskKind.QUOTE, 3),
        home.approve,
        home.sign_all,
        lambda: home.deliver_all(5),
    ]
    for step in walk[: steps[kind]]:
        await step()
    await home.task(kind)
    if kind is TaskKind.RATE:
        refusal = await home.refusal(home.desk.cancel(NUMBER, "coord", Cancellation(reason="太晚了")))
        assert WrongState.code == refusal.code
        return
    await home.desk.cancel(NUMBER, "coord", Cancellation(reason="项目终止"))

    outcome = await home.outcome()

    assert Stage.CANCELLED == outcome.stage
    assert [] == list(home.desk.reading.tasks(number=NUMBER))


async def test_cancelling_frees_the_capacity_for_the_next_contract(home: House) -> None:
    """What a cancelled contract had reserved can be awarded again."""
    whole = {"needs": {"m2": 100_000}}
    await home.start(small_contract(**whole), {"NORTH": 63_000_000})
    await home.answer(TaskKind.QUOTE, "NORTH")
    await home.pass_days(9)
    await home.approve()
    await home.task(TaskKind.SIGN)
    await home.desk.cancel(NUMBER, "coord", Cancellation(reason="项目终止"))
    await home.outcome()
    await home.start(small_contract("LY-2025-0002", **whole))
    quoting = await home.task(TaskKind.QUOTE, "NORTH", "LY-2025-0002")

    assert "LY-2025-0002" == quoting.number


async def test_only_coordinators_of_the_office_order(home: House) -> None:
    """A member cannot suspend; the attempt is refused and on record."""
    await to_delivery(home)

    refusal = await home.refusal(home.desk.suspend(NUMBER, "north", Suspension(reason="不想干了")))

    attempts = home.desk.reading.refused_attempts(NUMBER)
    assert RoleMissing.code == refusal.code
    assert [("north", "suspend", "role-missing")] == [(each.user, each.verb, each.code) for each in attempts]
    assert "refused" in home.verbs()


async def test_a_contract_is_resumed_only_when_suspended(home: House) -> None:
    """To resume what runs is refused."""
    await to_delivery(home)

    refusal = await home.refusal(home.desk.resume(NUMBER, "coord", Resumption(reason="误操作")))

    assert f"{NUMBER} is not suspended" == refusal.message


async def test_amending_before_signing_is_refused(home: House) -> None:
    """Only a signed contract in delivery can be amended."""
    await home.start(greening_contract())
    await home.task(TaskKind.QUOTE)

    refusal = await home.refusal(home.desk.amend(NUMBER, "coord", Amendment(reason="太早", extend_days=3)))

    assert WrongState.code == refusal.code


async def test_cancelling_while_an_amendment_is_signed_still_counts_what_was_settled(home: House) -> None:
    """What was settled before the cancellation is owed, also when an amendment was on its way round the parties."""
    await to_delivery(home)
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT)
    await home.task(TaskKind.DELIVER)
    await home.desk.amend(NUMBER, "coord", Amendment(reason="增加面积", value_fen=70_000_000))
    await home.task(TaskKind.SIGN)
    await home.desk.cancel(NUMBER, "coord", Cancellation(reason="项目终止"))

    outcome = await home.outcome()

    settled = sum(line.payable.gross_fen for line in home.desk.reading.settlements(NUMBER))
    states = [kept.state for kept in home.desk.reading.agreements(NUMBER)]
    assert (Stage.CANCELLED, settled) == (outcome.stage, outcome.paid_fen)
    assert settled > 0
    assert [AgreementState.VOIDED, AgreementState.VOIDED] == states


async def test_nothing_is_settled_while_an_amendment_is_signed(home: House) -> None:
    """An instalment accepted while an amendment goes round is settled by the amended plan, so that all adds up."""
    await to_delivery(home)
    await home.desk.amend(NUMBER, "coord", Amendment(reason="增加面积", value_fen=70_000_000))
    await home.task(TaskKind.SIGN)
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT)
    await home.task(TaskKind.DELIVER)
    before = home.desk.reading.settlements(NUMBER)
    await home.sign_all()
    await home.deliver_all(4)
    await home.review_all()

    outcome = await home.outcome()

    lines = home.desk.reading.settlements(NUMBER)
    assert () == before
    assert [2] * 5 == [line.plan_version for line in lines]
    assert 70_000_000 == outcome.paid_fen == sum(line.agreed_fen for line in lines)


async def test_a_plan_that_a_settlement_has_overtaken_does_not_come_into_force(home: House) -> None:
    """Were an instalment settled after the amendment was drawn up, the amendment falls and the old plan stands."""
    await to_delivery(home)
    await home.desk.amend(NUMBER, "coord", Amendment(reason="增加面积", value_fen=70_000_000))
    await home.task(TaskKind.SIGN)
    early = SettleRequest(
        workflow_id=f"contract/{NUMBER}/deliver/NORTH/early",
        number=NUMBER,
        step="settle",
        occurrence=1,
        pins=home.desk.reading.order(NUMBER).pins,
        member="NORTH",
        milestone="takeover",
        acceptance=Acceptance.ACCEPTED,
        score_bp=9_300,
    )
    Delivering(home.wiring.records).settle(early)
    await home.sign_all()
    await home.until(lambda: "amendment_refused" in home.verbs())

    states = [kept.state for kept in home.desk.reading.agreements(NUMBER)]
    assert [AgreementState.IN_FORCE, AgreementState.VOIDED] == states


async def test_a_contract_pins_whatever_its_policy_rests_on(home: House) -> None:
    """The guard sets and tables that decide it are pinned, in the editions in force on the day, in order of digest."""
    await home.start(small_contract())

    parts = home.desk.reading.order(NUMBER).pins.parts
    kinds = ("GuardSet", "DecisionTable")
    published = [each for each in home.wiring.records.editions() if each.kind in kinds]
    names = ["alliance-guards", "quote-plausibility", "service-class", "statutory-guards"]
    assert names == sorted(each.name for each in published)
    assert tuple(sorted(each.digest for each in published)) == parts


async def test_a_price_of_two_rates_is_settled_by_supply(home: House) -> None:
    """Each supply of an instalment has its own rate, and together they are what is payable."""
    lines = [{"vat": "management", "part_bp": 9_000}, {"vat": "parking", "part_bp": 1_000}]
    await to_delivery(home, price_lines=lines)
    await home.answer(TaskKind.DELIVER)
    await home.answer(TaskKind.ACCEPT)
    await home.task(TaskKind.DELIVER)

    (settled,) = home.desk.reading.settlements(NUMBER)

    assert {"management": 600, "parking": 900} == {code: part.vat_bp for code, part in settled.by_supply.items()}
    assert settled.payable == added(tuple(settled.by_supply.values()))
    assert settled.agreed_fen - settled.deduction_fen == settled.payable.gross_fen


async def test_a_price_line_that_the_pack_does_not_know_is_refused(home: House) -> None:
    """Before anything is started, with the names there are."""
    contract = small_contract(price_lines=[{"vat": "parkng", "part_bp": 10_000}])

    refusal = await home.refusal(home.start(contract))

    assert refusal.message.startswith("'parkng' is not a VAT line of property; these are: ")
