"""What is said of a decision, in both languages: sentences with places for facts, and words for methods and roles."""

from __future__ import annotations

import inspect
from typing import NamedTuple

from pydantic import BaseModel

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
    "eligibility": Words("资格", "Eligibility"),
    "scores": Words("评分", "Scores"),
    "ranking": Words("名次", "Ranking"),
    "selection": Words("选定", "Selection"),
    "division": Words("分配", "Division"),
    "approvals": Words("审批", "Approvals"),
    "difference": Words("差异", "Difference"),
}

SAID: dict[str, Words] = {
    "basis": Words(
        "本决定以{day}为决定日，依据“{title}”（规则{name}，自{edition}起施行的版次）。",
        "The decision is of {day}, under “{title}” (policy {name}, the edition in force from {edition}).",
    ),
    "sources": Words("该规则的依据：{sources}。", "The policy rests on: {sources}."),
    "outcome": Words("结果：{outcome}。", "Outcome: {outcome}."),
    "note": Words("说明：{note}。", "Note: {note}."),
    "eligible": Words("合格的成员单位{count}家：{members}。", "Eligible ({count}): {members}."),
    "nobody eligible": Words("没有成员单位合格。", "No member is eligible."),
    "excluded": Words("{member}不合格，理由{count}条。", "{member} is not eligible, for {count} reason(s)."),
    "rule": Words("规则{rule}要求：{require}。", "Rule {rule} requires: {require}."),
    "rule source": Words("其依据为{reference}。", "It rests on {reference}."),
    "reason": Words("未满足（{rule}）：{message}。", "Not fulfilled ({rule}): “{message}”."),
    "read": Words("读到：{inputs}。", "What was read: {inputs}."),
    "came to": Words("推算：{chain}。", "How it came about: {chain}."),
    "is": Words("{text}为{value}", "{text} is {value}"),
    "failed": Words("{text}无法计算（{error}）", "{text} cannot be calculated ({error})"),
    "because": Words("{claim}，因为{causes}", "{claim}, because {causes}"),
    "and": Words("，且", " and "),
    "score": Words("{member}得{total}分：{parts}。", "{member} scores {total}: {parts}."),
    "score part": Words("{title} {value}分×{weight}＝{part}分", "{title} {value} × {weight} = {part}"),
    "score part plain": Words("{title} {part}分", "{title} {part}"),
    "no scores": Words("该规则不评分。", "The policy gives no scores."),
    "place": Words("第{place}名{member}（{facts}）", "{place}. {member} ({facts})"),
    "place alone": Words("第{place}名{member}", "{place}. {member}"),
    "ranking": Words("排序：{places}。", "The order: {places}."),
    "no ranking": Words("无人参加排序。", "Nobody is ranked."),
    "points": Words("{points}分", "{points} points"),
    "quoted": Words("报价{price}", "quoted {price}"),
    "tie": Words(
        "{members}并列，按{key}由小到大排定先后。", "{members} were equal and were put in order by {key}, ascending."
    ),
    "method": Words("选定方式为{method}：{explained}。", "The method of selection is {method}: {explained}."),
    "terms": Words("约定：{terms}。", "With: {terms}."),
    "selected": Words("因此选定{members}。", "Selected accordingly: {members}."),
    "nobody selected": Words("因此无人被选定。", "Nobody was selected accordingly."),
    "turns": Words("轮候队列中用去的轮次：{members}。", "Turns of the queue used up: {members}."),
    "division": Words("分配方式为{method}：{explained}。", "The method of division is {method}: {explained}."),
    "amount by value": Words("分配总额为合同估算价，{amount}。", "What is divided is the contract's value, {amount}."),
    "amount by quote": Words(
        "分配总额为首位被选定成员的报价，{amount}。",
        "What is divided is the price of the first-ranked selected member, {amount}.",
    ),
    "share": Words("{member}{role}承担{amount}，占{ratio}。", "{member}{role} does {amount}, {ratio} of the whole."),
    "share reckoned": Words(
        "{member}{role}承担{amount}，占{ratio}：{reckoning}。",
        "{member}{role} does {amount}, {ratio} of the whole: {reckoning}.",
    ),
    "by count": Words("{total}÷{count}家", "{total} ÷ {count} members"),
    "by ratio": Words("{total}×{ratio}", "{total} × {ratio}"),
    "by weight": Words("{total}×{weight}÷{weights}", "{total} × {weight} ÷ {weights}"),
    "of weight": Words("权数{weight}，各家合计{weights}", "weight {weight} of {weights}"),
    "fee": Words("已扣除付给主办方的管理费{fee}", "after a fee of {fee} to the lead"),
    "sum": Words(
        "各份额之和为{amount}，与分配总额一致；不足一分的尾数按最大余数处理。",
        "The shares sum to {amount}, exactly; what is less than one fen goes by the largest remainder.",
    ),
    "sum by sainte_lague": Words(
        "各份额之和为{amount}，与分配总额一致；尾数按圣拉格法（总额增加时任何一家都不减少）处理。",
        "The shares sum to {amount}, exactly; the last fen go by Sainte-Laguë, under which more lowers nobody's share.",
    ),
    "no division": Words("没有选定任何成员，不分配。", "Nobody was selected; nothing is divided."),
    "approval": Words(
        "须由{role}{count}人批准（{rule}）：{because}。", "{count} × {role} must approve ({rule}): “{because}”."
    ),
    "no approval": Words("没有成交，无须批准。", "There is no award, and nothing to approve."),
    "again equal": Words(
        "以记录的事实和合同锁定的版次重新决定，结果与记录逐项一致。",
        "Decided again from the recorded facts and the pinned editions, the result equals the record in every field.",
    ),
    "again differs": Words(
        "以记录的事实和合同锁定的版次重新决定，结果与记录不一致：{fields}。",
        "Decided again from the recorded facts and the pinned editions, this differs from the record: {fields}.",
    ),
    # What another edition would have changed.
    "same": Words("结果相同。", "The result is the same."),
    "would fail": Words("该版次不能决定：{error}。", "That edition cannot decide: {error}."),
    "outcome changes": Words("结果由“{before}”变为“{after}”。", "The outcome changes from “{before}” to “{after}”."),
    "comes to be excluded": Words("{member}不再合格：{reasons}。", "{member} is no longer eligible: {reasons}."),
    "comes to be admitted": Words(
        "{member}变为合格，原理由：{reasons}。", "{member} becomes eligible; before: {reasons}."
    ),
    "other reasons": Words(
        "{member}仍不合格，理由由{before}变为{after}。", "{member} stays excluded, for {after} instead of {before}."
    ),
    "score changes": Words("{member}得分由{before}变为{after}。", "{member}'s score changes from {before} to {after}."),
    "ranking changes": Words("名次由{before}变为{after}。", "The ranking changes from {before} to {after}."),
    "selected changes": Words("选定由{before}变为{after}。", "The selection changes from {before} to {after}."),
    "amount changes": Words("总额由{before}变为{after}。", "The amount changes from {before} to {after}."),
    "share changes": Words(
        "{member}的份额由{before}变为{after}。", "{member}'s share changes from {before} to {after}."
    ),
    # What another edition says otherwise.
    "added": Words("新增 {place}：{after}", "added {place}: {after}"),
    "removed": Words("删去 {place}：{before}", "removed {place}: {before}"),
    "changed": Words("修改 {place}：{before} → {after}", "changed {place}: {before} → {after}"),
    "moved": Words("改变次序 {place}：{before} → {after}", "moved {place}: {before} → {after}"),
    "alterations": Words("两个版次有{count}处不同。", "The editions differ in {count} place(s)."),
    "decisions compared": Words(
        "比较以往决定{count}项，其中{changed}项会改变。", "Of {count} past decision(s), {changed} would change."
    ),
    "shadow agreement": Words(
        "{name}的影子版次随同决定{count}次，其中{differing}次不同。",
        "The shadow of {name} ran beside {count} decision(s), of which {differing} differ.",
    ),
    # The tables beside the sentences.
    "occurrence": Words("第{place}次决定，{day}", "Decision {place}, {day}"),
    "quotes": Words("报价", "Quotes"),
    "withdrawn": Words("{member} 已不参加：{reason}", "{member} takes no part any more: {reason}"),
    "outcome line": Words("结果：{outcome}", "Outcome: {outcome}"),
    "eligible line": Words("合格：{members}", "Eligible: {members}"),
    "tie line": Words("同分：{members}，按 {key} 排序", "Equal: {members}, put in order by {key}"),
    "note line": Words("说明：{note}", "Note: {note}"),
    "member": Words("成员单位", "Member"),
    "price": Words("报价", "Price"),
    "rule head": Words("规则", "Rule"),
    "reason head": Words("理由", "Reason"),
    "points head": Words("得分", "Score"),
    "parts": Words("其中", "Of which"),
    "role": Words("角色", "Role"),
    "share head": Words("份额", "Share"),
    "not eligible": Words("不合格", "Not eligible"),
    "scores": Words("评分", "Scores"),
    "shares": Words("份额，合计 {amount}", "Shares, {amount} in all"),
    "none": Words("无", "nobody"),
    "true": Words("真", "true"),
    "false": Words("假", "false"),
    "nothing": Words("（无）", "(nothing)"),
}
"""Every sentence, by what it says."""

