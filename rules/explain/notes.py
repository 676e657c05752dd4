"""What the rules themselves write into a decision, read back in English: notes, built-in reasons, obstacles."""

from __future__ import annotations

import re
from functools import cache

from rules.explain.words import ENGLISH, Words

CHINESE = re.compile(r"[\u4e00-\u9fff，。；：（）、“”]")
"""A sign that only Chinese text has."""

NOTES: tuple[Words, ...] = (
    # Why a member is out, whatever the policy says.
    Words("未提交有效报价", "it has submitted no valid quote"),
    Words("采购方已排除该成员", "the client has excluded it"),
    Words("该成员已谢绝本合同：{reason}", "it has declined this contract: {reason}"),
    Words("另行指定，不由该成员承接：{reason}", "it is kept out by an override: {reason}"),
    Words("规则无法计算：{error}", "the rule cannot be calculated: {error}"),
    Words("评分无法计算：{error}", "the score cannot be calculated: {error}"),
    Words("评分 {score} 超出 0 至 {whole}", "the score {score} is outside 0 to {whole}"),
    Words("决策表 {table} 无法得出结果：{error}", "the decision table {table} has no answer: {error}"),
    Words("报价 {price}，高于最高限价 {ceiling}", "its price of {price} is above the ceiling of {ceiling}"),
    Words(
        "已承接 {given}，加上本次 {lot} 超过限额 {cap}",
        "it has {given} already; with {lot} more it exceeds its cap of {cap}",
    ),
    Words("{message}（条件无法计算：{error}）", "{message} (the condition cannot be calculated: {error})"),
    Words("{measure}无法计算：{error}", "{measure} cannot be calculated: {error}"),
    Words("{measure} {value} 不是正数", "{measure} is {value}, which is not positive"),
    Words("轮候权重", "its weight in the rotation"),
    Words("目标份额", "its target share"),
    Words("承接限额", "its cap"),
    Words("成本", "its cost"),
    Words("分组条件", "the condition of a group"),
    # Why an exception does not help.
    Words("例外 {name}：{obstacle}", "the exception {name} does not help: {obstacle}"),
    Words("该规则不允许例外", "this rule admits of no exception"),
    Words("{day}起生效，决定日尚未生效", "it takes effect on {day}, after the day of the decision"),
    Words("自{day}起已撤销", "it was revoked with effect from {day}"),
    Words("{day}起已失效", "it expired on {day}"),
    Words(
        "签名未通过验证（{verdict}），不予适用", "its signature was not verified ({verdict}), so that it is not applied"
    ),
    # Why nobody, or somebody in particular, is selected.
    Words("有效报价 {found} 份，少于要求的 {least} 份", "{found} valid quotes, where {least} are required"),
    Words("合格成员 {found} 家，少于要求的 {least} 家", "{found} eligible members, where {least} are required"),
    Words("全部报价均高于最高限价", "all quotes are above the ceiling"),
    Words("按数量降低后的最高限价为 {ceiling}", "the ceiling, lowered for the quantity, is {ceiling}"),
    Words("报价异常偏低，须作出说明：{members}", "abnormally low prices, to be explained by {members}"),
    Words("合格成员的剩余限额均不足以承接", "no eligible member has room for this under its cap"),
    Words("标的额 {lot} 高于每个合格成员的限额", "the lot of {lot} is above the cap of every eligible member"),
    Words(
        "标的额 {lot} 高于每个合格成员的限额，按次序由下一成员承接",
        "the lot of {lot} is above the cap of every eligible member and goes to the next in the queue",
    ),
    Words("没有可行的组合，不能同时满足：{groups}", "no set of members is possible; not to be kept together: {groups}"),
    Words("最小总成本 {cost}", "the least total cost is {cost}"),
    Words(
        "合同额 {amount} 超过直接选定的限额 {limit}",
        "the value of {amount} is above the limit of {limit} for direct awards",
    ),
    Words("直接选定的成员 {member} 不在合格成员之列", "{member}, which is named for a direct award, is not eligible"),
    Words("直接选定，理由：{rationale}", "awarded directly, on the ground of {rationale}"),
    Words("续用现任 {member}，第 {times} 次", "the incumbent {member} is kept, renewal no. {times}"),
    Words("不续用现任 {member}：{obstacle}", "the incumbent {member} is not kept: {obstacle}"),
    Words("不在合格成员之列", "it is not eligible"),
    Words("已续用 {times} 次，最多 {most} 次", "it was renewed {times} times already, of at most {most}"),
    Words("得分 {score} 低于 {least}", "its score of {score} bp is below {least} bp"),
    Words(
        "报价 {price} 高于最低报价 {best} 的 {ratio} 基点",
        "its price of {price} is above {ratio} bp of the lowest, {best}",
    ),
    Words("属地依据：{basis}", "ground for going by territory: {basis}"),
    Words("属地成员 {member} 不在合格成员之列", "the home member {member} is not eligible"),
    Words("园区 {park} 没有属地成员", "the park {park} has no home member"),
    Words("谢绝的理由不在可以递补之列：{members}", "refused for a reason after which nobody else is asked: {members}"),
    # What a portfolio says of each of its contracts.
    Words("组合{name}整体决定", "decided with the whole of portfolio {name}"),
    Words("价格第{rank}名（共{quotes}家）", "rank {rank} by price, of {quotes} quotes"),
    Words("{member}低{saved}，但会违反{rules}", "{member} is {saved} cheaper, but would break {rules}"),
    Words(
        "{member}低{saved}，但须与其他合同同时调整",
        "{member} is {saved} cheaper, but only if other contracts moved too",
    ),
    Words("{member}更优，但会违反{rules}", "{member} is better, but would break {rules}"),
    Words("{member}更优，但须与其他合同同时调整", "{member} is better, but only if others moved too"),
    Words("能力上限 {capacity}", "the capacity {capacity}"),
    # What becomes of shares and fees.
    Words("份额为零，不列入：{members}", "without a share and therefore left out: {members}"),
    Words("协办付主办的管理费", "management fee of the sub to the lead"),
    Words("{area} 平方米，每平方米 {price}", "{area} square metres at {price} each"),
    Words(
        "第 {number} 年节能效益 {saving}，含基线调整 {change}",
        "saving of year {number}: {saving}, of which adjustment of the baseline {change}",
    ),
    Words("第 {number} 年节能效益 {saving}", "saving of year {number}: {saving}"),
    Words("保底 {amount}", "the guarantee of {amount}"),
    Words("应计 {wanted}，余额只有 {left}", "{wanted} would be due, but only {left} are left"),
    # Why somebody must approve, or may not.
    Words("金额 {amount}", "the amount is {amount}"),
    Words("{days}个工作日内未批准", "not approved within {days} working days"),
    Words("所在单位中选", "their own company wins"),
    # Parts of all these.
    Words("放弃", "it gives up"),
    Words("能力不足", "no capacity"),
    Words("不可抗力", "force majeure"),
    Words("未交履约保证金", "no performance bond"),
    Words("利益冲突", "conflict of interest"),
    Words("查实违法", "violation of the law"),
    Words("逾期未签", "not signed in time"),
    Words("{amount} 元", "{amount} yuan"),
    Words("{member}（{reason}）", "{member} ({reason})"),
)
"""
All that the code of the rules writes in Chinese, with its places; whole notes before their parts.

A decision records one text. What a policy's authors wrote is not here and stays as they wrote it.
"""

