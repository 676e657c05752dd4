"""`rules explain`, `whatif`, `diff` and `shadow`: what was decided, why, and what another edition would have said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lianyue.cli.options import AsJson, Data, Lang, Number, Since, Until

if TYPE_CHECKING:
    from lianyue.casebook.comparing import EditionsCompared, ShadowCompared, WhatIf
    from rules.difference import DecisionDifference
    from rules.explain.tongue import Tongue

PROGRESS_EVERY = 200
Edition = Annotated[str, typer.Argument(help="规则文件、规则名，或 规则名@起始日 A file, a name, or name@from-day.")]


def explain(
    number: Number,
    lang: Lang = None,
    member: Annotated[
        str | None, typer.Option("--member", metavar="CODE", help="只说这个成员 Tell about one member only.")
    ] = None,
    steps: Annotated[
        bool, typer.Option("--steps", help="每条规则逐步推算 Show every rule's value down to its inputs.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """说明决定：Say in sentences why every decision of a contract came out so, decided again from what was recorded."""
    from lianyue.casebook.comparing import Casebook
    from lianyue.cli.decision_page import print_account
    from lianyue.cli.output import emit
    from lianyue.cli.session import language_of, opened, settings_of

    settings = settings_of(data)
    language = language_of(settings, lang)
    with opened(settings) as records:
        casebook = Casebook(records, settings)
        accounts = casebook.accounts(number, casebook.tongue(language), member or "")
    if as_json:
        documents = [account.as_document(steps=steps) for account in accounts]
        emit({"number": number, "language": language, "decisions": documents})
        return
    for account in accounts:
        print_account(account, steps=steps)


def whatif(
    number: Number,
    policy: Annotated[str, typer.Option("--policy", metavar="FILE", help="另一版规则 Another edition.")],
    params: Annotated[
        Path | None, typer.Option("--params", metavar="F", help="参数文件 Parameters of your own.")
    ] = None,
    lang: Lang = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """假如：Decide recorded facts by another edition and say what would have changed; nothing is written."""
    from lianyue.casebook.comparing import Casebook
    from lianyue.casebook.precedents import edition_called
    from lianyue.cli.output import emit
    from lianyue.cli.session import language_of, opened, settings_of
    from lianyue.strict_files import text_of
    from rules.edition import edition_of

    settings = settings_of(data)
    with opened(settings) as records:
        casebook = Casebook(records, settings)
        library = casebook.editions()
        own = edition_of(text_of(params), str(params)) if params else None
        found = casebook.what_if(number, edition_called(policy, library), library, own)
        tongue = casebook.tongue(language_of(settings, lang))
    if as_json:
        emit(found.as_document(tongue))
        return
    _print_whatif(found, tongue)


def diff(
    a: Edition,
    b: Edition,
    since: Since = None,
    until: Until = None,
    lang: Lang = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """比较版次：What B says otherwise than A, and which recorded decisions it would change; 1 if there is any."""
    from lianyue.casebook.comparing import Casebook
    from lianyue.casebook.precedents import Period, edition_called
    from lianyue.cli.output import emit
    from lianyue.cli.session import language_of, opened, settings_of

    settings, period = settings_of(data), Period.of(since, until)
    with opened(settings) as records:
        casebook = Casebook(records, settings)
        library = casebook.editions()
        before, after = edition_called(a, library), edition_called(b, library)
        tongue = casebook.tongue(language_of(settings, lang))
        found = casebook.compared(before, after, library, period, _log_progress)
    if as_json:
        emit(found.as_document(tongue))
    else:
        _print_diff(found, tongue)
    return 1 if found.changed else 0


def shadow(
    name: Annotated[str, typer.Argument(metavar="NAME", help="规则名 The policy beside which the shadow runs.")],
    since: Since = None,
    until: Until = None,
    lang: Lang = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """影子版次：How often a policy's shadow would have decided as it did, with a line for each difference."""
    from lianyue.casebook.comparing import Casebook
    from lianyue.casebook.precedents import Period
    from lianyue.cli.output import emit
    from lianyue.cli.session import language_of, opened, settings_of

    settings, period = settings_of(data), Period.of(since, until)
    with opened(settings) as records:
        casebook = Casebook(records, settings)
        tongue = casebook.tongue(language_of(settings, lang))
        found = casebook.shadowed(name, period)
    if as_json:
        emit(found.as_document(tongue))
        return
    _print_shadow(found, tongue)


def _log_progress(count: int) -> None:
    from lianyue.cli.output import log

    if count % PROGRESS_EVERY == 0:
        log(f"已比较 {count} 项决定")


def _print_whatif(found: WhatIf, tongue: Tongue) -> None:
    from lianyue.cli.output import say
    from rules.difference import difference_told

    reference = found.reference
    for precedent, difference in found.differences:
        say(f"{precedent.name}，{precedent.facts.decision_day}：{reference['name']} {reference['edition']}")
        for sentence in difference_told(difference, tongue):
            say(f"  {sentence}")


def _print_diff(found: EditionsCompared, tongue: Tongue) -> None:
    from lianyue.cli.output import say
    from rules.edition_difference import alteration_told

    for each in found.alterations:
        say(alteration_told(each, tongue))
    say(tongue.say("alterations", count=len(found.alterations)))
    for precedent, difference in found.changed:
        say(_line(precedent.name, precedent.facts.decision_day, difference, tongue))
    say(tongue.say("decisions compared", count=found.decisions, changed=len(found.changed)))


def _print_shadow(found: ShadowCompared, tongue: Tongue) -> None:
    from lianyue.cli.output import say

    for kept, difference in found.differing:
        say(_line(f"{kept.number} #{kept.occurrence}", kept.facts.decision_day, difference, tongue))
    say(tongue.say("shadow agreement", name=found.policy, count=found.decisions, differing=len(found.differing)))


def _line(name: str, day: str, difference: DecisionDifference, tongue: Tongue) -> str:
    from rules.difference import difference_told

    return f"{name} {day}  {tongue.joined(difference_told(difference, tongue))}"
