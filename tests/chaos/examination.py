"""What must hold of contracts after everything that could die has died: nothing lost, nothing doubled."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from sqlmodel import select

from contracts.agreement import Agreement, AgreementState
from contracts.ids import (
    contract_workflow,
    delivering_workflow,
    quoting_workflow,
    reviewing_workflow,
    signing_workflow,
)
from contracts.journal import EffectRequest, Happening
from lianyue.audit.evidence import Done, activities_done
from lianyue.audit.replay import archived, audit_contract
from lianyue.records.tables import EffectRow, ReservationRow
from lianyue.wiring import Wiring
from tests.chaos.crew import Turn

Faults = list[str]


async def faults(wiring: Wiring, story: dict[str, Turn]) -> Faults:
    """Return everything that is wrong with the contracts of *story*; nothing, if all is well."""
    found: Faults = []
    for number, turn in story.items():
        found += _ending(wiring, number, turn)
        found += _archive(wiring, number, turn)
        found += _effects(wiring, number)
        found += _happenings(wiring, number)
        found += _signatures(wiring, number)
        found += _money(wiring, number, turn)
        found += _reservations(wiring, number, turn)
        report = await audit_contract(wiring, number)
        found += [f"{number}: {check.name}: {check.detail}" for check in report.checks if not check.ok]
    return found


def _ending(wiring: Wiring, number: str, turn: Turn) -> Faults:
    """Every contract reached the end of its story, and no task is left open."""
    stage = wiring.reading.contract(number).stage
    expected = "cancelled" if turn is Turn.CANCELLED else "reviewed"
    wrong = [] if stage == expected else [f"{number} is {stage}, not {expected}"]
    return wrong + [f"{task.id} is still open" for task in wiring.reading.tasks(number=number)]


def _archive(wiring: Wiring, number: str, turn: Turn) -> Faults:
    """Each workflow of the contract's tree is archived, with one run."""
    kept = [history.workflow_id for history in wiring.reading.histories(number)]
    agreements = wiring.reading.agreements(number)
    members = agreements[0].version.agreement.members if agreements else ()
    tree = [contract_workflow(number), quoting_workflow(number)]
    tree += [signing_workflow(number, kept.version.agreement.version) for kept in agreements]
    tree += [delivering_workflow(number, member) for member in members]
    tree += [] if turn is Turn.CANCELLED else [reviewing_workflow(number)]
    return [] if sorted(tree) == sorted(kept) else [f"{number}: archived are {kept}, not {tree}"]


def _effects(wiring: Wiring, number: str) -> Faults:
    """The effects in the records are those of the completed activities, each once, with the same answer."""
    asked = Counter(done.asked(EffectRequest).key for done in _done(wiring, number))
    doubled = [f"{key} was completed {times} times" for key, times in asked.items() if times > 1]
    told = {done.asked(EffectRequest).key: json.loads(done.answer) for done in _done(wiring, number)}
    with wiring.database.reading() as session:
        rows = session.exec(select(EffectRow).where(EffectRow.number == number)).all()
        written = {row.key: json.loads(row.answer_json or "null") for row in rows}
    differing = [key for key in sorted({*told, *written}) if _other(told, key) != _other(written, key)]
    return doubled + [f"{key} differs between history and records" for key in differing]


def _other(answers: dict[str, object], key: str) -> object:
    """The answer under *key*, told from a missing one."""
    return ("answered", answers[key]) if key in answers else "missing"


def _happenings(wiring: Wiring, number: str) -> Faults:
    """Everything a workflow told is in the records, once."""
    told = Counter(
        _line(happening) for done in _done(wiring, number) for happening in done.asked(EffectRequest).journal.happenings
    )
    written = Counter(_line(happening) for happening in wiring.reading.happenings(number))
    return [] if told == written else [f"{number}: told and written differ by {(told - written) + (written - told)}"]


def _line(happening: Happening) -> str:
    return happening.model_dump_json()


def _signatures(wiring: Wiring, number: str) -> Faults:
    """Each party has signed each version once, one revision on the other, and the document holds."""
    wrong: Faults = []
    for kept in wiring.reading.agreements(number):
        agreement = kept.version.agreement
        signed = [signature.company for signature in wiring.reading.signatures(number, agreement.version)]
        if sorted(agreement.parties) != signed:
            wrong.append(f"{number} version {agreement.version} is signed by {signed}, not {agreement.parties}")
        revisions = wiring.reading.revisions(number, agreement.version)
        check = wiring.documents.check(revisions[-1], kept.version)
        if [each.previous for each in revisions[1:]] != [
            each.digest for each in revisions[:-1]
        ] or check.reason != "ok":
            wrong.append(f"the document of {number} version {agreement.version} does not hold: {check.reason}")
    return wrong


def _money(wiring: Wiring, number: str, turn: Turn) -> Faults:
    """Every instalment of the plan is settled once and they add up to the total; of a cancelled one, the first."""
    plan = _last_plan(wiring, number)
    cells = {(cell.member, cell.milestone): cell.amount_fen for cell in plan.instalments}
    lines = wiring.reading.settlements(number)
    settled = [(line.member, line.milestone) for line in lines]
    if turn is Turn.CANCELLED:
        return [] if len(settled) == len(plan.members) else [f"{number}: settled are {settled}"]
    agreed_fen, owed_fen = sum(line.agreed_fen for line in lines), sum(cells.values())
    if sorted(cells) != settled or not agreed_fen == owed_fen == plan.total_fen:
        return [f"{number}: settled are {settled} of {agreed_fen} fen, agreed {sorted(cells)} of {plan.total_fen}"]
    return []


def _reservations(wiring: Wiring, number: str, turn: Turn) -> Faults:
    """Each member's share is reserved once; nothing is reserved for a cancelled contract."""
    with wiring.database.reading() as session:
        rows = session.exec(select(ReservationRow).where(ReservationRow.number == number)).all()
        held = sorted((row.member, row.amount_fen, row.is_released) for row in rows)
    first = wiring.reading.agreements(number)[0].version.agreement
    due = sorted((share.member, share.amount_fen, turn is Turn.CANCELLED) for share in first.shares)
    return [] if due == held else [f"{number}: reserved is {held}, not {due}"]


def _last_plan(wiring: Wiring, number: str) -> Agreement:
    kept = [each for each in wiring.reading.agreements(number) if each.state is not AgreementState.DRAWN_UP]
    return kept[-1].version.agreement


def _done(wiring: Wiring, number: str) -> Iterator[Done]:
    """Every completed activity of the archived histories."""
    for history in archived(wiring, number):
        yield from activities_done(history)
