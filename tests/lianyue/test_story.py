"""The story: every verb that a workflow tells has a sentence in both languages."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest

from contracts.decision import DecisionOutcome
from contracts.delivery import Acceptance
from contracts.journal import Happening
from contracts.service_contract import Stage
from contracts.task import TaskKind, TaskState
from lianyue.casebook.together import PortfolioState
from lianyue.story import SENTENCES, TERMS, sentence
from lianyue.titles import ENGLISH
from rules.explain.shown import points
from workflows.signing import SigningEnd

TELLING = ("_tell", "_act", "_obey", "_check_order")
NAMES = {
    "LGWY": "临港物业",
    "LGCY": "临港产业",
    "li.lei": "李雷",
    "han.mei": "韩梅梅",
    "LY-2025-0001/quote:quote-LGWY-1": "报价",
    "milestone:takeover": "承接查验",
}
TASK = "LY-2025-0001/quote:quote-LGWY-1"


def happening(verb: str, *, user: str = "", company: str = "", task: str = "", **facts: Any) -> Happening:
    """Something that happened on the first day."""
    at = datetime(2025, 7, 1, 1, 30, tzinfo=UTC)
    return Happening(at=at, on=at, verb=verb, user=user, company=company, task=task, facts=facts)


def verbs_told() -> list[str]:
    """Every verb in the workflows' sources that is told, and every stage that a contract reaches."""
    sources = [part.read_text(encoding="utf-8") for part in files("workflows").iterdir() if part.name.endswith(".py")]
    calls = [node for text in sources for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    telling = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in TELLING]
    words = [
        leaf.value
        for call in telling
        for leaf in ast.walk(call.args[0])
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
    ]
    return sorted({*words, *(stage.value for stage in Stage)})


def test_the_sources_are_understood() -> None:
    """The scan finds verbs that are told outright, by a condition, and by way of another function."""
    assert {"opened", "expired", "overdue", "submitted", "suspended", "signed_by"} <= set(verbs_told())


def test_every_verb_has_its_sentences() -> None:
    """No workflow tells a verb for which there is no sentence."""
    assert [] == [verb for verb in verbs_told() if verb not in SENTENCES]


def test_no_sentence_is_left_over() -> None:
    """Every sentence belongs to a verb that is told."""
    assert [] == [key for key in SENTENCES if key.split()[0] not in verbs_told()]


@pytest.mark.parametrize("key", SENTENCES)
def test_both_languages_tell_the_same_facts(key: str) -> None:
    """The Chinese and the English sentence of a verb name the same facts."""
    chinese, english = (set(re.findall(r"\{(\w+)\}", words)) for words in SENTENCES[key])

    assert chinese == english
    assert re.search(r"[\u4e00-\u9fff]", SENTENCES[key].zh)
    assert not re.search(r"[\u4e00-\u9fff]", SENTENCES[key].en)


@pytest.mark.parametrize(
    ("fact", "values"),
    [
        ("acceptance", Acceptance),
        ("outcome", DecisionOutcome),
        ("end", SigningEnd),
        ("kind", TaskKind),
        ("state", TaskState),
        ("stage", Stage),
        ("portfolio_state", PortfolioState),
    ],
)
def test_every_value_has_its_word(fact: str, values: Any) -> None:
    """No status is printed as its code."""
    assert sorted(value.value for value in values) == sorted(TERMS[fact])


def test_every_task_has_an_english_title() -> None:
    """No inbox breaks in English because of a kind of task that nobody has put into English."""
    assert set(TaskKind) == set(ENGLISH)


@pytest.mark.parametrize(
    ("told", "zh", "en"),
    [
        (
            happening(
                "opened", company="LGWY", task=TASK, due="2025-07-08T18:00:00+08:00", kind="quote", member="LGWY"
            ),
            "请临港物业办理“报价”，2025-07-08前办结",
            "临港物业 was asked for “报价” by 2025-07-08",
        ),
        (
            happening("declined", user="li.lei", company="LGWY", task=TASK, reason="人手不足", state="refused"),
            "临港物业李雷拒绝“报价”：人手不足",
            "李雷 (临港物业) declined “报价”: 人手不足",
        ),
        (happening("reminded", company="LGWY", task=TASK), "提醒临港物业办理“报价”", "临港物业 was reminded of “报价”"),
        (
            happening("reminded", user="han.mei", company="LGFW", task=TASK),
            "LGFW韩梅梅催办“报价”",
            "韩梅梅 (LGFW) urged “报价”",
        ),
        (happening("cancelled", task=TASK), "“报价”取消", "“报价” was cancelled"),
        (
            happening("cancelled", reason="需求取消", undone=["void", "release"]),
            "合同取消：需求取消；已撤销合同文本、能力预留",
            "The contract was cancelled: 需求取消; undone: the document, the reservation of capacity",
        ),
        (
            happening("allocated", members=["LGWY", "LGNY"], amount_fen=1_234_567),
            "分配方案获批，由临港物业、LGNY承接，合计12,345.67 元",
            "The award was approved: 临港物业, LGNY, 12,345.67 yuan in all",
        ),
        (
            happening("delivered_by", company="LGWY", milestone="takeover", attempt=1, days_late=0),
            "临港物业交付“承接查验”",
            "临港物业 delivered “承接查验”",
        ),
        (
            happening("delivered_by", company="LGWY", milestone="takeover", attempt=1, days_late=3),
            "临港物业交付“承接查验”，逾期3个工作日",
            "临港物业 delivered “承接查验”, 3 working days late",
        ),
        (
            happening("settled", company="LGWY", milestone="takeover", acceptance="deemed_accepted", score_bp=10_000),
            "临港物业的“承接查验”逾期未验，视为合格，得100.00分",
            "“承接查验” of 临港物业 was deemed accepted, score 100.00",
        ),
        (
            happening("excluded", company="LGWY", reasons=["不服务该园区", "能力不足"]),
            "临港物业不参加报价：不服务该园区；能力不足",
            "临港物业 may not quote: 不服务该园区; 能力不足",
        ),
        (
            happening("refused", user="li.lei", company="LGWY", act="suspended", code="role-missing", message="no"),
            "临港物业李雷要求暂停合同，未获准许：no",
            "李雷 (临港物业) tried to suspend the contract and was refused: no",
        ),
        (
            happening("too_few_quotes", round=1, quotes=0, needed=2),
            "第1轮收到0家报价，不足2家",
            "Round 1 brought 0 quotes where 2 are needed",
        ),
        (
            happening("teleported", company="LGWY", task=TASK, far=3),
            "临港物业 teleported 报价 far=3",
            "临港物业 teleported 报价 far=3",
        ),
    ],
    ids=lambda given: given.verb if isinstance(given, Happening) else "",
)
def test_a_happening_is_told(told: Happening, zh: str, en: str) -> None:
    """A happening reads as a sentence with names, dates and yuan; a fact that is missing takes its clause along."""
    assert (zh, en) == (sentence(told, NAMES, "zh"), sentence(told, NAMES, "en"))


def test_braces_in_a_fact_are_only_text() -> None:
    """What a person wrote is not read as a pattern."""
    told = happening("suspended", user="han.mei", company="LGCY", reason="[{who}] {reason}")

    assert "临港产业韩梅梅暂停合同，期限停止计算：[{who}] {reason}" == sentence(told, NAMES, "zh")


@pytest.mark.parametrize(("score_bp", "written"), [(0, "0.00"), (9_305, "93.05"), (10_000, "100.00")])
def test_points_keep_both_places(score_bp: int, written: str) -> None:
    """A score is written in points of a hundred with two places."""
    assert written == points(score_bp)
