"""Keys in a hardware module (PKCS#11): the module signs, the key stays in it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Any

from contracts.errors import Unreachable


class Pkcs11Keys:
    """
    A `Keys` over one key of a token, found by its label; needs the extra ``pkcs11``.

    The PIN is asked for at each signature and not kept. A module is not for several threads at once.
    """

    name = "pkcs11"
    is_test = False

    def __init__(self, module: str, token: str, label: str, pin: Callable[[], str], chain: tuple[bytes, ...]) -> None:
        self._module = module
        self._token = token
        self._label = label
        self._pin = pin
        self._chain = chain
        self._one_at_a_time = Lock()

    def chain(self, company: str) -> tuple[bytes, ...]:  # noqa: ARG002 - one company's alone
        """Return the company's certificate and those above it."""
        return self._chain

    def value(self, company: str, signed: bytes) -> bytes:
        """Have the module sign, or raise Unreachable if it cannot."""
        try:
            import pkcs11
        except ImportError:
            raise Unreachable("python-pkcs11 is not installed; install lianyue[pkcs11]") from None
        try:
            with self._one_at_a_time:
                return self._signed(pkcs11, signed)
        except (pkcs11.PKCS11Error, RuntimeError) as failure:
            raise Unreachable(f"the key of {company} cannot be used: {type(failure).__name__}") from None

    def _signed(self, pkcs11: Any, signed: bytes) -> bytes:
        from pkcs11.util.ec import encode_ecdsa_signature

        token = pkcs11.lib(self._module).get_token(token_label=self._token)
        with token.open(user_pin=self._pin()) as session:
            key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self._label)
            if key.key_type is pkcs11.KeyType.EC:
                raw = key.sign(sha256(signed).digest(), mechanism=pkcs11.Mechanism.ECDSA)
                return bytes(encode_ecdsa_signature(raw))
            return bytes(key.sign(signed, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
