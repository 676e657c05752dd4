"""Where each company's key is: the file that the setting `signing_keys` names, and the providers made of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from asn1crypto import pem, x509

from contracts.errors import MalformedDocument, UnfitForProduction, UnknownName
from contracts.value import Authored, Code, Line
from lianyue.signing.csc_keys import CscKeys
from lianyue.signing.dev_authority import PROVIDER, DevAuthority
from lianyue.signing.keys import Keys
from lianyue.signing.outside_keys import OutsideKeys
from lianyue.signing.pkcs11_keys import Pkcs11Keys


class Provider(StrEnum):
    """What kind of place a key is in."""

    PKCS11 = "pkcs11"
    CSC = "csc"
    EXTERNAL = "external"


class KeyPlace(Authored):
    """
    Where the key of one company is; secrets are named by the file they lie in, never stated.

    ``chain`` holds its certificate and those above it, PEM, its own first; a CSC service tells them itself.
    """

    provider: Provider
    chain: Path | None = None
    module: Path | None = None
    token: Line | None = None
    label: Line | None = None
    pin_file: Path | None = None
    url: Line | None = None
    credential: Line | None = None
    secret_file: Path | None = None


class KeyPlaces(Authored):
    """The keys of all companies that have one of their own."""

    companies: dict[Code, KeyPlace]


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
        self._keys = {company: _keys(company, place) for company, place in places.items()}
        self._test = test

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


def _keys(company: str, place: KeyPlace) -> Keys:
    missing = [name for name in _NEEDED[place.provider] if getattr(place, name) is None]
    if missing:
        raise MalformedDocument(f"{company}: {place.provider} needs {', '.join(missing)}", where=f"companies.{company}")
    if place.provider is Provider.CSC:
        return CscKeys(str(place.url), str(place.credential), _secret(place.secret_file))
    chain = certificates_in(_file(place.chain))
    if place.provider is Provider.EXTERNAL:
        return OutsideKeys(chain)
    return Pkcs11Keys(str(place.module), str(place.token), str(place.label), lambda: _secret(place.pin_file), chain)


def certificates_in(file: Path) -> tuple[bytes, ...]:
    """Return the certificates of the PEM *file*, DER; MalformedDocument if there are none."""
    try:
        found = [der for kind, _, der in pem.unarmor(file.read_bytes(), multiple=True) if kind == "CERTIFICATE"]
        for each in found:
            x509.Certificate.load(each, strict=True)
    except (OSError, ValueError) as error:
        raise MalformedDocument(f"no certificates can be read from {file}: {error}", where=str(file)) from None
    if not found:
        raise MalformedDocument(f"there is no certificate in {file}", where=str(file))
    return tuple(found)


def _file(path: Path | None) -> Path:
    if path is None:
        raise UnknownName("no file is named")
    return path


def _secret(path: Path | None) -> str:
    file = _file(path)
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise UnknownName(f"the secret cannot be read from {file}: {reason}", str(file)) from None
