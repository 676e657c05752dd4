"""A recorded decision on one page: why in sentences, then its tables, then every step if wanted."""

from __future__ import annotations

from itertools import groupby

from contracts.decision import Decision, Fee
from contracts.facts import Facts
from lianyue.casebook.account import DecisionAccount
from lianyue.cli.output import say, table
from lianyue.story import term
from rules.explain.shown import points, shown
from rules.explain.telling import Paragraph
from rules.explain.tongue import Tongue
from rules.explain.why import Why


def print_account(account: DecisionAccount, *, steps: bool) -> None:
    """Print everything."""
    facts = account.precedent.facts
    say(account.tongue.say("occurrence", place=account.precedent.occurrence, day=facts.decision_day))
    print_paragraphs(account.paragraphs)
    say(account.again)
    if not account.member:
        print_quotes(facts, account.tongue)
        print_decision(account.precedent.decision, account.tongue)
    for line, why in account.steps() if steps else ():
        say(f"{line['rule']} · {line['member']}")
        _print_step(why, 1, account.tongue.language)


def print_paragraphs(paragraphs: tuple[Paragraph, ...]) -> None:
    """Print the sentences under the titles of their parts."""
    for title, found in groupby(paragraphs, key=lambda paragraph: paragraph.title):
        say(f"【{title}】")
        for sentence in (sentence for paragraph in found for sentence in paragraph.sentences):
            say(f"  {sentence}")


def print_quotes(facts: Facts, tongue: Tongue) -> None:
    """Print who has quoted what, and who takes no part any more."""
    prices = [(each.member.code, tongue.money(each.quote.price_fen)) for each in facts.candidates if each.quote]
    if prices:
        table((tongue.say("member"), tongue.say("price")), prices, tongue.say("quotes"))
    for member, reason in facts.declined.items():
        say(tongue.say("withdrawn", member=member, reason=tongue.note(reason)))


def print_decision(decision: Decision, tongue: Tongue) -> None:
    """Print a decision in tables: who may not and why, scores, shares."""
    reference = decision.policy
    say(f"{reference.name} {reference.edition} · {decision.method} + {decision.division}")
    say(tongue.say("outcome line", outcome=term("outcome", decision.outcome.value, tongue.language)))
    say(tongue.say("eligible line", members=tongue.row(decision.eligible) or tongue.say("none")))
    _print_rows(decision, tongue)
    if decision.note:
        say(tongue.say("note line", note=tongue.note(decision.note)))


def _print_rows(decision: Decision, tongue: Tongue) -> None:
    """The tables, where there is something in them."""
    member = tongue.say("member")
    found = [(code, why.rule, tongue.note(why.message)) for code, whys in decision.excluded.items() for why in whys]
    if found:
        table((member, tongue.say("rule head"), tongue.say("reason head")), found, tongue.say("not eligible"))
    ranked = [code for code in decision.ranking if code in decision.scores]
    scores = [(code, points(decision.scores[code].total_bp), _parts(decision, code)) for code in ranked]
    if scores:
        table((member, tongue.say("points head"), tongue.say("parts")), scores, tongue.say("scores"))
    for tie in decision.ties:
        say(tongue.say("tie line", members=tongue.row(tie.members), key=tie.by))
    shares = [
        (share.member, term("part", share.role, tongue.language), tongue.money(share.amount_fen))
        for share in decision.shares
    ]
    if shares:
        title = tongue.say("shares", amount=tongue.money(decision.amount_fen))
        table((member, tongue.say("role"), tongue.say("share head")), shares, title)
    fees = [_fee(fee, tongue) for fee in decision.fees]
    if fees:
        heads = ("fee head", "payer head", "payee head", "amount head", "note head")
        table(tuple(map(tongue.say, heads)), fees, tongue.say("fees title"))


def _fee(fee: Fee, tongue: Tongue) -> tuple[str, ...]:
    payee = tongue.payee(fee.payee) if fee.payee.islower() else fee.payee
    return (fee.level, fee.payer, payee, tongue.money(fee.amount_fen), tongue.note(fee.note))


def _parts(decision: Decision, member: str) -> str:
    return ", ".join(f"{rule} {points(part)}" for rule, part in sorted(decision.scores[member].parts.items()))


def _print_step(why: Why, depth: int, language: str) -> None:
    value = f"! {why.error}" if why.error else shown(why.text, why.value, language, 10_000)
    say(f"{'  ' * depth}{why.text} = {value}")
    for part in why.because:
        _print_step(part, depth + 1, language)
