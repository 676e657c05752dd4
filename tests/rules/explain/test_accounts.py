"""Accounts of decisions in whole sentences: fallbacks, waivers, guards, tables, queues, draws, fees and approvals."""

from __future__ import annotations

import pytest

from contracts.approval import ApprovalPlan, ApprovalTimeout, OnTimeout, Recusal
from contracts.decision import ApprovalNeed
from contracts.facts import Facts
from rules.decide import decide
from rules.explain.telling import told
from rules.explain.tongue import Tongue
from rules.library import Library
from rules.policy import CompiledPolicy
from tests.rules import test_exceptions as exceptions
from tests.rules import test_fallback as fallbacks
from tests.rules import test_guards as guards
from tests.rules.explain import telling_trials as trials
from tests.rules.table import test_use as tables

PLAN = ApprovalPlan(
    needs=(
        ApprovalNeed(role="desk_officer", count=1, rule="small", because="金额 10.00 元"),
        ApprovalNeed(role="council_member", count=2, rule="small", because="金额 10.00 元"),
    ),
    timeouts=(
        ApprovalTimeout(
            rule="small",
            working_days=5,
            on_timeout=OnTimeout.ESCALATE_ONE_BAND,
            instead=(ApprovalNeed(role="finance_lead", count=1, rule="large"),),
        ),
        ApprovalTimeout(rule="large", working_days=10, on_timeout=OnTimeout.REMIND),
    ),
    starter="anna",
    recused={"bob": (Recusal(rule="recuse-winners", message="所在单位中选", reference="章程第九条"),)},
)


def part(policy: CompiledPolicy, facts: Facts, name: str, language: str, plan: ApprovalPlan | None = None) -> list[str]:
    """The sentences of one part of the account of a decision."""
    paragraphs = told(policy, facts, decide(policy, facts), plan, Tongue(language))
    return [sentence for each in paragraphs if each.part == name for sentence in each.sentences]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh",
            [
                "先依据“竞价”（规则first，自2025-01-01起施行的版次）决定，结果为无合格单位。",
                "当时LGAA不合格，理由1条。",
                (
                    "未满足（known）：尚无业绩。规则known要求：`ledger.awards > 0`。读到：ledger.awards = 0。"
                    "推算：`ledger.awards > 0`为假，因为`ledger.awards`为0。"
                ),
                "该规则规定，在此情形下改由“递补”（last）决定。",
            ],
        ),
        (
            "en",
            [
                (
                    "First “竞价” (policy first, the edition in force from 2025-01-01) decided, and came to: "
                    "nobody is eligible."
                ),
                "By it LGAA was not eligible; reasons: 1.",
                (
                    "Not fulfilled (known): “尚无业绩”. Rule known requires: `ledger.awards > 0`. What was read: "
                    "ledger.awards = 0. How it came about: `ledger.awards > 0` is false, because `ledger.awards` is 0."
                ),
                "It provides that “递补” (last) decides in that case.",
            ],
        ),
    ],
)
def test_what_was_tried_first_is_told_with_its_reasons(language: str, expected: list[str]) -> None:
    """By the rules of the policy that came to nothing, while the rest is told by the one that decided."""
    given = fallbacks.facts(("LGAA", 90, 0))

    assert expected == part(fallbacks.compiled(), given, "first tried", language)
    assert "last" in part(fallbacks.compiled(), given, "basis", language)[0]


def test_a_note_of_the_policy_that_came_to_nothing_is_told() -> None:
    """Too few quotes say how many there were."""
    told = part(fallbacks.compiled(), fallbacks.facts(("LGAA", 90, 1)), "first tried", "en")

    assert "Note: 1 valid quotes, where 2 are required." == told[1]


@pytest.mark.parametrize(
    ("language", "waived", "expired"),
    [
        (
            "zh",
            (
                "AA未满足（park）：不服务该园区，但依例外“area”不受该规则限制，至2025-07-02止（不含当日）。"
                "规则park要求：`contract.park in member.parks`。该例外由anna（理事）批准，自2025-07-01起生效。"
            ),
            "例外 area：2025-07-01起已失效。",
        ),
        (
            "en",
            (
                "AA does not fulfil park (“不服务该园区”), but is excepted by “area” up to, and excluding, 2025-07-02. "
                "Rule park requires: `contract.park in member.parks`. "
                "It was granted by anna (council member), from 2025-07-01 on."
            ),
            "As to exceptions: the exception area does not help: it expired on 2025-07-01.",
        ),
    ],
)
def test_exceptions_are_told_whether_they_helped_or_not(language: str, waived: str, expired: str) -> None:
    """Who granted it, for how long; and of another why it came to nothing."""
    past = exceptions.exception(
        members=("BB",), from_day=exceptions.DAY - 5, to_day=exceptions.DAY, digest=exceptions.DIGEST + "1"
    )
    given = exceptions.facts(exceptions.exception(), past)

    sentences = part(exceptions.policy(), given, "eligibility", language)

    assert waived == sentences[1]
    assert sentences[3].endswith(expired)


