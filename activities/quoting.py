"""Asking for quotes: who may quote, and the opening of what arrived sealed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from temporalio import activity

from activities.deciding import compiled
from activities.exceptions import exceptions_for, stated
from activities.packs import contract_facts, pinned_pack
from activities.ports import Records, Seals, Signatures, Writing
from contracts.calendar import iso_day
from contracts.decision import Screening
from contracts.errors import SignatureInvalid
from contracts.facts import Facts
from contracts.journal import EffectRequest
from contracts.quote import Quote, SealedQuote
from contracts.service_contract import RulePins, ServiceContract
from contracts.value import Code, EpochDay, Recorded, Slug
from contracts.waiving import SignedException
from rules.canonical import canonical
from rules.decide import screen


class ScreenRequest(EffectRequest):
    """Ask the pinned policy who may quote on *day*."""

    contract: ServiceContract
    pins: RulePins
    day: EpochDay
    office: Code
    """The company whose signature is under an exception."""


class Screened(Recorded):
    """Who may quote, and the facts it was decided by, the exceptions among them also as they were signed."""

    facts: Facts
    screening: Screening
    exceptions: tuple[SignedException, ...] = ()


class OpenQuotesRequest(EffectRequest):
    """Open what arrived; *sealed* is in the order of arrival."""

    sealed: tuple[SealedQuote, ...]
    shares: dict[Slug, dict[Code, str]] = {}
    """Where split keys seal the quotes, by keyholder and member."""


class OpenedQuotes(Recorded):
    """The opened quotes, earliest first."""

    quotes: tuple[Quote, ...]


class Quoting:
    """Screens the members and opens their quotes."""

    def __init__(self, records: Records, seals: Seals, signatures: Signatures) -> None:
        self._records = records
        self._seals = seals
        self._signatures = signatures

    @activity.defn
    def screen(self, request: ScreenRequest) -> Screened:
        """Decide who is eligible, with each reason why somebody is not."""
        return self._records.once(request, lambda writing: self._screen(writing, request), Screened)

    @activity.defn
    def open_quotes(self, request: OpenQuotesRequest) -> OpenedQuotes:
        """
        Open all quotes together and check each against its commitment.

        Raises:
            SignatureInvalid: If a ciphertext does not fit its commitment.
        """
        return self._records.once(request, lambda writing: self._open(writing, request), OpenedQuotes)

    def _screen(self, writing: Writing, request: ScreenRequest) -> Screened:
        pack = pinned_pack(self._records, request.pins.pack)
        candidates = writing.candidates(request.contract, request.day)
        contract = contract_facts(request.contract, pack, candidates)
        signed = exceptions_for(writing, contract, candidates, request.day)
        facts = Facts(
            decision_day=iso_day(request.day),
            contract=contract,
            candidates=candidates,
            exceptions=stated(self._signatures, request.office, signed),
        )
        screening = screen(compiled(self._records, request.pins), facts)
        writing.keep_screening(request.number, screening)
        return Screened(facts=facts, screening=screening, exceptions=signed)

    def _open(self, writing: Writing, request: OpenQuotesRequest) -> OpenedQuotes:
        quotes = tuple(self._opened(writing, request, sealed, order) for order, sealed in enumerate(request.sealed))
        writing.keep_quotes(request.number, quotes)
        return OpenedQuotes(quotes=quotes)

    def _opened(self, writing: Writing, request: OpenQuotesRequest, sealed: SealedQuote, order: int) -> Quote:
        number, envelope = request.number, writing.envelope(request.number, sealed)
        if request.shares:
            shares = {holder: by_member[sealed.member] for holder, by_member in request.shares.items()}
            nonce, content = self._seals.open_split(number, sealed, envelope, shares)
        else:
            nonce, content = self._seals.open(number, sealed.member, envelope)
        if commitment(nonce, dict(content)) != sealed.commitment:
            raise SignatureInvalid(f"the quote of {sealed.member} for {number} is not the one it committed to")
        return Quote(
            member=sealed.member,
            round=sealed.round,
            price_fen=_price(content),
            commitment=sealed.commitment,
            nonce=nonce,
            order=order,
            content=dict(content),
        )


def _price(content: Mapping[str, object]) -> int:
    price = content.get("price_fen")
    if type(price) is not int:
        raise SignatureInvalid("a sealed quote states no price in fen; it did not pass the desk")
    return price


def commitment(nonce: str, content: dict[str, object]) -> str:
    """Return SHA-256 of nonce ‖ canonical JSON of *content*: binding, and blind while the nonce is unknown."""
    return "sha256:" + hashlib.sha256(nonce.encode() + canonical(content)).hexdigest()
