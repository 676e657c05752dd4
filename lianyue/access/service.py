"""The application service: the same for the API, the pages, programs and simulated people."""

from __future__ import annotations

from temporalio.client import Client

from lianyue.access.acts import Acts
from lianyue.access.grants import OwnGrants
from lianyue.access.portfolios import SeenPortfolios
from lianyue.access.proofs import Journeys, Proofs
from lianyue.access.rulings import Rulings
from lianyue.access.scope import Scope, Sources
from lianyue.access.sign_in import SignIn
from lianyue.access.viewer import Viewer, viewer_of
from lianyue.records.eyes import Eyes
from lianyue.records.opened import Opened
from lianyue.records.schema import is_current
from lianyue.records.sign_ins import SignIns
from lianyue.wiring import Wiring


class Service:
    """Gives every viewer their scope, and what they may do through it."""

    def __init__(self, wiring: Wiring, client: Client) -> None:
        self.settings = wiring.settings
        self.sign_in = SignIn(SignIns(wiring.database), wiring.directory)
        self._wiring = wiring
        self._client = client
        self._desk = wiring.desk(client)
        self._journeys = Journeys()
        self._sources = Sources(
            wiring.reading, wiring.inbox, wiring.directory, wiring.records, wiring.categories, self._desk
        )

    def scope(self, viewer: Viewer) -> Scope:
        """Return what *viewer* may see; the database, where it can, sees to it as well."""
        eyes = _eyes_of(viewer)
        reading, inbox = self._wiring.reading_of(eyes), self._wiring.inbox_of(eyes)
        return Scope(viewer, self._sources._replace(reading=reading, inbox=inbox))

    def acts(self, viewer: Viewer) -> Acts:
        """Return what *viewer* may do."""
        return Acts(self.scope(viewer), self._desk)

    def rulings(self, viewer: Viewer) -> Rulings:
        """Return what *viewer* may ask of the rules and the audit."""
        return Rulings(self.scope(viewer), self._wiring, self._client)

    def proofs(self, viewer: Viewer) -> Proofs:
        """Return the proofs of contracts, as far as they are for *viewer*."""
        return Proofs(self.scope(viewer), self._wiring, self._client, self._journeys)

    def grants(self, viewer: Viewer) -> OwnGrants:
        """Return the mandates and exceptions of *viewer*."""
        wiring = self._wiring
        return OwnGrants(self.scope(viewer), wiring.directory, wiring.mandates, wiring.exceptions)

    def portfolios(self, viewer: Viewer) -> SeenPortfolios:
        """Return the portfolios that *viewer* may see; the database, where it can, sees to it as well."""
        wiring, eyes = self._wiring, _eyes_of(viewer)
        seen = wiring.portfolios_of(eyes)
        records = Opened(wiring.reading_of(eyes), wiring.directory, wiring.records, seen)
        return SeenPortfolios(self.scope(viewer), records, self._desk.portfolios)

    def viewer(self, user: str) -> Viewer:
        """Return *user* as a viewer with all their roles, for whoever acts for people without a sign-in."""
        return viewer_of(self._wiring.directory, user)

    def signed(self, viewer: Viewer, number: str, version: int) -> bytes | None:
        """Return the PDF of a version as it is signed so far, None before it is made; NotThere as `Scope.revisions`."""
        revisions = self.scope(viewer).revisions(number, version)
        return self._wiring.documents.pdf(revisions[-1]) if revisions else None

    def beat(self) -> int:
        """Return a number that is another one once anything was written; see Database.beat."""
        return self._wiring.database.beat()

    def are_records_ready(self) -> bool:
        """Say whether the records answer and have the schema of this release."""
        return is_current(self.settings.records_url)

    async def is_temporal_ready(self) -> bool:
        """Say whether the Temporal server answers."""
        return await self._client.service_client.check_health()


def _eyes_of(viewer: Viewer) -> Eyes:
    return Eyes(viewer.company, viewer.user, viewer.oversees)
