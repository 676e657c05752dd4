"""Whom this installation trusts when it checks a document; looking makes no keys."""

from __future__ import annotations

from pathlib import Path

from contracts.errors import UnknownName
from lianyue.settings import Settings
from lianyue.signing.trust import Trust


def trust_here(settings: Settings, file: Path | None = None) -> Trust:
    """
    Return the trust in the roots of *file*, else of the settings, else of the development authority.

    Raises:
        UnknownName: If there are none.
        MalformedDocument: If they cannot be read.
    """
    roots = file or settings.trusted_roots or settings.keys / "authority" / "root.pem"
    try:
        return Trust.of_pem(roots.read_bytes(), platform=settings.platform_organisation)
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise UnknownName(f"the certificates to trust cannot be read from {roots}: {reason}", str(roots)) from None
