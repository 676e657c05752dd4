"""`rules`: rule files checked, tried on their cases, put to given facts; and what they decided, explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli.options import AsJson, Data, Number, Paths

if TYPE_CHECKING:
    from contracts.decision import Decision
    from contracts.facts import Facts
    from lianyue.cli.rule_files import Tried
    from rules.problems import Problem

app = typer.Typer(help="规则 Rule files: check, test, decide; decisions: explain.", no_args_is_help=True)


@app.command()
def check(paths: Paths, data: Data = None, as_json: AsJson = False) -> int:
    """检查规则：Find every problem in rule files, each with its line and a caret; 1 if there is any."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.rule_files import problems_of, rule_files
    from lianyue.cli.session import settings_of

    files = rule_files(paths)
    problems = problems_of(files, settings_of(data))
    if as_json:
        emit({"files": len(files), "problems": [_as_document(problem) for problem in problems]})
    else:
        _print_problems(problems, files)
        say(f"{len(files)} 个文件，{len(problems)} 处问题")
    return 1 if problems else 0


@app.command("test")
def try_cases(
    paths: Paths,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="未覆盖的规则 Rules whose answer no case shows.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """运行案例：Run the cases beside the policies; 1 if one comes out otherwise than it says."""
    from lianyue.cli.output import emit
    from lianyue.cli.rule_files import rule_files, tried
    from lianyue.cli.session import settings_of

    results = tried(rule_files(paths), settings_of(data))
    failed = sum(not case.passed for each in results for case in each.cases)
    if as_json:
        emit(_tried_document(results, failed, coverage))
    else:
        _print_tried(results, failed, coverage)
    return 1 if failed else 0


@app.command()
def decide(
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help="规则文件或规则名 A policy file, or a shipped policy's name.")
    ],
    facts: Annotated[Path, typer.Argument(metavar="FACTS", help="事实文件 A document of kind Facts.")],
    params: Annotated[
        Path | None, typer.Option("--params", metavar="F", help="参数文件 Parameters of your own.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """离线决定：Decide given facts by a policy: who is eligible, who is not and why, who does how much."""
    from contracts.facts import Facts
    from lianyue.cli.documents import document
    from lianyue.cli.output import emit
    from lianyue.cli.rule_files import policy_of
    from lianyue.cli.session import settings_of
    from rules.decide import decide as decided

    settings = settings_of(data)
    given = document(facts, "Facts", Facts)
    decision = decided(policy_of(policy, params, given.day, settings), given)
    if as_json:
        emit(decision.model_dump(mode="json"))
    else:
        _print_decision(decision, settings.language)


@app.command()
def explain(number: Number, data: Data = None, as_json: AsJson = False) -> None:
    """说明决定：Show every decision of a contract: who was eligible, who scored what, who does how much, and why."""
    from contracts.errors import WrongState
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import opened, settings_of

    settings = settings_of(data)
    with opened(settings) as records:
        summary, decisions = records.reading.contract(number), records.reading.decisions(number)
    if not decisions:
        raise WrongState(f"{number} is {summary.stage}; nothing has been decided yet")
    if as_json:
        emit({"number": number, "decisions": [each.model_dump(mode="json") for each in decisions]})
        return
    for each in decisions:
        say(f"第{each.occurrence}次决定，{each.facts.decision_day}")
        _print_quotes(each.facts, settings.language)
        _print_decision(each.decision, settings.language)


def _print_quotes(facts: Facts, language: str) -> None:
    from lianyue.cli.output import say, table
    from lianyue.story import money

    prices = [(each.member.code, money(each.quote.price_fen, language)) for each in facts.candidates if each.quote]
    if prices:
        table(("成员单位", "报价"), prices, "报价")
    for member, reason in facts.declined.items():
        say(f"{member} 已不参加：{reason}")


def _as_document(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "message": problem.message,
    }


def _print_problems(problems: tuple[Problem, ...], files: dict[str, str]) -> None:
    from lianyue.cli.output import say
    from rules.problems import render

    for problem in problems:
        say(render(problem, files[problem.file]))


def _tried_document(results: list[Tried], failed: int, coverage: bool) -> dict[str, Any]:
    cases = [
        {
            "policy": case.policy,
            "case": case.case,
            "file": case.file,
            "line": case.line,
            "passed": case.passed,
            "differences": list(case.differences),
        }
        for each in results
        for case in each.cases
    ]
    unseen = {"never_seen": {each.file: list(each.never_seen) for each in results}} if coverage else {}
    return {"cases": cases, "failed": failed, "passed": len(cases) - failed, **unseen}


def _print_tried(results: list[Tried], failed: int, coverage: bool) -> None:
    from lianyue.cli.output import say

    for each in results:
        say(each.file)
        for case in each.cases:
            say(f"  {'✓' if case.passed else '✗'} {case.case}")
            for difference in case.differences:
                say(f"      {case.file}:{case.line}: {difference}")
        for unseen in each.never_seen if coverage else ():
            say(f"  ? {unseen}")
    total = sum(len(each.cases) for each in results)
    say(f"{total - failed} 个案例通过，{failed} 个不符")


def _print_decision(decision: Decision, language: str) -> None:
    from lianyue.cli.output import say, table
    from lianyue.story import money, points, term

    reference = decision.policy
    say(f"{reference.name} {reference.edition} · {decision.method} + {decision.division}")
    say(f"结果：{term('outcome', decision.outcome.value, language)}")
    say(f"合格：{'、'.join(decision.eligible) or '无'}")
    reasons = [(member, why.rule, why.message) for member, whys in decision.excluded.items() for why in whys]
    if reasons:
        table(("成员单位", "规则", "理由"), reasons, "不合格")
    if decision.scores:
        ranked = [member for member in decision.ranking if member in decision.scores]
        rows = [(member, points(decision.scores[member].total_bp), _parts(decision, member)) for member in ranked]
        table(("成员单位", "得分", "其中"), rows, "评分")
    for tie in decision.ties:
        say(f"同分：{'、'.join(tie.members)}，按 {tie.by} 排序")
    if decision.shares:
        rows = [(share.member, share.role, money(share.amount_fen, language)) for share in decision.shares]
        table(("成员单位", "角色", "份额"), rows, f"份额，合计 {money(decision.amount_fen, language)}")
    owed = [
        (f.level, f.payer, term("payee", f.payee, language), money(f.amount_fen, language), f.note)
        for f in decision.fees
    ]
    if owed:
        table(("项目", "付款", "收款", "金额", "说明"), owed, "从份额中支付")
    if decision.note:
        say(f"说明：{decision.note}")


def _parts(decision: Decision, member: str) -> str:
    from lianyue.story import points

    return ", ".join(f"{rule} {points(part)}" for rule, part in sorted(decision.scores[member].parts.items()))
