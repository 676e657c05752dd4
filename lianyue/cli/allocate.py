"""`allocate`: a portfolio decided offline, with what each rule costs; other rules beside it; why somebody lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lianyue.cli.options import AsJson
from lianyue.settings import Language

if TYPE_CHECKING:
    from lianyue.cli.allocate_page import Page
    from lianyue.optimiser.solver import Effort
    from rules.portfolio.compiled import CompiledPortfolio

NO = 1


def allocate(
    portfolio: Annotated[Path, typer.Argument(metavar="PORTFOLIO", help="组合文件 A document of kind Portfolio.")],
    policy: Annotated[
        Path | None, typer.Option("--policy", metavar="FILE", help="另一套规则 A document of kind PortfolioPolicy.")
    ] = None,
    compare: Annotated[
        list[Path] | None, typer.Option("--compare", metavar="FILE", help="并列比较 Other rules beside it, repeatable.")
    ] = None,
    fairness: Annotated[bool, typer.Option("--fairness", help="公平的代价 The price of fairness, as a curve.")] = False,
    why: Annotated[str | None, typer.Option("--why", metavar="MEMBER", help="为何未中选 Why a member lost.")] = None,
    contract: Annotated[
        str | None, typer.Option("--contract", metavar="NO", help="合同编号 In which contract.")
    ] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", metavar="FILE", help="导出 Write X.xlsx or X.svg, repeatable."),
    ] = None,
    nodes: Annotated[int | None, typer.Option("--nodes", min=1, help="搜索上限 A limit of the search's work.")] = None,
    seconds: Annotated[
        int | None,
        typer.Option("--seconds", min=1, help="总限时，结果不再可重复 A limit of all its time; not reproducible."),
    ] = None,
    language: Annotated[Language | None, typer.Option("--lang", help="语言 zh or en.")] = None,
    as_json: AsJson = False,
) -> int:
    """组合分配：Award many contracts at once, provably best, and say what each rule costs; 1 if there is no award."""
    from lianyue.cli.allocate_page import Page
    from lianyue.cli.session import settings_of
    from lianyue.optimiser.solver import Effort

    effort = Effort(nodes, seconds).started()
    compiled = _compiled(portfolio, policy)
    page = Page((language or settings_of(None).language).value, as_json)
    if (why is None) != (contract is None):
        raise typer.BadParameter("--why MEMBER and --contract NO go together")
    if why is not None and contract is not None:
        return _why(page, compiled, why, contract, effort)
    if compare:
        return _compared(page, [compiled, *(_compiled(portfolio, file) for file in compare)], effort)
    if fairness:
        return _fair(page, compiled, effort)
    return _decided(page, compiled, effort, output or [])


def _compiled(portfolio: Path, policy: Path | None) -> CompiledPortfolio:
    from lianyue.optimiser.files import portfolio_source
    from rules.portfolio.compiled import compiled

    return compiled(portfolio_source(portfolio), None if policy is None else portfolio_source(policy))


def _decided(page: Page, portfolio: CompiledPortfolio, effort: Effort, output: list[Path]) -> int:
    from lianyue.optimiser.explaining import explained
    from lianyue.optimiser.exporting import write
    from lianyue.optimiser.highs import Highs

    answer = explained(portfolio, Highs(), effort)
    for file in output:
        write(file, portfolio, answer, page.language)
    page.show_answer(portfolio, answer)
    return 0 if answer.awards else NO


def _why(page: Page, portfolio: CompiledPortfolio, member: str, number: str, effort: Effort) -> int:
    from lianyue.optimiser.explaining import highest_winning_price
    from lianyue.optimiser.highs import Highs

    quoted, winning = highest_winning_price(portfolio, member, number, Highs(), effort)
    page.show_why(member, number, quoted, winning)
    return 0


def _compared(page: Page, portfolios: list[CompiledPortfolio], effort: Effort) -> int:
    from lianyue.optimiser.highs import Highs
    from lianyue.optimiser.scenarios import compared

    page.show_scenarios(compared(portfolios, Highs(), effort))
    return 0


def _fair(page: Page, portfolio: CompiledPortfolio, effort: Effort) -> int:
    from lianyue.optimiser.highs import Highs
    from lianyue.optimiser.scenarios import fairness_curve

    page.show_curve(fairness_curve(portfolio, Highs(), effort))
    return 0
