"""Exceptions: which one waives a rule for a member on a day, and of every other that names it why it does not."""

from __future__ import annotations

from functools import lru_cache

from contracts.calendar import epoch_day, iso_day
from contracts.decision import Waiver
from contracts.facts import ContractFacts, ExceptionFacts, Facts
from contracts.signature import SignatureVerdict
from rules.canonical import digest
from rules.documents.authority import ANY_POLICY, PolicyException
from rules.parse import parsed
from rules.source import read

LONGEST_DAYS = 366
"""How long an exception may last where the parameters do not say otherwise."""

LONGEST = "longest_exception_days"
"""The parameter that says otherwise."""


@lru_cache(maxsize=256)
def exception_in(text: str, file: str = "exception.yaml") -> tuple[PolicyException, str]:
    """
    Return the exception that *text* states, and the digest by which it is signed.

    Raises:
        RuleProblems: If it does not say what its kind must say.
    """
    source = read(text, file)
    return parsed(source, PolicyException), digest(source.data)


def facts_of(
    document: PolicyException, its_digest: str, signature: SignatureVerdict, revoked_day: int | None
) -> ExceptionFacts:
    """Return what a decision is told of an exception."""
    spec = document.spec
    return ExceptionFacts(
        digest=its_digest,
        name=document.metadata.name,
        policy=spec.policy,
        rules=spec.waives,
        members=spec.members,
        contracts=spec.contracts,
        category=spec.category,
        from_day=spec.effective.from_day,
        to_day=epoch_day(spec.effective.end),
        revoked_day=revoked_day,
        granted_by=spec.granted_by.user,
        role=spec.granted_by.role,
        signature=signature,
    )


def concerns(exception: ExceptionFacts, contract: ContractFacts) -> bool:
    """Say whether *exception* is made for *contract*, whatever the day, the member and the rule."""
    named = not exception.contracts or contract.number in exception.contracts
    return named and exception.category in (None, contract.category)


def waived_by(
    facts: Facts, policy: str, rule: str, member: str, message: str, *, is_waivable: bool
) -> tuple[Waiver | None, tuple[str, ...]]:
    """
    Return the waiver of *rule* of *policy* for *member*, or why each exception that names both does not help.

    Of several that hold the one that holds longest waives, then the one with the lower digest.
    """
    named = [each for each in facts.exceptions if _names(each, facts.contract, policy, rule, member)]
    obstacles = {each.digest: _obstacle(each, facts.day, is_waivable=is_waivable) for each in named}
    holding = [each for each in named if not obstacles[each.digest]]
    if not holding:
        ordered = sorted(named, key=lambda each: each.digest)
        return None, tuple(f"例外 {each.name}：{obstacles[each.digest]}" for each in ordered)
    best = min(holding, key=lambda each: (-until_day(each), each.digest))
    waiver = Waiver(rule=rule, message=message, exception=best.digest, name=best.name, until_day=until_day(best))
    return waiver, ()


def until_day(exception: ExceptionFacts) -> int:
    """The first epoch day on which *exception* is no longer in force."""
    return exception.to_day if exception.revoked_day is None else min(exception.to_day, exception.revoked_day)


def _names(exception: ExceptionFacts, contract: ContractFacts, policy: str, rule: str, member: str) -> bool:
    of_policy = exception.policy in (ANY_POLICY, policy)
    return of_policy and rule in exception.rules and member in exception.members and concerns(exception, contract)


def _obstacle(exception: ExceptionFacts, day: int, *, is_waivable: bool) -> str:
    """Why an exception that names the rule and the member does not hold on *day*; empty if it does."""
    if not is_waivable:
        return "该规则不允许例外"
    if day < exception.from_day:
        return f"{iso_day(exception.from_day)}起生效，决定日尚未生效"
    if exception.revoked_day is not None and exception.revoked_day <= day < exception.to_day:
        return f"自{iso_day(exception.revoked_day)}起已撤销"
    if day >= exception.to_day:
        return f"{iso_day(exception.to_day)}起已失效"
    if exception.signature is not SignatureVerdict.VALID:
        return f"签名未通过验证（{exception.signature}），不予适用"
    return ""