@pytest.mark.parametrize(
    ("language", "reason", "over"),
    [
        (
            "zh",
            "未满足（good）：得分差 2000。共用规则“法”（law）中的good要求：`short_bp <= 0`。其依据为某法第一条。",
            "“法”（law）中的calm未予适用：适用条件`contract.urgent`不成立。其内容为“太忙”，依据为某法第二条。",
        ),
        (
            "en",
            (
                "Not fulfilled (good): “得分差 2000”. Rule good of the shared rules “法” (law) requires: "
                "`short_bp <= 0`. It rests on 某法第一条."
            ),
            (
                "calm of “法” (law) was passed over: its condition `contract.urgent` does not hold. "
                "It says “太忙” and rests on 某法第二条."
            ),
        ),
    ],
)
def test_guards_are_told_with_their_set_and_source(language: str, reason: str, over: str) -> None:
    """A reason says from which shared rules it comes; guards whose condition does not hold are named at the end."""
    given = guards.facts(5_000, 1)

    assert part(guards.TRIAL, given, "eligibility", language)[2].startswith(reason)
    assert over == part(guards.TRIAL, given, "passed over", language)[0]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh",
            [
                '决策表“等级”（grades）：由行large得出grade = "gold"、least_bp = 80%，条件为value_fen `>= 50`。',
                "该表的依据为章程。",
                "决策表“价格分”（points）：由行best得出points_bp = 100%，条件为over_fen `0`。",
                "该表的依据为章程。",
            ],
        ),
        (
            "en",
            [
                (
                    'Decision table “等级” (grades): row large gives grade = "gold", least_bp = 80%, '
                    "which is for value_fen `>= 50`."
                ),
                "The table rests on 章程.",
                "Decision table “价格分” (points): row best gives points_bp = 100%, which is for over_fen `0`.",
                "The table rests on 章程.",
            ],
        ),
    ],
)
def test_the_rows_that_decided_are_told(language: str, expected: list[str]) -> None:
    """With the cells that held, what they give, and what the table rests on."""
    policy = Library.of(tables.BOOKS).policy("trial", tables.facts().day)

    assert expected == part(policy, tables.facts(), "tables", language)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh",
            (
                "选定方式为顺序轮候：由队列中本轮尚未轮到的第一家合格成员承接，全部轮到后开始下一轮。",
                "约定：轮候队列为“works”；谢绝的也用去轮次。",
                "因此选定B1。",
                "决定前，轮候队列“works”的次序为A1、B1。",
                "最近轮到的是A1。",
                "第1轮中已轮到A1。",
                "本决定用去轮次的是B1。",
                "决定后，该队列的次序为A1、B1、C1。",
                "最近轮到的是B1。",
                "第1轮中已轮到A1、B1。",
                "C1自下一轮起参加。",
            ),
        ),
        (
            "en",
            (
                (
                    "The method of selection is rotation: the first eligible member of the queue not yet served in "
                    "this cycle; when all are, the next cycle begins."
                ),
                "With: the queue is “works”; who declines has had its turn.",
                "Selected accordingly: B1.",
                "Before, the order of the queue “works” was A1, B1.",
                "The last turn was that of A1.",
                "In cycle 1 these have had their turns: A1.",
                "Turns used up by this decision: B1.",
                "After, its order is A1, B1, C1.",
                "The last turn was that of B1.",
                "In cycle 1 these have had their turns: A1, B1.",
                "From the next cycle on these take part as well: C1.",
            ),
        ),
    ],
)
def test_a_rotation_is_told_with_its_queue_before_and_after(language: str, expected: tuple[str, ...]) -> None:
    """Whose turn it was, what is left of the cycle, and who joins."""
    policy = trials.policy_of(select=trials.SELECTING["rotation"])

    assert expected == trials.account(policy, trials.given(), language)["selection"]


def test_credits_are_told_where_turns_go_by_weight() -> None:
    """The weights that are kept, and what everybody is owed."""
    policy = trials.policy_of(select=trials.SELECTING["weighted_rotation"])

    assert ("权重：A1 3、B1 1。", "积分：A1 -1、B1 1。") == trials.account(policy, trials.given(), "zh")["selection"][
        -2:
    ]


