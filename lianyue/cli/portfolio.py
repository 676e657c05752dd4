"""`portfolio`: contracts that are awarded together, and what was decided for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lianyue.cli.options import AsJson, Data

if TYPE_CHECKING:
    from lianyue.casebook.together import PortfolioAccount
    from lianyue.settings import Settings

app = typer.Typer(help="组合 Portfolios: contracts awarded together.", no_args_is_help=True)

PortfolioName = Annotated[str, typer.Argument(metavar="ID", help="组合名称 The portfolio's name.")]


@app.command("list")
def list_portfolios(data: Data = None, as_json: AsJson = False) -> None:
    """列出组合：List portfolios by name, with how far their contracts have come."""
    from lianyue.casebook.together import lines_of
    from lianyue.cli.output import emit
    from lianyue.cli.portfolio_page import print_lines
    from lianyue.cli.session import elsewhere, opened, settings_of

    settings = settings_of(data)
    remote = elsewhere(settings)
    if remote is not None:
        lines = remote.portfolios()
    else:
        with opened(settings) as records:
            lines = lines_of(records)
    if as_json:
        emit({"portfolios": [line.model_dump(mode="json") for line in lines]})
    else:
        print_lines(lines, settings.language)


@app.command()
def show(portfolio: PortfolioName, data: Data = None, as_json: AsJson = False) -> None:
    """查看组合：Show the contracts, the decision with bound and gap, and how far a search under way has come."""
    from lianyue.cli.output import emit
    from lianyue.cli.portfolio_page import print_account
    from lianyue.cli.session import elsewhere, settings_of

    settings = settings_of(data)
    remote = elsewhere(settings)
    account = remote.portfolio(portfolio) if remote is not None else _account(settings, portfolio)
    if as_json:
        emit(account.model_dump(mode="json"))
    else:
        print_account(account, settings.language)


def _account(settings: Settings, portfolio: str) -> PortfolioAccount:
    """The account out of the records here, with how far a search is if a server is there to say so."""
    from contracts.errors import Unreachable
    from lianyue.casebook.together import account_of
    from lianyue.cli.session import at_own_desk, opened

    with opened(settings) as records:
        account = account_of(records, portfolio)
    if account.over:
        return account
    try:
        return account.searched(at_own_desk(settings, lambda desk: desk.portfolios.progress(portfolio)))
    except Unreachable:
        return account
