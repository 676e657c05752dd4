"""The shipped books: clean, sourced, every case true, and decisions that keep the promises of the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts import facts as vocabulary
from contracts.calendar import epoch_day
from contracts.facts import (
    Candidate,
    CertificateFacts,
    ConsortiumFacts,
    ContractFacts,
    Facts,
    LedgerFacts,
    MemberFacts,
    QueueFacts,
    QuoteFacts,
    SubcontractFacts,
)
from rules import cases
from rules.check_book import problems_in
from rules.coverage import coverage, table_coverage
from rules.decide import decide, screen
from rules.documents.policy import AllocationPolicy, GuardSet
from rules.library import Library

BOOKS = Path(__file__).parents[2] / "rules" / "books"
FILES = {str(path.relative_to(BOOKS)): path.read_text(encoding="utf-8") for path in sorted(BOOKS.glob("*/*.yaml"))}
CASES = sorted(file for file in FILES if file.endswith("cases.yaml"))
LIBRARY = Library.of(FILES)
DAY = "2025-11-01"
CATEGORIES = ["default", "property", "pv", "certification", "charging", "canteen", "greening"]
GUARDS = ["alliance-guards", "statutory-guards"]
INDIVISIBLE = {"property": "一个物业管理区域由一家承接"}


def test_the_shipped_books_have_no_problems() -> None:
    """Not one, in any file."""
    assert () == problems_in(FILES, INDIVISIBLE)


@pytest.mark.parametrize("file", CASES)
def test_every_case_is_true(file: str) -> None:
    """What a case says must come is what comes."""
    results = cases.run(FILES[file], FILES, file)

    assert [] == [(result.case, result.differences) for result in results if not result.passed]


@pytest.mark.parametrize("name", [*CATEGORIES, *GUARDS])
def test_every_rule_is_shown_true_and_false(name: str) -> None:
    """The cases of a policy show both answers of each of its own rules, those of a guard set both of its guards."""
    policy = LIBRARY.policy(name if name in CATEGORIES else "default", epoch_day(DAY))
    results = cases.run(FILES[f"{name}/cases.yaml"], FILES)

    points = coverage(policy, [each.decision for each in results if each.decision], name if name in GUARDS else None)
    assert [] == [each.told for each in points if each.kind in ("eligibility", "scoring") and not each.seen]


def test_every_policy_keeps_the_law_and_the_charter() -> None:
    """No shipped policy leaves a shared guard set out."""
    policies = [edition.document for edition in LIBRARY.editions if isinstance(edition.document, AllocationPolicy)]

    assert {(*GUARDS,)} == {document.spec.guards for document in policies}


def test_no_statutory_guard_can_be_waived() -> None:
    """The law does not leave that to the alliance, except where a guard goes further than the law's words."""
    document = LIBRARY.find("GuardSet", "statutory-guards", epoch_day(DAY)).document
    assert isinstance(document, GuardSet)

    assert [] == [guard.id for guard in document.spec.guards if guard.waivable]


@pytest.mark.parametrize("name", LIBRARY.names("DecisionTable"))
def test_every_row_of_a_table_is_shown(name: str) -> None:
    """By the cases beside it."""
    table = LIBRARY.table(name, epoch_day(DAY))
    results = cases.run(FILES[f"{name}/cases.yaml"], FILES)

    points = table_coverage(table, [row for result in results for row in result.rows])
    assert [] == [each.told for each in points if not each.seen]


@pytest.mark.parametrize("folder", sorted({file.partition("/")[0] for file in FILES}))
def test_every_book_has_its_page(folder: str) -> None:
    """A README stands beside the editions."""
    assert (BOOKS / folder / "README.md").read_text(encoding="utf-8").startswith(f"# {folder} · ")


def test_an_edition_is_named_after_its_first_day() -> None:
    """The file name is the day from which it is in force, the folder its name."""
    expected = [f"{edition.name}/{edition.effective.first}.yaml" for edition in LIBRARY.editions if edition.effective]

    assert expected == [file for file in FILES if file not in CASES]


RECORDS: dict[str, type[BaseModel]] = {
    "Certificate": CertificateFacts,
    "Consortium": ConsortiumFacts,
    "Subcontract": SubcontractFacts,
    "Contract": ContractFacts,
    "Member": MemberFacts,
    "Ledger": LedgerFacts,
    "Quote": QuoteFacts,
}


def test_the_types_are_those_of_the_facts() -> None:
    """Record by record and field by field, in the order of `contracts.facts`."""
    expected = {
        name: {field: _type_of(model, field) for field in model.model_fields} for name, model in RECORDS.items()
    }

    assert expected == yaml.safe_load(FILES["alliance-core/2025-01-01.yaml"])["spec"]["types"]


