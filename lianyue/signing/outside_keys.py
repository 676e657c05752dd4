"""Keys that stay with their companies: the platform has the certificate, and only a digest leaves."""

from __future__ import annotations

from contracts.errors import KeyOutside


class OutsideKeys:
    """A `Keys` that cannot sign: what is prepared is signed elsewhere and handed in with the answer to the task."""

    name = "external"
    is_test = False

    def __init__(self, chain: tuple[bytes, ...]) -> None:
        self._chain = chain

    def chain(self, company: str) -> tuple[bytes, ...]:  # noqa: ARG002 - one company's alone
        """Return the company's certificate and those above it."""
        return self._chain

    def value(self, company: str, signed: bytes) -> bytes:  # noqa: ARG002 - never given away
        """Refuse: nobody but the company has the key."""
        raise KeyOutside(f"{company} signs with a device of its own; prepare the signature and hand its value in")
