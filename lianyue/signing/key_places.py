"""The providers of keys, made of what the settings say of their places."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.errors import MalformedDocument, UnfitForProduction
from lianyue.signing.csc_keys import CscKeys
from lianyue.signing.dev_authority import PROVIDER, DevAuthority
from lianyue.signing.keys import Keys
from lianyue.signing.outside_keys import OutsideKeys
from lianyue.signing.pkcs11_keys import Pkcs11Keys
from lianyue.signing.places import KeyPlace, Provider, certificates_in, secret_in

_NEEDED: dict[Provider, tuple[str, ...]] = {
    Provider.PKCS11: ("chain", "module", "token", "label", "pin_file"),
    Provider.CSC: ("url", "credential", "secret_file"),
    Provider.EXTERNAL: ("chain",),
}


class KeyRing:
    """
    Finds the provider of each company's key.

    In production every company has a place of its own; elsewhere whoever has none signs with a test key.
    """

    def __init__(self, places: Mapping[str, KeyPlace], test: DevAuthority | None) -> None:
        self._keys = {company: keys_at(place, f"companies.{company}") for company, place in places.items()}
        self._test = test

    @property
    def own(self) -> dict[str, Keys]:
        """The providers of the companies that have a place of their own, by code."""
        return dict(self._keys)

    def of(self, company: str) -> Keys:
        """
        Return the provider of *company*'s key.

        Raises:
            UnfitForProduction: If it would be a test key where these are refused.
        """
        found: Keys | None = self._keys.get(company) or self._test
        if found is None:
            raise UnfitForProduction(f"{company} would sign with {PROVIDER}; name its key in signing_keys")
        return found


def keys_at(place: KeyPlace, where: str) -> Keys:
    """
    Return the provider of the key at *place*, which the file names *where*.

    Raises:
        MalformedDocument: If something that this kind of place needs is not stated, or is no certificate.
        UnknownName: If the file of a secret cannot be read.
    """
    missing = [name for name in _NEEDED[place.provider] if getattr(place, name) is None]
    if missing:
        raise MalformedDocument(f"{where}: {place.provider} needs {', '.join(missing)}", where=where)
    match place:
        case KeyPlace(provider=Provider.CSC, secret_file=secret) if secret is not None:
            return CscKeys(str(place.url), str(place.credential), secret_in(secret))
        case KeyPlace(provider=Provider.PKCS11, chain=chain, pin_file=pin) if chain is not None and pin is not None:
            secret_in(pin)  # told at the start if it cannot be read
            token = (str(place.module), str(place.token), str(place.label))
            return Pkcs11Keys(*token, lambda: secret_in(pin), certificates_in(chain))
        case KeyPlace(chain=chain) if chain is not None:
            return OutsideKeys(certificates_in(chain))
    raise AssertionError(place.provider)
