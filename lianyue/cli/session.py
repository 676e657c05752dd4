"""What a command stands on: the settings, the records for reading, and for acting the desk of a running instance."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from contracts.errors import Invalid, Refused, Unreachable
from lianyue.settings import PREFIX, Environment, Language, Settings

if TYPE_CHECKING:
    from temporalio.client import Client

    from lianyue.desk.desk import Desk
    from lianyue.records.opened import Opened
    from lianyue.remote import RemoteDesk
    from lianyue.wiring import Wiring

Answer = TypeVar("Answer")

ANNOUNCED = ("temporal_address", "clock_origin", "clock_speed")
"""What a running instance says of itself; a contract that a command starts lives by the clock of the instance."""

PATIENCE_SECONDS = 60
"""How long a person waits for a workflow's answer; without a worker it never comes."""


class NoRecords(Invalid):
    """Check --data (LIANYUE_DATA) for a slip; `lianyue up` or `lianyue records upgrade` makes new records."""

    code = "no-records"


class OutdatedRecords(Refused):
    """Make a backup, then run `lianyue records upgrade`."""

    code = "outdated-records"


class NoSuchSignIn(Refused):
    """Set LIANYUE_TOKEN or LIANYUE_TOKEN_FILE, and LIANYUE_URL; the operator issues tokens (`alliance token`)."""

    code = "no-such-sign-in"


def settings_of(data: Path | None, user: str | None = None, **given: object) -> Settings:
    """
    Return the settings of the environment, with what the command line gives before them.

    Raises:
        NoSuchSignIn: If somebody is only named where names are not believed.
    """
    settings = Settings.from_environment(os.environ, data=data, user=user, **given)
    if settings.user:
        _check_named(settings)
    return settings


def _check_named(settings: Settings) -> None:
    """Names are believed on a development instance, and where no token says who it is."""
    if settings.bearer:
        raise NoSuchSignIn("a token says who you are; leave --as and LIANYUE_USER away", where="--as")
    if Environment.PRODUCTION in (settings.environment, _announced(settings).get("environment")):
        raise NoSuchSignIn(f"this is a production instance: it does not believe that you are {settings.user}", "--as")


def elsewhere(settings: Settings) -> RemoteDesk | None:
    """Return the desk behind the portal for whoever has a token; without one None, and the instance is here."""
    token = settings.bearer
    if not token:
        return None
    from lianyue.remote import RemoteDesk

    return RemoteDesk(found(settings).portal_url, token)


def language_of(settings: Settings, lang: str | None) -> Language:
    """Return the language that was asked for, else that of the settings; Invalid if there is none such."""
    if lang is not None and lang not in list(Language):
        raise Invalid(f"{lang!r} is no language here; there are {', '.join(Language)}", where="--lang")
    return settings.language if lang is None else Language(lang)


def found(settings: Settings) -> Settings:
    """Return *settings* with address and clock of the instance that runs on their data, unless they were given."""
    told = _announced(settings)
    noted = {name: told[name] for name in ANNOUNCED if name in told and PREFIX + name.upper() not in os.environ}
    try:
        return Settings.model_validate({**settings.model_dump(), **noted})
    except ValueError:
        return settings


def _announced(settings: Settings) -> dict[str, Any]:
    """What the instance that runs on the data says of itself; nothing if none does."""
    try:
        told = json.loads((settings.data / "instance.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


@contextmanager
def opened(settings: Settings) -> Iterator[Opened]:
    """
    Give the records for reading.

    Raises:
        NoRecords: If there are none.
        OutdatedRecords: If they were written by another release.
    """
    from lianyue.records.directory import Directory
    from lianyue.records.engine import Database
    from lianyue.records.opened import Opened
    from lianyue.records.portfolios import PortfolioReading
    from lianyue.records.reading import Reading
    from lianyue.records.sql import SqlRecords

    need_records(settings)
    with Database(settings.records_url) as database:
        yield Opened(Reading(database), Directory(database), SqlRecords(database), PortfolioReading(database))


def need_records(settings: Settings) -> None:
    """Raise NoRecords or OutdatedRecords unless the records are there as this release writes them."""
    if not settings.database_url and not (settings.data / "records.sqlite").exists():
        raise NoRecords(f"there are no records in {settings.data}", where=str(settings.data))
    from lianyue.records.schema import is_current

    if not is_current(settings.records_url):
        raise OutdatedRecords("the records do not have the schema of this release", where=str(settings.data))


def wired(settings: Settings) -> Wiring:
    """Return the parts over the records of *settings*; errors as `need_records`."""
    need_records(settings)
    from lianyue.wiring import Wiring

    return Wiring(found(settings))


def with_desk(settings: Settings, act: Callable[[Desk | RemoteDesk], Coroutine[Any, Any, Answer]]) -> Answer:
    """
    Return what *act* returns with the desk of a running instance: behind the portal for whoever has a token.

    Raises:
        Unreachable: If no server answers.
    """
    remote = elsewhere(settings)
    return at_own_desk(settings, act) if remote is None else asyncio.run(act(remote))


def at_own_desk(settings: Settings, act: Callable[[Desk], Coroutine[Any, Any, Answer]]) -> Answer:
    """Return what *act* returns with the desk of the instance that runs on the records here; errors as `with_desk`."""
    need_records(settings)
    from lianyue.wiring import Wiring

    async def there() -> Answer:
        reached = found(settings)
        return await act(Wiring(reached).desk(await connected(reached)))

    return asyncio.run(there())


async def connected(settings: Settings) -> Client:
    """Connect; what a transport says about a closed door helps nobody."""
    from lianyue.dev_server import connect

    try:
        return await connect(settings)
    except Unreachable:
        raise Unreachable("no Temporal server answers", where=settings.temporal_address) from None


async def answered(request: Awaitable[Answer]) -> Answer:
    """
    Await the answer to one request.

    Raises:
        Unreachable: If the server breaks off, or nobody works on the request.
    """
    from temporalio.service import RPCError

    try:
        return await asyncio.wait_for(request, PATIENCE_SECONDS)
    except TimeoutError:
        raise Unreachable(f"no worker took the request up within {PATIENCE_SECONDS} s") from None
    except RPCError as error:
        raise Unreachable(f"the Temporal server broke off: {error.message}") from None


def ask(settings: Settings, request: Callable[[Desk | RemoteDesk], Awaitable[Answer]]) -> Answer:
    """Return the answer of the desk to one *request*."""

    async def act(desk: Desk | RemoteDesk) -> Answer:
        return await answered(request(desk))

    return with_desk(settings, act)
