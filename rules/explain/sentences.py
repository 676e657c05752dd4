"""What is said of a decision and of differences: sentences in both languages, with places for facts in braces."""

from __future__ import annotations

from rules.explain.words import Words

ACCOUNT: dict[str, Words] = {
    "sentence": Words("{text}。", "{text}."),
    "quote": Words("“{text}”", "“{text}”"),
    # Basis.
    "basis": Words(
        "本决定以{day}为决定日，依据“{title}”（规则{name}，自{edition}起施行的版次）。",
        "The decision is of {day}, under “{title}” (policy {name}, the edition in force from {edition}).",
    ),
    "sources": Words("该规则的依据：{sources}。", "The policy rests on: {sources}."),
    "guard sets": Words("并适用共用规则：{sets}。", "Shared rules apply as well: {sets}."),
    "titled": Words("“{title}”（{name}）", "“{title}” ({name})"),
    "outcome": Words("结果：{outcome}。", "Outcome: {outcome}."),
    "note": Words("说明：{note}。", "Note: {note}."),
    # What was tried first.
    "tried": Words(
        "先依据“{title}”（规则{name}，自{edition}起施行的版次）决定，结果为{outcome}。",
        "First “{title}” (policy {name}, the edition in force from {edition}) decided, and came to: {outcome}.",
    ),
    "falls back": Words(
        "该规则规定，在此情形下改由“{title}”（{name}）决定。",
        "It provides that “{title}” ({name}) decides in that case.",
    ),
    # Eligibility.
    "eligible": Words("合格的成员单位{count}家：{members}。", "Eligible ({count}): {members}."),
    "nobody eligible": Words("没有成员单位合格。", "No member is eligible."),
    "excluded": Words("{member}不合格，理由{count}条。", "{member} is not eligible; reasons: {count}."),
    "tried excluded": Words(
        "当时{member}不合格，理由{count}条。", "By it {member} was not eligible; reasons: {count}."
    ),
    "reason": Words("未满足（{rule}）：{message}。", "Not fulfilled ({rule}): “{message}”."),
    "own reason": Words("理由（{rule}）：{message}。", "Reason ({rule}): {message}."),
    "rule": Words("规则{rule}要求：{require}。", "Rule {rule} requires: {require}."),
    "guard": Words(
        "共用规则“{title}”（{set}）中的{rule}要求：{require}。",
        "Rule {rule} of the shared rules “{title}” ({set}) requires: {require}.",
    ),
    "rule source": Words("其依据为{reference}。", "It rests on {reference}."),
    "read": Words("读到：{inputs}。", "What was read: {inputs}."),
    "came to": Words("推算：{chain}。", "How it came about: {chain}."),
    "no exception": Words("{obstacles}。", "As to exceptions: {obstacles}."),
    "waived": Words(
        "{member}未满足（{rule}）：{message}，但依例外“{name}”不受该规则限制，至{until}止（不含当日）。",
        "{member} does not fulfil {rule} (“{message}”), but is excepted by “{name}” up to, and excluding, {until}.",
    ),
    "granted": Words(
        "该例外由{who}（{role}）批准，自{day}起生效。", "It was granted by {who} ({role}), from {day} on."
    ),
    "is": Words("{text}为{value}", "{text} is {value}"),
    "failed": Words("{text}无法计算（{error}）", "{text} cannot be calculated ({error})"),
    "because": Words("{claim}，因为{causes}", "{claim}, because {causes}"),
    "and": Words("，且", " and "),
    "aside": Words("（{text}）", "({text})"),
    # Decision tables.
    "table": Words("决策表“{title}”（{name}）：{rows}。", "Decision table “{title}” ({name}): {rows}."),
    "table of": Words("对{members}，{row}", "for {members}, {row}"),
    "row": Words("由行{row}得出{results}，条件为{cells}", "row {row} gives {results}, which is for {cells}"),
    "rows joined": Words("，并", ", and "),
    "default row": Words("没有一行符合，取默认结果{results}", "no row matches, and the default is {results}"),
    "table source": Words("该表的依据为{reference}。", "The table rests on {reference}."),
    "row source": Words("该行的依据为{reference}", "that row rests on {reference}"),
    "cell": Words("{column} {test}", "{column} {test}"),
    "anything": Words("任何情形", "every case"),
    # Scores and ranking.
    "score": Words("{member}得{total}分：{parts}。", "{member} scores {total}: {parts}."),
    "score part": Words("{title} {value}分×{weight}＝{part}分", "{title} {value} × {weight} = {part}"),
    "score part plain": Words("{title} {part}分", "{title} {part}"),
    "score source": Words("{rule}的依据为{reference}。", "{rule} rests on {reference}."),
    "place": Words("第{place}名{member}（{facts}）", "{place}. {member} ({facts})"),
    "place alone": Words("第{place}名{member}", "{place}. {member}"),
    "ranking": Words("排序：{places}。", "The order: {places}."),
    "no ranking": Words("无人参加排序。", "Nobody is ranked."),
    "points": Words("{points}分", "{points} points"),
    "quoted": Words("报价{price}", "quoted {price}"),
    "tie": Words(
        "{members}并列，按{key}由小到大排定先后。", "{members} were equal and were put in order by {key}, ascending."
    ),
    # Selection.
    "method": Words("选定方式为{method}：{explained}。", "The method of selection is {method}: {explained}."),
    "method together": Words(
        "与同一组合的其他合同一并决定：总体最优的方案中承接本合同者承接。",
        "It was decided together with the other contracts of its portfolio: who has it in the best whole has it.",
    ),
    "linked": Words("{method}：{explained}", "{method}: {explained}"),
    "terms": Words("约定：{terms}。", "With: {terms}."),
    "selected": Words("因此选定{members}。", "Selected accordingly: {members}."),
    "nobody selected": Words("因此无人被选定。", "Nobody was selected accordingly."),
    "overridden": Words("另行指定，不由{member}承接：{reason}。", "An override keeps {member} out: {reason}."),
    "declined": Words("{member}此前已谢绝：{reason}。", "{member} declined before: {reason}."),
    "low": Words(
        "{members}的报价低于全部有效报价中位数的{ratio}，属异常偏低，须作出说明，但不因此排除。",
        "{members} quoted less than {ratio} of the median of all valid quotes: abnormally low, to be explained, "
        "but no reason to exclude.",
    ),
    "queue before": Words(
        "决定前，轮候队列“{name}”的次序为{order}。", "Before, the order of the queue “{name}” was {order}."
    ),
    "queue empty": Words(
        "决定前，轮候队列“{name}”尚无成员，候选单位按代码先后入列。",
        "Before, the queue “{name}” had no members; the candidates join it in the order of their codes.",
    ),
    "queue after": Words("决定后，该队列的次序为{order}。", "After, its order is {order}."),
    "queue same": Words("该队列未因本决定而变动。", "This decision does not change it."),
    "last": Words("最近轮到的是{member}。", "The last turn was that of {member}."),
    "served": Words("第{cycle}轮中已轮到{members}。", "In cycle {cycle} these have had their turns: {members}."),
    "nobody served": Words("第{cycle}轮中尚无人轮到。", "In cycle {cycle} nobody has had a turn."),
    "joining": Words("{members}自下一轮起参加。", "From the next cycle on these take part as well: {members}."),
    "credits": Words("积分：{figures}。", "Credits: {figures}."),
    "weights": Words("权重：{figures}。", "Weights: {figures}."),
    "turns": Words("本决定用去轮次的是{members}。", "Turns used up by this decision: {members}."),
    "draw": Words(
        "摇号的种子为{seed}，其SHA-256与合同登记时公布的承诺{commitment}一致。",
        "The seed of the draw is {seed}; its SHA-256 is {commitment}, as made known when the contract was registered.",
    ),
    "lots": Words("签号由小到大：{lots}。", "The lots, ascending: {lots}."),
    "lot": Words("{member} {lot}…", "{member} {lot}…"),
    "lot check": Words(
        "签号是种子、合同号{number}与成员代码依次相连后的SHA-256，任何人均可核对。",
        "A lot is the SHA-256 of the seed, the number {number} and the member's code in a row; anybody can check it.",
    ),
    # Division.
    "division together": Words("各家份额由组合方案确定。", "The shares are those of the portfolio's answer."),
    "amount together": Words("总额为{amount}。", "The amount is {amount}."),
    "division": Words("分配方式为{method}：{explained}。", "The method of division is {method}: {explained}."),
    "amount by value": Words("分配总额为合同估算价，{amount}。", "What is divided is the contract's value, {amount}."),
    "amount by quoted": Words(
        "分配总额为首位被选定成员的报价，{amount}。",
        "What is divided is the price of the first-ranked selected member, {amount}.",
    ),
    "amount by measured": Words(
        "分配总额为按实计量之和，{amount}。", "What is divided is the sum of what was measured, {amount}."
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
    "of score": Words("得分{score}，超出及格线{above}", "a score of {score}, {above} above the pass mark"),
    "of price": Words("报价{price}的倒数", "the inverse of the price {price}"),
    "of target": Words(
        "目标份额{target}，此前已承接{awarded}", "a target share of {target}, and {awarded} awarded before"
    ),
    "of grade": Words("等级{grade}，系数{factor}", "grade {grade}, factor {factor}"),
    "of measure": Words("完成量{quantity}×单价{price}", "{quantity} × {price}"),
    "of measure per": Words("完成量{quantity}×单价{price}÷{per}", "{quantity} × {price} ÷ {per}"),
    "at lead": Words("主办的最低比例{ratio}", "the lead's minimum of {ratio}"),
    "at floor": Words("取下限{ratio}", "held at the floor of {ratio}"),
    "at cap": Words("取上限{ratio}", "held at the cap of {ratio}"),
    "sum": Words(
        "各份额之和为{amount}，与分配总额一致；不足一分的尾数按最大余数处理。",
        "The shares sum to {amount}, exactly; what is less than one fen goes by the largest remainder.",
    ),
    "sum by sainte_lague": Words(
        "各份额之和为{amount}，与分配总额一致；尾数按圣拉格法（总额增加时任何一家都不减少）处理。",
        "The shares sum to {amount}, exactly; the last fen go by Sainte-Laguë, under which more lowers nobody's share.",
    ),
    "no division": Words("没有选定任何成员，不分配。", "Nobody was selected; nothing is divided."),
    # Fees.
    "fees": Words(
        "份额是各家交付和开票的金额；下列费用从份额中支付，共{amount}。",
        "A share is what a member delivers and invoices; these fees, {amount} in all, are owed out of the shares.",
    ),
    "fee": Words(
        "{level}：以{base}{base_fen}为基数，应付{payee}共{amount}，其中{payers}。",
        "{level}: reckoned on {base_fen} ({base}), {payee} is owed {amount}, namely {payers}.",
    ),
    "fee alone": Words(
        "{level}：以{base}{base_fen}为基数，应付{payee}共{amount}，由{payers}承担。",
        "{level}: reckoned on {base_fen} ({base}), {payee} is owed {amount}, by {payers}.",
    ),
    "fee own": Words(
        "{level}：应付{payee}共{amount}，其中{payers}。", "{level}: {payee} is owed {amount}, namely {payers}."
    ),
    "payer": Words("{member}付{amount}", "{amount} by {member}"),
    "keeps": Words("{member}自留该项{amount}", "{amount} kept by {member} itself"),
    "level": Words("{title}（{level}）", "{title} ({level})"),
    "left": Words(
        "{member}的份额{amount}，付出{paid}，收入{got}，净得{left}。",
        "{member}: share {amount}, fees paid {paid}, fees received {got}, net {left}.",
    ),
    # Guards that were put to nobody.
    "passed over": Words(
        "“{title}”（{set}）中有{count}条的适用条件不成立，未予适用：{rules}。",
        "Of “{title}” ({set}) {count} were passed over, because their conditions do not hold: {rules}.",
    ),
    # Approvals.
    "no approval": Words("没有成交，无须批准。", "There is no award, and nothing to approve."),
    "approval": Words(
        "须批准者（{rule}）：{people}，理由：{because}。", "To approve ({rule}): {people}; the reason: {because}."
    ),
    "people": Words("{role}{count}人", "{role} ({count})"),
    "time limit": Words(
        "按{rule}，应在{days}个工作日内批准；逾期{then}。",
        "By {rule} approval is due within {days} working days; after that {then}.",
    ),
    "then reminded": Words("催办", "whoever is silent is reminded"),
    "then others": Words("改请{people}批准", "these are asked instead: {people}"),
    "silence": Words("沉默不等于批准。", "Silence never approves."),
    "recused": Words("{who}须回避（{rule}）：{message}。", "{who} may not approve ({rule}): {message}."),
    "starter": Words("{who}发起了本合同，不得批准。", "{who} started this contract and may not approve."),
    "distinct": Words("同一人不得重复批准。", "Nobody may approve twice."),
    "not distinct": Words("同一人可以多次批准。", "One person may approve more than once."),
    "exceptions used": Words("本决定适用了例外：{names}。", "Exceptions were applied: {names}."),
    "again equal": Words(
        "以记录的事实和合同锁定的版次重新决定，结果与记录逐项一致。",
        "Decided again from the recorded facts and the pinned editions, the result equals the record in every field.",
    ),
    "again differs": Words(
        "以记录的事实和合同锁定的版次重新决定，结果与记录不一致：{fields}。",
        "Decided again from the recorded facts and the pinned editions, this differs from the record: {fields}.",
    ),
}
"""The sentences of one decision, by what they say."""

DIFFERENCES: dict[str, Words] = {
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
    "fee changes": Words(
        "{payer}应付{payee}的{level}由{before}变为{after}。",
        "What {payer} owes {payee} as {level} changes from {before} to {after}.",
    ),
    "waived changes": Words(
        "{member}因例外而不受限制的规则由{before}变为{after}。",
        "The rules from which {member} is excepted change from {before} to {after}.",
    ),
    "after changes": Words(
        "先行而未成的规则由{before}变为{after}。", "What is tried first to no effect changes from {before} to {after}."
    ),
    "turns changes": Words("用去轮次的由{before}变为{after}。", "The turns used up change from {before} to {after}."),
    "queue changes": Words(
        "决定后的轮候队列不同，{fields}有变。", "The queue is left otherwise; what changes is {fields}."
    ),
    "low changes": Words(
        "报价异常偏低的由{before}变为{after}。", "The abnormally low prices change from those of {before} to {after}."
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
}
"""The sentences about what differs between two decisions, or two editions."""

PAGE: dict[str, Words] = {
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
    "fee head": Words("项目", "Fee"),
    "payer head": Words("付款", "From"),
    "payee head": Words("收款", "To"),
    "amount head": Words("金额", "Amount"),
    "note head": Words("说明", "Note"),
    "fees title": Words("从份额中支付", "Owed out of the shares"),
    "tier": Words("{count}家时{shares}", "{shares} for {count}"),
    "none": Words("无", "nobody"),
    "nothing at all": Words("无", "nothing"),
}
"""The heads and lines of the tables beside the sentences."""

VALUES: dict[str, Words] = {
    "true": Words("真", "true"),
    "false": Words("假", "false"),
    "nothing": Words("（无）", "(nothing)"),
}
"""What stands for values that have no figure."""

SAID: dict[str, Words] = {**ACCOUNT, **DIFFERENCES, **PAGE, **VALUES}
"""Every sentence, by what it says; no two have the same key."""
