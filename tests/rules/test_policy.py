"""Compiling: one edition with its digests, the edition in force, and problems at the place where they are."""

from __future__ import annotations

import pytest

from contracts.calendar import epoch_day
from contracts.decision import PolicyReference
from contracts.errors import Invalid, UnknownName
from contracts.service_contract import ServiceContract
from rules.canonical import digest
from rules.cases import changed
from rules.library import Library
from rules.parse import fields_at, parsed
from rules.policy import compile_policy
from rules.problems import RuleProblems
from rules.source import read
from rules.typeset import RESERVED, TYPE_NAMES

TYPES = """\
apiVersion: lianyue/v1
kind: TypeSet
metadata: {name: core, title: 事实}
spec:
  types:
    Contract: {category: string, value_fen: int}
    Member: {code: string, score_bp: int, parks: list<string>}
    Ledger: {awards: int}
    Quote: {price_fen: int, order: int}
"""

PARAMS = """\
apiVersion: lianyue/v1
kind: ParameterSet
metadata: {name: few, title: 参数}
spec:
  parameters:
    least_bp: {type: int, unit: bp, values: [{from: "2025-01-01", value: 7000}]}
"""

POLICY = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: trial, title: 试行, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  match: {category: any}
  variables:
    - {name: enough, value: member.score_bp >= params.least_bp}
  eligibility:
    - {id: quality, require: enough, message: 得分不足}
  scoring:
    - {id: price, title: 价格, weight_bp: 10000, score: "mulDiv(best_price_fen, 10000, quote.price_fen)"}
  select: {method: scored, tie: [quote.order, member.code]}
  divide: {method: whole}
