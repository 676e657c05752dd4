"""The fees of a decision, told level by level, and what every member is left with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contracts.decision import Decision, Fee, FeeBase
from rules.explain.notes import CHINESE
from rules.explain.tongue import Tongue
from rules.explain.words import BASES, ENGLISH


def fees_told(decision: Decision, tongue: Tongue) -> Iterator[str]:
    """Tell what is owed out of the shares: each level with its base and payers, then what each member is left with."""
    if not decision.fees:
        return
    yield tongue.say("fees", amount=tongue.money(sum(fee.amount_fen for fee in decision.fees)))
    for level in dict.fromkeys((fee.level, fee.payee) for fee in decision.fees):
        yield _level([fee for fee in decision.fees if (fee.level, fee.payee) == level], decision, tongue)
    for share in decision.shares:
        paid = sum(fee.amount_fen for fee in decision.fees if fee.payer == share.member)
        got = sum(fee.amount_fen for fee in decision.fees if fee.payee == share.member)
        yield tongue.say(
            "left",
            member=tongue.member(share.member),
            amount=tongue.money(share.amount_fen),
            paid=tongue.money(paid),
            got=tongue.money(got),
            left=tongue.money(share.amount_fen - paid + got),
        )


def _level(lines: Sequence[Fee], decision: Decision, tongue: Tongue) -> str:
    first = lines[0]
    note = tongue.note(first.note)
    if tongue.language == ENGLISH and CHINESE.search(note):
        note = ""
    payers = [_payer(line, tongue, alone=len(lines) == 1) for line in lines]
    is_shared_base = len({line.base_fen for line in lines}) == 1
    key = ("fee alone" if len(lines) == 1 else "fee") if is_shared_base else "fee own"
    is_whole = first.base is not FeeBase.GROSS or abs(first.base_fen) == abs(decision.amount_fen)
    return tongue.say(
        key,
        level=tongue.say("level", title=note, level=first.level) if note else first.level,
        base=tongue.word(BASES, first.base.value if is_whole else "own"),
        base_fen=tongue.money(first.base_fen),
        payee=tongue.payee(first.payee),
        amount=tongue.money(sum(line.amount_fen for line in lines)),
        payers=tongue.row(payers),
    )


def _payer(line: Fee, tongue: Tongue, *, alone: bool) -> str:
    if line.payer == line.payee:
        return tongue.say("keeps", member=tongue.member(line.payer), amount=tongue.money(line.amount_fen))
    if alone:
        return tongue.member(line.payer)
    return tongue.say("payer", member=tongue.member(line.payer), amount=tongue.money(line.amount_fen))
