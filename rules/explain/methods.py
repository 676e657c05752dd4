"""The methods of selecting and dividing, and what they state, in words of both languages."""

from __future__ import annotations

from typing import NamedTuple

from rules.explain.words import Words


class Method(NamedTuple):
    """What a method is called, and what it does in one clause."""

    name: Words
    does: Words


SELECTING: dict[str, Method] = {
    "direct": Method(
        Words("直接选定", "direct award"),
        Words("由规则指名的成员承接，其不合格时不另选他人", "the member that the policy names, or nobody"),
    ),
    "mini_competition": Method(
        Words("二次竞价", "mini-competition"),
        Words("不高于最高限价的最低报价者承接", "the lowest price at or below the ceiling"),
    ),
    "scored": Method(Words("综合评分", "scoring"), Words("得分最高者承接", "the highest score")),
    "rotation": Method(
        Words("顺序轮候", "rotation"),
        Words(
            "由队列中本轮尚未轮到的第一家合格成员承接，全部轮到后开始下一轮",
            "the first eligible member of the queue not yet served in this cycle; when all are, the next cycle begins",
        ),
    ),
    "weighted_rotation": Method(
        Words("加权轮候", "weighted rotation"),
        Words(
            "每次各家积分增加其权重，积分最高者承接，并扣减全部权重之和",
            "all credits rise by the weights; the highest credit has the turn and pays the sum of the weights",
        ),
    ),
    "deficit": Method(
        Words("均衡", "balancing"),
        Words(
            "由本年度已承接额与目标份额之比最低者承接",
            "the member that was given least this year in proportion to its target",
        ),
    ),
    "balanced_cap": Method(
        Words("限额均分", "balancing by caps"),
        Words(
            "由队列中的当前成员承接，直至其限额用尽，再轮到下一家",
            "the current member of the queue as long as its cap has room, then the next",
        ),
    ),
    "cascade": Method(
        Words("排序递补", "cascade"),
        Words("名次第一者承接，其谢绝后由下一名递补", "the first of the ranking; after a refusal the next"),
    ),
    "incumbent": Method(
        Words("续约优先", "incumbent first"),
        Words(
            "现任承接单位符合条件的优先续用，否则按排序选定",
            "the incumbent while it meets the conditions; otherwise the first of the ranking",
        ),
    ),
    "territory": Method(
        Words("属地", "territory"),
        Words("由园区的属地成员优先承接", "the home member of the park before all others"),
    ),
    "lottery": Method(
        Words("摇号", "lottery"),
        Words(
            "以种子、合同号与成员代码的SHA-256为签号，由小到大承接",
            "the lowest lot, a lot being the SHA-256 of seed, contract number and member code",
        ),
    ),
    "optimise": Method(
        Words("择优组合", "best combination"),
        Words(
            "在满足各组要求的组合中取总成本最低者",
            "the set of members with the least sum of costs under which every group is kept",
        ),
    ),
    "top_k": Method(Words("择优若干", "best few"), Words("名次靠前的若干家承接", "the first few of the ranking")),
}
"""How members are selected."""

RANKINGS: dict[str, Words] = {
    "scored": Words("得分由高到低", "score, the higher first"),
    "price": Words("报价由低到高", "price, the lower first"),
}
"""The rankings that one word is enough for."""

