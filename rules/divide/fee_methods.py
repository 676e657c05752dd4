"""How a policy file states what is owed out of an amount before, or while, members share it: levels of fees."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.decision import FeeBase
from contracts.value import Authored, BasisPoints, Code, Line, PositiveFen, Slug
from rules.divide.member_methods import MemberDivision
from rules.words import ContractInt, OptionalContractInt, Ratio

Payee = Literal["lead", "office", "referrer", "client", "tax_office", "supplier"] | Code
"""A party to the contract by its part in it, or a company by its code; ``lead`` is the first of the ranking."""


class Level(Authored):
    """
    One step of a waterfall: who is owed how much of which base.

    Exactly one of ``rate_bp`` (of the base), ``vat_bp`` (the tax contained in the base) and ``amount_fen`` says how
    much; ``floor_fen`` and ``cap_fen`` hold it within bounds. ``gross`` is the amount divided, ``net`` the same
    without the value-added tax taken so far, ``residual`` what the levels above have left.
    """

    id: Slug
    title: Line | None = None
    payee: Payee
    base: FeeBase = FeeBase.RESIDUAL
    rate_bp: Ratio | None = None
    vat_bp: Ratio | None = None
    amount_fen: OptionalContractInt = None
    floor_fen: OptionalContractInt = None
    cap_fen: OptionalContractInt = None


class Waterfall(Authored):
    """联合服务收入: levels taken in the stated order, then the residual is divided."""

    method: Literal["waterfall"]
    levels: Annotated[tuple[Level, ...], Field(min_length=1, max_length=20)]
    residual: MemberDivision


class Stage(Authored):
    """A part of a referral fee, and when it falls due."""

    id: Slug
    title: Line
    part_bp: Ratio


class Referral(Authored):
    """
    招商增值: a fee to whoever brought the client, at most ``cap_fen``, due stage by stage.

    Either ``rate_bp`` of ``base_fen`` (the first year's value, say; without it, of the amount), or ``unit_fee_fen``
    for each of ``let_m2``.
    """

    method: Literal["referral"]
    payee: Payee = "referrer"
    rate_bp: Ratio | None = None
    base_fen: OptionalContractInt = None
    let_m2: OptionalContractInt = None
    unit_fee_fen: OptionalContractInt = None
    cap_fen: OptionalContractInt = None
    stages: tuple[Stage, ...] = ()
    residual: MemberDivision


class Bracket(Authored):
    """The rate on the part of the amount above the bracket before and up to this one's end."""

    up_to_fen: PositiveFen | Literal["unlimited"]
    rate_bp: BasisPoints


class TieredCommission(Authored):
    """分档佣金: marginal brackets, each rate on its own part of the amount only."""

    method: Literal["tiered_commission"]
    payee: Payee
    brackets: Annotated[tuple[Bracket, ...], Field(min_length=1)]
    cap_fen: OptionalContractInt = None
    residual: MemberDivision


class SavingYear(Authored):
    """One year of the term: the verified saving, its baseline adjustment, and the part the owner keeps."""

    saving_fen: ContractInt
    adjustment_fen: ContractInt = 0
    owner_bp: BasisPoints


class EmcShare(Authored):
    """节能效益分享: of each year's verified saving the owner keeps its part, the providers divide the rest."""

    method: Literal["emc_share"]
    payee: Payee = "client"
    years: Annotated[tuple[SavingYear, ...], Field(min_length=1, max_length=50)]
    residual: MemberDivision


class MinimumGuarantee(Authored):
    """保底分成: of the revenue the client is paid its rate, but at least the guarantee."""

    method: Literal["minimum_guarantee"]
    payee: Payee = "client"
    guarantee_fen: ContractInt
    rate_bp: Ratio
    residual: MemberDivision


FeeMethod = Waterfall | Referral | TieredCommission | EmcShare | MinimumGuarantee