def _type_of(model: type[BaseModel], field: str) -> str:
    """The type of a field as a type set writes it, taken from its JSON Schema."""
    return _text_of(model.model_json_schema()["properties"][field])


def _text_of(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2].removesuffix("Facts"))
    if schema["type"] == "array":
        return f"list<{_text_of(schema['items'])}>"
    if schema["type"] == "object":
        values = schema.get("additionalProperties") or next(iter(schema["patternProperties"].values()))
        return f"map<string, {_text_of(values)}>"
    return {"integer": "int", "string": "string", "boolean": "bool"}[schema["type"]]


OF_THE_DECISION = ("Facts", "QueueFacts", "DrawFacts", "ExceptionFacts")
"""Facts that expressions do not read: the whole, and what only the methods of selecting look at."""


def test_every_fact_about_a_candidate_is_a_type() -> None:
    """No record of the facts has been forgotten."""
    records = {name for name in vars(vocabulary) if name.endswith("Facts") and name not in OF_THE_DECISION}

    assert records == {model.__name__ for model in RECORDS.values()}


codes = ["LGFW", "LGWY", "LGYF", "LGSC", "LGST", "LGQF"]


@st.composite
def candidates(draw: st.DrawFn) -> tuple[Candidate, ...]:
    """Some members, each with or without what the rules ask for."""
    chosen = draw(st.lists(st.sampled_from(codes), min_size=1, max_size=6, unique=True))
    return tuple(draw(_candidate(code)) for code in chosen)


@st.composite
def _candidate(draw: st.DrawFn, code: str) -> Candidate:
    every = ("food_licence", "cnca_approval")
    papers = tuple(
        CertificateFacts(code=paper, valid_from_day=20_089, valid_to_day=draw(st.sampled_from([20_600, 21_184])))
        for paper in every
    )
    member = MemberFacts(
        code=code,
        categories=draw(st.sampled_from([("works", *CATEGORIES[1:]), ()])),
        parks=("fengxian",),
        certificates=papers,
        capacity={"m2": draw(st.sampled_from([1_000, 90_000]))},
        band=draw(st.sampled_from(["A", "B", "E"])),
        score_bp=draw(st.integers(0, 10_000)),
    )
    price = draw(st.one_of(st.none(), st.integers(1, 700_000_000)))
    quote = None if price is None else QuoteFacts(price_fen=price, order=draw(st.integers(0, 9)))
    return Candidate(member=member, quote=quote, ledger=LedgerFacts(awards=draw(st.integers(0, 12))))


def _facts(name: str, value_fen: int, field: tuple[Candidate, ...], declined: dict[str, str]) -> Facts:
    return Facts(
        decision_day=DAY,
        contract=ContractFacts(
            number="LY-2026-0001",
            category="works" if name == "default" else name,
            client="LGCX",
            park="fengxian",
            value_fen=value_fen,
            quantity=21_000,
            starts_day=20_454,
            ends_day=20_818,
            divisible=name != "property",
            needs={"m2": 21_000},
        ),
        candidates=field,
        queue=QueueFacts(name="certification", order=tuple(codes[:4]), last="LGWY"),
        declined=declined,
    )


@pytest.mark.parametrize("name", CATEGORIES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    field=candidates(),
    value_fen=st.integers(1, 10**12),
    declined=st.dictionaries(st.sampled_from(codes), st.just("没有人手"), max_size=2),
)
def test_a_decision_keeps_its_promises(
    name: str, field: tuple[Candidate, ...], value_fen: int, declined: dict[str, str]
) -> None:
    """Order is irrelevant, shares sum to the amount, and whoever is not selected is ranked or has a reason."""
    policy = LIBRARY.policy_for("works" if name == "default" else name, epoch_day(DAY))

    decision = decide(policy, _facts(name, value_fen, field, declined))

    assert decision == decide(policy, _facts(name, value_fen, tuple(reversed(field)), declined))
    assert decision.amount_fen == sum(share.amount_fen for share in decision.shares)
    everybody = sorted(candidate.member.code for candidate in field)
    assert everybody == sorted([*decision.eligible, *decision.excluded])
    assert sorted(decision.eligible) == sorted(decision.ranking)
    assert all(decision.excluded.values())
    assert set(decision.selected) <= set(decision.ranking)


def test_screening_and_deciding_agree_where_everybody_has_quoted() -> None:
    """Who may quote is who may be selected, if the quotes are in."""
    policy = LIBRARY.policy("charging", epoch_day(DAY))
    member = MemberFacts(code="LGWY", categories=("charging",), parks=("fengxian",), capacity={"m2": 30_000})
    facts = _facts("charging", 100, (Candidate(member=member, quote=QuoteFacts(price_fen=90)),), {})

    screening, decision = screen(policy, facts), decide(policy, facts)

    assert (screening.eligible, screening.facts_digest) == (decision.eligible, decision.facts_digest)
