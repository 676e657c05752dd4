"""The services of an authority elsewhere, on a port of this machine: time stamps, revocation lists, OCSP answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import ocsp

from lianyue.signing.dev_authority import DevAuthority
from tests.lianyue.signing.room import company


class Services:
    """Answers for one authority, whose keys lie in *folder*; ``asked`` says what for, and ``stamp`` may be replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = DevAuthority(folder, directory=company)
        self.stamp: Callable[[tsp.TimeStampReq], bytes] = lambda asked: self.authority.time_source().token(asked).dump()
        self.revoked: set[int] = set()
        self.asked: list[str] = []

    def answer(self, path: str, body: bytes) -> bytes | None:
        """Answer one request; what is not known is not found."""
        self.asked.append(path)
        match path:
            case "/tsa":
                return self.stamp(tsp.TimeStampReq.load(body))
            case "/authority.crl" | "/root.crl":
                return self.authority.revocation_lists()[path == "/root.crl"]
            case "/ocsp":
                return self._answered(ocsp.load_der_ocsp_request(body))
        return None

    def _answered(self, question: ocsp.OCSPRequest) -> bytes:
        chain = [x509.load_der_x509_certificate(each) for each in self.authority.platform_chain()]
        issuer, name = next(
            (each, name)
            for each, name in ((chain[1], "authority"), (chain[2], "root"))
            if question.issuer_name_hash == _name_hash(each, question)
        )
        key = load_pem_private_key((self.folder / f"{name}.key.pem").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        now = datetime.now(UTC).replace(microsecond=0)
        is_revoked = question.serial_number in self.revoked
        told = ocsp.OCSPResponseBuilder().add_response_by_hash(
            question.issuer_name_hash,
            question.issuer_key_hash,
            question.serial_number,
            question.hash_algorithm,
            ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD,
            now - timedelta(minutes=1),
            now + timedelta(days=1),
            now - timedelta(minutes=2) if is_revoked else None,
            None,
        )
        signed = told.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer).sign(key, SHA256())
        return signed.public_bytes(Encoding.DER)


def _name_hash(certificate: x509.Certificate, question: ocsp.OCSPRequest) -> bytes:
    hashed = Hash(question.hash_algorithm)
    hashed.update(certificate.subject.public_bytes())
    return hashed.finalize()


@contextmanager
def serving(services: Services) -> Iterator[str]:
    """Serve on a free port of this machine; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            content = services.answer(self.path, body)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as address:
        yield address


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Have *handler* answer on a free port of this machine; gives the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