DIVIDING: dict[str, Method] = {
    "whole": Method(Words("独家", "award of the whole"), Words("由一家承担全部", "one member does everything")),
    "equal": Method(Words("平均", "equal shares"), Words("各家相同", "everybody the same")),
    "fixed_share": Method(
        Words("约定份额", "agreed shares"), Words("按事先约定的比例", "by shares that were agreed beforehand")
    ),
    "rank_tiers": Method(
        Words("按名次分档", "tiers by rank"),
        Words("各名次取其档次的比例，并列者取平均", "a row of shares by rank; equals share the mean"),
    ),
    "pro_rata": Method(Words("按权数比例", "pro rata"), Words("与权数成正比", "in proportion to a weight")),
    "score_prop": Method(
        Words("按得分比例", "shares by score"),
        Words("与得分超出及格线的部分成正比", "in proportion to what a score has above the pass mark"),
    ),
    "inverse_price": Method(
        Words("按报价反比", "shares by inverse price"), Words("与报价成反比", "in inverse proportion to the price")
    ),
    "deficit_fill": Method(
        Words("补差", "filling of deficits"),
        Words("与各家距目标份额的差额成正比", "in proportion to what each lacks of its target share"),
    ),
    "graded": Method(
        Words("能高能低", "weights by grade"),
        Words("权数乘以考核等级的系数", "each weight multiplied by the factor of the member's grade"),
    ),
    "bounded": Method(
        Words("有上下限的比例", "shares within bounds"),
        Words("按权数分配，但不低于下限、不高于上限", "by weight, but nobody below the floor or above the cap"),
    ),
    "lead_sub": Method(
        Words("主办协办", "lead and subs"),
        Words(
            "名次第一者主办并保有最低比例，其余协办",
            "the first of the ranking leads and keeps a minimum, the others are subs",
        ),
    ),
    "actual_based": Method(
        Words("按实结算", "settlement by measure"),
        Words("各家按实际完成量乘以单价", "what each has delivered, at its unit price"),
    ),
    "waterfall": Method(
        Words("联合服务收入", "joint revenue"),
        Words("依次扣除各项费用，余额再行分配", "fees are taken one after the other, then the residual is divided"),
    ),
    "referral": Method(
        Words("招商增值", "referral"),
        Words(
            "先付招商推荐方的费用，余额再行分配", "a fee to whoever brought the client, then the residual is divided"
        ),
    ),
    "tiered_commission": Method(
        Words("分档佣金", "tiered commission"),
        Words(
            "各档金额分别按其费率计佣金，余额再行分配",
            "each bracket of the amount at its own rate, then the residual is divided",
        ),
    ),
    "emc_share": Method(
        Words("节能效益分享", "sharing of savings"),
        Words(
            "业主保留每年节能效益的约定比例，其余由服务方分配",
            "of each year's saving the owner keeps its part, the providers divide the rest",
        ),
    ),
    "minimum_guarantee": Method(
        Words("保底分成", "minimum guarantee"),
        Words(
            "委托方按收入比例分成，但不少于保底额，余额再行分配",
            "the client is paid its rate of the revenue, but at least the guarantee; then the residual is divided",
        ),
    ),
}
"""How an amount is divided."""

LINKS: dict[str, Words] = {
    "rank_by": Words("排序方式为{method}", "The ranking is by {method}"),
    "weigh": Words("权数的取法为{method}", "The weights are given by {method}"),
    "subs": Words("各方权数的取法为{method}", "The weights of lead and subs are given by {method}"),
    "residual": Words("余额的分配方式为{method}", "The residual is divided by {method}"),
}
"""A method within another, by the field it stands in."""

