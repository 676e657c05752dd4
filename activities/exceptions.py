"""Exceptions for a decision: those that concern the contract, each with its signature checked on use."""

from __future__ import annotations

from activities.ports import Signatories, Writing
from contracts.facts import Candidate, ContractFacts, ExceptionFacts
from contracts.signature import SignatureVerdict
from contracts.value import Code
from contracts.waiving import SignedException
from rules.documents.authority import PolicyException
from rules.exceptions import concerns, exception_in, facts_of

REMEMBERED_DAYS = 366
"""For how long after its end an exception is still mentioned to a decision."""


def exceptions_for(
    writing: Writing, contract: ContractFacts, candidates: tuple[Candidate, ...], day: int
) -> tuple[SignedException, ...]:
    """
    Return the exceptions made for *contract* and one of the *candidates*, ordered by digest.

    Those not yet in force and those that ended lately are among them, so that a decision can say why they do not help.
    """
    members = [candidate.member.code for candidate in candidates]
    return tuple(each for each in writing.exceptions(day - REMEMBERED_DAYS) if _concerns(each, contract, members))


def stated(
    signatures: Signatories, office: Code, exceptions: tuple[SignedException, ...]
) -> tuple[ExceptionFacts, ...]:
    """Return what a decision is told of signed *exceptions*: whatever is wrong with a signature is part of it."""
    return tuple(_stated(signatures, office, each) for each in exceptions)


def _stated(signatures: Signatories, office: Code, signed: SignedException) -> ExceptionFacts:
    """A revocation counts whatever its signature is worth: without the exception the rule holds."""
    document, digest = exception_in(signed.text)
    revoked = [each.revocation.from_day for each in signed.revocations]
    verdict = _verdict(signatures, office, signed, document, digest)
    return facts_of(document, digest, verdict, min(revoked, default=None))


def _verdict(
    signatures: Signatories, office: Code, signed: SignedException, document: PolicyException, digest: str
) -> SignatureVerdict:
    """The office has signed this very text, on behalf of the person who grants it."""
    signature = signed.signature
    granted_by = document.spec.granted_by.user
    if (signed.digest, signature.company, signature.actor.user) != (digest, office, granted_by):
        return SignatureVerdict.INVALID
    return signatures.check(signature, digest).verdict


def _concerns(signed: SignedException, contract: ContractFacts, members: list[str]) -> bool:
    document, digest = exception_in(signed.text)
    exception = facts_of(document, digest, SignatureVerdict.CANNOT_TELL, None)
    return concerns(exception, contract) and any(member in exception.members for member in members)
