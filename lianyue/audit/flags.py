"""
Red flags: what an auditor looks at first. None proves anything; each says what it found, and by whose definition.

Contests are compared as they were decided: amounts in fen, ratios in basis points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from contracts.calendar import iso_day
from contracts.money import yuan
from contracts.service_contract import QuotingMode
from lianyue.records.reading import Reading
from rules.explain.shown import percent


@dataclass(frozen=True)
class Limits:
    """From where on something is a flag."""

    close_bp: int = 100
    """How near the second-lowest price may lie to the lowest."""
    share_bp: int = 5_000
    """What part of a category's value one member may have."""
    in_a_row: int = 3
    """How often one member may win in a category for one client in a row."""
    threshold_fen: int = 100_000_000
    """The value from which on services must be tendered: a million yuan."""
    within_days: int = 90
    """How near contracts must lie for their values to be added up."""


@dataclass(frozen=True)
class Contest:
    """One contract as it was competed for, awarded and settled."""

    number: str
    client: str
    category: str
    day: int
    value_fen: int
    is_invited: bool
    prices: dict[str, int] = field(default_factory=dict)
    """What each member asked, in the last round."""
    shares: dict[str, int] = field(default_factory=dict)
    """What each member has by the agreement in force, or was awarded."""
    settled: dict[str, int] = field(default_factory=dict)
    """What is payable to each member."""


@dataclass(frozen=True)
class Flag:
    """Something to look at."""

    name: str
    numbers: tuple[str, ...]
    detail: str


@dataclass(frozen=True)
class Definition:
    """What a flag means, and where that is said."""

    meaning: str
    source: str
    find: Callable[[Sequence[Contest], Limits], Iterator[Flag]]


def flags_in(contests: Sequence[Contest], limits: Limits) -> list[Flag]:
    """Return every flag, by name and contract."""
    ordered = sorted(contests, key=lambda each: (each.day, each.number))
    return [flag for name in sorted(DEFINITIONS) for flag in DEFINITIONS[name].find(ordered, limits)]


def contests_of(reading: Reading) -> list[Contest]:
    """Return every contract of the records as a contest."""
    return [_contest(reading, each.number) for each in reading.contracts()]


def _contest(reading: Reading, number: str) -> Contest:
    order, decisions = reading.order(number), reading.decisions(number)
    quotes, agreements = reading.quotes(number), reading.agreements(number)
    in_force = [each.version.agreement for each in agreements if each.state == "in_force"]
    shares = in_force[-1].shares if in_force else decisions[-1].decision.shares if decisions else ()
    settled: dict[str, int] = {}
    for line in reading.settlements(number):
        settled[line.member] = settled.get(line.member, 0) + line.payable.gross_fen
    return Contest(
        number=number,
        client=order.contract.client,
        category=order.contract.category,
        day=order.clock.day(order.clock.real_origin),
        value_fen=order.contract.value_fen,
        is_invited=order.contract.quoting.mode is QuotingMode.INVITED,
        prices={quote.member: quote.price_fen for quote in quotes},
        shares={share.member: share.amount_fen for share in shares},
        settled=settled,
    )


def _single_bids(contests: Sequence[Contest], _: Limits) -> Iterator[Flag]:
    for each in contests:
        if each.is_invited and len(each.prices) == 1:
            yield Flag("single-bid", (each.number,), f"only {next(iter(each.prices))} quoted")


def _close_prices(contests: Sequence[Contest], limits: Limits) -> Iterator[Flag]:
    for each in contests:
        (low, *others) = sorted(each.prices.items(), key=lambda quote: (quote[1], quote[0])) or [("", 0)]
        if others and (others[0][1] - low[1]) * 10_000 < limits.close_bp * low[1]:
            apart = f"{yuan(others[0][1] - low[1])} apart"
            yield Flag("close-prices", (each.number,), f"{low[0]} and {others[0][0]} are {apart}")


def _concentration(contests: Sequence[Contest], limits: Limits) -> Iterator[Flag]:
    for category in dict.fromkeys(each.category for each in contests):
        own = [each for each in contests if each.category == category and each.shares]
        total = sum(sum(each.shares.values()) for each in own)
        sums: dict[str, int] = {}
        for each in own:
            for member, fen in each.shares.items():
                sums[member] = sums.get(member, 0) + fen
        for member, fen in sorted(sums.items()):
            if len(own) > 1 and fen * 10_000 > limits.share_bp * total:
                told = f"{member} has {percent(fen * 10_000 // total)} of {category}, {yuan(fen)}"
                yield Flag("share-concentration", tuple(each.number for each in own if member in each.shares), told)


def _same_winners(contests: Sequence[Contest], limits: Limits) -> Iterator[Flag]:
    for client, category in dict.fromkeys((each.client, each.category) for each in contests):
        run: list[str] = []
        last = ""
        for each in [each for each in contests if (each.client, each.category) == (client, category) and each.shares]:
            winner = max(sorted(each.shares), key=lambda member, each=each: each.shares[member])  # type: ignore[misc]
            run = [*run, each.number] if winner == last else [each.number]
            last = winner
            if len(run) == limits.in_a_row:
                yield Flag("same-winner", tuple(run), f"{winner} won {len(run)} in a row of {category} for {client}")


def _split_contracts(contests: Sequence[Contest], limits: Limits) -> Iterator[Flag]:
    for client, category in dict.fromkeys((each.client, each.category) for each in contests):
        small = [
            each
            for each in contests
            if (each.client, each.category) == (client, category) and each.value_fen < limits.threshold_fen
        ]
        for at, first in enumerate(small):
            near = [each for each in small[at:] if each.day - first.day <= limits.within_days]
            total = sum(each.value_fen for each in near)
            if len(near) > 1 and total >= limits.threshold_fen:
                told = f"{len(near)} contracts of {client} since {iso_day(first.day)}, {yuan(total)} together"
                yield Flag("split-contracts", tuple(each.number for each in near), told)
                break


def _overpayments(contests: Sequence[Contest], _: Limits) -> Iterator[Flag]:
    for each in contests:
        for member, fen in sorted(each.settled.items()):
            if fen > each.shares.get(member, 0):
                told = f"{member} is to be paid {yuan(fen)} of a share of {yuan(each.shares.get(member, 0))}"
                yield Flag("overpayment", (each.number,), told)


CARDINAL = "Open Contracting Partnership, Cardinal"
OWN = "本产品的定义 a definition of this product"

DEFINITIONS: dict[str, Definition] = {
    "single-bid": Definition(
        "members were invited and one quoted", f"{CARDINAL} R018, single bid received", _single_bids
    ),
    "close-prices": Definition(
        "the second-lowest price lies within a hundredth of the lowest",
        f"{CARDINAL} R024, price close to winning bid (待核); the hundredth is ours",
        _close_prices,
    ),
    "share-concentration": Definition("one member has more than half of a category's value", OWN, _concentration),
    "same-winner": Definition("one member wins again and again in a category for one client", OWN, _same_winners),
    "split-contracts": Definition(
        "contracts under the tendering threshold that reach it together",
        "政府采购法 第二十八条（化整为零）；必须招标的工程项目规定 第五条（三）：服务一百万元。待核",
        _split_contracts,
    ),
    "overpayment": Definition("more is payable than the agreement in force gives", OWN, _overpayments),
}
"""By name; the thresholds are those of `Limits`. Late publication is none here: the records publish nothing."""
