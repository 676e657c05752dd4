"""
Every refusal and failure that a person may see, as one tree.

    AllianceError
    ├── Invalid                 the input cannot be used; nothing was changed
    │   ├── MalformedDocument   a file that does not say what its kind must say
    │   ├── UnknownName         no such contract, task, company, user, edition
    │   └── NothingToSplitBy    a division without weights
    ├── Refused                 understood, and not allowed; on record where the asker is known
    │   ├── NotYourTask         the task belongs to another company, role or person
    │   ├── RoleMissing         the role that this needs is not held
    │   ├── NotVouchedFor       nobody attests that it comes from whom it says
    │   ├── DutiesNotSeparated  the same person may not do both
    │   ├── WrongState          too early, too late, or already done
    │   ├── StaleRevision       somebody else acted in between
    │   ├── RequestReused       one request id, two different bodies
    │   ├── AlreadyStarted      the contract number is taken by another contract
    │   ├── WrongShare          a share of a key that does not fit the quotes it is to open
    │   ├── OverThePlan         more money or share than was agreed
    │   ├── KeyOutside          a signature for which only the company itself has the key
    │   └── UnfitForProduction  test keys or test people in a production instance
    ├── EffectConflict          one effect key, two different requests: a defect, never retried
    ├── SignatureInvalid        a signature that does not fit its document or company
    ├── ArchiveDamaged          an archived history that is not what was archived
    ├── PayloadUnreadable       an encrypted payload without its key, or not the one that was put there
    └── Unreachable             a service this needs does not answer

The message states the facts; the class docstring is the advice; ``code`` is for machines.
"""

from __future__ import annotations

import inspect
from typing import ClassVar


class AllianceError(Exception):
    """Look at the message; if it does not help, ask the operator with the code and the place."""

    code: ClassVar[str] = "alliance-error"

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where

    @property
    def advice(self) -> str:
        """What to do about it: the first paragraph of the class docstring, on one line."""
        doc = inspect.getdoc(type(self)) or ""
        return " ".join(doc.split("\n\n")[0].split())


class Invalid(AllianceError):
    """Correct the input and send it again; nothing was changed."""

    code = "invalid"


class MalformedDocument(Invalid):
    """Correct the document at the place named and send it again; nothing was changed."""

    code = "malformed-document"


class UnknownName(Invalid):
    """Check the spelling; `list` and `show` commands print the names that exist."""

    code = "unknown-name"


class NothingToSplitBy(Invalid):
    """Give at least one member a weight above zero, or divide equally."""

    code = "nothing-to-split-by"


class Refused(AllianceError):
    """Ask somebody who may do this, or wait until it may be done; the attempt is on record."""

    code = "refused"


class NotYourTask(Refused):
    """Sign in as a user of the company and role the task is offered to; the attempt is on record."""

    code = "not-your-task"


class RoleMissing(Refused):
    """Ask a user who holds the role; the attempt is on record."""

    code = "role-missing"


class NotVouchedFor(Refused):
    """Send the request through the desk (`lianyue task`, the portal or the API); the attempt is on record."""

    code = "not-vouched-for"


class DutiesNotSeparated(Refused):
    """Have a second person do this step; the attempt is on record."""

    code = "duties-not-separated"


class WrongState(Refused):
    """Look at the present state first (`contract show`, `task show`); the attempt is on record."""

    code = "wrong-state"


class StaleRevision(Refused):
    """Load the task again, look at what changed, and repeat if it is still right."""

    code = "stale-revision"


class RequestReused(Refused):
    """Use a new request id for a new request; repeat an old id only with exactly the same body."""

    code = "request-reused"


class AlreadyStarted(Refused):
    """Take another number for another contract; the first contract under this number is unchanged."""

    code = "already-started"


class WrongShare(Refused):
    """Unwrap this task's own shares with your own key (`lianyue keys open`); the attempt is on record."""

    code = "wrong-share"


class OverThePlan(Refused):
    """Have an amendment signed first; what was agreed stays the limit until then."""

    code = "over-the-plan"


class KeyOutside(Refused):
    """Prepare the signature (`lianyue documents prepare`), sign the digest with the company's device, submit that."""

    code = "key-outside"


class UnfitForProduction(Refused):
    """Configure a real key provider and real sign-in, or run with environment=development."""

    code = "unfit-for-production"


class EffectConflict(AllianceError):
    """Stop and call the operator: two different requests claim the same step of one workflow."""

    code = "effect-conflict"


class SignatureInvalid(AllianceError):
    """Do not rely on the document; have the party sign the present version again."""

    code = "signature-invalid"


class ArchiveDamaged(AllianceError):
    """Restore the records from a backup; what lies in the archive is not what was put there."""

    code = "archive-damaged"


class PayloadUnreadable(AllianceError):
    """Give this process the ring with the key (LIANYUE_PAYLOAD_KEYS), from a backup if need be; work then goes on."""

    code = "payload-unreadable"


class Unreachable(AllianceError):
    """Start the service (`lianyue up`) or correct its address in the settings, then repeat."""

    code = "unreachable"


def every_error(root: type[AllianceError] = AllianceError) -> tuple[type[AllianceError], ...]:
    """Return *root* and all its subclasses in definition order, each once."""
    found: dict[type[AllianceError], None] = {root: None}
    for child in root.__subclasses__():
        found.update(dict.fromkeys(every_error(child)))
    return tuple(found)


def named(type_name: str, message: str) -> AllianceError:
    """Rebuild an error that crossed a process boundary as its class name and message."""
    for kind in every_error():
        if kind.__name__ == type_name:
            error = kind.__new__(kind)
            AllianceError.__init__(error, message)
            return error
    return AllianceError(message)
