"""Words in both languages: the titles of an account, outcomes, roles, parties, bases and grounds."""

from __future__ import annotations

from typing import NamedTuple

ENGLISH = "en"


class Words(NamedTuple):
    """The same in both languages; facts stand in braces."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """Return the words in *language*; whatever is not English is Chinese."""
        return self.en if language == ENGLISH else self.zh


TITLES: dict[str, Words] = {
    "basis": Words("依据", "Basis"),
    "first tried": Words("先行规则", "What was tried first"),
    "eligibility": Words("资格", "Eligibility"),
    "tables": Words("决策表", "Decision tables"),
    "scores": Words("评分", "Scores"),
    "ranking": Words("名次", "Ranking"),
    "selection": Words("选定", "Selection"),
    "division": Words("分配", "Division"),
    "fees": Words("费用", "Fees"),
    "approvals": Words("审批", "Approvals"),
    "passed over": Words("未适用的共用规则", "Shared rules passed over"),
    "difference": Words("差异", "Difference"),
}
"""The parts of an account of a decision, in the order in which they are told."""

OUTCOMES: dict[str, Words] = {
    "awarded": Words("有承接单位", "awarded"),
    "no_eligible": Words("无合格单位", "nobody is eligible"),
    "too_few_quotes": Words("报价不足", "too few quotes"),
    "above_ceiling": Words("报价均超过最高限价", "all quotes are above the ceiling"),
    "exhausted": Words("无单位可递补", "nobody is left"),
    "infeasible": Words("没有可行的组合", "no set of members is possible"),
}

ROLES: dict[str, Words] = {
    "coordinator": Words("协调员", "coordinator"),
    "desk_officer": Words("经办审批人", "desk officer"),
    "finance_lead": Words("财务负责人", "finance lead"),
    "council_member": Words("理事", "council member"),
    "reviewer": Words("复核人", "reviewer"),
    "auditor": Words("审计人", "auditor"),
    "operator": Words("运维人", "operator"),
}
"""Who approves or grants; whoever is not here is called by the code."""

PARTS: dict[str, Words] = {
    "lead": Words("（主办）", " (lead)"),
    "sub": Words("（协办）", " (sub)"),
    "joint": Words("（共同承担）", " (jointly)"),
    "sole": Words("（独家）", " (alone)"),
}
"""In which part a member does its share."""

PAYEES: dict[str, Words] = {
    "lead": Words("主办方", "the lead"),
    "office": Words("联盟办公室", "the office"),
    "referrer": Words("招商推荐方", "the referrer"),
    "client": Words("委托方", "the client"),
    "tax_office": Words("税务机关", "the tax office"),
    "supplier": Words("供应商", "the supplier"),
}
"""The parties to a contract that are owed fees by their part in it."""

BASES: dict[str, Words] = {
    "gross": Words("分配总额", "the amount divided"),
    "net": Words("不含税额", "the amount without its tax"),
    "residual": Words("此前各项扣除后的余额", "what was left before it"),
    "own": Words("金额", "its own base"),
}
"""What a fee is reckoned on."""

QUEUE: dict[str, Words] = {
    "name": Words("名称", "its name"),
    "order": Words("次序", "its order"),
    "last": Words("最近轮到者", "whose turn was the last"),
    "cycle": Words("轮数", "its cycle"),
    "served": Words("本轮已轮到者", "who has been served in the cycle"),
    "joining": Words("下一轮加入者", "who joins with the next cycle"),
    "credits": Words("积分", "the credits"),
    "weights": Words("权重", "the weights"),
}
"""What a queue keeps."""