TOLD_APART = ("报价异常偏低", "abnormally low prices", "直接选定，理由", "awarded directly, on the ground")
"""How the clauses begin that the account of the selection says better: low prices, and the ground of a direct award."""


def note_in(text: str, language: str) -> str:
    """Return *text*, a note or reason of a decision, in *language*; what no rule's code has written stays as it is."""
    return _english(text) if language == ENGLISH else text


def notes_in(text: str, language: str) -> tuple[str, ...]:
    """The clauses of a note, each in *language*."""
    return tuple(note_in(clause, language) for clause in text.split("；") if clause)


def is_told_apart(note: str) -> bool:
    """Whether the clause *note* says what the account of the selection says better."""
    return note.startswith(TOLD_APART)


def _english(text: str) -> str:
    if not CHINESE.search(text):
        return text
    for words, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return words.en.format(**{name: _english(value) for name, value in found.groupdict().items()})
    for mark, joint in (("；", "; "), ("、", ", "), ("：", ": ")):
        if mark in text:
            return joint.join(_english(part) for part in text.split(mark))
    return text


@cache
def _patterns() -> tuple[tuple[Words, re.Pattern[str]], ...]:
    return tuple((words, _pattern(words.zh)) for words in NOTES)


def _pattern(template: str) -> re.Pattern[str]:
    """What text *template* makes; an amount is digits, so that no sentence is taken for one."""
    escaped = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
    value = r"-?[\\d,.]+" if template == "{amount} 元" else ".+?"
    return re.compile(re.sub(r"\{(\w+)\}", rf"(?P<\1>{value})", escaped), re.DOTALL)
