"""An authority elsewhere, on whose keys and services an installation rests, and the file that names them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from asn1crypto import pem

from lianyue.settings import Environment, Settings
from lianyue.signing.places import SigningPlaces, places_in
from lianyue.signing.platform import Platform
from lianyue.signing.timestamps import POLICY
from lianyue.signing.trust import Trust
from lianyue.wiring import Wiring
from tests.lianyue.signing import services as services_at
from tests.lianyue.signing import signing_service
from tests.lianyue.signing.room import Room
from tests.lianyue.signing.services import Services
from tests.lianyue.signing.signing_service import CREDENTIAL, SECRET, SigningService

NOWHERE = "http://127.0.0.1:9/tsa"


class Elsewhere:
    """An authority elsewhere with its services, the file of settings that names them, and its certificates as files."""

    def __init__(self, folder: Path, services: Services, url: str, keys_url: str) -> None:
        self.folder, self.services, self.url = folder, services, url
        folder.mkdir(exist_ok=True)
        authority = services.authority
        (folder / "root.pem").write_bytes(authority.root_pem())
        self.chain("above.pem", authority.platform_chain()[1:])
        self.chain("company.pem", authority.chain("C01"))
        (folder / "csc.token").write_text(SECRET)
        self.spec: dict[str, Any] = {
            "platform": {"provider": "csc", "url": keys_url, "credential": CREDENTIAL, "secret_file": "csc.token"},
            "time_stamps": [
                {"url": NOWHERE, "chain": "above.pem"},
                {"url": f"{url}/tsa", "chain": "above.pem", "policy": POLICY},
            ],
            "revocations": [{"url": f"{url}/authority.crl"}, {"url": f"{url}/root.crl"}],
        }

    def chain(self, name: str, certificates: tuple[bytes, ...]) -> None:
        """Write certificates into a file."""
        (self.folder / name).write_bytes(b"".join(pem.armor("CERTIFICATE", each) for each in certificates))

    def file(self, **changes: Any) -> Path:
        """The file of settings, some of its parts changed; None leaves one out."""
        spec = {name: part for name, part in {**self.spec, **changes}.items() if part is not None}
        path = self.folder / "signing.yaml"
        path.write_text(yaml.safe_dump({"apiVersion": "lianyue/v1", "kind": "SigningKeys", "spec": spec}))
        return path

    def places(self, **changes: Any) -> SigningPlaces:
        """What that file says."""
        return places_in(self.file(**changes))

    def wiring(self, **changes: Any) -> Wiring:
        """A production instance with that file."""
        return Wiring(self.settings(signing_keys=self.file(**changes)))

    def settings(self, **given: Any) -> Settings:
        """The settings of a production instance."""
        stated = {"environment": Environment.PRODUCTION, "data": self.folder / "data", **given}
        return Settings(**{"trusted_roots": self.folder / "root.pem", **stated})

    def room(self, folder: Path, **changes: Any) -> Room:
        """A room whose platform and companies are certified elsewhere."""
        room = Room(folder)
        room.now = datetime.now(UTC)
        room.documents._authority = Platform(self.places(**changes), None)
        room.documents.trust = lambda: Trust.of_pem(self.services.authority.root_pem())
        room.keys = dict.fromkeys(room.parties, self.services.authority)
        return room


@contextmanager
def opened(folder: Path) -> Iterator[Elsewhere]:
    """Open its services on ports of this machine."""
    services = Services(folder / "authority")
    keys = SigningService.of_platform(services.authority, services.folder)
    with services_at.serving(services) as url, signing_service.serving(keys) as keys_url:
        yield Elsewhere(folder, services, url, keys_url)
