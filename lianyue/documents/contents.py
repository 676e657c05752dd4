"""What stands in a contract and in a change of it: worked out from the agreement, every figure and name as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.agreement import Agreement
from contracts.calendar import epoch_day
from contracts.category import Category, CategoryPack, DeductionBand
from contracts.errors import UnknownName
from contracts.money import TaxedAmount, added
from contracts.organisation import Company
from lianyue.documents.figures import amount, day, in_words, iso_in_words, ordinal, rate, ratio, ratios
from lianyue.documents.law import law_lines
from lianyue.documents.rendered import DocumentKind, DocumentLanguage
from lianyue.documents.terms import term_lines
from lianyue.story import term
from rules.canonical import digest
from rules.taxing import TaxedShare, party_amounts

Contents = dict[str, Any]
"""What a template reads: text, lists and objects, no numbers to reckon with."""


@dataclass(frozen=True)
class Sources:
    """
    What a contract is written from beside the agreement itself.

    ``companies`` by code, each party among them; ``previous`` is the version that an amendment changes; ``duty_fen``
    is what each member owes in stamp duty, where that is known; ``dated`` is the day the document bears.
    """

    companies: Mapping[str, Company]
    category: Category
    language: DocumentLanguage = DocumentLanguage.ZH
    previous: Agreement | None = None
    duty_fen: Mapping[str, int] | None = None
    dated: str | None = None


def contract_contents(agreement: Agreement, sources: Sources) -> Contents:
    """
    Return what stands in *agreement* as a document.

    Raises:
        UnknownName: If a party is not among the companies.
    """
    pack = sources.category.pack
    parties = _parties(agreement, sources.companies)
    labels = {each["code"]: each for each in parties}
    return {
        **_head(agreement, sources, pack),
        "parties": parties,
        "term": _term(agreement),
        "quantity": _quantity(agreement, pack),
        "terms": term_lines(agreement.terms, sources.category.terms_schema, pack),
        "total": _total(agreement),
        "shares": _shares(agreement, labels),
        "supplies": _supplies(agreement, pack),
        "milestones": _milestones(agreement, pack),
        "plan": _plan(agreement, labels),
        "fees": _fees(agreement, labels),
        "claw_backs": _claw_backs(agreement, labels),
        "kpis": _kpis(pack),
        "bands": _bands(pack),
        "red_lines": [{"zh": each.title_zh, "en": each.title_en} for each in pack.red_lines],
        "certificates": [
            {"zh": each.title_zh, "en": each.title_en, "source": each.source} for each in pack.certificates if each.hard
        ],
        "rectifications": str(pack.rectifications_before_termination),
        "indivisible": {"reason": pack.indivisible_reason or "", "source": pack.indivisible_source or ""},
        "contract_kind": pack.contract_kind_zh,
        "invoice": pack.invoice_zh,
        "sources": list(pack.sources),
        "payment_days": str(agreement.terms.get("payment_days", 60)),
        "duty": _duty(sources, labels),
        "change": _change(agreement, sources),
    }


def _head(agreement: Agreement, sources: Sources, pack: CategoryPack) -> Contents:
    kind = DocumentKind.AMENDMENT if agreement.kind == "amendment" else DocumentKind.CONTRACT
    dated = sources.dated or agreement.starts_on
    return {
        "kind": kind.value,
        "language": sources.language.value,
        "number": agreement.number,
        "version": str(agreement.version),
        "title": agreement.title,
        "category": {"code": pack.code, "zh": pack.title_zh, "en": pack.title_en},
        "digest": digest(agreement.model_dump(mode="json")).removeprefix("sha256:"),
        "decision": agreement.decision_digest.removeprefix("sha256:"),
        "dated": dated,
        "dated_words": iso_in_words(dated),
        "replaces": str(agreement.replaces or ""),
        "reason": agreement.reason,
        **law_lines(kind),
    }


def _parties(agreement: Agreement, companies: Mapping[str, Company]) -> list[dict[str, str]]:
    missing = [code for code in agreement.parties if code not in companies]
    if missing:
        raise UnknownName(f"the names of {', '.join(missing)} are not known", where="companies")
    return [
        {
            "code": code,
            "name": companies[code].name,
            "name_en": companies[code].name_en,
            "credit_code": companies[code].credit_code,
            **_label(code, agreement),
        }
        for code in agreement.parties
    ]


def _label(code: str, agreement: Agreement) -> dict[str, str]:
    if code == agreement.client:
        return {"label": "甲方", "label_en": "Party A", "part": "委托方", "part_en": "Client"}
    if code in agreement.members:
        place = agreement.members.index(code) + 1
        alone = len(agreement.members) == 1
        return {
            "label": "乙方" if alone else f"乙方{ordinal(place)}",
            "label_en": "Party B" if alone else f"Party B{place}",
            "part": "服务方",
            "part_en": "Service provider",
        }
    return {"label": "丙方", "label_en": "Party C", "part": "联盟办公室", "part_en": "Alliance office"}


def _term(agreement: Agreement) -> dict[str, str]:
    days = epoch_day(agreement.ends_on) - epoch_day(agreement.starts_on) + 1
    return {
        "first": iso_in_words(agreement.starts_on),
        "last": iso_in_words(agreement.ends_on),
        "first_iso": agreement.starts_on,
        "last_iso": agreement.ends_on,
        "days": str(days),
    }


def _quantity(agreement: Agreement, pack: CategoryPack) -> dict[str, str]:
    unit = next(each for each in pack.units if each.code == pack.quantity_unit)
    return {
        "figure": f"{agreement.quantity:,}",
        "zh": unit.title_zh,
        "en": unit.title_en,
        "sign": unit.sign_zh,
        "sign_en": unit.sign_en,
    }


def _amounts(whole: TaxedAmount) -> dict[str, str]:
    return {"net": amount(whole.net_fen), "vat": amount(whole.vat_fen), "gross": amount(whole.gross_fen)}


def _whole(lines: Sequence[TaxedShare]) -> TaxedAmount:
    return added([line.amount for line in lines])


def _total(agreement: Agreement) -> dict[str, str]:
    every = _whole([line for lines in party_amounts(agreement).values() for line in lines])
    rates = agreement.tax_lines
    return {
        **_amounts(every),
        "words": in_words(agreement.total_fen),
        "rate": "" if rates else rate(agreement.vat_bp),
    }


def _shares(agreement: Agreement, labels: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    taxed = party_amounts(agreement)
    parts = ratios({share.member: share.amount_fen for share in agreement.shares})
    return [
        {
            "label": labels[share.member]["label"],
            "label_en": labels[share.member]["label_en"],
            "name": labels[share.member]["name"],
            "role": term("part", share.role, "zh"),
            "role_en": term("part", share.role, "en"),
            "ratio": parts[share.member],
            "words": in_words(share.amount_fen),
            **_amounts(_whole(taxed[share.member])),
            "lines": [{"supply": line.supply, **_amounts(line.amount)} for line in taxed[share.member]],
        }
        for share in agreement.shares
    ]


def _supplies(agreement: Agreement, pack: CategoryPack) -> list[dict[str, str]]:
    """The supplies of a price with their rates, the sums of the members' lines."""
    english = {line.code: line.title_en for line in pack.vat}
    lines = [line for lines in party_amounts(agreement).values() for line in lines]
    if not agreement.tax_lines:
        main = next((line for line in pack.vat if line.rate_bp == agreement.vat_bp), pack.vat[0])
        return [
            {
                "code": "whole",
                "zh": main.title_zh,
                "en": main.title_en,
                "part": ratio(10_000),
                "rate": rate(agreement.vat_bp),
                **_amounts(_whole(lines)),
            }
        ]
    return [
        {
            "code": line.code,
            "zh": line.title,
            "en": english.get(line.code, line.title),
            "part": ratio(line.part_bp),
            "rate": rate(line.vat_bp),
            **_amounts(_whole([each for each in lines if each.supply == line.code])),
        }
        for line in agreement.tax_lines
    ]