OUTCOMES: dict[str, Words] = {
    "awarded": Words("有承接单位", "awarded"),
    "no_eligible": Words("无合格单位", "nobody is eligible"),
    "too_few_quotes": Words("报价不足", "too few quotes"),
    "above_ceiling": Words("报价均超过最高限价", "all quotes are above the ceiling"),
    "exhausted": Words("无单位可递补", "nobody is left"),
    "infeasible": Words("没有满足全部条件的组合", "no choice meets all conditions"),
}

ROLES: dict[str, Words] = {
    "coordinator": Words("协调员", "coordinator"),
    "desk_officer": Words("经办审批人", "desk officer"),
    "finance_lead": Words("财务负责人", "finance lead"),
    "council_member": Words("理事", "council member"),
    "reviewer": Words("复核人", "reviewer"),
    "auditor": Words("审计人", "auditor"),
    "lead": Words("（主办）", " (lead)"),
    "sub": Words("（协办）", " (sub)"),
    "joint": Words("（共同承担）", " (jointly)"),
    "sole": Words("（独家）", " (alone)"),
}
"""Who approves, and in which role a share is done; whoever is not here is called by the code."""

METHODS: dict[str, tuple[str, Words]] = {
    "direct": (
        "直接选定",
        Words("由规则指名的成员承接，其不合格时不另选他人", "the member that the policy names, or nobody"),
    ),
    "mini_competition": ("二次竞价", Words("不高于最高限价的最低报价", "the lowest price at or below the ceiling")),
    "scored": ("综合评分", Words("得分最高者", "the highest score")),
    "rotation": ("顺序轮候", Words("队列中上一轮次之后的下一家合格成员", "the next eligible member in the queue")),
    "cascade": (
        "排序递补",
        Words("名次第一者；其谢绝后由下一名递补", "the first of the ranking; after a refusal the next"),
    ),
    "top_k": ("择优若干", Words("名次靠前的若干家", "the first few of the ranking")),
    "whole": ("独家", Words("由一家承担全部", "one member does everything")),
    "equal": ("平均", Words("各家相同", "everybody the same")),
    "fixed_share": ("约定份额", Words("按事先约定的比例", "by shares agreed beforehand")),
    "pro_rata": ("按权数比例", Words("与权数成正比", "in proportion to a weight")),
    "rank_tiers": (
        "按名次分档",
        Words("名次对应的比例，并列者取其档次的平均", "a row of shares by rank; equals share the mean"),
    ),
    "bounded": (
        "有上下限的比例",
        Words("与权数成正比，但不低于下限、不高于上限", "by weight, within a floor and a cap"),
    ),
    "lead_sub": (
        "主办协办",
        Words("首位主办并保有最低比例，其余协办", "the first leads and keeps a minimum, the others are subs"),
    ),
}
"""The methods of selecting and dividing; one that is not here is told by the docstring of its model."""


def method_words(model: BaseModel, language: str) -> tuple[str, str]:
    """Return the name of the method that *model* states, and what it does, in one clause each."""
    code = str(getattr(model, "method", type(model).__name__))
    if code in METHODS:
        name, explained = METHODS[code]
        return (code if language == ENGLISH else name), explained.in_(language)
    first = (inspect.getdoc(type(model)) or code).split("\n\n")[0].replace("\n", " ").rstrip(".")
    name, colon, rest = first.partition(": ")
    if not colon or name.isascii():
        return code, first
    return (code if language == ENGLISH else name), rest
