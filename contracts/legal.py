"""What the law asks of a service contract and only its parties can state: payment, consortia, subcontracts, taxes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.value import Authored, BasisPoints, Code, Count, Slug


class PaymentTerms(Authored):
    """When the client pays a delivery, and whether that waits for somebody else's money (背靠背)."""

    within_days: Annotated[int, Field(strict=True, ge=1, le=3_650)] = 60
    """Calendar days from delivery, or from mutual confirmation where settlement is periodic."""
    after_third_party: bool = False
    payer_is_large: bool = True
    """Whether the client is a large enterprise; the protection of small ones binds only such payers."""


class Consortium(Authored):
    """Members that bid for this contract as one (联合体); the lead quotes for all."""

    code: Slug
    lead: Code
    members: Annotated[tuple[Code, ...], Field(min_length=2, max_length=50)]
    agreed: bool = False
    """Whether the consortium agreement, which states each one's work and responsibility, is signed."""


class Subcontract(Authored):
    """Work that one company hands on to another."""

    giver: Code
    taker: Code
    core: bool = False
    """Whether main or key work is among it."""
    whole: bool = False
    """Whether everything is handed on."""
    consented: bool = False
    """Whether the client has agreed to it."""


class LegalTerms(Authored):
    """The facts behind the statutory guards; what is not stated is the ordinary case."""

    payment: PaymentTerms = PaymentTerms()
    consortia: tuple[Consortium, ...] = ()
    subcontracts: tuple[Subcontract, ...] = ()
    consulted_by: tuple[Code, ...] = ()
    """Members that have advised the client on what is to be certified."""
    area_served_by: tuple[Code, ...] = ()
    """Members that serve the same property management area under a contract that runs on."""
    by_territory: bool = False
    """Whether the contract goes to a member because of where it lies."""
    territory_basis: Slug | None = None
    """Why that divides no market: a word of the parameter ``territory_bases``."""
    least_grade: Count = 0
    """The lowest grade that will do, 1 being the highest; nought asks for none."""
    vat_rates_bp: tuple[BasisPoints, ...] = ()
    """The rates of value-added tax of the supplies in the contract, where there is more than one."""
    vat_separate: bool = True
    """Whether supplies of different rates are accounted for separately."""
