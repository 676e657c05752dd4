"""That all parties signed what came into force, and that money adds up every way it can be added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from activities.signing import Concluded
from contracts.agreement import AgreementVersion
from contracts.signed_document import DocumentRevision
from lianyue.audit.checks import Check
from lianyue.audit.views import Told, money_of


def all_signed(told: Told) -> list[Check]:
    """
    Every version that came into force bears one signature of each of its parties, and of nobody else.

    That the document holds these signatures, and that they are valid, is checked of its bytes.
    """
    versions = [each.answered(AgreementVersion) for each in told.done if each.name in ("draw_up", "amend")]
    in_force = [each.answered(Concluded) for each in told.done if each.name == "conclude"]
    numbers = {each.version for each in in_force if not each.overtaken_by}
    checks = []
    for version in versions:
        number = version.agreement.version
        if number in numbers:
            wrong = list(_unsigned(version, [each for each in told.signed if each.version == number]))
            detail = "; ".join(wrong) or f"signed by {', '.join(version.agreement.parties)}"
            checks.append(Check(name=f"parties v{number}", ok=not wrong, detail=detail))
    return checks


def _unsigned(version: AgreementVersion, revisions: list[DocumentRevision]) -> Iterator[str]:
    parties = version.agreement.parties
    for party in parties:
        own = [each for each in revisions if each.company == party]
        if len(own) != 1:
            yield f"{party} has signed {len(own)} times"
    for each in revisions:
        if each.number != version.agreement.number:
            yield f"{each.company} has signed for {each.number}"
        if each.company not in parties:
            yield f"{each.company} has signed and is no party"


def money_agrees(told: Told) -> list[Check]:
    """Of every version, members add up to milestones and both to the total; settlements add up to what is payable."""
    money = money_of(told)
    checks = [_version_agrees(each) for each in money["versions"]]
    lines = money["settlements"]
    wrong = [
        f"{line['member']}/{line['milestone']}: net and VAT are not the gross amount"
        for line in lines
        if line["payable"]["net_fen"] + line["payable"]["vat_fen"] != line["payable"]["gross_fen"]
    ]
    if money["agreed_fen"] - money["deducted_fen"] != money["payable_fen"]:
        wrong.append(
            f"agreed {money['agreed_fen']} less deducted {money['deducted_fen']} is not {money['payable_fen']}"
        )
    detail = "; ".join(wrong) or f"{len(lines)} lines, {money['payable_fen']} fen payable"
    return [*checks, Check(name="money settled", ok=not wrong, detail=detail)]


def _version_agrees(plan: dict[str, Any]) -> Check:
    total, members, milestones = plan["total_fen"], plan["by_member"], plan["by_milestone"]
    sums = {
        "members": sum(members.values()),
        "milestones": sum(milestones.values()),
        "shares": sum(plan["shares"].values()),
    }
    wrong = [f"the {name} add up to {fen} fen, the total is {total}" for name, fen in sums.items() if fen != total]
    if {code: fen for code, fen in plan["shares"].items() if fen} != {
        code: fen for code, fen in members.items() if fen
    }:
        wrong.append(f"the shares {plan['shares']} are not what each member's instalments come to, {members}")
    detail = "; ".join(wrong) or f"{total} fen by {len(members)} members and {len(milestones)} milestones"
    return Check(name=f"money v{plan['version']}", ok=not wrong, detail=detail)
