"""What a service category is: measures, papers, milestones, KPIs, evidence, tax and deductions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final, Protocol, Self

from pydantic import Field, model_validator

from contracts.errors import Invalid, UnknownName
from contracts.value import Authored, BasisPoints, Digest, Json, Slug

WHOLE_BP: Final = 10_000
"""One whole in basis points; also the score of a delivery without fault."""

POINT_BP: Final = 100
"""One point of a hundred-point score in basis points."""

CUSTOMARY: Final = "customary"
"""The source of a value that is usual in contracts and rests on no law or standard."""

QUANTITY_FIELD: Final = "quantity"
"""The field in which a quote of every category states its quantity."""

Title = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
Text = Annotated[str, Field(min_length=1, max_length=400, pattern=r"\S")]
Weight = Annotated[int, Field(strict=True, gt=0, le=WHOLE_BP)]
Days = Annotated[int, Field(strict=True, ge=0, le=3_660)]
Flag = Annotated[bool, Field(strict=True)]


class ScoreOutOfRange(Invalid):
    """Give the score in basis points, from 0 (nothing) to 10,000 (without fault)."""

    code = "score-out-of-range"


class Coded(Protocol):
    """Anything that a pack lists under a code."""

    @property
    def code(self) -> str:
        """The name for machines, unique in its list."""
        ...


class Titled(Authored):
    """A line of a pack that people call by a Chinese and an English title."""

    code: Slug
    title_zh: Title
    title_en: Title


class Unit(Titled):
    """A measure the category counts in, with the signs that are printed behind a number."""

    sign_zh: Title
    sign_en: Title


class PriceForm(Titled):
    """A way to state the price, with the basis on which it is customarily quoted."""

    basis_zh: Title
    basis_en: Title


class CertificateKind(Titled):
    """A paper that a member holds; a *hard* one bars from quoting when it is missing or has run out."""

    hard: Flag
    source: Text
    note: Text | None = None


class EvidenceKind(Titled):
    """A kind of document or reading that a member hands over with a milestone."""


class MilestoneKind(Titled):
    """A stage of delivery, accepted and paid as one; its due day counts from the first day of service."""

    weight_bp: Weight
    due_after_days: Days
    evidence: Annotated[tuple[Slug, ...], Field(min_length=1)]
    inspection_working_days: Annotated[int, Field(strict=True, ge=1, le=60)]


class ThresholdSense(StrEnum):
    """On which side of its threshold a KPI is met."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Kpi(Titled):
    """A measured promise of the service; the threshold is a default, a contract may agree another."""

    weight_bp: Weight
    threshold_zh: Text
    threshold_en: Text
    threshold_bp: BasisPoints | None = None
    sense: ThresholdSense | None = None
    source: Text = CUSTOMARY

    @model_validator(mode="after")
    def _threshold_has_a_side(self) -> Self:
        if (self.threshold_bp is None) is not (self.sense is None):
            raise ValueError(f"KPI {self.code!r} needs threshold_bp and sense together or neither")
        return self


class VatLine(Titled):
    """
    A kind of supply within the category and its value-added tax rate for a general taxpayer.

    *stamp_duty* is the tax item (税目) of a contract on it; its rate is the parameter ``stamp_duty_<item>_bp``. Without
    one, no stamp duty is owed.
    """

    rate_bp: BasisPoints
    stamp_duty: Slug | None = None
    note: Text | None = None
    source: Text


class RedLine(Titled):
    """An event that no score outweighs."""


class DeductionBand(Authored):
    """
    What is deducted from a period's pay for scores from *min_score_bp* up to the next band.

    The deduction is *base_deduction_bp* plus *per_point_bp* for every point (100 bp) below the upper edge of
    the band. A *rectification* band obliges the member to put things right.
    """

    min_score_bp: BasisPoints
    base_deduction_bp: BasisPoints
    per_point_bp: BasisPoints
    rectification: Flag = False


