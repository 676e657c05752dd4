"""Nothing of the rule language is without words: every method, field, outcome and note, in both languages."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from contracts.approval import ApprovalPlan
from contracts.decision import Decision, DecisionOutcome, ExclusionReason, Fee, FeeBase
from contracts.facts import QueueFacts
from contracts.organisation import Role
from rules.difference import DecisionDifference
from rules.divide.fee_methods import Bracket, Level, SavingYear, Stage
from rules.divide.methods import Divide
from rules.documents.policy import AmountSource, Nothing
from rules.explain.methods import CHOICES, DIVIDING, FIELDS, LINKS, RANKINGS, SELECTING
from rules.explain.notes import NOTES, note_in
from rules.explain.sentences import ACCOUNT, DIFFERENCES, PAGE, SAID, VALUES
from rules.explain.stating import NAMING
from rules.explain.words import BASES, OUTCOMES, PARTS, PAYEES, QUEUE, ROLES, TITLES, Words
from rules.select.declining import DeclineReason
from rules.select.methods import Discount, Group, Oversize, Rationale, Select, Word
from tests.rules.explain import telling_trials as trials

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
RULES = Path(__file__).parents[3] / "rules"
WRITING = ("select", "divide", "decide.py", "eligibility.py", "scoring.py", "exceptions.py", "authority.py", "table")
"""The parts of the rules that write notes, reasons and grounds into a decision."""

SELECTS = {model.model_fields["method"].annotation.__args__[0]: model for model in get_args(get_args(Select)[0])}
DIVIDES = {model.model_fields["method"].annotation.__args__[0]: model for model in get_args(get_args(Divide)[0])}
ITEMS = {model.__name__.lower(): model for model in (Discount, Group, Level, Stage, Bracket, SavingYear)}

TOLD = {
    "outcome": "outcome",
    "policy": "basis",
    "facts_digest": "again equal",
    "method": "method",
    "division": "division",
    "eligible": "eligible",
    "excluded": "excluded",
    "scores": "score",
    "ranking": "ranking",
    "selected": "selected",
    "amount_fen": "amount by value",
    "shares": "share",
    "fees": "fee",
    "ties": "tie",
    "trace": "came to",
    "queue_turns": "turns",
    "queue_after": "queue after",
    "abnormally_low": "low",
    "engine": "again equal",
    "note": "note",
    "waived": "waived",
    "after": "tried",
}
"""By which sentence each field of a decision is told; the engine and the facts by whether they give it again."""

SAME_BY_DESIGN = ("policy", "facts_digest", "method", "division", "eligible", "trace", "engine", "note", "ties")
"""Fields that do not count as a difference between decisions, or that others imply."""


def fields_of(scope: str, model: type[BaseModel]) -> Iterator[tuple[str, str, Any]]:
    """Every field that a method or an item of it states, with its annotation."""
    for name, field in model.model_fields.items():
        if name not in NAMING:
            yield scope, name, field.annotation


STATED = [field for scope, model in {**SELECTS, **DIVIDES, **ITEMS}.items() for field in fields_of(scope, model)]


@pytest.mark.parametrize(("scope", "name", "kind"), STATED, ids=lambda each: each if isinstance(each, str) else "")
def test_everything_that_a_method_states_has_words(scope: str, name: str, kind: Any) -> None:
    """By method and field, by the field, or by each of its choices; of a truth value, by the one that is told."""
    told = {f"{scope}.{name}", name} & set(FIELDS)
    words = {"base": BASES, **CHOICES}.get(name, {})
    choices = [key.partition(".")[2] for key in FIELDS if key.startswith(f"{name}.")]

    assert told or choices
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        assert {each.value for each in kind} <= {*choices, *words}


def test_every_method_has_words() -> None:
    """A method that is added without words is told here, not by a reader."""
    assert (set(SELECTS), set(DIVIDES)) == (set(SELECTING), set(DIVIDING))
    assert {each.value for each in Word} == set(RANKINGS)
    assert ({each.value for each in Rationale}, {each.value for each in DeclineReason}) == (
        set(CHOICES["rationale"]),
        set(CHOICES["decline_reasons"]),
    )
    assert {each.value for each in Oversize} == {"nobody", "next"}


def test_every_outcome_role_and_party_has_words() -> None:
    """Whatever a decision names by a code."""
    assert {each.value for each in DecisionOutcome} == set(OUTCOMES) == {"awarded", *get_args(Nothing)}
    assert {*(each.value for each in FeeBase), "own"} == set(BASES)
    assert {"desk_officer", "finance_lead", "council_member"} <= set(ROLES) <= {each.value for each in Role}
    assert {"lead", "sub", "joint", "sole"} == set(PARTS)
    assert {"lead", "office", "referrer", "client", "tax_office", "supplier"} == set(PAYEES)
    assert set(QueueFacts.model_fields) == set(QUEUE)
    assert {f"amount by {each.value}" for each in AmountSource} <= set(SAID)


def test_every_field_of_a_decision_is_told() -> None:
    """A field that is added without a sentence is told here."""
    assert set(Decision.model_fields) == set(TOLD)
    assert set(TOLD.values()) <= set(ACCOUNT)
    assert {"rule", "message", "reads", "exceptions"} == set(ExclusionReason.model_fields)
    assert {"level", "payer", "payee", "base", "base_fen", "amount_fen", "note"} == set(Fee.model_fields)
    planned = {"needs", "timeouts", "distinct_persons", "starter", "recused"}
    assert {*planned, "signers", "mandate_depth", "mandates_must_be_dated"} == set(ApprovalPlan.model_fields)


def test_every_field_of_a_decision_is_compared() -> None:
    """A difference between two decisions has a place for each field in which they can matter to anybody."""
    compared = {field.name for field in dataclasses.fields(DecisionDifference)} - {"error", "admitted", "reasons"}

    assert set(Decision.model_fields) - set(SAME_BY_DESIGN) == compared


def test_no_sentence_hides_another() -> None:
    """The collections of sentences have no key in common."""
    assert len(SAID) == sum(map(len, (ACCOUNT, DIFFERENCES, PAGE, VALUES)))


EVERY_WORD: dict[str, Words] = {
    **{f"said {key}": words for key, words in SAID.items()},
    **{f"field {key}": words for key, words in FIELDS.items()},
    **{f"link {key}": words for key, words in LINKS.items()},
    **{f"note {words.zh}": words for words in NOTES},
    **{f"method {key}": method.name for key, method in {**SELECTING, **DIVIDING}.items()},
    **{f"does {key}": method.does for key, method in {**SELECTING, **DIVIDING}.items()},
    **{
        f"word {key}": words
        for group in (OUTCOMES, ROLES, PARTS, PAYEES, BASES, QUEUE, RANKINGS, TITLES, *CHOICES.values())
        for key, words in group.items()
    },
}


@pytest.mark.parametrize("words", EVERY_WORD.values(), ids=list(EVERY_WORD))
def test_both_languages_say_the_same(words: Words) -> None:
    """A sentence has the same facts in both, neither is empty, and the English has no Chinese in it."""
    zh, en = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in words)

    assert (zh, True) == (en, all(words))
    assert not CHINESE.search(words.en)


def texts_written() -> list[str]:
    """Every Chinese text that the rules' code writes into a decision, with ``X1`` in place of each fact."""
    files = [RULES / part for part in WRITING if part.endswith(".py")]
    files += [file for part in WRITING if not part.endswith(".py") for file in sorted((RULES / part).glob("*.py"))]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return sorted({text for tree in trees for text in _texts(tree) if CHINESE.search(text)})


