"""`portfolio`: contracts that are awarded together, and what was decided for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli.options import AsJson, Data

if TYPE_CHECKING:
    from lianyue.cli.portfolio_page import PortfolioPage
    from lianyue.settings import Settings

app = typer.Typer(help="组合 Portfolios: contracts awarded together.", no_args_is_help=True)

PortfolioName = Annotated[str, typer.Argument(metavar="ID", help="组合名称 The portfolio's name.")]


@app.command("list")
def list_portfolios(data: Data = None, as_json: AsJson = False) -> None:
    """列出组合：List portfolios by name, with how far their contracts have come."""
    from lianyue.cli.output import emit, table
    from lianyue.cli.portfolio_page import PortfolioPage
    from lianyue.cli.session import settings_of, wired

    settings = settings_of(data)
    wiring = wired(settings)
    pages = [PortfolioPage.of(wiring, order.id) for order in wiring.portfolios.orders()]
    if as_json:
        emit({"portfolios": [page.as_line() for page in pages]})
        return
    rows = [page.as_row(settings.language) for page in pages]
    table(("名称", "标题", "合同", "已签署", "已退出", "决定"), rows, f"组合 {len(rows)} 个")


@app.command()
def show(portfolio: PortfolioName, data: Data = None, as_json: AsJson = False) -> None:
    """查看组合：Show the contracts, the decision with bound and gap, and how far a search under way has come."""
    from lianyue.cli.output import emit
    from lianyue.cli.portfolio_page import PortfolioPage
    from lianyue.cli.session import settings_of, wired

    settings = settings_of(data)
    page = PortfolioPage.of(wired(settings), portfolio)
    progress = _progress(settings, page)
    if as_json:
        emit({**page.as_document(), "progress": progress})
    else:
        page.print(settings.language, progress)


def _progress(settings: Settings, page: PortfolioPage) -> dict[str, Any] | None:
    """How far a search that is under way has come; nothing if none is, or no server is there to ask."""
    from contracts.errors import Unreachable
    from lianyue.cli.session import at_own_desk

    if page.is_over:
        return None
    try:
        found = at_own_desk(settings, lambda desk: desk.portfolios.progress(page.order.id))
    except Unreachable:
        return None
    return found.model_dump(mode="json") if found else None
