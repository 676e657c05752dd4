"""`rules`: rule files checked, tried on their cases, put to given facts; and what they have decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli import decided, rule_making
from lianyue.cli.options import AsJson, Data, Lang, Paths

if TYPE_CHECKING:
    from lianyue.casebook.rule_files import Tried
    from rules.problems import Problem

app = typer.Typer(help="规则 Rule files, and what they decide and have decided.", no_args_is_help=True)


@app.command()
def check(
    paths: Paths,
    publish_on: Annotated[
        str | None,
        typer.Option("--publish-on", metavar="DAY", help="发布日 Day of publication: no edition may begin before."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """检查规则：Find every problem in rule files, each with its line and a caret; 1 if there is any."""
    from contracts.calendar import epoch_day
    from lianyue.casebook.rule_files import problems_of, rule_files
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of

    files = rule_files(paths)
    problems = problems_of(files, settings_of(data), None if publish_on is None else epoch_day(publish_on))
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
        bool, typer.Option("--coverage", help="未覆盖之处 What of the policies no case shows.")
    ] = False,
    fail_under: Annotated[
        int | None,
        typer.Option("--fail-under", metavar="PERCENT", help="覆盖率下限 With less covered, 1."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """运行案例：Run the cases beside the policies; 1 if one comes out otherwise, or too little is covered."""
    from lianyue.casebook.rule_files import rule_files, tried
    from lianyue.cli.output import emit
    from lianyue.cli.session import settings_of

    results = tried(rule_files(paths), settings_of(data))
    failed = sum(not case.passed for each in results for case in each.cases)
    covers = coverage or fail_under is not None
    if as_json:
        emit(_tried_document(results, failed, covers))
    else:
        _print_tried(results, failed, covers)
    lacking = [each for each in results if fail_under is not None and each.covered_bp < fail_under * 100]
    return 1 if failed or lacking else 0


@app.command()
def decide(
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help="规则文件或规则名 A policy file, or a shipped policy's name.")
    ],
    facts: Annotated[Path, typer.Argument(metavar="FACTS", help="事实文件 A document of kind Facts.")],
    params: Annotated[
        Path | None, typer.Option("--params", metavar="F", help="参数文件 Parameters of your own.")
    ] = None,
    lang: Lang = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """离线决定：Decide given facts by a policy: who is eligible, who is not and why, who does how much."""
    from contracts.facts import Facts
    from lianyue.casebook.rule_files import policy_of
    from lianyue.cli.decision_page import print_decision, print_paragraphs
    from lianyue.cli.output import emit
    from lianyue.cli.session import language_of, settings_of
    from lianyue.strict_files import document
    from rules.decide import decide as decide_by
    from rules.explain.telling import told
    from rules.explain.tongue import Tongue

    settings = settings_of(data)
    tongue = Tongue(language_of(settings, lang))
    given = document(facts, "Facts", Facts)
    decides = policy_of(policy, params, given.day, settings)
    decision = decide_by(decides, given)
    paragraphs = told(decides, given, decision, None, tongue)
    if as_json:
        account = [paragraph.as_document() for paragraph in paragraphs]
        emit({**decision.model_dump(mode="json"), "language": tongue.language, "explanation": account})
        return
    print_paragraphs(paragraphs)
    print_decision(decision, tongue)


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
    unseen = {"coverage": {each.file: _coverage_document(each) for each in results}} if coverage else {}
    return {"cases": cases, "failed": failed, "passed": len(cases) - failed, **unseen}


def _coverage_document(each: Tried) -> dict[str, Any]:
    unseen = [
        {"kind": point.kind, "rule": point.rule, "subject": point.subject, "never": point.answer}
        for point in each.never_seen
    ]
    return {"points": len(each.points), "seen_bp": each.covered_bp, "unseen": unseen}


def _print_tried(results: list[Tried], failed: int, coverage: bool) -> None:
    from lianyue.cli.output import say
    from rules.explain.shown import percent

    for each in results:
        say(each.file)
        for case in each.cases:
            say(f"  {'✓' if case.passed else '✗'} {case.case}")
            for difference in case.differences:
                say(f"      {case.file}:{case.line}: {difference}")
        for point in each.never_seen if coverage else ():
            say(f"  ? {point.told}")
        if coverage:
            say(f"  {len(each.points) - len(each.never_seen)}/{len(each.points)} · {percent(each.covered_bp)}")
    total = sum(len(each.cases) for each in results)
    say(f"{total - failed} 个案例通过，{failed} 个不符")


app.command()(decided.explain)
app.command()(decided.whatif)
app.command()(decided.diff)
app.command()(decided.shadow)
app.command()(rule_making.new)
app.command()(rule_making.schema)