def test_a_draw_is_told_so_that_it_can_be_checked() -> None:
    """Commitment, seed, and everybody's lot in order."""
    policy = trials.policy_of(select=trials.SELECTING["lottery"])
    draw = trials.given().draw
    assert draw is not None

    told = trials.account(policy, trials.given(), "zh")["selection"]

    assert (
        "选定方式为摇号：以种子、合同号与成员代码的SHA-256为签号，由小到大承接。",
        f"摇号的种子为{draw.seed}，其SHA-256与合同登记时公布的承诺{draw.commitment}一致。",
        "签号由小到大：A1 0c6b6c81b3151ec4…、B1 d231cbf34e023462…。",
        "签号是种子、合同号LY-2025-0001与成员代码依次相连后的SHA-256，任何人均可核对。",
        "因此选定A1。",
    ) == told[:5]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh", "A1的报价低于全部有效报价中位数的60%，属异常偏低，须作出说明，但不因此排除。"),
        (
            "en",
            (
                "A1 quoted less than 60% of the median of all valid quotes: abnormally low, to be explained, "
                "but no reason to exclude."
            ),
        ),
    ],
)
def test_an_abnormally_low_price_is_told_once(language: str, expected: str) -> None:
    """With the selection, and not in the note as well."""
    cheap = (trials.candidate("A1", 300), trials.candidate("B1"), trials.candidate("C1"))
    policy = trials.policy_of(select=trials.SELECTING["mini_competition"])

    told = trials.account(policy, trials.given(candidates=cheap), language)

    assert expected in told["selection"]
    assert not [sentence for sentence in told["basis"] if "异常" in sentence or "abnormally" in sentence]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh",
            (
                "份额是各家交付和开票的金额；下列费用从份额中支付，共0.12 元。",
                "协办付主办的管理费（management）：以金额4.00 元为基数，应付A1共0.12 元，由B1承担。",
                "A1的份额6.00 元，付出0.00 元，收入0.12 元，净得6.12 元。",
                "B1的份额4.00 元，付出0.12 元，收入0.00 元，净得3.88 元。",
            ),
        ),
        (
            "en",
            (
                (
                    "A share is what a member delivers and invoices; these fees, 0.12 yuan in all, are owed out of the "
                    "shares."
                ),
                (
                    "management fee of the sub to the lead (management): reckoned on 4.00 yuan (its own base), "
                    "A1 is owed 0.12 yuan, by B1."
                ),
                "A1: share 6.00 yuan, fees paid 0.00 yuan, fees received 0.12 yuan, net 6.12 yuan.",
                "B1: share 4.00 yuan, fees paid 0.12 yuan, fees received 0.00 yuan, net 3.88 yuan.",
            ),
        ),
    ],
)
def test_fees_are_told_with_what_is_left(language: str, expected: tuple[str, ...]) -> None:
    """Level, base, payee and payers; then what each member keeps."""
    policy = trials.policy_of(divide=trials.DIVIDING["lead_sub"])

    assert expected == trials.account(policy, trials.given(), language)["fees"]


def test_every_level_of_a_waterfall_is_told_with_its_base() -> None:
    """In the order in which they are taken; the lead keeps its own part of its fee."""
    told = trials.account(trials.policy_of(divide=trials.DIVIDING["waterfall"]), trials.given(), "zh")["fees"]

    assert (
        "vat：以分配总额10.00 元为基数，应付税务机关共0.57 元，其中A1付0.34 元、B1付0.23 元。",
        (
            "代收代付（pass-through）：以此前各项扣除后的余额9.43 元为基数，"
            "应付供应商共1.00 元，其中A1付0.60 元、B1付0.40 元。"
        ),
        "alliance：以不含税额9.43 元为基数，应付联盟办公室共0.19 元，其中A1付0.11 元、B1付0.08 元。",
        "lead：以此前各项扣除后的余额8.24 元为基数，应付A1共0.25 元，其中A1自留该项0.15 元、B1付0.10 元。",
    ) == told[1:5]


def test_a_share_is_reckoned_from_the_figures_of_the_division() -> None:
    """Not from those of a score that is called the same."""
    told = trials.account(trials.policy_of(divide=trials.DIVIDING["inverse_price"]), trials.given(), "zh")["division"]

    assert "A1（共同承担）承担5.26 元，占52.6%：报价9.00 元的倒数。" in told


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh",
            [
                "须批准者（small）：经办审批人1人、理事2人，理由：金额 10.00 元。",
                "按small，应在5个工作日内批准；逾期改请财务负责人1人批准。",
                "按large，应在10个工作日内批准；逾期催办。",
                "沉默不等于批准。",
                "同一人不得重复批准。",
                "anna发起了本合同，不得批准。",
                "bob须回避（recuse-winners）：所在单位中选。其依据为章程第九条。",
                "本决定适用了例外：area。",
            ],
        ),
        (
            "en",
            [
                "To approve (small): desk officer (1), council member (2); the reason: the amount is 10.00 yuan.",
                "By small approval is due within 5 working days; after that these are asked instead: finance lead (1).",
                "By large approval is due within 10 working days; after that whoever is silent is reminded.",
                "Silence never approves.",
                "Nobody may approve twice.",
                "anna started this contract and may not approve.",
                "bob may not approve (recuse-winners): their own company wins. It rests on 章程第九条.",
                "Exceptions were applied: area.",
            ],
        ),
    ],
)
def test_the_plan_of_approvals_is_told(language: str, expected: list[str]) -> None:
    """Bands, time limits, recusals with their reason, and the exceptions that were used."""
    given = exceptions.facts(exceptions.exception())

    assert expected == part(exceptions.policy(), given, "approvals", language, PLAN)
