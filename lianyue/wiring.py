"""The one place that chooses implementations: settings in, working parts out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.allocating import Allocating
from activities.archiving import Archiving
from activities.deciding import Deciding
from activities.delivering import Delivering
from activities.quoting import Quoting
from activities.recording import Recording
from activities.reviewing import Reviewing
from activities.signing import Signing
from contracts.agreement import Agreement
from contracts.calendar import WorkingCalendar
from contracts.category import Category
from contracts.errors import UnknownName
from contracts.organisation import Company
from contracts.signature import organisation_identifier
from lianyue.content_folder import ContentFolder
from lianyue.desk.desk import Desk
from lianyue.desk.evidence import EvidenceDesk
from lianyue.desk.exceptions import ExceptionDesk
from lianyue.desk.inbox import InboxDesk
from lianyue.desk.mandates import MandateDesk
from lianyue.desk.openings import OpeningDesk
from lianyue.desk.orders import OrderDesk
from lianyue.desk.portfolios import PortfolioDesk
from lianyue.desk.vouching import Vouching
from lianyue.document_store import FolderStore
from lianyue.documents.rendered import RenderedDocument
from lianyue.histories import ServerHistories
from lianyue.log.keeping import LogKeeper
from lianyue.notices.ports import MailServer, Webhook
from lianyue.notices.sender import Sender
from lianyue.packs import categories
from lianyue.portfolios import ServerPortfolios
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.drafts import Drafts
from lianyue.records.engine import Database, Synchronous
from lianyue.records.evidence import EvidenceRows
from lianyue.records.eyes import Eyes, Readable, seen_by
from lianyue.records.grants import Grants
from lianyue.records.inbox import Inbox
from lianyue.records.log import LogBook
from lianyue.records.outbox import Outbox
from lianyue.records.portfolios import PortfolioReading
from lianyue.records.reading import Reading
from lianyue.records.row_security import require_below
from lianyue.records.sql import SqlRecords
from lianyue.records.totals import Totals
from lianyue.seals import QuoteSeals
from lianyue.settings import Environment, Settings
from lianyue.signing.dev_authority import PROVIDER, DevAuthority, require_fit
from lianyue.signing.trust import Trust
from lianyue.signing.trusting import trust_here
from lianyue.working_days import shanghai_calendar
from workflows.registry import WORKFLOW_OPTIONS, WORKFLOWS

if TYPE_CHECKING:
    from lianyue.signing.fitness import Ground
    from lianyue.signing.key_places import KeyRing
    from lianyue.signing.places import SigningPlaces
    from lianyue.signing.platform import Platform
    from lianyue.signing.signed_documents import SignedDocuments
    from lianyue.signing.statements import Statements

FIRST_YEAR, LAST_YEAR = 2025, 2030
"""Contracts of these years; a year whose notice is not out yet follows the weekend rule."""

GRACE = timedelta(seconds=5)
"""So long a worker that is told to stop lets activities finish; without it they would be broken off in a write."""


class Wiring:
    """The parts of one process, each made once when first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def database(self) -> Database:
        """Where the records lie."""
        self.settings.data.mkdir(parents=True, exist_ok=True)
        return Database(self.settings.records_url, Synchronous(self.settings.sqlite_synchronous))

    @cached_property
    def records(self) -> SqlRecords:
        """The records that workflows write."""
        return SqlRecords(self.database)

    @cached_property
    def reading(self) -> Reading:
        """The records, for reading."""
        return Reading(self.database)

    def reading_of(self, eyes: Eyes) -> Reading:
        """Return the records as *eyes* see them: on PostgreSQL with a reader's role, without the rows of others."""
        seen = seen_by(self.database, self.settings.database_reader, eyes)
        return self.reading if seen is self.database else Reading(seen)

    def require_second_wall(self) -> None:
        """
        Let pass a reader's role, where the settings name one, to which row security applies.

        Raises:
            WrongState: If it does not, or there is no such role.
        """
        if self.settings.database_reader and self.database.has_row_security:
            with self.database.reading() as session:
                require_below(session.connection(), self.settings.database_reader)

    @cached_property
    def totals(self) -> Totals:
        """What is counted over all contracts."""
        return Totals(self.database)

    @cached_property
    def portfolios(self) -> PortfolioReading:
        """The records of portfolios, for reading."""
        return PortfolioReading(self.database)

    def portfolios_of(self, eyes: Eyes) -> PortfolioReading:
        """Return the records of portfolios as *eyes* see them: no reader's role may read them, overseers do without."""
        if eyes.oversees:
            return self.portfolios
        return PortfolioReading(seen_by(self.database, self.settings.database_reader, eyes))

    @cached_property
    def directory(self) -> Directory:
        """The companies and people of the alliance."""
        return Directory(self.database)

    @cached_property
    def door(self) -> Door:
        """What the desk writes itself."""
        return Door(self.database)

    @cached_property
    def test_authority(self) -> DevAuthority:
        """The authority of test keys, which production refuses."""
        require_fit(self.settings.environment, PROVIDER)
        return DevAuthority(self.settings.keys / "authority", directory=self._company)

    @cached_property
    def signatures(self) -> DevAuthority | Statements:
        """The office's signature under statements: with the key that the settings name, else with a test key."""
        if self._may_test and self._places.statements is None:
            return self.test_authority
        from lianyue.signing.key_places import keys_at
        from lianyue.signing.statements import Statements

        place = self._places.statements
        return Statements(keys_at(place, "statements") if place else None, self._trust())

    @cached_property
    def documents(self) -> SignedDocuments:
        """The documents that companies sign; what reads and writes PDF is loaded with them, not before."""
        from lianyue.signing.signed_documents import SignedDocuments

        store = FolderStore(self.settings.documents_folder)
        return SignedDocuments(
            self._rendered, store, self.key_ring.of, self.platform, self._company, self.records, self._trust
        )

    @cached_property
    def platform(self) -> Platform:
        """What the platform itself brings to documents: its key, time stamps, and what tells of revocations."""
        from lianyue.signing.platform import Platform

        return Platform(self._places, (lambda: self.test_authority) if self._may_test else None)

    @cached_property
    def key_ring(self) -> KeyRing:
        """The keys of the companies, each where the settings say it is."""
        from lianyue.signing.key_places import KeyRing

        return KeyRing(self._places.companies, self.test_authority if self._may_test else None)

    def require_signing(self) -> None:
        """
        Let pass settings with which documents can be signed; no service is asked.

        Raises:
            UnfitForProduction: If production would sign, certify, stamp or check with test keys.
            MalformedDocument: If a file of keys or certificates does not hold what it must hold.
        """
        if self._may_test and self.settings.signing_keys is None:
            return
        from lianyue.signing.fitness import require_fit_files

        require_fit_files(self.signing_ground)
        _ = self.signatures

    @property
    def signing_ground(self) -> Ground:
        """All that signing rests on, to be tried."""
        from lianyue.signing.fitness import Ground

        return Ground(self.settings, self.platform, self.key_ring, self._trust, self._organisation, self._known)

    def _known(self) -> list[str]:
        return [each.code for each in self.directory.companies()]

    @cached_property
    def _places(self) -> SigningPlaces:
        from lianyue.signing.places import places_in

        return places_in(self.settings.signing_keys)

    @property
    def _may_test(self) -> bool:
        return self.settings.environment is not Environment.PRODUCTION

    def _trust(self) -> Trust:
        if self._may_test and self.settings.trusted_roots is None:
            self.test_authority.root_pem()  # made when first needed
        return trust_here(self.settings)

    def _organisation(self, code: str) -> str:
        company = self._company(code)
        return organisation_identifier(code, company.credit_code if company else "")

    def _rendered(self, agreement: Agreement) -> RenderedDocument:
        from lianyue.documents.filed import Shelf, filed

        shelf = Shelf(self.reading, self.directory, self.records, self.categories[agreement.category])
        return filed(shelf, agreement.number, version=agreement.version)

    def _company(self, code: str) -> Company | None:
        with suppress(UnknownName):
            return self.directory.company(code)
        return None

    @cached_property
    def seals(self) -> QuoteSeals:
        """The keeper of the quotes' key."""
        return QuoteSeals(self.settings.keys / "quotes")

    @cached_property
    def vouching(self) -> Vouching:
        """The desk's attestation of whoever acts."""
        return Vouching(self.settings.keys / "desk")

    @cached_property
    def log(self) -> LogKeeper:
        """The keeper of the log."""
        return LogKeeper(self.settings.keys / "log", LogBook(self.database))

    @cached_property
    def categories(self) -> dict[str, Category]:
        """The category packs of this installation."""
        return categories(*([self.settings.packs] if self.settings.packs else []))

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """Shanghai's working days."""
        added = [self.settings.working_days] if self.settings.working_days else []
        return shanghai_calendar(FIRST_YEAR, LAST_YEAR, *added)

    @cached_property
    def grants(self) -> Grants:
        """Exceptions and mandates as they were granted."""
        return Grants(self.database)

    @cached_property
    def orders(self) -> OrderDesk:
        """The desk that turns a contract into an order."""
        return OrderDesk(self.settings, self.records, self.directory, self.categories, self.calendar)

    @cached_property
    def mandates(self) -> MandateDesk:
        """The desk at which the authority to approve is handed over."""
        return MandateDesk(self.directory, self.grants, self.door, self.today)

    @cached_property
    def inbox(self) -> InboxDesk:
        """The desk's side of everybody's inbox."""
        return self._inbox_over(self.database)

    def inbox_of(self, eyes: Eyes) -> InboxDesk:
        """Return that desk for *eyes*: what is looked up for them is what they may see; see `reading_of`."""
        return self._inbox_over(seen_by(self.database, self.settings.database_reader, eyes))

    def _inbox_over(self, seen: Readable) -> InboxDesk:
        return InboxDesk(
            self.directory,
            Reading(seen),
            Inbox(self.database, seen),
            Drafts(self.database),
            self.mandates,
            self.seals,
            self.door,
            self.today,
        )

    @cached_property
    def evidence(self) -> EvidenceDesk:
        """The desk at which files of evidence are handed over."""
        files = ContentFolder(self.settings.evidence_folder)
        return EvidenceDesk(self.reading, EvidenceRows(self.database), files, self.settings.evidence_bytes)

    @cached_property
    def sender(self) -> Sender:
        """The sender of notices, with the ports that the settings name."""
        settings = self.settings
        webhook = Webhook(settings.webhook_url, settings.webhook_secret) if settings.webhook_url else None
        mail_server = MailServer(settings) if settings.smtp_host else None
        return Sender(Outbox(self.database), self.directory, webhook, mail_server, settings.digest_hour)

    @cached_property
    def exceptions(self) -> ExceptionDesk:
        """The desk at which exceptions are granted and revoked."""
        return ExceptionDesk(self.records, self.directory, self.grants, self.door, self.signatures, self.today)

    def today(self) -> int:
        """The alliance's day, by which a contract that is started now begins."""
        now = datetime.now(UTC)
        return self.orders.clock(now).day(now)

    @cached_property
    def openings(self) -> OpeningDesk:
        """The desk's side of the opening of quotes by split keys."""
        return OpeningDesk(self.directory, self.reading, self.door)

    def desk(self, client: Client) -> Desk:
        """Return the desk that people and programs use."""
        at_work = ServerPortfolios(client, self.settings.task_queue)
        portfolios = PortfolioDesk(self.directory, self.portfolios, self.door, self.orders, at_work, self.vouching)
        parts = (self.directory, self.reading, self.door, self.orders, self.seals, self.mandates, self.inbox)
        return Desk(self.settings, client, *parts, self.openings, self.evidence, portfolios, self.vouching)

    def activities(self, client: Client) -> list[Callable[..., Any]]:
        """Return every activity, bound to this installation; only who works needs the solver."""
        from lianyue.optimiser.allocator import Allocator

        quoting = Quoting(self.records, self.seals, self.signatures)
        deciding = Deciding(self.records, self.seals, self.signatures)
        signing, delivering = Signing(self.records, self.documents), Delivering(self.records)
        reviewing, recording = Reviewing(self.records), Recording(self.records)
        archiving = Archiving(self.records, ServerHistories(client))
        portfolios = ServerPortfolios(client, self.settings.task_queue)
        allocating = Allocating(self.records, deciding, Allocator(self.settings.allocation_seconds), portfolios)
        return [
            *(recording.write_down, quoting.screen, quoting.open_quotes, deciding.decide, deciding.release),
            *(allocating.allocate, allocating.let_go, allocating.take_up, allocating.tell),
            *(signing.draw_up, signing.amend, signing.certify, signing.sign, signing.conclude, signing.void),
            *(delivering.settle, reviewing.draft, reviewing.finalise, archiving.archive),
        ]

    def worker(self, client: Client) -> Worker:
        """Return a worker for the workflows and activities of this installation; searches are heard of as they go."""
        from lianyue.optimiser.allocator import BEAT_SECONDS

        return Worker(
            client,
            task_queue=self.settings.task_queue,
            workflows=WORKFLOWS,
            activities=self.activities(client),
            activity_executor=ThreadPoolExecutor(self.settings.concurrent_activities),
            max_concurrent_activities=self.settings.concurrent_activities,
            max_concurrent_workflow_tasks=self.settings.concurrent_workflow_tasks,
            graceful_shutdown_timeout=GRACE,
            max_heartbeat_throttle_interval=timedelta(seconds=BEAT_SECONDS),
            **WORKFLOW_OPTIONS,
        )