def _texts(tree: ast.AST) -> Iterator[str]:
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return
    if isinstance(tree, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X1" for part in tree.values)
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    for child in ast.iter_child_nodes(tree):
        yield from _texts(child)


FRAGMENTS = ("，含基线调整 X1", "X1，按次序由下一成员承接")
"""Texts that are only ever part of another."""


@pytest.mark.parametrize("text", [text for text in texts_written() if text not in FRAGMENTS])
def test_every_note_of_the_rules_is_read_in_english(text: str) -> None:
    """What the code writes in Chinese has an English reading; a new note without one is told here."""
    assert not CHINESE.search(note_in(text, "en").replace("；", ""))
    assert text == note_in(text, "zh")


@pytest.mark.parametrize("name", trials.SELECTING)
def test_a_selection_is_told_in_english(name: str) -> None:
    """Every method of selecting, with what its decision leaves behind."""
    told = trials.account(trials.policy_of(select=trials.SELECTING[name]), trials.given(), "en")

    assert "selection" in told
    assert [] == [sentence for part in told.values() for sentence in part if CHINESE.search(without_authors(sentence))]


@pytest.mark.parametrize("name", trials.DIVIDING)
def test_a_division_is_told_in_english(name: str) -> None:
    """Every method of dividing, with its arithmetic and fees."""
    told = trials.account(trials.policy_of(divide=trials.DIVIDING[name]), trials.given(), "en")

    assert "division" in told
    assert [] == [sentence for part in told.values() for sentence in part if CHINESE.search(without_authors(sentence))]


def without_authors(sentence: str) -> str:
    """*sentence* without what the authors of the policy wrote."""
    for words in trials.AUTHORED:
        sentence = sentence.replace(words, "")
    return sentence