"""


def messages(policy: str = POLICY, params: str = PARAMS, types: str = TYPES) -> list[str]:
    """The problems of a policy, each with its place."""
    with pytest.raises(RuleProblems) as caught:
        compile_policy(policy, params, types)
    return [str(problem) for problem in caught.value.problems]


def test_the_same_texts_compile_once() -> None:
    """Compiling again costs nothing."""
    assert compile_policy(POLICY, PARAMS, TYPES) is compile_policy(POLICY, PARAMS, TYPES)


def test_layout_and_comments_do_not_change_the_identity() -> None:
    """The digest is of what the document says."""
    other = "# comment\n" + POLICY.replace("{name: few}", "few").replace(
        "  types: core\n", "  types:   core  # the facts\n"
    )

    assert compile_policy(POLICY, PARAMS, TYPES).digest == compile_policy(other, PARAMS, TYPES).digest


def test_a_changed_figure_changes_the_identity() -> None:
    """One of 10,000 more."""
    other = PARAMS.replace("7000", "7001")

    assert compile_policy(POLICY, PARAMS, TYPES).params_digest != compile_policy(POLICY, other, TYPES).params_digest


def test_the_reference_names_the_edition_and_both_digests() -> None:
    """By which the documents can be found again."""
    reference = compile_policy(POLICY, PARAMS, TYPES).reference(epoch_day("2025-08-01"))

    expected = PolicyReference(
        name="trial",
        edition="2025-01-01",
        digest=digest(read(POLICY, "x").data),
        params_digest=digest(read(PARAMS, "x").data),
    )
    assert expected == reference


def test_expression_problems_stand_at_their_character() -> None:
    """In the file of the policy, all at once."""
    policy = POLICY.replace("member.score_bp >=", "member.scor_bp >=").replace(
        "quote.price_fen)", "quote.price_fen, 1)"
    )

    expected = [
        "policy.yaml:10:36: unknown field 'scor_bp' of Member; did you mean 'score_bp'?",
        "policy.yaml:14:56: 'mulDiv' is written mulDiv(int, int, int)",
    ]
    assert expected == messages(policy)


def test_an_eligibility_rule_cannot_read_the_quote() -> None:
    """It is asked before anybody has quoted."""
    policy = POLICY.replace("require: enough", "require: quote.price_fen > 0")

    assert ["policy.yaml:12:30: unknown name 'quote'"] == messages(policy)


def test_types_fit_their_places() -> None:
    """A requirement is true or false, a score is whole, a tie key is comparable."""
    policy = (
        POLICY.replace("require: enough", "require: member.score_bp")
        .replace('score: "mulDiv(best_price_fen, 10000, quote.price_fen)"', "score: member.code")
        .replace("[quote.order, ", "[member.parks, ")
    )

    expected = [
        "policy.yaml:12:30: this must be bool, is int",
        "policy.yaml:14:55: this must be int, is string",
        "policy.yaml:15:34: a tie key is a whole number or text, not list<string>",
    ]
    assert expected == messages(policy)


def test_a_variable_cannot_take_a_name_that_is_given() -> None:
    """Or readers would not know which is meant."""
    policy = POLICY.replace("name: enough", "name: rank").replace("require: enough", "require: 'true'")

    assert ["policy.yaml:10:14: 'rank' is a name that every policy has; call the variable something else"] == messages(
        policy
    )


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *((name, "is the name of a type in expressions") for name in sorted(TYPE_NAMES)),
        *((name, "has a meaning in expressions") for name in sorted(RESERVED)),
    ],
)
def test_a_variable_is_not_called_like_a_type_or_a_word_of_the_language(name: str, why: str) -> None:
    """The problem stands at the name, once: what uses the variable is not complained about as well."""
    used = "'true'" if name.startswith("null") else f"{name} || true"
    policy = POLICY.replace("name: enough", f'name: "{name}"').replace("require: enough", f"require: {used}")

    assert [f"policy.yaml:10:14: {name!r} {why}; call the variable something else"] == messages(policy=policy)


def test_parameters_and_types_are_those_asked_for() -> None:
    """Two files of other names are not."""
    policy = POLICY.replace("types: core", "types: all").replace("params: few", "params: many")

    expected = [
        "policy.yaml:6:10: it asks for the types 'all', but was given 'core'",
        "policy.yaml:7:11: it asks for the params 'many', but was given 'few'",
    ]
    assert expected == messages(policy)


def test_problems_of_the_types_come_first() -> None:
    """A policy cannot be judged before what it rests on."""
    assert ["types.yaml:9:24: unknown type 'itn'; did you mean 'int'?"] == messages(
        types=TYPES.replace("price_fen: int", "price_fen: itn")
    )


def test_the_latest_edition_that_has_begun_is_in_force() -> None:
    """The new one begins on its day, the old one holds the day before."""
    later = POLICY.replace('from: "2025-01-01"', 'from: "2026-01-01"')
    library = Library.of({"a": POLICY, "b": later, "p": PARAMS, "t": TYPES})

    editions = [
        library.policy("trial", epoch_day(day)).reference(epoch_day(day)).edition
        for day in ("2025-12-31", "2026-01-01")
    ]

    assert ["2025-01-01", "2026-01-01"] == editions


def test_an_edition_ends_before_its_last_day() -> None:
    """``to`` is exclusive."""
    ended = POLICY.replace('from: "2025-01-01"', 'from: "2025-01-01", to: "2025-06-01"')
    library = Library.of({"a": ended, "p": PARAMS, "t": TYPES})

    assert "trial" == library.policy("trial", epoch_day("2025-05-31")).name
    with pytest.raises(UnknownName) as caught:
        library.policy("trial", epoch_day("2025-06-01"))
    assert "no AllocationPolicy called 'trial' is in force on 2025-06-01" == caught.value.message


def test_an_unknown_policy_is_named_with_the_nearest() -> None:
    """A misspelt name finds its way."""
    with pytest.raises(UnknownName) as caught:
        Library.of({"a": POLICY}).policy("trail", epoch_day("2025-06-01"))

    expected = "no AllocationPolicy called 'trail' is in force on 2025-06-01; did you mean 'trial'?"
    assert expected == caught.value.message


def test_a_category_without_a_policy_takes_the_default() -> None:
    """And with one its own."""
    files = {"a": POLICY, "d": POLICY.replace("name: trial", "name: default"), "p": PARAMS, "t": TYPES}
    library, day = Library.of(files), epoch_day("2025-06-01")

    assert ["trial", "default"] == [library.policy_for(category, day).name for category in ("trial", "canteen")]


def test_an_edition_is_found_by_its_digest() -> None:
    """Also when it is no longer in force."""
    library = Library.of({"a": POLICY})

    assert library.editions[0] is library.by_digest(digest(read(POLICY, "x").data))
    with pytest.raises(UnknownName):
        library.by_digest("sha256:" + "0" * 64)


def test_any_model_reads_a_file_strictly() -> None:
    """Text is no number, a number no text, and a strange field is named with the nearest."""
    text = (
        "number: LY-2025-0001\ntitle: 2025\ncategroy: pv\nvalue_fen: '100'\n"
        "quoting: {rounds: 9, mode: invitd}\nneeds: {M2: 1}\n"
    )

    with pytest.raises(RuleProblems) as caught:
        parsed(read(text, "c.yaml"), ServiceContract)

    expected = [
        "c.yaml:1:1: field 'client' is missing",
        "c.yaml:1:1: field 'ends_on' is missing",
        "c.yaml:1:1: field 'park' is missing",
        "c.yaml:1:1: field 'quantity' is missing",
        "c.yaml:1:1: field 'starts_on' is missing",
        "c.yaml:2:8: 'title' must be text, not 2025; put it in quotes",
        "c.yaml:3:1: unknown field 'categroy'; did you mean 'category'?",
        "c.yaml:4:12: 'value_fen' must be a whole number, not \"100\"; take the quotes away",
        "c.yaml:5:19: 'rounds' must be at most 5, not 9",
        "c.yaml:5:28: 'mode' must be one of invited, framework, not \"invitd\"; did you mean 'invited'?",
        'c.yaml:6:9: the key must be a name of small letters, digits and dashes, not "M2"',
    ]
    assert expected == [str(problem) for problem in caught.value.problems]


def test_the_rule_of_a_model_is_told_at_the_document() -> None:
    """A term that ends before it starts."""
    text = (
        "number: LY-2025-0001\ntitle: 光伏\ncategory: pv\nclient: LGCX\npark: fengxian\nvalue_fen: 1\nquantity: 1\n"
        'starts_on: "2025-02-01"\nends_on: "2025-01-01"\n'
    )

    with pytest.raises(RuleProblems) as caught:
        parsed(read(text, "c.yaml"), ServiceContract)

    expected = "c.yaml:1:1: the service ends on 2025-01-01, before it starts on 2025-02-01"
    assert expected == caught.value.message


def test_the_fields_of_a_model_are_known_below_lists_and_references() -> None:
    """As far as a step leads."""
    assert ("working_days", "remind_after", "escalate_after") == fields_at(ServiceContract, ("quoting", "deadline"))


def test_a_case_changes_a_candidate_by_its_code() -> None:
    """And leaves the given facts as they are."""
    given = {"candidates": [{"member": {"code": "AA"}}, {"member": {"code": "BB"}}]}

    facts = changed(given, {"candidates.AA.member.band": "E", "candidates.BB": None, "declined.AA": "忙"})

    assert {"candidates": [{"member": {"code": "AA", "band": "E"}}], "declined": {"AA": "忙"}} == facts
    assert {"candidates": [{"member": {"code": "AA"}}, {"member": {"code": "BB"}}]} == given


def test_a_case_cannot_change_a_candidate_that_is_not_there() -> None:
    """The path is named."""
    with pytest.raises(Invalid) as caught:
        changed({"candidates": []}, {"candidates.AA.quote": None})

    assert "set candidates.AA.quote: no 'AA' there" == caught.value.message
