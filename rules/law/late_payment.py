"""Payment to small and medium enterprises: until when it is due, and what a late one costs."""

from __future__ import annotations

from contracts.errors import Invalid
from contracts.value import EpochDay, Fen

PER_WHOLE = 10_000


def due_day(delivered_day: EpochDay, within_days: int, inspection_ended_day: EpochDay | None = None) -> EpochDay:
    """
    Return the last day on which a payment is in time.

    The days run from delivery; where the client was late to accept, from the day on which the agreed inspection
    ended. 《保障中小企业款项支付条例》第九条、第十条; what they may be at most is the parameter ``sme_payment_days``.
    """
    return (delivered_day if inspection_ended_day is None else inspection_ended_day) + within_days


def late_interest(amount_fen: Fen, days_late: int, rate_bp_per_day: int) -> Fen:
    """
    Return the interest on *amount_fen* paid *days_late* days late: simple, per day, rounded half up to the fen.

    《保障中小企业款项支付条例》第十七条: 0.05 % a day where nothing is agreed (the parameter ``late_interest_bp``), so
    that 1,000,000.00 yuan paid 30 days late cost 15,000.00.

    Raises:
        Invalid: If the amount, the days or the rate are negative.
    """
    if min(amount_fen, days_late, rate_bp_per_day) < 0:
        raise Invalid(f"no interest on {amount_fen} fen, {days_late} days late, at {rate_bp_per_day} bp a day")
    return (amount_fen * days_late * rate_bp_per_day + PER_WHOLE // 2) // PER_WHOLE
