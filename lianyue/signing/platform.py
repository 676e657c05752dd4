"""What the platform itself brings to documents: its own key, time stamps, and what tells of revoked certificates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from contracts.errors import MalformedDocument, UnfitForProduction
from lianyue.signing.dev_authority import PROVIDER, DevAuthority
from lianyue.signing.key_places import keys_at
from lianyue.signing.keys import Keys
from lianyue.signing.places import KeyPlace, Provider, SigningPlaces
from lianyue.signing.standing import Revocations, Standing
from lianyue.signing.time_services import TimeService, TimeServices
from lianyue.signing.timestamps import TimeSource

PLATFORM: Final = "PLATFORM"
"""What the platform is called where companies are called by their codes."""


class Authority(Protocol):
    """Whoever certifies documents, and from whom time stamps and revocations come."""

    def platform_chain(self) -> tuple[bytes, ...]:
        """Return the platform's certificate and those above it, DER."""

    def platform_value(self, signed: bytes) -> bytes:
        """Return the signature of the platform's key over *signed*."""

    def time_source(self) -> TimeSource:
        """Return the source of time-stamp tokens."""

    def standing(self, chain: Sequence[bytes]) -> Standing:
        """Return what says now whether the certificates of *chain* (DER, each under the next) are revoked."""


class Platform:
    """
    An `Authority` by the settings; what they do not name comes from the test authority, where there may be one.

    In production all three must be named: the key, at least one time-stamping service, and a source of revocations.
    """

    def __init__(self, places: SigningPlaces, test: Callable[[], DevAuthority] | None) -> None:
        """
        Read all files that *places* names.

        Raises:
            UnfitForProduction: If something is not named, and there is no test authority.
            MalformedDocument: If a file does not hold what it must hold.
        """
        if test is None:
            _require_all(places)
        self._test = test
        self.revocations = Revocations(places.revocations)
        self.keys = _own_keys(places.platform, "platform")
        self.services = tuple(TimeService(each, self.standing) for each in places.time_stamps)

    def platform_chain(self) -> tuple[bytes, ...]:
        """Return the platform's certificate and those above it, DER."""
        return self.keys.chain(PLATFORM) if self.keys else self._tested.platform_chain()

    def platform_value(self, signed: bytes) -> bytes:
        """Return the signature of the platform's key over *signed*."""
        return self.keys.value(PLATFORM, signed) if self.keys else self._tested.platform_value(signed)

    def time_source(self) -> TimeSource:
        """Return the services in their order, or the test source."""
        return TimeServices(self.services) if self.services else self._tested.time_source()

    def standing(self, chain: Sequence[bytes]) -> Standing:
        """Return what says whether certificates are revoked: the test authority of its own, the places of others."""
        if self._test is not None and self._tested.has_issued(chain):
            return self._tested.standing(chain)
        return self.revocations.standing(chain)

    @property
    def _tested(self) -> DevAuthority:
        if self._test is None:
            raise AssertionError("what is missing was refused at the start")
        return self._test()


def _require_all(places: SigningPlaces) -> None:
    missing = [name for name in ("platform", "time_stamps", "revocations") if not getattr(places, name)]
    if missing:
        raise UnfitForProduction(
            f"documents would be certified and stamped with {PROVIDER}, whose keys are test keys; "
            f"name {', '.join(missing)} in the file of LIANYUE_SIGNING_KEYS"
        )


def _own_keys(place: KeyPlace | None, where: str) -> Keys | None:
    if place is None:
        return None
    if place.provider is Provider.EXTERNAL:
        raise MalformedDocument(f"{where}: the key must be one that this installation can use: pkcs11 or csc", where)
    return keys_at(place, where)