FIELDS: dict[str, Words] = {
    "direct.member": Words("承接者由{value}指定", "the member is given by {value}"),
    "rationale": Words("理由为{value}", "on the ground of {value}"),
    "limit": Words("合同额不超过{value}", "for contracts of at most {value}"),
    "ceiling": Words("最高限价为{value}", "the ceiling is {value}"),
    "discounts": Words("最高限价随数量下浮：{value}", "the ceiling falls with the quantity: {value}"),
    "discount.from_quantity": Words("数量满{value}", "from a quantity of {value}"),
    "discount.discount_bp": Words("下浮{value}", "by {value}"),
    "abnormally_low_bp": Words(
        "低于有效报价中位数{value}以上的，须作出说明", "a price more than {value} below the median must be explained"
    ),
    "min_quotes": Words("有效报价至少{value}份", "at least {value} valid quotes"),
    "queue": Words("轮候队列为{value}", "the queue is {value}"),
    "decline_consumes_turn.true": Words("谢绝的也用去轮次", "who declines has had its turn"),
    "decline_consumes_turn.false": Words("谢绝的保留轮次", "who declines keeps its turn"),
    "weighted_rotation.weight": Words("权重为{value}", "the weight is {value}"),
    "weights": Words("权重为{value}", "the weights are {value}"),
    "target": Words("目标份额为{value}", "the target is {value}"),
    "look_ahead.true": Words("并计入本次合同额", "with this contract counted in"),
    "balanced_cap.cap": Words("限额为{value}", "the cap is {value}"),
    "oversize.nobody": Words("高于每家限额的不予承接", "a lot above every cap goes to nobody"),
    "oversize.next": Words("高于每家限额的由队列中下一家承接", "a lot above every cap goes to the next in the queue"),
    "min_score_bp": Words("现任得分不低于{value}", "the incumbent scores at least {value}"),
    "premium_bp": Words("其报价高出最低报价不超过{value}", "its price is at most {value} above the lowest"),
    "max_renewals": Words("续用不超过{value}次", "it is renewed at most {value} times"),
    "homes": Words("各园区的属地成员为{value}", "the home members of the parks are {value}"),
    "basis": Words("依据为{value}", "on the ground of {value}"),
    "decline_reasons": Words(
        "仅因下列理由谢绝的方可递补：{value}", "the next is asked only after a refusal for {value}"
    ),
    "k_min": Words("至少{value}家", "at least {value} of them"),
    "k_max": Words("至多{value}家", "at most {value}"),
    "cost": Words("成本为{value}", "the cost is {value}"),
    "groups": Words("分组要求：{value}", "the groups are {value}"),
    "group.where": Words("符合{value}的成员", "members for whom {value} holds"),
    "group.at_least": Words("至少{value}家", "at least {value}"),
    "group.at_most": Words("至多{value}家", "at most {value}"),
    "shares_bp": Words("按名次为{value}", "by rank {value}"),
    "members_bp": Words("各家为{value}", "{value}"),
    "tiers": Words("各档为{value}", "the tiers are {value}"),
    "all_zero.equal": Words("权数全部为零时平均分配", "weights that are all nought count as equal"),
    "pro_rata.weight": Words("权数为{value}", "the weight is {value}"),
    "score": Words("得分为{value}", "the score is {value}"),
    "pass_bp": Words("及格线为{value}", "the pass mark is {value}"),
    "power": Words("取其{value}次方", "to the power of {value}"),
    "price": Words("报价为{value}", "the price is {value}"),
    "targets_bp": Words("目标份额为{value}", "the target shares are {value}"),
    "awarded": Words("已承接额为{value}", "what was awarded before is {value}"),
    "grade": Words("等级为{value}", "the grade is {value}"),
    "factors_bp": Words("各等级的系数为{value}", "the factors of the grades are {value}"),
    "floor_bp": Words("下限为总额的{value}", "the floor is {value} of the whole"),
    "bounded.cap_bp": Words("上限为总额的{value}", "the cap is {value} of the whole"),
    "lead_min_bp": Words("主办至少占{value}", "the lead does at least {value}"),
    "fee_bp": Words("协办按其份额的{value}向主办付管理费", "each sub owes the lead a fee of {value} of its part"),
    "quantity": Words("完成量为{value}", "the quantity is {value}"),
    "unit_price_fen": Words("单价为{value}", "the unit price is {value}"),
    "per": Words("单价对应{value}个单位", "the unit price is for {value} units"),
    "levels": Words("依次为：{value}", "one after the other: {value}"),
    "level.payee": Words("付{value}", "to {value}"),
    "level.base": Words("以{value}为基数", "reckoned on {value}"),
    "level.rate_bp": Words("按{value}计", "at {value}"),
    "level.vat_bp": Words("为其中所含税率{value}的增值税", "the value-added tax of {value} contained in it"),
    "amount_fen": Words("金额为{value}", "the amount is {value}"),
    "floor_fen": Words("不少于{value}", "at least {value}"),
    "cap_fen": Words("不超过{value}", "at most {value}"),
    "payee": Words("付{value}", "owed to {value}"),
    "rate_bp": Words("费率为{value}", "the rate is {value}"),
    "base_fen": Words("基数为{value}", "the base is {value}"),
    "let_m2": Words("招商面积（平方米）为{value}", "the area let, in square metres, is {value}"),
    "unit_fee_fen": Words("每平方米费用为{value}", "the fee for a square metre is {value}"),
    "stages": Words("分期支付：{value}", "due by stages: {value}"),
    "stage.part_bp": Words("占{value}", "{value}"),
    "brackets": Words("各档费率为：{value}", "the brackets are {value}"),
    "bracket.up_to_fen": Words("至{value}的部分", "up to {value}"),
    "up_to_fen.unlimited": Words("其余部分", "the rest"),
    "bracket.rate_bp": Words("按{value}", "at {value}"),
    "years": Words("各年为：{value}", "the years are {value}"),
    "savingyear.saving_fen": Words("节能效益{value}", "a saving of {value}"),
    "savingyear.adjustment_fen": Words("基线调整{value}", "an adjustment of {value}"),
    "savingyear.owner_bp": Words("业主占{value}", "of which the owner keeps {value}"),
    "guarantee_fen": Words("保底额为{value}", "the guarantee is {value}"),
}
"""What a method states, by method and field or by the field alone; of a truth value or a choice, by the value."""

CHOICES: dict[str, dict[str, Words]] = {
    "rationale": {
        "price": Words("价格", "price"),
        "quality": Words("质量", "quality"),
        "convenience": Words("便利", "convenience"),
        "satisfaction": Words("满意度", "satisfaction"),
        "continuity": Words("服务连续", "continuity"),
        "urgency": Words("紧急", "urgency"),
        "self_provision": Words("自行提供", "self-provision"),
    },
    "decline_reasons": {
        "gives_up": Words("放弃", "giving up"),
        "no_capacity": Words("能力不足", "lack of capacity"),
        "force_majeure": Words("不可抗力", "force majeure"),
        "no_bond": Words("未交履约保证金", "lack of a performance bond"),
        "conflict": Words("利益冲突", "conflict of interest"),
        "violation": Words("查实违法", "a proven violation of the law"),
        "timeout": Words("逾期未签", "not signing in time"),
    },
}
"""The words for choices that stand within a sentence, by the field."""
