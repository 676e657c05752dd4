"""Portfolios made from a seed: realistic ones of any size, tiny ones for exhaustive search, and the ceremony's own."""

from __future__ import annotations

from random import Random
from typing import Any

RESOURCES = {
    "property": "m2",
    "canteen": "meals",
    "charging": "piles",
    "greening": "green_m2",
    "pv": "kwp",
    "certification": "auditor_days",
}
SHARES = {"property": 34, "canteen": 16, "charging": 12, "greening": 16, "pv": 12, "certification": 10}
"""How many of a hundred contracts are of each category."""

PARKS = ("lingang", "caohejing", "new-area", "fengxian", "pujiang", "yangshan")
GRADES = "AAABBBBCC"
FEN_A_UNIT = {
    "m2": 15_300,
    "meals": 565_000,
    "piles": 3_916_000,
    "green_m2": 1_190,
    "kwp": 289_000,
    "auditor_days": 380_600,
}


def portfolio(contracts: int, members: int, seed: int, *, rules: bool = True) -> dict[str, Any]:
    """
    Return a portfolio as its file states it; there is an award that keeps all its rules.

    Members serve one to three categories. About three of five of them quote for a contract, within a tenth of one
    another. An award that spreads the work is planted first; capacities and caps lie little above what it takes.
    """
    chance = Random(seed)
    stated = [_member(index, chance) for index in range(members)]
    _staff(stated, chance)
    listed = [_contract(index, stated, chance) for index in range(contracts)]
    planted = _planted(stated, listed)
    _equip(stated, listed, planted, chance)
    spec = {
        "decision_day": "2025-07-01",
        "members": [{key: each[key] for key in ("code", "capacity", "grade")} for each in stated],
        "contracts": listed,
        "objective": {"minimise": "price"},
        "constraints": _rules(stated, listed, planted) if rules else [],
    }
    name = f"made-{contracts}-{members}-{seed}"
    return {"apiVersion": "lianyue/v1", "kind": "Portfolio", "metadata": {"name": name}, "spec": spec}


def _planted(members: list[dict[str, Any]], contracts: list[dict[str, Any]]) -> dict[str, str]:
    """An award that gives each contract, the largest first, to whoever has least; no canteen to a grade C."""
    grades = {each["code"]: each["grade"] for each in members}
    load = dict.fromkeys(grades, 0)
    found: dict[str, str] = {}
    for contract in sorted(contracts, key=lambda each: -each["value_fen"]):
        codes = [quote["member"] for quote in contract["quotes"]]
        fit = [code for code in codes if grades[code] != "C"] or codes
        found[contract["number"]] = min(fit, key=lambda code: (load[code], code))
        load[found[contract["number"]]] += contract["value_fen"]
    return found


