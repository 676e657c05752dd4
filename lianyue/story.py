"""Happenings told to people: for every verb that a workflow tells, a Chinese and an English sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from contracts.journal import Happening
from lianyue.settings import Language
from rules.explain.shown import money, points
from rules.explain.words import OUTCOMES, PARTS, PAYEES, Words

SENTENCES: dict[str, Words] = {
    # The contract's stages.
    "registered": Words("合同已登记", "The contract was registered"),
    "specified": Words("服务要求确定，第{version}稿", "The terms were settled, draft {version}"),
    "quoted": Words("报价结束，{rounds}轮，共{quotes}家", "Quoting ended after round {rounds} with {quotes} quotes"),
    "allocated": Words(
        "分配方案获批，由{members}承接，合计{amount_fen}", "The award was approved: {members}, {amount_fen} in all"
    ),
    "signed": Words(
        "合同签署，第{version}版，{amount_fen}", "The contract was signed, version {version}, {amount_fen}"
    ),
    "delivered": Words("全部交付完毕，应付{paid_fen}", "Everything was delivered; {paid_fen} are payable"),
    "reviewed": Words("评价完成，合同办结", "The review was completed and the contract closed"),
    "cancelled": Words(
        "合同取消[：{reason}][；已撤销{undone}]", "The contract was cancelled[: {reason}][; undone: {undone}]"
    ),
    "failed": Words("合同终止[：{reason}][；已撤销{undone}]", "The contract failed[: {reason}][; undone: {undone}]"),
    # What becomes of a task.
    "opened": Words("请{company}办理“{task}”，{due}前办结", "{company} was asked for “{task}” by {due}"),
    "claimed": Words("{who}[代{acting_for}]认领“{task}”", "{who}[ for {acting_for}] claimed “{task}”"),
    "submitted": Words("{who}[代{acting_for}]提交“{task}”", "{who}[ for {acting_for}] answered “{task}”"),
    "declined": Words(
        "{who}[代{acting_for}]拒绝“{task}”[：{reason}]", "{who}[ for {acting_for}] declined “{task}”[: {reason}]"
    ),
    "transferred": Words(
        "{who}[代{acting_for}]将“{task}”转交{to}[：{reason}]",
        "{who}[ for {acting_for}] handed “{task}” over to {to}[: {reason}]",
    ),
    "delegated": Words(
        "{who}[代{acting_for}]委托{to}准备“{task}”[：{reason}]",
        "{who}[ for {acting_for}] had {to} prepare “{task}”[: {reason}]",
    ),
    "co_sign_asked": Words(
        "{who}[代{acting_for}]请{to}{mode}“{task}”[（{quorum}，须{needed}人同意）][：{reason}]",
        "{who}[ for {acting_for}] asked {to} to co-sign “{task}” {mode}[, {quorum}; {needed} must consent][: {reason}]",
    ),
    "copied": Words(
        "{who}[代{acting_for}]将“{task}”抄送{to}", "{who}[ for {acting_for}] had {to} informed of “{task}”"
    ),
    "given_back": Words(
        "{who}[代{acting_for}]退回“{task}”[：{reason}]", "{who}[ for {acting_for}] gave “{task}” back[: {reason}]"
    ),
    "withdrawn": Words(
        "{who}[代{acting_for}]撤回“{task}”的答复[：{reason}]",
        "{who}[ for {acting_for}] took the answer to “{task}” back[: {reason}]",
    ),
    "reminded": Words("提醒{company}办理“{task}”", "{company} was reminded of “{task}”"),
    "reminded by": Words("{who}催办“{task}”[：{reason}]", "{who} urged “{task}”[: {reason}]"),
    "expired": Words("“{task}”到期未办，失效", "“{task}” expired without an answer"),
    "overdue": Words("{company}的“{task}”逾期", "“{task}” of {company} is overdue"),
    "escalated": Words("{company}的“{task}”逾期未办，上报{to}", "“{task}” of {company} was escalated to {to}"),
    "cancelled task": Words("“{task}”取消", "“{task}” was cancelled"),
    "refused": Words(
        "{who}要求{act}[“{task}”]，未获准许[：{message}]",
        "{who} tried to {act}[ “{task}”] and was refused[: {message}]",
    ),
    # What a coordinator orders.
    "suspended": Words(
        "{who}暂停合同，期限停止计算[：{reason}]", "{who} suspended the contract; deadlines stand still[: {reason}]"
    ),
    "resumed": Words(
        "{who}恢复合同，期限继续计算[：{reason}]", "{who} resumed the contract; deadlines run on[: {reason}]"
    ),
    "informed": Words("{who}将合同抄送{to}", "{who} had {to} informed of the contract"),
    "amendment_proposed": Words("{who}提出变更[：{reason}]", "{who} proposed an amendment[: {reason}]"),
    "amended": Words(
        "变更生效，第{version}版，{amount_fen}", "The amendment is in force, version {version}, {amount_fen}"
    ),
    "clawed_back": Words(
        "{company}须退回多结算的{amount_fen}[，{due}前付清]", "{company} owes back {amount_fen}[, due by {due}]"
    ),
    "amendment_refused": Words("变更未成立[：{reason}]", "The amendment did not come about[: {reason}]"),
    "cancellation_ordered": Words("{who}决定取消合同[：{reason}]", "{who} ordered the cancellation[: {reason}]"),
    # Quotes and the award.
    "excluded": Words("{company}不参加报价：{reasons}", "{company} may not quote: {reasons}"),
    "waived": Words("{company}适用例外（{by}），不受{rules}限制", "{company} is excepted ({by}) from {rules}"),
    "too_few_quotes": Words(
        "第{round}轮收到{quotes}家报价，不足{needed}家",
        "Round {round} brought {quotes} quotes where {needed} are needed",
    ),
    "quotes_opened": Words(
        "集中开启{quotes}份密封报价[（持钥人{by}交出份额）]",
        "{quotes} sealed quotes were opened together[, with the keys of {by}]",
    ),
    "joined": Words("加入组合{portfolio}，等待一并决定", "The contract waits to be decided with portfolio {portfolio}"),
    "portfolio_began": Words(
        "组合{portfolio}开始，等待{contracts}份合同报价",
        "Portfolio {portfolio} began and waits for {contracts} contracts",
    ),
    "portfolio_decided": Words(
        "组合{portfolio}决定（{status}）[，{contracts}份合同][，合计{amount_fen}][，差距{gap_bp}基点][：{conflict}]",
        "Portfolio {portfolio} was decided ({status})[, {contracts} contracts][, {amount_fen}]"
        "[, gap {gap_bp} bp][: {conflict}]",
    ),
    "portfolio_approved": Words(
        "组合{portfolio}获批，合计{amount_fen}", "Portfolio {portfolio} was approved, {amount_fen} in all"
    ),
    "portfolio_adjusted": Words(
        "{who}调整组合{portfolio}：{rules}[（{reason}）]", "{who} adjusted portfolio {portfolio}: {rules}[ ({reason})]"
    ),
    "portfolio_ended": Words(
        "组合{portfolio}办结[，{settled}份已签署][，{left}份退出]",
        "Portfolio {portfolio} ended[, {settled} signed][, {left} out]",
    ),
    "decided": Words("规则决定：{outcome}[，{selected}]", "The rules decided: {outcome}[, {selected}]"),
    "award_overridden": Words(
        "{who}另行指定[，由{selected}承接][，不由{kept_out}承接]（{reason}）",
        "{who} overrode the rules[; for {selected}][; not for {kept_out}] ({reason})",
    ),
    "approval_passed_on": Words(
        "{working_days}个工作日内未批准（{rule}）[，改请{roles}批准]",
        "Not approved within {working_days} working days ({rule})[; now {roles} are asked]",
    ),
    "passed_over": Words("{company}不签署，改由下一位承接[：{reason}]", "{company} was passed over[: {reason}]"),
    # Signatures.
    "signed_by": Words("{who}签署第{version}版", "{who} signed version {version}"),
    "voided": Words("第{version}版作废（{end}）[：{reason}]", "Version {version} is void ({end})[: {reason}]"),
    "voided_for": Words(
        "告知已签署的{company}：第{version}版作废（{end}）",
        "{company}, which had signed, heard that version {version} is void ({end})",
    ),
    "sign_again": Words("请{company}重新签署[：{reason}]", "{company} is asked to sign again[: {reason}]"),
    # Delivery and review.
    "delivered_by": Words(
        "{company}交付“{milestone}”[，逾期{days_late}个工作日]",
        "{company} delivered “{milestone}”[, {days_late} working days late]",
    ),
    "returned": Words("“{milestone}”退回{company}整改[：{reason}]", "“{milestone}” went back to {company}[: {reason}]"),
    "settled": Words(
        "{company}的“{milestone}”{acceptance}，得{score_bp}分",
        "“{milestone}” of {company} was {acceptance}, score {score_bp}",
    ),
    "not_rated": Words("无人评价，不计分", "Nobody rated; there is no score"),
    "drafted": Words(
        "{company}评价初稿{score_bp}分[，触及红线{red_line}]",
        "{company}'s draft score is {score_bp}[, red line {red_line}]",
    ),
    "finalised": Words("{company}评价定稿{score_bp}分，{band}级", "{company}'s final score is {score_bp}, band {band}"),
}
"""
By verb; what stands in brackets is told only if all of its facts are there.

