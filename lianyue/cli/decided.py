"""`rules explain`, `whatif`, `diff` and `shadow`: what was decided, why, and what another edition would have said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli.options import AsJson, Data, Lang, Number, Since

if TYPE_CHECKING:
    from lianyue.cli.precedents import OtherEdition, Precedent
    from lianyue.cli.session import Opened
    from lianyue.records.kept import KeptShadow
    from lianyue.settings import Settings
    from rules.difference import DecisionDifference
    from rules.edition_difference import Alteration
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
    from contracts.errors import WrongState
    from lianyue.cli.decision_page import DecisionPage
    from lianyue.cli.output import emit
    from lianyue.cli.precedents import precedents_of
    from lianyue.cli.session import opened, settings_of

    settings = settings_of(data)
    with opened(settings) as records:
        summary, found = records.reading.contract(number), precedents_of(records, number)
        if not found:
            raise WrongState(f"{number} is {summary.stage}; nothing has been decided yet")
        tongue = _tongue(records, settings, lang)
        pages = [DecisionPage.of(each, records, tongue, member or "") for each in found]
    if as_json:
        documents = [page.as_document(steps=steps) for page in pages]
        emit({"number": number, "language": tongue.language, "decisions": documents})
        return
    for page in pages:
        page.print(steps=steps)


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
    from contracts.errors import WrongState
    from lianyue.cli.documents import text_of
    from lianyue.cli.output import emit
    from lianyue.cli.precedents import OtherEdition, edition_called, every_edition, precedents_of
    from lianyue.cli.session import opened, settings_of
    from rules.edition import edition_of

    settings = settings_of(data)
    with opened(settings) as records:
        found = precedents_of(records, number)
        if not found:
            raise WrongState(f"{number} is {records.reading.contract(number).stage}; nothing has been decided yet")
        library = every_edition(records, settings)
        own = edition_of(text_of(params), str(params)) if params else None
        other = OtherEdition.of(edition_called(policy, library), library, own)
        differences = [(each, _by_other(other, each, records)) for each in found]
        tongue = _tongue(records, settings, lang)
    if as_json:
        told = [_difference_document(each, difference, tongue) for each, difference in differences]
        emit({"number": number, "policy": _reference(other), "language": tongue.language, "decisions": told})
        return
    _print_whatif(other, differences, tongue)


def diff(
    a: Edition,
    b: Edition,
    since: Since = None,
    lang: Lang = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """比较版次：What B says otherwise than A, and which recorded decisions it would change; 1 if there is any."""
    from lianyue.cli.output import emit
    from lianyue.cli.precedents import edition_called, every_edition
    from lianyue.cli.session import opened, settings_of
    from rules.edition_difference import alterations

    settings = settings_of(data)
    with opened(settings) as records:
        library = every_edition(records, settings)
        before, after = edition_called(a, library), edition_called(b, library)
        altered = alterations(before.source.data, after.source.data)
        tongue = _tongue(records, settings, lang)
        compared = list(_compared(records, library, before, after, _day(since)))
    changed = [(each, difference) for each, difference in compared if not difference.is_empty]
    if as_json:
        told = [_difference_document(each, difference, tongue) for each, difference in changed]
        counts = {"decisions": len(compared), "changed": len(changed)}
        emit({"alterations": [each.as_document() for each in altered], **counts, "changes": told})
    else:
        _print_diff(altered, len(compared), changed, tongue)
    return 1 if changed else 0


def shadow(
    name: Annotated[str, typer.Argument(metavar="NAME", help="规则名 The policy beside which the shadow runs.")],
    since: Since = None,
    lang: Lang = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """影子版次：How often a policy's shadow would have decided as it did, with a line for each difference."""
    from contracts.errors import UnknownName
    from lianyue.cli.output import emit
    from lianyue.cli.session import opened, settings_of
    from rules.documents.envelope import SHADOW_POLICY

    settings = settings_of(data)
    with opened(settings) as records:
        day = _day(since)
        found = [each for each in records.reading.shadows(name) if each.facts.day >= day]
        known = sorted({each.name for each in records.published.editions() if each.kind == SHADOW_POLICY})
        tongue = _tongue(records, settings, lang)
    if not found and name not in known:
        there = f"; there are {', '.join(known)}" if known else ""
        raise UnknownName(f"no shadow of {name!r} was published{there}", where=name)
    beside = [(each, _beside(each)) for each in found]
    differing = [(each, difference) for each, difference in beside if not difference.is_empty]
    if as_json:
        told = [_shadow_document(each, difference, tongue) for each, difference in differing]
        emit({"policy": name, "decisions": len(beside), "differing": len(differing), "differences": told})
        return
    _print_shadow(name, len(beside), differing, tongue)


def _tongue(records: Opened, settings: Settings, lang: str | None) -> Tongue:
    """The language that was asked for, else that of the settings, with the names of the companies in it."""
    from lianyue.cli.session import language_of
    from rules.explain.tongue import Tongue
    from rules.explain.words import ENGLISH

    language = language_of(settings, lang)
    companies = records.directory.companies()
    names = {each.code: each.name_en if language == ENGLISH else each.name for each in companies}
    people = {} if language == ENGLISH else {each.user: each.name for each in records.directory.persons()}
    return Tongue(language, {**people, **names})