def _rules(
    members: list[dict[str, Any]], contracts: list[dict[str, Any]], planted: dict[str, str]
) -> list[dict[str, Any]]:
    """Constraints of ten kinds, each just so wide that the planted award keeps it."""
    count = len(members)
    property_share, whole_share = _share(contracts, planted, "property"), _share(contracts, planted, "")
    suppliers = {each: len(_holders(contracts, planted, each)) for each in RESOURCES}
    most = max(sum(member == each["code"] for member in planted.values()) for each in members)
    property_each = min((_holders(contracts, planted, "property") or {"": 0}).values())
    rules: list[dict[str, Any]] = [
        {"id": "bonus", "type": "incumbent_bonus_bp", "value": 150, "priority": 4},
        {"id": "cap-all", "type": "max_share_bp", "value": whole_share + 2_000 // count, "priority": 2},
        {"id": "grade-c", "type": "max_grade_share_bp", "of": {"grade": "C"}, "value": 800, "priority": 2},
        {"id": "most", "type": "max_contracts", "value": most, "priority": 3},
    ]
    if suppliers["canteen"]:
        scope = {"category": "canteen", "grade": "C"}
        rules.append({"id": "no-c-canteen", "type": "exclude", "of": scope, "priority": 1})
    if property_each:
        cap = {"id": "cap-property", "type": "max_share_bp", "of": {"category": "property"}, "priority": 2}
        rules.append({**cap, "value": min(10_000, property_share + 200)})
    for rule, kind, category in (("few-certifiers", "max", "certification"), ("many-chargers", "min", "charging")):
        if suppliers[category]:
            scope = {"of": {"category": category}, "value": suppliers[category], "priority": 3}
            rules.append({"id": rule, "type": f"{kind}_suppliers", **scope})
    if any(each["category"] == "pv" for each in contracts):
        scope = {"category": "pv", "when": "quote.score_bp >= 6500"}
        rules.append({"id": "worthy", "type": "require", "of": scope, "priority": 2})
    ranked = sorted({*planted.values()}, key=lambda code: (-_value(contracts, planted, code), code))
    if ranked:
        held = _value(contracts, planted, ranked[0]) * 10_000 // sum(each["value_fen"] for each in contracts)
        rules.append(
            {"id": "heart", "type": "min_share_bp", "of": {"member": ranked[0]}, "value": max(1, held), "priority": 4}
        )
    return rules


def _holders(contracts: list[dict[str, Any]], planted: dict[str, str], category: str) -> dict[str, int]:
    """How many contracts of a category each member holds that holds any."""
    found: dict[str, int] = {}
    for each in contracts:
        if each["category"] == category:
            found[planted[each["number"]]] = found.get(planted[each["number"]], 0) + 1
    return found


def _value(contracts: list[dict[str, Any]], planted: dict[str, str], member: str, category: str = "") -> int:
    mine = [each for each in contracts if planted[each["number"]] == member and category in ("", each["category"])]
    return sum(each["value_fen"] for each in mine)


def _share(contracts: list[dict[str, Any]], planted: dict[str, str], category: str) -> int:
    """The largest share that a member holds, in basis points, rounded up."""
    whole = sum(each["value_fen"] for each in contracts if category in ("", each["category"]))
    held = [_value(contracts, planted, member, category) for member in sorted({*planted.values()})]
    return -(-max(held) * 10_000 // whole) if whole else 10_000


def _member(index: int, chance: Random) -> dict[str, Any]:
    return {
        "code": f"M{index:03}",
        "capacity": {},
        "grade": GRADES[chance.randrange(len(GRADES))],
        "categories": chance.sample(list(RESOURCES), chance.choice((1, 2, 2, 3))),
        "skill": chance.randint(-300, 300),
    }


def _staff(members: list[dict[str, Any]], chance: Random) -> None:
    """See to it that every category is served by at least four members, two of them not of grade C."""
    for category in RESOURCES:
        while len([each for each in members if category in each["categories"]]) < min(4, len(members)):
            chance.choice(members)["categories"].append(category)
        serving = [each for each in members if category in each["categories"]]
        for each in serving[:2]:
            each["grade"] = "B" if each["grade"] == "C" else each["grade"]
    members[-1]["grade"] = "C"
    for each in members:
        each["categories"] = sorted(set(each["categories"]))


def _contract(index: int, members: list[dict[str, Any]], chance: Random) -> dict[str, Any]:
    category = chance.choices(list(SHARES), list(SHARES.values()))[0]
    resource = RESOURCES[category]
    value = int(10 ** chance.uniform(7.2, 9.4))
    serving = [each for each in members if category in each["categories"]]
    quoting = [each for each in serving if chance.random() < 0.6] or serving
    for each in serving[:2]:
        if each not in quoting:
            quoting.append(each)
    quotes = [_quote(value, each, chance) for each in sorted(quoting, key=lambda each: each["code"])][:12]
    return {
        "number": f"LY-2025-{index + 1:06}",
        "category": category,
        "client": f"BUYER{index % 6}",
        "park": PARKS[chance.randrange(len(PARKS))],
        "value_fen": value,
        "needs": {resource: max(1, value // FEN_A_UNIT[resource])},
        "incumbent": chance.choice(quotes)["member"],
        "quotes": quotes,
    }


def _quote(value: int, member: dict[str, Any], chance: Random) -> dict[str, Any]:
    points = 9_500 + member["skill"] + chance.randint(-400, 400)
    return {
        "member": member["code"],
        "price_fen": value * points // 10_000 + chance.randint(0, 99),
        "score_bp": chance.randint(7_000, 9_800),
    }


def _equip(
    members: list[dict[str, Any]], contracts: list[dict[str, Any]], planted: dict[str, str], chance: Random
) -> None:
    """Give every member a capacity of each resource it serves: its part of the work, and what the plan needs."""
    for category, resource in RESOURCES.items():
        mine = [each for each in contracts if each["category"] == category]
        serving = [each for each in members if category in each["categories"]]
        work = sum(each["needs"][resource] for each in mine)
        for each in serving:
            needed = sum(one["needs"][resource] for one in mine if planted[one["number"]] == each["code"])
            each["capacity"][resource] = max(needed, work * chance.randint(90, 130) // 100 // len(serving))


AIMS: tuple[dict[str, Any], ...] = (
    {"minimise": "price"},
    {"minimise": "price"},
    {"minimise": "-score"},
    {"minimise": "weighted", "price_bp": 7_000, "score_bp": 3_000},
    {"minimise": ["-score", "price"]},
    {"minimise": ["-least", "price"], "max_regret_bp": 400},
)


def tiny(seed: int, *, rules: int = 4, coarse: bool = False) -> dict[str, Any]:
    """
    Return a portfolio so small that every award can be tried; it need not have one that keeps its rules.

    In a *coarse* one values, prices and scores repeat, so that many awards are equally good.
    """
    chance = Random(seed)
    codes = ["AA", "BB", "CC"]
    listed = [_tiny_contract(index, codes, chance) for index in range(chance.randint(2, 4))]
    if coarse:
        _repeat(listed, chance)
    work = sum(each["needs"]["m2"] for each in listed)
    members = [
        {"code": code, "capacity": {"m2": _tiny_capacity(work, chance)}, "grade": chance.choice("ABC")}
        for code in codes
    ]
    drawn = chance.sample(_tiny_rules(codes, chance), rules)
    known = {each["grade"] for each in members}
    kept = [rule for rule in drawn if rule.get("of", {}).get("grade", members[0]["grade"]) in known]
    spec = {
        "decision_day": "2025-07-01",
        "members": members,
        "contracts": listed,
        "objective": chance.choice(AIMS),
        "constraints": kept,
    }
    return {"apiVersion": "lianyue/v1", "kind": "Portfolio", "metadata": {"name": f"tiny-{seed}"}, "spec": spec}


def _tiny_contract(index: int, codes: list[str], chance: Random) -> dict[str, Any]:
    value = chance.randint(1_000, 100_000)
    quoting = sorted(chance.sample(codes, chance.choice((2, 3, 3))))
    contract: dict[str, Any] = {
        "number": f"LY-2025-{index + 1:04}",
        "category": chance.choice(("property", "pv")) if index else "property",
        "value_fen": value,
        "needs": {"m2": chance.randint(1, 40)},
        "periods": chance.choice(([], ["H1"], ["H1", "H2"])),
        "incumbent": chance.choice(quoting),
        "quotes": [
            {"member": code, "price_fen": value + chance.randint(-900, 99), "score_bp": chance.randint(5_000, 9_900)}
            for code in quoting
        ],
    }
    shape = chance.random()
    if shape < 0.3:
        contract |= {"divisible": True, "min_lot_bp": 5_000}
    elif index == 1 and shape < 0.8:
        least = chance.randint(0, 1)
        contract["lead_sub"] = {"lead_min_bp": 5_000, "min_lot_bp": 2_500, "min_subs": least, "max_subs": least + 1}
        if len(quoting) <= least + 1 or chance.random() < 0.5:
            contract["lead_sub"] |= {"max_subs": 1, "max_sub_bp": chance.choice((2_500, 5_000))}
    if chance.random() < 0.3:
        contract["quotes"][0]["needs"] = {"m2": chance.randint(1, 40)}
    return contract


def _repeat(contracts: list[dict[str, Any]], chance: Random) -> None:
    for contract in contracts:
        contract["value_fen"] = 10_000
        for quote in contract["quotes"]:
            quote |= {"price_fen": chance.choice((9_000, 9_000, 10_000)), "score_bp": chance.choice((7_000, 8_000))}


def _tiny_capacity(work: int, chance: Random) -> int | dict[str, int]:
    if chance.random() < 0.3:
        return {"H1": chance.randint(work // 3, work), "H2": chance.randint(work // 3, work)}
    return chance.randint(work // 3, work)


def _tiny_rules(codes: list[str], chance: Random) -> list[dict[str, Any]]:
    """One constraint of every kind, some of them drawn so that they may conflict."""
    share = chance.choice((4_000, 5_000, 6_000, 7_500))
    priority = {"priority": chance.randint(2, 4)}
    return [
        {"id": "bonus", "type": "incumbent_bonus_bp", "value": chance.randint(50, 500)},
        {"id": "cap", "type": "max_share_bp", "value": share, **priority},
        {
            "id": "floor",
            "type": "min_share_bp",
            "of": {"member": "BB"},
            "value": chance.randint(500, 4_000),
            **priority,
        },
        {"id": "few", "type": "max_suppliers", "value": chance.randint(1, 2), "priority": 4},
        {"id": "many", "type": "min_suppliers", "value": chance.randint(2, 3), "priority": 3},
        {"id": "most", "type": "max_contracts", "value": chance.randint(1, 2), **priority},
        {"id": "some", "type": "min_contracts", "of": {"member": chance.choice(codes)}, "value": 1},
        {"id": "not", "type": "exclude", "of": {"member": chance.choice(codes), "category": "property"}},
        {"id": "only", "type": "require", "of": {"category": "property", "when": "quote.score_bp >= 6000"}},
        {"id": "due", "type": "max_forgone_bp", "value": chance.randint(2_000, 9_000), **priority},
        {"id": "pair", "type": "not_both", "members": sorted(chance.sample(codes, 2)), **priority},
        {"id": "apart", "type": "not_both", "contracts": ["LY-2025-0001", "LY-2025-0002"], "priority": 3},
        {"id": "grade", "type": "max_grade_share_bp", "of": {"grade": "C"}, "value": chance.randint(0, 5_000)},
        {
            "id": "quota",
            "type": "quota",
            "quotas_bp": {"AA": 2_000, "CC": 2_500},
            "carried_fen": {"AA": chance.randint(-500, 500)},
            "tolerance_bp": chance.randint(0, 2_500),
        },
    ]
