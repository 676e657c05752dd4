"""Portfolios in the records: registered once, with their contracts, their decisions as they were made."""

from __future__ import annotations

import pytest

from contracts.errors import AlreadyStarted, Invalid, UnknownName
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.kept import KeptPortfolioDecision
from lianyue.records.portfolios import PortfolioReading
from lianyue.records.sql import SqlRecords
from tests.lianyue.records.samples import AT, COPY, DIGEST, PORTFOLIO, write


@pytest.fixture
def portfolios(alliance: Database) -> PortfolioReading:
    """The records of portfolios, with one registered."""
    Door(alliance).register_portfolio(PORTFOLIO, DIGEST, AT)
    return PortfolioReading(alliance)


def test_a_portfolio_is_registered_once(alliance: Database, portfolios: PortfolioReading) -> None:
    """The same rules again change nothing; other rules under the same name are refused."""
    door = Door(alliance)
    again = door.register_portfolio(PORTFOLIO.model_copy(update={"numbers": ("LY-2025-0002",)}), DIGEST, AT)
    with pytest.raises(AlreadyStarted) as other:
        door.register_portfolio(PORTFOLIO, DIGEST.replace("0", "1"), AT)

    assert (False, "ceremony is the name of another portfolio") == (again, other.value.message)
    assert (PORTFOLIO, (PORTFOLIO,)) == (portfolios.order("ceremony"), portfolios.orders())


def test_text_that_is_not_normal_is_refused(alliance: Database) -> None:
    """A title that two databases could keep apart is none."""
    with pytest.raises(Invalid, match="normal form C"):
        Door(alliance).register_portfolio(PORTFOLIO.model_copy(update={"title": "e\u0301"}), DIGEST, AT)


def test_what_was_registered_and_never_began_is_begun(alliance: Database, portfolios: PortfolioReading) -> None:
    """Until its workflow has written something, a portfolio is among those to be started."""
    assert ("ceremony",) == tuple(order.id for order in Door(alliance).portfolios_registered())
    assert () == portfolios.histories("ceremony")


def test_a_decision_is_kept_with_what_it_follows_from(alliance: Database, portfolios: PortfolioReading) -> None:
    """Under its digest, first to last."""
    write(alliance, lambda writing: writing.keep_portfolio_decision("ceremony", 1, COPY, DIGEST))
    kept = KeptPortfolioDecision(portfolio="ceremony", occurrence=1, digest=DIGEST, body_json=COPY.model_dump_json())

    assert (kept,) == portfolios.decisions("ceremony")
    assert COPY == write(alliance, lambda writing: writing.portfolio_decision("ceremony", 1, type(COPY)))


def test_a_name_that_is_none_has_a_likely_one_beside_it(portfolios: PortfolioReading) -> None:
    """Whoever mistypes is told what there is."""
    with pytest.raises(UnknownName, match="did you mean 'ceremony'"):
        portfolios.order("ceremoni")


def test_looking_writes_nothing(alliance: Database, records: SqlRecords) -> None:
    """What a look would write the database refuses."""
    with pytest.raises(Exception, match=r"readonly|read-only"):
        records.look(lambda writing: writing.keep_portfolio_decision("ceremony", 1, COPY, DIGEST))
