"""An answer as a picture: a bar for each member, stacked by category."""

from __future__ import annotations

from collections import defaultdict
from html import escape

from rules.explain.shown import money
from rules.explain.words import Words
from rules.portfolio.answer import Allocation
from rules.portfolio.compiled import CompiledPortfolio

COLOURS = ("#2f6f8f", "#d98f3d", "#6a9c59", "#a34e5f", "#7a6aa8", "#4aa6a0", "#b7a13a", "#8c6d5a")
WIDTH, BAR, GAP, LEFT, RIGHT, TOP = 960, 22, 10, 130, 170, 96
TITLE = Words("各成员单位中选金额，按类别", "Awards by member and category")
TOTAL = Words(
    "合计 {price}，{contracts} 份合同，{members} 家成员单位", "{price} in all, {contracts} contracts, {members} members"
)
_FONT = "font-family='PingFang SC, Noto Sans CJK SC, Microsoft YaHei, sans-serif'"


def picture_of(portfolio: CompiledPortfolio, answer: Allocation, language: str) -> str:
    """Return *answer* as SVG; the same answer is the same text."""
    categories = {contract.number: contract.category for contract in portfolio.spec.contracts}
    held: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for award in answer.awards:
        held[award.member][categories[award.contract]] += award.price_fen
    members = sorted(held, key=lambda member: (-sum(held[member].values()), member))
    shown = sorted(set(categories.values()))
    colours = {category: COLOURS[place % len(COLOURS)] for place, category in enumerate(shown)}
    height = TOP + len(members) * (BAR + GAP) + 30
    largest = max((sum(parts.values()) for parts in held.values()), default=1)
    parts = [_head(height, answer, len(members), len(categories), language), *_legend(colours)]
    for place, member in enumerate(members):
        parts += _bar(TOP + place * (BAR + GAP), member, held[member], colours, largest, language)
    return "\n".join([*parts, "</svg>", ""])


def _head(height: int, answer: Allocation, members: int, contracts: int, language: str) -> str:
    price = money(answer.price_fen or 0, language)
    total = TOTAL.in_(language).format(price=price, contracts=contracts, members=members)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}' "
        f"{_FONT}>\n"
        f"<rect width='{WIDTH}' height='{height}' fill='#ffffff'/>\n"
        f"<text x='24' y='32' font-size='18' font-weight='600' fill='#1d2b33'>{escape(TITLE.in_(language))}</text>\n"
        f"<text x='24' y='54' font-size='12' fill='#5b6b73'>{escape(total)}</text>"
    )


def _legend(colours: dict[str, str]) -> list[str]:
    found: list[str] = []
    left = 24
    for category, colour in colours.items():
        found.append(f"<rect x='{left}' y='66' width='11' height='11' rx='2' fill='{colour}'/>")
        found.append(f"<text x='{left + 16}' y='76' font-size='12' fill='#33444d'>{escape(category)}</text>")
        left += 34 + 7 * len(category)
    return found


def _bar(
    top: int, member: str, parts: dict[str, int], colours: dict[str, str], largest: int, language: str
) -> list[str]:
    """One member's bar; lengths are whole pixels of the running sum, so that no gap opens between parts."""
    room, middle = WIDTH - LEFT - RIGHT, top + BAR - 6
    found = [
        f"<text x='{LEFT - 10}' y='{middle}' font-size='12' text-anchor='end' fill='#1d2b33'>{escape(member)}</text>"
    ]
    before = 0
    for category, colour in colours.items():
        start, end = before * room // largest, (before + parts.get(category, 0)) * room // largest
        before += parts.get(category, 0)
        if end > start:
            hint = escape(f"{member} · {category} · {money(parts[category], language)}")
            shape = f"<rect x='{LEFT + start}' y='{top}' width='{end - start}' height='{BAR}' fill='{colour}'>"
            found.append(f"{shape}<title>{hint}</title></rect>")
    end = LEFT + before * room // largest + 8
    amount = escape(money(before, language))
    found.append(f"<text x='{end}' y='{middle}' font-size='12' fill='#5b6b73'>{amount}</text>")
    return found
