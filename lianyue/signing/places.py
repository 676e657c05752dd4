"""The file that says where signatures come from: keys, time stamps, and what tells of revoked certificates."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from asn1crypto import pem, x509
from pydantic import Field, model_validator

from contracts.errors import MalformedDocument, UnknownName
from contracts.value import Authored, Code, Line
from lianyue.strict_files import document

Url = Annotated[str, Field(pattern=r"^https?://[^\s#]+$", max_length=400)]
Oid = Annotated[str, Field(pattern=r"^[0-2](\.[0-9]{1,39})+$", max_length=100)]


class Provider(StrEnum):
    """What kind of place a key is in."""

    PKCS11 = "pkcs11"
    CSC = "csc"
    EXTERNAL = "external"


class KeyPlace(Authored):
    """
    Where one key is; secrets are named by the file they lie in, never stated.

    ``chain`` holds its certificate and those above it, PEM, its own first; a CSC service tells them itself.
    """

    provider: Provider
    chain: Path | None = None
    module: Line | None = None
    token: Line | None = None
    label: Line | None = None
    pin_file: Path | None = None
    url: Line | None = None
    credential: Line | None = None
    secret_file: Path | None = None


class TimePlace(Authored):
    """
    A service that gives time stamps (RFC 3161) over HTTP.

    ``chain`` holds the certificates above its own up to the root, PEM; its own may come first. ``policy`` is the one
    that tokens must name; ``user`` signs in with the secret that lies in ``secret_file``.
    """

    url: Url
    chain: Path
    policy: Oid | None = None
    user: Line | None = None
    secret_file: Path | None = None


class RevocationPlace(Authored):
    """What tells of revoked certificates: a list (CRL) in a file or at an address, or an OCSP service."""

    file: Path | None = None
    url: Url | None = None
    ocsp: Url | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(each is not None for each in (self.file, self.url, self.ocsp)) != 1:
            raise ValueError("state one of file, url and ocsp")
        return self


class SigningPlaces(Authored):
    """
    Where the keys of companies are, the platform's own, and the services that signatures need.

    ``platform`` is the key that certifies documents, ``statements`` the one under which the office grants exceptions.
    Of ``time_stamps`` the first that answers is taken.
    """

    companies: dict[Code, KeyPlace] = {}
    platform: KeyPlace | None = None
    statements: KeyPlace | None = None
    time_stamps: tuple[TimePlace, ...] = ()
    revocations: tuple[RevocationPlace, ...] = ()


def places_in(file: Path | None) -> SigningPlaces:
    """
    Return what *file* states; the files it names lie beside it, where they have no full path. Without a file, nothing.

    Raises:
        UnreadableFile: If it cannot be read.
        DocumentProblems: If it does not say what it must say.
    """
    if file is None:
        return SigningPlaces()
    read = document(file, "SigningKeys", SigningPlaces)
    found: SigningPlaces = _beside(read, file.absolute().parent)
    return found


def _beside(part: Any, folder: Path) -> Any:
    if isinstance(part, Path):
        return folder / part
    if isinstance(part, Authored):
        return part.model_copy(update={name: _beside(getattr(part, name), folder) for name in type(part).model_fields})
    if isinstance(part, dict):
        return {name: _beside(value, folder) for name, value in part.items()}
    if isinstance(part, tuple):
        return tuple(_beside(each, folder) for each in part)
    return part


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


def secret_in(file: Path) -> str:
    """Return the secret that lies in *file*, or raise UnknownName."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise UnknownName(f"the secret cannot be read from {file}: {reason}", str(file)) from None
