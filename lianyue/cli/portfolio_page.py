"""What `portfolio` says: lines of a list, and a page with the contracts, the last decision and what is still open."""

from __future__ import annotations

from lianyue.casebook.together import PortfolioAccount, PortfolioLine
from lianyue.cli.output import say, table
from lianyue.story import term
from lianyue.titles import task_title
from rules.explain.shown import money
from rules.explain.together import STATUSES
from rules.explain.tongue import Tongue
from rules.explain.words import Words
from rules.portfolio.answer import Allocation

HEADS = {
    "list": Words("名称|标题|状态|合同|已签署|已退出|决定", "Name|Title|State|Contracts|Signed|Out|Decision"),
    "contracts": Words("编号|名称|阶段|承接|金额|理由", "Number|Title|Stage|Awarded to|Amount|Why"),
    "costs": Words("规则|代价|没有它时改派", "Rule|Cost|Without it"),
}
"""The heads of tables, between strokes."""
LISTED = Words("组合 {count} 个", "Portfolios: {count}")
COUNTED = Words("合同 {count} 份", "Contracts: {count}")
COSTS = Words("规则的代价", "What the rules cost")
DECIDED = Words("第{place}次决定：{said}", "Decision {place}: {said}")
TO_DO = Words("待办 {task}：{title}", "Open {task}: {title}")


def print_lines(lines: tuple[PortfolioLine, ...], language: str) -> None:
    """Write the list for people."""
    rows = [
        (
            *(each.id, each.title, term("portfolio_state", each.state, language)),
            *(str(count) for count in (each.contracts, each.signed, each.out)),
            STATUSES[each.status].in_(language) if each.status else "—",
        )
        for each in lines
    ]
    table(_heads("list", language), rows, LISTED.in_(language).format(count=len(rows)))


def print_account(account: PortfolioAccount, language: str) -> None:
    """Write the page for people."""
    told = account.told(Tongue(language))
    say(f"{told.tongue.bracketed(account.title, account.id)} {term('portfolio_state', account.state, language)}")
    if account.progress:
        say(told.searching(account.progress))
    if account.last is not None:
        _say_answer(account, account.last, language)
    rows = [
        (
            *(each.number, each.title, term("stage", each.stage.value, language)),
            told.tongue.row(each.members),
            money(each.awarded_fen, language) if each.members else "",
            told.reason(each.why) or each.outside,
        )
        for each in account.rows
    ]
    table(_heads("contracts", language), rows, COUNTED.in_(language).format(count=len(rows)))
    for task in account.approvals:
        if task.is_open:
            say(TO_DO.in_(language).format(task=task.id, title=task_title(task, account.title, {}, language)))


def _say_answer(account: PortfolioAccount, answer: Allocation, language: str) -> None:
    told = account.told(Tongue(language))
    first, *more = told.summary(answer)
    say(DECIDED.in_(language).format(place=account.decisions, said=first))
    for line in (*more, *told.obstacles(answer)):
        say(line)
    if answer.binding:
        rows = [(told.called(each.id), told.cost(each), told.changes(each)) for each in answer.binding]
        table(_heads("costs", language), rows, COSTS.in_(language))


def _heads(name: str, language: str) -> list[str]:
    return HEADS[name].in_(language).split("|")
