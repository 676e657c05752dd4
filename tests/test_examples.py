"""The examples: their sums, how their files fit together, and that the shipped books award every contract."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from contracts.decision import DecisionOutcome
from contracts.organisation import CompanyKind, Role
from contracts.service_contract import QuotingMode
from contracts.task import MemberTask, TaskKind
from contracts.task_forms import form_of
from rules.authority import approvals_needed
from rules.decide import screen
from rules.forms import violations
from rules.source import read
from tests.dry_run import (
    ALONE,
    CEREMONY,
    DECISION_DAY,
    EXAMPLES,
    SMALL,
    DryRun,
    ceremony,
    companies,
    example,
    library,
    packs,
    policy_of,
    story,
)

# --- sums -------------------------------------------------------------------------------------------------------


def test_contracts_are_numbered_without_a_gap() -> None:
    """There are seventy-eight contracts, LY-2025-0001 to LY-2025-0078, in the order of the file."""
    numbers = [contract.number for contract in example().contracts]

    assert [f"LY-2025-{serial:04d}" for serial in range(1, 79)] == numbers


def test_the_sums_are_the_public_figures() -> None:
    """Property area 1,676,000 m², PV 25,830 kWp and 496 million yuan, to the fen."""
    area = sum(contract.quantity for contract in example().contracts if contract.category == "property")
    power = sum(contract.quantity for contract in example().contracts if contract.category == "pv")
    value_fen = sum(contract.value_fen for contract in example().contracts)

    assert (1_676_000, 25_830, 49_600_000_000) == (area, power, value_fen)


def test_every_category_is_there() -> None:
    """All six shipped categories have contracts."""
    assert set(packs()) == {contract.category for contract in example().contracts}


def test_the_named_companies_are_there() -> None:
    """The directory lists the fourteen members and six clients that the press names, and one office."""
    kinds = Counter(company.kind for company in example().alliance.companies)

    assert {CompanyKind.MEMBER: 14, CompanyKind.CLIENT: 6, CompanyKind.OFFICE: 1} == kinds


def test_about_half_is_quoted_and_half_called_off() -> None:
    """Thirty-six contracts ask for quotes, forty-two are framework call-offs."""
    modes = Counter(contract.quoting.mode for contract in example().contracts)

    assert {QuotingMode.INVITED: 36, QuotingMode.FRAMEWORK: 42} == modes


@pytest.mark.parametrize("name", [CEREMONY, *SMALL])
def test_everything_made_up_says_so(name: str) -> None:
    """Companies, people and contracts all carry ``synthetic: true``."""
    known = example(name)
    marked = [
        *(company.synthetic for company in known.alliance.companies),
        *(person.synthetic for person in known.alliance.people),
        *(contract.synthetic for contract in known.contracts),
    ]

    assert all(marked)


# --- the files agree with one another ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", [CEREMONY, *SMALL])
def test_terms_fit_the_form_of_their_category(name: str) -> None:
    """No contract's terms have a fault."""
    faults = {
        contract.number: violations(packs()[contract.category].terms_schema, contract.terms)
        for contract in example(name).contracts
    }

    assert {} == {number: found for number, found in faults.items() if found}


@pytest.mark.parametrize("name", [CEREMONY, *SMALL])
def test_contracts_name_companies_that_exist(name: str) -> None:
    """Clients are clients in whose park the service is, candidates are members."""
    known = example(name)
    clients = {company.code: company for company in companies(CompanyKind.CLIENT, known)}
    members = [company.code for company in companies(CompanyKind.MEMBER, known)]

    for contract in known.contracts:
        assert contract.park in clients[contract.client].parks
        assert set(contract.candidates) <= set(members)


@pytest.mark.parametrize("name", [CEREMONY, *SMALL])
def test_whoever_may_quote_has_a_price(name: str) -> None:
    """With no work in hand, the members that pass the screening of an invited contract are those with a price."""
    known = example(name)
    empty = DryRun(known.model_copy(update={"contracts": ()}))
    asked = {
        contract.number: set(screen(policy_of(contract), empty.facts_of(contract)).eligible)
        for contract in known.contracts
        if contract.quoting.mode is QuotingMode.INVITED
    }

    assert asked == {number: set(prices) for number, prices in known.script.quotes.items()}


@pytest.mark.parametrize("name", [CEREMONY, *SMALL])
def test_the_script_speaks_of_contracts_and_companies_that_exist(name: str) -> None:
    """Deviations, interventions and scores name contracts of the example and companies of its directory."""
    known = example(name)
    numbers = {contract.number for contract in known.contracts}
    codes = {company.code for company in known.alliance.companies}
    occasions = (*known.script.deviations, *known.script.interventions)

    assert {occasion.number for occasion in occasions} | set(known.script.scores) <= numbers
    assert {occasion.company for occasion in occasions if occasion.company} <= codes
    assert {member for scores in known.script.scores.values() for member in scores} <= codes


