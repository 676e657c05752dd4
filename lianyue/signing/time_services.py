"""Time-stamping services (RFC 3161) over HTTP: asked in their order, and no token is taken that will not hold later."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar, Final

from asn1crypto import cms, core, crl, ocsp, tsp, x509
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from contracts.errors import MalformedDocument, Unreachable
from lianyue.signing.driving import at_once
from lianyue.signing.fetching import asked
from lianyue.signing.places import TimePlace, certificates_in, secret_in
from lianyue.signing.standing import Standing
from lianyue.signing.timestamps import TimeSource

TOKEN_BYTES: Final = 10_000
"""The most that a token takes: with RSA keys and three certificates about 7,000."""


class _Answer(core.Sequence):
    """A time-stamp response that holds no token where none was granted (RFC 3161, 2.4.2)."""

    _fields: ClassVar = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


class TimeService:
    """
    One service at an address.

    A token is taken if it is about what was asked, by the policy that the settings name, and under the root of the
    chain, with nothing revoked by what *standing* says: otherwise the document would be found wanting years later.
    """

    def __init__(self, place: TimePlace, standing: Callable[[Sequence[bytes]], Standing]) -> None:
        """
        Read the files that *place* names.

        Raises:
            MalformedDocument: If the chain does not end in a root.
            UnknownName: If the secret cannot be read.
        """
        self.url = place.url
        self._policy = place.policy
        self._chain = certificates_in(place.chain)
        self._standing = standing
        self._roots = [each for each in map(x509.Certificate.load, self._chain) if each.self_issued]
        if not self._roots:
            raise MalformedDocument(f"no certificate of {place.chain} is a root; put it last", where=str(place.chain))
        self._headers = {"Content-Type": "application/timestamp-query", **_authorization(place)}

    @property
    def token_bytes(self) -> int:
        """The most that a token takes."""
        return TOKEN_BYTES

    def chain(self) -> tuple[bytes, ...]:
        """Return the certificates above its own, and its own where the settings have it."""
        return self._chain

    def token(self, request: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Ask for a token, or raise Unreachable if none comes that can be taken."""
        if self._policy is not None:
            request = tsp.TimeStampReq({**_parts(request), "req_policy": self._policy})
        try:
            content = asked(self.url, request.dump(), self._headers)
            wrong = self._wrong(request, _Answer.load(content, strict=True))
        except (ValueError, TypeError, KeyError):
            wrong = "with something else than a time stamp"
        if wrong:
            raise Unreachable(f"{self.url} answered {wrong}", where=self.url)
        return tsp.TimeStampResp.load(content)

    def _wrong(self, request: tsp.TimeStampReq, answer: _Answer) -> str:
        status = answer["status"]["status"].native
        if status != "granted":
            return f"that the time stamp is not granted ({status})"
        signed = answer["time_stamp_token"]["content"]
        told = signed["encap_content_info"]["content"].parsed
        if told["message_imprint"].dump() != request["message_imprint"].dump():
            return "with a time stamp over something else"
        if told["nonce"].native != request["nonce"].native:
            return "with the time stamp of another request"
        if self._policy is not None and told["policy"].native != self._policy:
            return f"with a time stamp by policy {told['policy'].native}"
        return self._unfounded(signed, told)

    def _unfounded(self, signed: cms.SignedData, told: tsp.TSTInfo) -> str:
        imprint = told["message_imprint"]["hashed_message"].native
        try:
            found = at_once(validate_tst_signed_data(signed, self._context(), lambda _: imprint))
        except SignatureValidationError as error:
            return f"with a time stamp that does not hold: {error.failure_message}"
        status = TimestampSignatureStatus(**found)
        if status.intact and status.valid and status.trusted:
            return ""
        why = status.trust_problem_indic or "its signature does not fit"
        return f"with a time stamp that leads to no root in its chain, or may be revoked ({why})"

    def _context(self) -> ValidationContext:
        standing, now = self._standing(self._chain), datetime.now(UTC)
        return ValidationContext(
            trust_roots=self._roots,
            other_certs=[x509.Certificate.load(each) for each in self._chain],
            crls=[crl.CertificateList.load(each) for each in standing.lists],
            ocsps=[ocsp.OCSPResponse.load(each) for each in standing.answers],
            moment=now,
            allow_fetching=False,
            revocation_mode="hard-fail",
        )


class TimeServices:
    """Several sources of time stamps: the first that answers."""

    def __init__(self, sources: Sequence[TimeSource]) -> None:
        self._sources = tuple(sources)

    @property
    def token_bytes(self) -> int:
        """The most that a token of any takes."""
        return max(each.token_bytes for each in self._sources)

    def chain(self) -> tuple[bytes, ...]:
        """Return the certificates of all of them."""
        return tuple(dict.fromkeys(each for source in self._sources for each in source.chain()))

    def token(self, request: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return the first token that can be had, or raise Unreachable with what each of them answered."""
        reasons = []
        for source in self._sources:
            try:
                return source.token(request)
            except Unreachable as failure:
                reasons.append(failure.message)
        raise Unreachable(f"there is no time stamp to be had: {'; '.join(reasons)}")


def try_out(source: TimeSource) -> datetime:
    """Ask *source* for a token over nothing in particular, and return its moment."""
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": sha256(b"lianyue").digest()}
    request = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": 2**63 + 1, "cert_req": True})
    token = source.token(request)["time_stamp_token"]["content"]
    moment: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return moment


def _parts(request: tsp.TimeStampReq) -> dict[str, object]:
    names = ("version", "message_imprint", "nonce", "cert_req")
    return {name: request[name] for name in names if request[name].native is not None}


def _authorization(place: TimePlace) -> dict[str, str]:
    if place.user is None or place.secret_file is None:
        return {}
    said = base64.b64encode(f"{place.user}:{secret_in(place.secret_file)}".encode()).decode()
    return {"Authorization": f"Basic {said}"}
