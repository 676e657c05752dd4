"""Portfolios, the contracts that are decided with them, and what was decided."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import SQLModel

from lianyue.records.columns import document, moment, whole, words
from lianyue.records.tables.widths import DIGEST, LINE, NUMBER, SLUG, USER


class PortfolioRow(SQLModel, table=True):
    """A portfolio as it was registered; never changed."""

    __tablename__ = "portfolio"
    id: str = words(SLUG, primary_key=True)
    title: str = words(LINE)
    body_hash: str = words(DIGEST)
    order_json: str = document()
    started_by: str = words(USER)
    started_at: datetime = moment()


class PortfolioContractRow(SQLModel, table=True):
    """A contract that is decided with others: the portfolio that its order names, registered before or after it."""

    __tablename__ = "portfolio_contract"
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    portfolio: str = words(SLUG, index=True)


class PortfolioDecisionRow(SQLModel, table=True):
    """A portfolio's decision with the document that it follows from; history has its digest."""

    __tablename__ = "portfolio_decision"
    portfolio: str = words(SLUG, primary_key=True, foreign_key="portfolio.id")
    occurrence: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str = words(DIGEST)
    body_json: str = document()
