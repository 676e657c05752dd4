"""
Red flags: what an auditor looks at first. None proves anything; each says what it found, and by whose definition.

Contests are compared as they were decided: amounts in fen, ratios in basis points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.calendar import iso_day
from lianyue.records.contests import Contest
from rules.explain.shown import money, percent
from rules.explain.words import ENGLISH, Words


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
    tell_within: int = 2
    """Within how many working days a result must be told."""


@dataclass(frozen=True)
class Flag:
    """Something to look at."""

    name: str
    numbers: tuple[str, ...]
    facts: Mapping[str, Any]

    def told(self, language: str = ENGLISH, names: Mapping[str, str] | None = None) -> str:
        """Say in *language* what was found; *names* calls companies and categories, by their codes."""
        shown = {name: _shown(name, value, language, names or {}) for name, value in self.facts.items()}
        return DEFINITIONS[self.name].found.in_(language).format_map(shown)


@dataclass(frozen=True)
class Definition:
    """What a flag is called and means, where that is said, and how one that was found is told."""

    title: Words
    meaning: Words
    source: str
    found: Words
    find: Callable[[Sequence[Contest], Limits], Iterator[Flag]]


def _shown(name: str, value: Any, language: str, names: Mapping[str, str]) -> str:
    if name.endswith("_fen"):
        return money(value, language)
    return names.get(value, value) if isinstance(value, str) else str(value)


def flags_in(contests: Sequence[Contest], limits: Limits) -> list[Flag]:
    """Return every flag, by name and contract."""
    ordered = sorted(contests, key=lambda each: (each.day, each.number))
    return [flag for name in sorted(DEFINITIONS) for flag in DEFINITIONS[name].find(ordered, limits)]


def flags_document(flags: Sequence[Flag]) -> dict[str, Any]:
    """Return *flags* with every definition, as programs read them."""
    meant = {name: {"meaning": each.meaning.en, "source": each.source} for name, each in DEFINITIONS.items()}
    found = [{"name": each.name, "numbers": each.numbers, "detail": each.told()} for each in flags]
    return {"flags": found, "definitions": meant}


def _single_bids(contests: Sequence[Contest], _: Limits) -> Iterator[Flag]:
    for each in contests:
        if each.is_invited and len(each.prices) == 1:
            yield Flag("single-bid", (each.number,), {"member": next(iter(each.prices))})


def _close_prices(contests: Sequence[Contest], limits: Limits) -> Iterator[Flag]:
    for each in contests:
        (low, *others) = sorted(each.prices.items(), key=lambda quote: (quote[1], quote[0])) or [("", 0)]
        if others and (others[0][1] - low[1]) * 10_000 < limits.close_bp * low[1]:
            facts = {"member": low[0], "other": others[0][0], "apart_fen": others[0][1] - low[1]}
            yield Flag("close-prices", (each.number,), facts)


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
                part = percent(fen * 10_000 // total)
                facts = {"member": member, "part": part, "category": category, "amount_fen": fen}
                yield Flag("share-concentration", tuple(each.number for each in own if member in each.shares), facts)


def _same_winners(contests: Sequence[Contest], limits: Limits) -> Iterator[Flag]:
    for client, category in dict.fromkeys((each.client, each.category) for each in contests):
        run: list[str] = []
        last = ""
        for each in [each for each in contests if (each.client, each.category) == (client, category) and each.shares]:
            winner = max(sorted(each.shares), key=lambda member, each=each: each.shares[member])  # type: ignore[misc]
            run = [*run, each.number] if winner == last else [each.number]
            last = winner
            if len(run) == limits.in_a_row:
                facts = {"member": winner, "count": len(run), "category": category, "client": client}
                yield Flag("same-winner", tuple(run), facts)


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
                facts = {"count": len(near), "client": client, "since": iso_day(first.day), "amount_fen": total}
                yield Flag("split-contracts", tuple(each.number for each in near), facts)
                break


def _overpayments(contests: Sequence[Contest], _: Limits) -> Iterator[Flag]:
    for each in contests:
        for member, fen in sorted(each.settled.items()):
            share = each.shares.get(member, 0)
            if fen > share:
                yield Flag("overpayment", (each.number,), {"member": member, "paid_fen": fen, "share_fen": share})


def _told_late(contests: Sequence[Contest], limits: Limits) -> Iterator[Flag]:
    for each in contests:
        if each.told_after > limits.tell_within:
            yield Flag("late-publication", (each.number,), {"days": each.told_after})


def _overridden(contests: Sequence[Contest], _: Limits) -> Iterator[Flag]:
    for each in contests:
        for user, reason in each.overrides:
            yield Flag("override", (each.number,), {"user": user, "reason": reason})


CARDINAL = "Open Contracting Partnership, Cardinal"
OWN = "本产品的定义 a definition of this product"

DEFINITIONS: dict[str, Definition] = {
    "single-bid": Definition(
        Words("只有一家报价", "Single bid"),
        Words("邀请了多家，只有一家报价", "members were invited and one quoted"),
        f"{CARDINAL} R018, single bid received",
        Words("只有{member}报价", "only {member} quoted"),
        _single_bids,
    ),
    "close-prices": Definition(
        Words("报价过近", "Close prices"),
        Words("次低价与最低价相差不到百分之一", "the second-lowest price lies within a hundredth of the lowest"),
        f"{CARDINAL} R024, price close to winning bid (待核); the hundredth is ours",
        Words("{member}与{other}相差{apart_fen}", "{member} and {other} are {apart_fen} apart"),
        _close_prices,
    ),
    "share-concentration": Definition(
        Words("份额集中", "Concentrated shares"),
        Words("一家占同类别一半以上", "one member has more than half of a category's value"),
        OWN,
        Words("{member}占{category}的{part}，{amount_fen}", "{member} has {part} of {category}, {amount_fen}"),
        _concentration,
    ),
    "same-winner": Definition(
        Words("总是同一家", "Same winner"),
        Words("同一委托方、同一类别接连由同一家承接", "one member wins again and again in a category for one client"),
        OWN,
        Words(
            "{client}的{category}接连{count}次由{member}承接",
            "{member} won {count} in a row of {category} for {client}",
        ),
        _same_winners,
    ),
    "split-contracts": Definition(
        Words("化整为零", "Split contracts"),
        Words("单份都在招标限额以下，合起来达到限额", "contracts under the tendering threshold that reach it together"),
        "政府采购法 第二十八条（化整为零）；必须招标的工程项目规定 第五条（三）：服务一百万元。待核",
        Words(
            "{client}自{since}起{count}份合同，合计{amount_fen}",
            "{count} contracts of {client} since {since}, {amount_fen} together",
        ),
        _split_contracts,
    ),
    "overpayment": Definition(
        Words("多付", "Overpayment"),
        Words("应付超过现行协议约定的份额", "more is payable than the agreement in force gives"),
        OWN,
        Words(
            "应付{member}{paid_fen}，份额只有{share_fen}", "{member} is to be paid {paid_fen} of a share of {share_fen}"
        ),
        _overpayments,
    ),
    "override": Definition(
        Words("另行指定", "Override"),
        Words(
            "规则的结果未获批准，由协调员另行指定",
            "what the rules found was refused, and a coordinator overrode it",
        ),
        OWN,
        Words("{user}：{reason}", "{user}: {reason}"),
        _overridden,
    ),
    "late-publication": Definition(
        Words("结果公布迟", "Late publication"),
        Words(
            "结果确定（最后一次批准；无须批准的，规则作出决定）后，超过两个工作日才告知有关各单位（“分配方案获批”）",
            "those concerned were told of the award more than two working days after it was settled: by the last "
            "approval, or where there is none by the rules' decision",
        ),
        "政府采购法实施条例 第四十三条（两个工作日内公告结果）；用于联盟内部是本产品的取法。待核",
        Words("确定后{days}个工作日才告知", "told {days} working days after it was settled"),
        _told_late,
    ),
}
"""By name; the thresholds are those of `Limits`."""