class CategoryPack(Titled):
    """
    A service category as data.

    Milestone weights and KPI weights each sum to 10,000 bp, milestones name evidence kinds that exist, the
    deduction bands tile the scores from 0 to 10,000 bp, an indivisible category states why and by which law.
    The first line of *vat* is the main supply. After *rectifications_before_termination* periods in a row in
    a rectification band the client may end the contract.
    """

    divisible: Flag
    indivisible_reason: Text | None = None
    indivisible_source: Text | None = None
    quantity_unit: Slug
    units: Annotated[tuple[Unit, ...], Field(min_length=1)]
    price_forms: Annotated[tuple[PriceForm, ...], Field(min_length=1)]
    certificates: tuple[CertificateKind, ...]
    evidence: Annotated[tuple[EvidenceKind, ...], Field(min_length=1)]
    milestones: Annotated[tuple[MilestoneKind, ...], Field(min_length=1)]
    kpis: Annotated[tuple[Kpi, ...], Field(min_length=1)]
    vat: Annotated[tuple[VatLine, ...], Field(min_length=1)]
    red_lines: Annotated[tuple[RedLine, ...], Field(min_length=1)]
    deduction_bands: Annotated[tuple[DeductionBand, ...], Field(min_length=1)]
    deduction_source: Text = CUSTOMARY
    rectifications_before_termination: Annotated[int, Field(strict=True, ge=1, le=12)]
    contract_kind_zh: Text
    invoice_zh: Text
    sources: Annotated[tuple[Text, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        faults = (
            *_repeated_codes(self),
            *_weight_faults("milestone", self.milestones),
            *_weight_faults("KPI", self.kpis),
            *_evidence_faults(self),
            *_order_faults(self.milestones),
            *_unit_faults(self),
            *_divisibility_faults(self),
            *_band_faults(self.deduction_bands),
        )
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def milestone(self, code: str) -> MilestoneKind:
        """
        The milestone called *code*.

        Raises:
            UnknownName: If the pack has none of that name.
        """
        for kind in self.milestones:
            if kind.code == code:
                return kind
        raise UnknownName(f"{code!r} is not a milestone of {self.code}")

    def hard_certificates(self) -> tuple[str, ...]:
        """Codes of the papers without which a member may not quote, in the order of the pack."""
        return tuple(kind.code for kind in self.certificates if kind.hard)


class Category(Authored):
    """
    A pack together with the JSON Schemas of its three forms and the template of its contract.

    The forms offer exactly the codes of the pack: price forms in terms and quote, evidence kinds in delivery;
    a quote states its quantity in the pack's unit. What every service contract carries itself (number, title,
    quantity, period) is no part of the terms, so that it is stated once.
    """

    pack: CategoryPack
    terms_schema: Json
    quote_schema: Json
    delivery_schema: Json
    document: str = ""
    """The contract of this category as a template (`document.typ`); without one the shared template is used."""
    digest: Digest
    """Identity of the pack: what a contract pins, and the content of `pack.yaml` alone."""

    @model_validator(mode="after")
    def _forms_fit_the_pack(self) -> Self:
        forms = tuple(form.code for form in self.pack.price_forms)
        kinds = tuple(kind.code for kind in self.pack.evidence)
        faults = (
            *_choice_faults("terms", self.terms_schema, ("price_form",), forms),
            *_choice_faults("quote", self.quote_schema, ("price_form",), forms),
            *_choice_faults("delivery", self.delivery_schema, ("evidence", "kind"), kinds),
            *_quantity_faults(self.quote_schema, self.pack.quantity_unit),
        )
        if faults:
            raise ValueError("; ".join(faults))
        return self


def deduction_bp(pack: CategoryPack, score_bp: int) -> int:
    """
    The part of a period's pay that a score of *score_bp* costs, in basis points, rounded half up.

    Bands {min, base, per point}: base + per point * (upper edge - score) / 100, the usual staircase of
    assessment clauses written as data.

    Raises:
        ScoreOutOfRange: If the score lies outside 0 to 10,000 bp.
    """
    band, upper_bp = _band_of(pack.deduction_bands, score_bp)
    return _deducted_bp(band, upper_bp, score_bp)


def is_rectification_due(pack: CategoryPack, score_bp: int) -> bool:
    """Whether a score of *score_bp* obliges the member to put things right; raises as `deduction_bp` does."""
    return _band_of(pack.deduction_bands, score_bp)[0].rectification


def missing_evidence(milestone: MilestoneKind, kinds: Iterable[str]) -> tuple[str, ...]:
    """Codes of the evidence that *milestone* asks for and *kinds* lacks, in the order of the pack."""
    handed_over = frozenset(kinds)
    return tuple(code for code in milestone.evidence if code not in handed_over)


def _band_of(bands: Sequence[DeductionBand], score_bp: int) -> tuple[DeductionBand, int]:
    """The band that holds the score and its upper edge; bands run from the best scores down."""
    upper_bp = WHOLE_BP
    for band in bands:
        if band.min_score_bp <= score_bp <= upper_bp:
            return band, upper_bp
        upper_bp = band.min_score_bp
    raise ScoreOutOfRange(f"a score of {score_bp} bp is outside 0 to {WHOLE_BP} bp")


def _deducted_bp(band: DeductionBand, upper_bp: int, score_bp: int) -> int:
    return band.base_deduction_bp + _half_up((upper_bp - score_bp) * band.per_point_bp, POINT_BP)


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _repeated_codes(pack: CategoryPack) -> tuple[str, ...]:
    groups: tuple[tuple[str, Sequence[Coded]], ...] = (
        ("unit", pack.units),
        ("price form", pack.price_forms),
        ("certificate", pack.certificates),
        ("evidence", pack.evidence),
        ("milestone", pack.milestones),
        ("KPI", pack.kpis),
        ("VAT line", pack.vat),
        ("red line", pack.red_lines),
    )
    return tuple(f"{noun} {code!r} is listed twice" for noun, group in groups for code in _twice(group))


def _twice(group: Sequence[Coded]) -> tuple[str, ...]:
    codes = [entry.code for entry in group]
    return tuple(dict.fromkeys(code for code in codes if codes.count(code) > 1))


def _weight_faults(noun: str, weighed: Sequence[MilestoneKind] | Sequence[Kpi]) -> tuple[str, ...]:
    total_bp = sum(entry.weight_bp for entry in weighed)
    if total_bp == WHOLE_BP:
        return ()
    return (f"{noun} weights sum to {total_bp} bp instead of {WHOLE_BP} bp",)


def _evidence_faults(pack: CategoryPack) -> tuple[str, ...]:
    known = frozenset(kind.code for kind in pack.evidence)
    return tuple(
        f"milestone {milestone.code!r} asks for unknown evidence {code!r}"
        for milestone in pack.milestones
        for code in milestone.evidence
        if code not in known
    )


def _order_faults(milestones: Sequence[MilestoneKind]) -> tuple[str, ...]:
    return tuple(
        f"milestone {later.code!r} is due before {earlier.code!r}, which stands in front of it"
        for earlier, later in pairwise(milestones)
        if later.due_after_days < earlier.due_after_days
    )


def _unit_faults(pack: CategoryPack) -> tuple[str, ...]:
    if any(unit.code == pack.quantity_unit for unit in pack.units):
        return ()
    return (f"quantity_unit {pack.quantity_unit!r} is not among the units",)


def _divisibility_faults(pack: CategoryPack) -> tuple[str, ...]:
    stated = (pack.indivisible_reason, pack.indivisible_source)
    if not pack.divisible and None in stated:
        return ("an indivisible category states indivisible_reason and indivisible_source",)
    if pack.divisible and stated != (None, None):
        return ("a divisible category states neither indivisible_reason nor indivisible_source",)
    return ()


def _band_faults(bands: Sequence[DeductionBand]) -> tuple[str, ...]:
    edges = [band.min_score_bp for band in bands]
    if edges[-1] != 0 or any(lower >= upper for upper, lower in pairwise(edges)):
        return (f"deduction bands must fall from the best scores to 0 bp without a repeat, not {edges}",)
    return _deduction_faults(bands)


def _deduction_faults(bands: Sequence[DeductionBand]) -> tuple[str, ...]:
    faults: list[str] = []
    upper_bp, so_far_bp = WHOLE_BP, 0
    for band in bands:
        worst_bp = _deducted_bp(band, upper_bp, band.min_score_bp)
        if band.base_deduction_bp < so_far_bp:
            faults.append(f"the band from {band.min_score_bp} bp deducts less than a better score does")
        if worst_bp > WHOLE_BP:
            faults.append(f"the band from {band.min_score_bp} bp deducts {worst_bp} bp, more than the whole")
        upper_bp, so_far_bp = band.min_score_bp, worst_bp
    return tuple(faults)


def _choice_faults(form: str, schema: Json, path: tuple[str, ...], codes: tuple[str, ...]) -> tuple[str, ...]:
    offered = tuple(_property_at(schema, path).get("enum", ()))
    if offered == codes:
        return ()
    return (f"{form} schema offers {list(offered)} as {'.'.join(path)}, the pack lists {list(codes)}",)


def _quantity_faults(schema: Json, unit: str) -> tuple[str, ...]:
    stated = _property_at(schema, (QUANTITY_FIELD,)).get("x-unit")
    if stated == unit:
        return ()
    return (f"quote schema counts quantity in {stated!r}, the pack in {unit!r}",)


def _property_at(schema: Json, path: tuple[str, ...]) -> Json:
    """The subschema of a property, through arrays; empty when the schema has none there."""
    here: Any = schema
    for name in path:
        here = here.get("items", here) if isinstance(here, dict) else {}
        here = here.get("properties", {}) if isinstance(here, dict) else {}
        here = here.get(name, {}) if isinstance(here, dict) else {}
    return here if isinstance(here, dict) else {}
