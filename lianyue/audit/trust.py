"""What an auditor trusts, from elsewhere than the bundle: authorities, keys, and how many witnesses there must be."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.value import Authored


class Trust(Authored):
    """
    The trust file; whoever gives it to the auditor is not the one who gives the bundle.

    What is left empty is believed as the bundle states it.
    """

    authorities: str = ""
    """Certificates, PEM one after another, of the authorities that certify signatories."""
    platform: str = ""
    """How its certificate names whoever certifies documents."""
    desk: str = ""
    """The public key of the desk, base64."""
    log: str = ""
    """The verifier key of the log, as C2SP signed-note writes it."""
    witnesses: tuple[str, ...] = ()
    """The verifier keys of the witnesses."""
    quorum: Annotated[int, Field(strict=True, ge=0, le=100)] = 0
    """How many of the witnesses must have signed a checkpoint."""