def _milestones(agreement: Agreement, pack: CategoryPack) -> list[dict[str, Any]]:
    """The milestones in the order of their due days, each with the sum over the members."""
    kinds = {kind.code: kind for kind in pack.milestones}
    evidence = {kind.code: kind for kind in pack.evidence}
    firsts = {cell.milestone: cell for cell in reversed(agreement.instalments)}
    ordered = sorted(firsts.values(), key=lambda cell: (cell.due_day, cell.milestone))
    return [
        {
            "code": cell.milestone,
            "zh": cell.title,
            "en": kinds[cell.milestone].title_en if cell.milestone in kinds else cell.title,
            "due": day(cell.due_day),
            "inspection": str(cell.inspection_working_days),
            "evidence": "、".join(evidence[code].title_zh if code in evidence else code for code in cell.evidence),
            "evidence_en": "; ".join(evidence[code].title_en if code in evidence else code for code in cell.evidence),
            "amount": amount(
                sum(each.amount_fen for each in agreement.instalments if each.milestone == cell.milestone)
            ),
        }
        for cell in ordered
    ]


def _plan(agreement: Agreement, labels: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """What each member is owed for each milestone, in the order of shares."""
    rows = []
    for share in agreement.shares:
        cells = {cell.milestone: cell for cell in agreement.instalments_of(share.member)}
        rows.append(
            {
                "label": labels[share.member]["label"],
                "label_en": labels[share.member]["label_en"],
                "name": labels[share.member]["name"],
                "amounts": {code: amount(cell.amount_fen) for code, cell in cells.items()},
                "total": amount(sum(cell.amount_fen for cell in cells.values())),
            }
        )
    return rows


def _fees(agreement: Agreement, labels: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
    def called(code: str, language: str) -> str:
        if code in labels:
            return labels[code]["name_en" if language == "en" else "name"]
        return term("payee", code, language)

    return [
        {
            "level": fee.level,
            "payer": called(fee.payer, "zh"),
            "payer_en": called(fee.payer, "en"),
            "payee": called(fee.payee, "zh"),
            "payee_en": called(fee.payee, "en"),
            "base": amount(fee.base_fen),
            "amount": amount(fee.amount_fen),
        }
        for fee in agreement.fees
    ]


def _claw_backs(agreement: Agreement, labels: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
    return [
        {
            "label": labels[back.member]["label"] if back.member in labels else back.member,
            "name": labels[back.member]["name"] if back.member in labels else back.member,
            "version": str(back.version),
            "amount": amount(back.amount_fen),
            "words": in_words(back.amount_fen),
            "days": str(back.repay_within_days),
        }
        for back in agreement.claw_backs
    ]


def _kpis(pack: CategoryPack) -> list[dict[str, str]]:
    return [
        {
            "zh": kpi.title_zh,
            "en": kpi.title_en,
            "weight": rate(kpi.weight_bp),
            "threshold": kpi.threshold_zh,
            "threshold_en": kpi.threshold_en,
        }
        for kpi in pack.kpis
    ]


def _bands(pack: CategoryPack) -> list[dict[str, str]]:
    uppers = ("", *(_points(band.min_score_bp) for band in pack.deduction_bands))
    return [_band(band, upper) for band, upper in zip(pack.deduction_bands, uppers, strict=False)]


def _band(band: DeductionBand, upper: str) -> dict[str, str]:
    lower = _points(band.min_score_bp)
    reach = (
        f"{lower} 分以上（含）"
        if not upper
        else f"{lower} 分（含）至 {upper} 分"
        if lower != "0"
        else f"不足 {upper} 分"
    )
    reach_en = (
        f"{lower} and above" if not upper else f"from {lower} to below {upper}" if lower != "0" else f"below {upper}"
    )
    parts = [rate(band.base_deduction_bp)] if band.base_deduction_bp else []
    steps = f"每低于本档上限 1 分扣 {rate(band.per_point_bp)}" if band.per_point_bp else ""
    steps_en = f"{rate(band.per_point_bp)} for each point below the upper edge" if band.per_point_bp else ""
    return {
        "reach": reach,
        "reach_en": reach_en,
        "deduction": "，另".join([*parts, *([steps] if steps else [])]) or "不扣款",
        "deduction_en": ", plus ".join([*parts, *([steps_en] if steps_en else [])]) or "none",
        "rectification": "限期整改" if band.rectification else "",
        "rectification_en": "rectification" if band.rectification else "",
    }


def _points(score_bp: int) -> str:
    return rate(score_bp).removesuffix("%")


def _duty(sources: Sources, labels: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
    return [
        {"label": labels[code]["label"], "name": labels[code]["name"], "amount": amount(fen)}
        for code, fen in (sources.duty_fen or {}).items()
        if code in labels
    ]


def _change(agreement: Agreement, sources: Sources) -> dict[str, Any]:
    """What an amendment changes: of each thing what was, and what is; empty for a contract."""
    before = sources.previous
    if before is None:
        return {"lines": []}
    pack, schema = sources.category.pack, sources.category.terms_schema
    lines = [
        _changed(
            "合同总额（含税，元）", "Total with tax (yuan)", amount(before.total_fen), amount(agreement.total_fen)
        ),
        _changed("服务期止", "Last day of service", iso_in_words(before.ends_on), iso_in_words(agreement.ends_on)),
    ]
    was = {each["code"]: each for each in term_lines(before.terms, schema, pack)}
    lines += [
        _changed(line["zh"], line["en"], was.get(line["code"], {}).get("value", "—"), line["value"])
        for line in term_lines(agreement.terms, schema, pack)
    ]
    return {"lines": [line for line in lines if line["before"] != line["after"]]}


def _changed(zh: str, en: str, before: str, after: str) -> dict[str, str]:
    return {"zh": zh, "en": en, "before": before, "after": after}