def _day(since: str | None) -> int:
    """The first day that counts."""
    from contracts.calendar import epoch_day
    from lianyue.cli.precedents import OLDEST

    return OLDEST if since is None else epoch_day(since)


def _by_other(other: OtherEdition, precedent: Precedent, records: Opened) -> DecisionDifference:
    from rules.difference import decided_by

    policy = other.compiled_for(precedent, records.published)
    return decided_by(policy, precedent.facts, precedent.decision)


def _compared(
    records: Opened, library: Any, before: Any, after: Any, since: int
) -> Iterator[tuple[Precedent, DecisionDifference]]:
    """Every decision that either name has made, decided by both; other kinds of file than policies decide nothing."""
    from lianyue.cli.output import log
    from lianyue.cli.precedents import OtherEdition, precedents
    from rules.documents.policy import AllocationPolicy

    if not isinstance(before.document, AllocationPolicy) or not isinstance(after.document, AllocationPolicy):
        return
    one, other = OtherEdition.of(before, library), OtherEdition.of(after, library)
    match = before.document.spec.match
    cases = precedents(records, since, lambda summary: match.takes(summary.category))
    ours = (each for each in cases if each.decision.policy.name in (before.name, after.name))
    for count, each in enumerate(ours, start=1):
        if count % PROGRESS_EVERY == 0:
            log(f"已比较 {count} 项决定")
        yield each, _between(one, other, each, records)


def _between(one: OtherEdition, other: OtherEdition, precedent: Precedent, records: Opened) -> DecisionDifference:
    """What *other* says otherwise than *one*; where *one* cannot decide, than what was recorded."""
    from contracts.errors import AllianceError
    from rules.decide import decide
    from rules.difference import DecisionDifference, decided_by

    try:
        before = decide(one.compiled_for(precedent, records.published), precedent.facts)
    except AllianceError:
        before = precedent.decision
    try:
        return decided_by(other.compiled_for(precedent, records.published), precedent.facts, before)
    except AllianceError as error:
        return DecisionDifference(error=error.message)


def _beside(kept: KeptShadow) -> DecisionDifference:
    from rules.difference import DecisionDifference, between

    if kept.shadow.decision is None:
        return DecisionDifference(error=kept.shadow.failure)
    return between(kept.decision, kept.shadow.decision)


def _reference(other: OtherEdition) -> dict[str, str]:
    spec = other.document.spec
    return {"name": other.edition.name, "edition": spec.effective.first, "digest": other.edition.digest}


def _difference_document(precedent: Precedent, difference: DecisionDifference, tongue: Tongue) -> dict[str, Any]:
    where = {"number": precedent.number, "occurrence": precedent.occurrence, "day": precedent.facts.decision_day}
    return {**where, **_told(difference, tongue)}


def _shadow_document(kept: KeptShadow, difference: DecisionDifference, tongue: Tongue) -> dict[str, Any]:
    where = {"number": kept.number, "occurrence": kept.occurrence, "day": kept.facts.decision_day}
    return {**where, "shadow": kept.shadow.digest, **_told(difference, tongue)}


def _told(difference: DecisionDifference, tongue: Tongue) -> dict[str, Any]:
    from rules.difference import difference_told

    return {
        "changed": not difference.is_empty,
        "award_changed": difference.changes_award,
        "difference": difference.as_document(),
        "sentences": list(difference_told(difference, tongue)),
    }


def _print_whatif(other: OtherEdition, differences: list[tuple[Precedent, DecisionDifference]], tongue: Tongue) -> None:
    from lianyue.cli.output import say
    from rules.difference import difference_told

    reference = _reference(other)
    for precedent, difference in differences:
        say(f"{precedent.name}，{precedent.facts.decision_day}：{reference['name']} {reference['edition']}")
        for sentence in difference_told(difference, tongue):
            say(f"  {sentence}")


def _print_diff(
    altered: tuple[Alteration, ...], decisions: int, changed: list[tuple[Precedent, DecisionDifference]], tongue: Tongue
) -> None:
    from lianyue.cli.output import say
    from rules.edition_difference import alteration_told

    for each in altered:
        say(alteration_told(each, tongue))
    say(tongue.say("alterations", count=len(altered)))
    for precedent, difference in changed:
        say(_line(precedent.name, precedent.facts.decision_day, difference, tongue))
    say(tongue.say("decisions compared", count=decisions, changed=len(changed)))


def _print_shadow(
    name: str, decisions: int, differing: list[tuple[KeptShadow, DecisionDifference]], tongue: Tongue
) -> None:
    from lianyue.cli.output import say

    for kept, difference in differing:
        say(_line(f"{kept.number} #{kept.occurrence}", kept.facts.decision_day, difference, tongue))
    say(tongue.say("shadow agreement", name=name, count=decisions, differing=len(differing)))


def _line(name: str, day: str, difference: DecisionDifference, tongue: Tongue) -> str:
    from rules.difference import difference_told

    return f"{name} {day}  {tongue.joined(difference_told(difference, tongue))}"
