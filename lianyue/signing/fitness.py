"""Whether the keys and services of the settings are fit for signing: by their files at the start, and by a trial."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Final

from cryptography import x509

from contracts.errors import AllianceError, MalformedDocument, UnfitForProduction
from lianyue.settings import Environment, Settings
from lianyue.signing.csc_keys import CscKeys
from lianyue.signing.key_places import KeyRing
from lianyue.signing.keys import Identity, Keys
from lianyue.signing.platform import PLATFORM, Platform
from lianyue.signing.time_services import try_out
from lianyue.signing.timestamps import TimeSource
from lianyue.signing.trust import Trust
from lianyue.signing.values import fits

TRIAL: Final = b"lianyue: a trial of this key, which signs nothing else\n"


@dataclass(frozen=True)
class Ground:
    """
    All that signing rests on, made of one installation's settings.

    ``organisation`` is how certificates name a company, ``known`` the codes of all companies of the directory.
    """

    settings: Settings
    platform: Platform
    companies: KeyRing
    trust: Callable[[], Trust]
    organisation: Callable[[str], str]
    known: Callable[[], Iterable[str]]


@dataclass(frozen=True)
class Tried:
    """One key or service that was tried: whether it does what is needed, and what was seen of it."""

    what: str
    is_fit: bool
    told: str


def require_fit_files(ground: Ground) -> None:
    """
    Let pass settings whose files fit together; no service is asked.

    Raises:
        UnfitForProduction: If production names no roots.
        MalformedDocument: If a certificate leads to no trusted root, has run out, or is made out to somebody else.
    """
    if ground.settings.environment is Environment.PRODUCTION and ground.settings.trusted_roots is None:
        raise UnfitForProduction("documents would be checked under the test authority; name LIANYUE_TRUSTED_ROOTS")
    trust = ground.trust()
    for where, keys in _own(ground).items():
        if not isinstance(keys, CscKeys):
            _require_sound(where, trust.completed(keys.chain(where)), trust)
    if ground.platform.keys and not isinstance(ground.platform.keys, CscKeys):
        _require_platform(ground.platform.platform_chain(), trust)
    for service in ground.platform.services:
        _require_sound(f"time_stamps: {service.url}", service.chain(), trust)


def _own(ground: Ground) -> dict[str, Keys]:
    platform = {"platform": ground.platform.keys} if ground.platform.keys else {}
    return {**platform, **{f"companies.{code}": keys for code, keys in ground.companies.own.items()}}


def _require_platform(chain: tuple[bytes, ...], trust: Trust) -> None:
    told = Identity(chain).organisation
    if told != trust.platform:
        raise MalformedDocument(
            f"platform: its certificate is made out to {told or 'nobody'}, documents are believed that "
            f"{trust.platform} has certified; name the one you mean in LIANYUE_PLATFORM_ORGANISATION",
            "platform",
        )


def _require_sound(where: str, chain: tuple[bytes, ...], trust: Trust) -> None:
    certificates = [x509.load_der_x509_certificate(each) for each in chain]
    if chain[-1] not in trust.roots:
        raise MalformedDocument(
            f"{where}: {certificates[-1].issuer.rfc4514_string()} is no trusted root; "
            "complete the chain, or add its root to the file of LIANYUE_TRUSTED_ROOTS",
            where,
        )
    for below, above in pairwise(certificates):
        if below.issuer != above.subject:
            name = below.subject.rfc4514_string()
            raise MalformedDocument(f"{where}: the certificate above {name} is missing in its chain", where)
    now = datetime.now(UTC)
    for each in certificates:
        if not each.not_valid_before_utc <= now <= each.not_valid_after_utc:
            name, until = each.subject.rfc4514_string(), each.not_valid_after_utc.isoformat()
            raise MalformedDocument(f"{where}: {name} is not valid now, but until {until}; renew it", where)


def tried(ground: Ground) -> Iterator[Tried]:
    """Try every key and service that the settings name; no company's key is used, only the platform's."""
    platform = ground.platform
    if platform.keys:
        yield _tried("platform", partial(_certifies, ground))
    for service in platform.services:
        yield _tried(f"time stamps {service.url}", partial(_stamps, service))
    if platform.revocations.places:
        yield _tried("revocations", partial(_lists, platform))
    for company, keys in ground.companies.own.items():
        yield _tried(company, partial(_is_companys, ground, company, keys))
    if ground.settings.environment is Environment.PRODUCTION:
        for company in sorted(set(ground.known()) - set(ground.companies.own)):
            yield Tried(company, False, "it has no key: name one, or it cannot sign")


def _tried(what: str, trial: Callable[[], str]) -> Tried:
    try:
        return Tried(what, True, trial())
    except AllianceError as error:
        return Tried(what, False, error.message)


def _certifies(ground: Ground) -> str:
    trust = ground.trust()
    chain = trust.completed(ground.platform.platform_chain())
    _require_sound("platform", chain, trust)
    _require_platform(chain, trust)
    if not fits(chain[0], TRIAL, ground.platform.platform_value(TRIAL)):
        raise MalformedDocument("the key does not fit its certificate", PLATFORM)
    return _in_force(ground, chain)


def _stamps(source: TimeSource) -> str:
    return f"{try_out(source):%Y-%m-%d %H:%M:%S} UTC"


def _lists(platform: Platform) -> str:
    platform.revocations.try_all()
    return f"{len(platform.revocations.places)} places"


def _is_companys(ground: Ground, company: str, keys: Keys) -> str:
    trust = ground.trust()
    chain = trust.completed(keys.chain(company))
    _require_sound(company, chain, trust)
    told, expected = Identity(chain).organisation, ground.organisation(company)
    if told != expected:
        raise MalformedDocument(f"its certificate is made out to {told or 'nobody'}, not {expected}", company)
    return _in_force(ground, chain)


def _in_force(ground: Ground, chain: tuple[bytes, ...]) -> str:
    own, *above = (x509.load_der_x509_certificate(each) for each in chain)
    if ground.platform.standing(chain).revokes(own, above[0] if above else own):
        raise MalformedDocument("its certificate is revoked; have another one made out")
    return f"{Identity(chain).organisation}, until {own.not_valid_after_utc:%Y-%m-%d}"