A second sentence for the same verb, where a person (``by``) or a task is concerned, has a second key.
"""

ACTS: dict[str, Words] = {
    "claimed": Words("认领", "claim"),
    "submitted": Words("提交", "answer"),
    "declined": Words("拒绝", "decline"),
    "transferred": Words("转交", "hand over"),
    "delegated": Words("委托", "delegate"),
    "co_sign_asked": Words("加签", "have co-signed"),
    "copied": Words("抄送", "copy"),
    "given_back": Words("退回", "give back"),
    "withdrawn": Words("撤回", "withdraw"),
    "reminded": Words("催办", "urge"),
    "informed": Words("抄送合同", "copy the contract"),
    "suspended": Words("暂停合同", "suspend the contract"),
    "resumed": Words("恢复合同", "resume the contract"),
    "amendment_proposed": Words("变更合同", "amend the contract"),
    "cancellation_ordered": Words("取消合同", "cancel the contract"),
}

TERMS: dict[str, dict[str, Words]] = {
    "act": ACTS,
    "acceptance": {
        "accepted": Words("验收合格", "accepted"),
        "deemed_accepted": Words("逾期未验，视为合格", "deemed accepted"),
        "returned": Words("退回", "returned"),
        "rejected": Words("不合格", "rejected"),
    },
    "mode": {
        "before": Words("前加签", "before the answer"),
        "after": Words("后加签", "after the answer"),
        "beside": Words("并加签", "beside the answer"),
    },
    "quorum": {
        "all": Words("会签", "all together"),
        "any": Words("或签", "any one"),
        "in_order": Words("依次", "in order"),
        "at_least": Words("多人会签", "some of them"),
    },
    "consent": {
        "asked": Words("待办", "asked"),
        "consented": Words("已同意", "consented"),
        "withheld": Words("不同意", "withheld"),
    },
    "outcome": OUTCOMES,
    "end": {
        "signed": Words("已签署", "signed"),
        "refused": Words("拒签", "refused"),
        "changes_required": Words("要求修改", "changes required"),
        "expired": Words("逾期未签", "expired"),
        "called_off": Words("合同取消", "called off"),
        "overtaken": Words("已先行结算", "overtaken by a settlement"),
    },
    "status": {
        "optimal": Words("已证最优", "proven best"),
        "feasible": Words("可行", "feasible"),
        "infeasible": Words("无解", "infeasible"),
        "unknown": Words("限时内未得", "nothing found in time"),
    },
    "portfolio_state": {
        "gathering": Words("等待报价", "waiting for quotes"),
        "searching": Words("正在求解", "being decided"),
        "adjusting": Words("待调整", "rules to be adjusted"),
        "approving": Words("待批准", "to be approved"),
        "signing": Words("签署中", "being signed"),
        "over": Words("已办结", "over"),
    },
    "payee": PAYEES,
    "part": {code: Words(*(text.strip(" ()（）") for text in words)) for code, words in PARTS.items()},
    "undone": {
        "release": Words("能力预留", "the reservation of capacity"),
        "void": Words("合同文本", "the document"),
    },
    "roles": {
        "coordinator": Words("协调员", "a coordinator"),
        "handler": Words("经办人", "a handler"),
        "signer": Words("签署人", "a signer"),
        "buyer": Words("委托方经办人", "a buyer"),
        "desk_officer": Words("经办审批人", "a desk officer"),
        "finance_lead": Words("财务负责人", "a finance lead"),
        "council_member": Words("理事", "a council member"),
        "reviewer": Words("复核人", "a reviewer"),
        "auditor": Words("审计人", "an auditor"),
        "operator": Words("运维人", "an operator"),
    },
    "kind": {
        "confirm_terms": Words("确认要求", "confirm terms"),
        "revise_terms": Words("修订要求", "revise terms"),
        "quote": Words("报价", "quote"),
        "adjust": Words("调整分配", "adjust"),
        "open_quotes": Words("开启报价", "open quotes"),
        "approve": Words("批准", "approve"),
        "sign": Words("签署", "sign"),
        "deliver": Words("交付", "deliver"),
        "accept": Words("验收", "inspect"),
        "rate": Words("评价", "rate"),
        "reply": Words("答复", "reply"),
        "hear_appeal": Words("复核申诉", "hear appeal"),
    },
    "state": {
        "offered": Words("待认领", "offered"),
        "claimed": Words("办理中", "claimed"),
        "delegated": Words("已委托", "delegated"),
        "resolved": Words("待加签", "resolved"),
        "completed": Words("已办结", "completed"),
        "refused": Words("已拒绝", "refused"),
        "expired": Words("已失效", "expired"),
        "cancelled": Words("已取消", "cancelled"),
    },
    "stage": {
        "registered": Words("已登记", "registered"),
        "specified": Words("要求已定", "specified"),
        "quoted": Words("已报价", "quoted"),
        "allocated": Words("已分配", "allocated"),
        "signed": Words("已签署", "signed"),
        "delivered": Words("已交付", "delivered"),
        "reviewed": Words("已评价", "reviewed"),
        "cancelled": Words("已取消", "cancelled"),
        "failed": Words("已终止", "failed"),
    },
}
"""Words for the values of some facts, by the name of the fact."""

_CALLED_BY_NAME = ("to", "members", "selected", "kept_out", "member", "acting_for")
"""Facts that hold the code of a company or a user name."""

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_FACT = re.compile(r"\{(\w+)\}")


def sentence(happening: Happening, names: Mapping[str, str], language: str) -> str:
    """
    Tell *happening* in one sentence without a full stop.

    *names* calls companies by code, people by user name, tasks by id, and milestones by ``milestone:<code>``; whoever
    has no name there is called by the code. A verb of a newer release is told by its name and facts.
    """
    told = _words(happening)
    if told is None:
        return _plainly(happening, names, language)
    facts = _facts(happening, names, language)
    text = _OPTIONAL.sub(
        lambda part: part[1] if all(map(facts.get, _FACT.findall(part[1]))) else "", told.in_(language)
    )
    return _FACT.sub(lambda fact: facts.get(fact[1], ""), text)


def term(fact: str, value: str, language: str) -> str:
    """Return the word for *value* of *fact*: ``term("stage", "signed", "zh")``; itself, if there is none."""
    words = TERMS[fact].get(value)
    return words.in_(language) if words else value


class Named(Protocol):
    """A company as far as it has names."""

    @property
    def code(self) -> str:
        """The code."""

    @property
    def name(self) -> str:
        """The Chinese name."""

    @property
    def name_en(self) -> str:
        """The English name."""


class Called(Protocol):
    """A person as far as they have a name."""

    @property
    def user(self) -> str:
        """The user name."""

    @property
    def name(self) -> str:
        """The name."""


def names_of(companies: Iterable[Named], persons: Iterable[Called], language: str) -> dict[str, str]:
    """Return the names of companies by code, as they are in *language*, and of people by user name."""
    called = {each.code: each.name_en if language == Language.EN else each.name for each in companies}
    return called | {each.user: each.name for each in persons}


def _words(happening: Happening) -> Words | None:
    if happening.task and f"{happening.verb} task" in SENTENCES:
        return SENTENCES[f"{happening.verb} task"]
    if happening.user and f"{happening.verb} by" in SENTENCES:
        return SENTENCES[f"{happening.verb} by"]
    return SENTENCES.get(happening.verb)


def _facts(happening: Happening, names: Mapping[str, str], language: str) -> dict[str, str]:
    """Every fact as text; what is empty or nought counts as not there only where it stands in brackets."""
    company = names.get(happening.company, happening.company)
    return {
        **{name: _shown(name, value, names, language) for name, value in happening.facts.items()},
        "company": company,
        "who": _who(happening, company, names, language),
        "task": names.get(happening.task, happening.task),
    }


def _who(happening: Happening, company: str, names: Mapping[str, str], language: str) -> str:
    person = names.get(happening.user, happening.user)
    if not person or not company:
        return person or company
    return f"{person} ({company})" if language == Language.EN else f"{company}{person}"


def _shown(name: str, value: Any, names: Mapping[str, str], language: str) -> str:
    if isinstance(value, list | tuple):
        parts = [_shown(name, item, names, language) for item in value]
        return _joined(parts, "；" if name == "reasons" else "、", "; " if name == "reasons" else ", ", language)
    if name in TERMS:
        return term(name, str(value), language)
    show = _SHOWN.get(name)
    if show is not None:
        return show(value, language)
    if name == "milestone":
        return names.get(f"milestone:{value}", str(value))
    return names.get(str(value), str(value)) if name in _CALLED_BY_NAME else str(value)


def _joined(parts: list[str], zh: str, en: str, language: str) -> str:
    return (en if language == Language.EN else zh).join(parts)


_SHOWN: dict[str, Callable[[Any, str], str]] = {
    "amount_fen": lambda value, language: money(int(value), language),
    "paid_fen": lambda value, language: money(int(value), language),
    "score_bp": lambda value, _: points(int(value)),
    "days_late": lambda value, _: str(value or ""),
    "due": lambda value, _: str(value)[:10],
}


def _plainly(happening: Happening, names: Mapping[str, str], language: str) -> str:
    facts = _facts(happening, names, language)
    rest = [f"{name}={facts[name]}" for name in sorted(happening.facts)]
    return " ".join(part for part in (facts["who"], happening.verb, facts["task"], *rest) if part)