@pytest.mark.parametrize("name", [CEREMONY, *SMALL])
def test_every_role_that_a_contract_asks_for_is_filled(name: str) -> None:
    """Members handle and sign, clients buy and sign, the office coordinates, signs, reviews and audits."""
    known = example(name)
    held = {
        company.code: {
            role for person in known.alliance.people if person.company == company.code for role in person.roles
        }
        for company in known.alliance.companies
    }
    office = {Role.COORDINATOR, Role.DESK_OFFICER, Role.SIGNER, Role.REVIEWER, Role.AUDITOR}

    assert all({Role.HANDLER, Role.SIGNER} <= held[company.code] for company in companies(CompanyKind.MEMBER, known))
    assert all({Role.BUYER, Role.SIGNER} <= held[company.code] for company in companies(CompanyKind.CLIENT, known))
    assert office <= held[known.alliance.office]


# --- the dry run ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALONE)
def test_every_contract_is_awarded_at_its_value(name: str) -> None:
    """The shipped books find somebody for every contract, and the amount is the contract's value to the fen."""
    run = DryRun(example(name))
    outcomes = {number: (decision.outcome, decision.amount_fen) for number, decision in run.decisions.items()}

    assert {c.number: (DecisionOutcome.AWARDED, c.value_fen) for c in example(name).contracts} == outcomes


@pytest.mark.parametrize("step", [5, 31, 53, 77])
def test_the_amounts_do_not_depend_on_the_order_of_decisions(step: int) -> None:
    """However the contracts overtake one another, each is awarded at its value and the same companies take part."""
    contracts = example().contracts
    shuffled = [contracts[place * step % len(contracts)] for place in range(len(contracts))]
    run = DryRun(example(), shuffled)

    assert {contract.number: contract.value_fen for contract in contracts} == {
        number: decision.amount_fen for number, decision in run.decisions.items()
    }
    assert 17 == len(units(run))


def test_seventeen_units_take_part() -> None:
    """Eleven members and six clients sign; the office is not counted."""
    assert 17 == len(units(ceremony()))


def units(run: DryRun) -> set[str]:
    """Buyers and sellers that sign."""
    sellers = {share.member for decision in run.decisions.values() for share in decision.shares}
    return sellers | {contract.client for contract in example().contracts}


def test_most_contracts_go_to_a_single_member() -> None:
    """Seventy-six contracts have one member, two have three."""
    assert {1: 76, 3: 2} == Counter(len(decision.shares) for decision in ceremony().decisions.values())


def test_capacity_binds_somewhere() -> None:
    """Some members are excluded because their capacity is taken, or was never enough."""
    screened = screen(policy_of(story("能力约束")), ceremony().facts_of(story("能力约束")))

    assert {"FXQF", "FXZY"} == {
        code for code, reasons in screened.excluded.items() if [reason.rule for reason in reasons] == ["capacity"]
    }
    assert "capacity" in {
        reason.rule
        for contract in example().contracts
        if contract.category == "certification"
        for reason in ceremony().decisions[contract.number].excluded.get("LGSC", ())
    }


@pytest.mark.parametrize("name", [CEREMONY, *SMALL])
def test_enough_people_may_approve_every_award(name: str) -> None:
    """For each role the office has as many people as the authority matrix asks for, besides whoever starts."""
    known, run = example(name), DryRun(example(name))
    matrix = library().authority("award-signoff", DECISION_DAY)
    office = [person for person in known.alliance.people if person.company == known.alliance.office]
    starter = next(person for person in known.alliance.people if Role.COORDINATOR in person.roles)
    held = Counter(role.value for person in office if person != starter for role in person.roles)

    for number, decision in run.decisions.items():
        asked: Counter[str] = Counter()
        for need in approvals_needed(matrix, run.facts[number], decision):
            asked[need.role] += need.count
        assert asked <= held, number


# --- the answers of the small examples --------------------------------------------------------------------------

ANSWERS = {
    "quote": TaskKind.QUOTE,
    "approve": TaskKind.APPROVE,
    "sign": TaskKind.SIGN,
    "deliver": TaskKind.DELIVER,
    "accept": TaskKind.ACCEPT,
    "rate": TaskKind.RATE,
    "reply": TaskKind.REPLY,
}


def answers() -> list[tuple[str, Path]]:
    """Every answer file beside a small example."""
    return [(name, path) for name in SMALL for path in sorted((EXAMPLES / name / "answers").glob("*.yaml"))]


@pytest.mark.parametrize(("name", "path"), answers(), ids=lambda given: str(getattr(given, "stem", given)))
def test_an_answer_fits_its_form(name: str, path: Path) -> None:
    """An answer file can be handed in as it is; only the digest of the document is to be filled in."""
    contract, *_ = example(name).contracts
    member = path.stem.partition("-")[2].upper()
    milestone = packs()[contract.category].pack.milestones[0].code
    task = SimpleNamespace(
        kind=ANSWERS[path.stem.partition("-")[0]],
        subject={"members": member or companies(CompanyKind.MEMBER, example(name))[0].code, "milestone": milestone},
    )
    form = form_of(MemberTask.model_construct(**vars(task)), packs()[contract.category])
    content = read(path.read_text(encoding="utf-8"), str(path)).data

    assert () == tuple(violations(form, content))


def test_every_small_example_has_answers() -> None:
    """Each of the small examples can be walked through by hand."""
    assert set(SMALL) == {name for name, _ in answers()}
