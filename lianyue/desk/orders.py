"""From a contract that somebody wrote to the order that starts its workflow: names checked, rules pinned, clock set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from activities.deciding import compiled
from contracts.approval import ApprovalPlan, SignerFacts
from contracts.calendar import SHANGHAI, AllianceClock, WorkingCalendar
from contracts.category import Category
from contracts.errors import MalformedDocument, UnfitForProduction, UnknownName
from contracts.organisation import Actor, CompanyKind, Keyholder
from contracts.sealing import QuoteSealing
from contracts.service_contract import ContractOrder, QuotingMode, RulePins, ServiceContract
from lianyue.desk.people import actor_named
from lianyue.records.directory import Directory
from lianyue.records.sql import SqlRecords
from lianyue.sealing.keyholders import public_hex, test_key, with_key
from lianyue.settings import Environment, Settings
from rules.approving import shortfalls
from rules.authority import band_needs, compile_authority
from rules.closure import Find, parts_of
from rules.edition import Edition, edition_of
from rules.forms import violations
from rules.problems import did_you_mean
from rules.select.chain import draws_lots

POLICY = "AllocationPolicy"
PARAMS, TYPES, AUTHORITY = "alliance-params", "alliance-core", "award-signoff"
DEFAULT_POLICY = "default"

_edition_of = lru_cache(maxsize=64)(edition_of)
"""A published text is the same for ever, and a batch orders many contracts under the same few."""


class OrderDesk:
    """Turns a service contract into an order; raises before anything is written."""

    def __init__(
        self,
        settings: Settings,
        records: SqlRecords,
        directory: Directory,
        categories: Mapping[str, Category],
        calendar: WorkingCalendar,
    ) -> None:
        self._settings = settings
        self._records = records
        self._directory = directory
        self._categories = categories
        self._calendar = calendar

    def order(self, contract: ServiceContract, starter: Actor, now: datetime) -> ContractOrder:
        """
        Return the order for *contract* as of *now*.

        Raises:
            UnknownName: If the contract names a category, company, milestone, VAT line or policy that does not exist.
            MalformedDocument: If its terms do not fit the category's form.
        """
        category = self.category(contract)
        self._check_companies(contract)
        _check_milestones(contract, category)
        _check_price_lines(contract, category)
        _check_terms(contract, category)
        clock = self.clock(now)
        pins = self._pins(contract, category, clock.day(now))
        return ContractOrder(
            contract=contract,
            office=self._directory.office(),
            pins=pins,
            clock=clock,
            calendar=self._calendar,
            sealing=self._sealing(contract, pins),
            started_by=starter,
            copied=tuple(actor_named(self._directory, user) for user in contract.copied),
        )

    def shortfalls(self, order: ContractOrder) -> tuple[str, ...]:
        """
        Say where the office has too few people to approve an award of the contract's value, with advice.

        The award may come out otherwise, and people may come: this warns, and refuses nothing.
        """
        pins = order.pins
        authority, params, types = (self._records.text(each) for each in (pins.authority, pins.params, pins.types))
        matrix = compile_authority(authority, params, types)
        people = self._directory.persons(order.office)
        plan = ApprovalPlan(
            needs=band_needs(matrix, order.contract.value_fen),
            distinct_persons=matrix.document.spec.separation.distinct_persons,
            starter=order.started_by.user,
            signers=tuple(SignerFacts.model_validate(person.model_dump()) for person in people),
        )
        keys = [each for each in order.sealing.holders if not self._is_held(each)] if order.sealing else []
        advice = f"give somebody of {order.office} the role before the award (`lianyue alliance load`)"
        return (
            *(f"{shortfall}; {advice}" for shortfall in shortfalls(plan)),
            *(f"nobody of {each.company} is {each.role}: nobody can use the key {each.name!r}" for each in keys),
        )

    def _is_held(self, holder: Keyholder) -> bool:
        return any(holder.role in person.roles for person in self._directory.persons(holder.company))

    def category(self, contract: ServiceContract) -> Category:
        """Return the category of *contract*."""
        return self.category_named(contract.category)

    def category_named(self, code: str) -> Category:
        """
        Return the category with *code*.

        Raises:
            UnknownName: If there is no such pack.
        """
        if code not in self._categories:
            known = ", ".join(sorted(self._categories))
            raise UnknownName(f"there is no category {code!r}; the packs here are {known}", where="category")
        return self._categories[code]

    def clock(self, now: datetime) -> AllianceClock:
        """Return the clock that a contract started *now* lives by."""
        origin = self._settings.clock_origin
        if not origin:
            return AllianceClock(origin=now, real_origin=now, speed=self._settings.clock_speed)
        try:
            moment = datetime.fromisoformat(origin)
        except ValueError:
            raise MalformedDocument(f"{origin!r} is not a moment like 2025-07-01T09:00", where="clock_origin") from None
        shown = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
        return AllianceClock(origin=shown, real_origin=now, speed=self._settings.clock_speed)

    def draws_lots(self, pins: RulePins) -> bool:
        """Whether the pinned policy draws lots, so that the order must commit to a seed."""
        return any(draws_lots(each.spec.select) for each in compiled(self._records, pins).chain)

    def _sealing(self, contract: ServiceContract, pins: RulePins) -> QuoteSealing | None:
        """The keyholders that the policy names, with their keys as they are now; a call-off asks for no quotes."""
        policy = compiled(self._records, pins)
        stated = policy.spec.sealing
        if stated is None or contract.quoting.mode is QuotingMode.FRAMEWORK:
            return None
        known = {holder.name: holder for holder in self._directory.keyholders()}
        for name in stated.holders:
            if name not in known:
                raise UnknownName(
                    f"the policy {policy.name} has quotes opened by the keyholder {name!r}, whom the directory does not"
                    f" know{did_you_mean(name, known)}",
                    where="policy",
                )
        holders = tuple(with_key(known[name]) for name in stated.holders)
        self._refuse_test_keys(holders)
        return QuoteSealing(needed=stated.needed, holders=holders, deadline=stated.deadline)

    def _refuse_test_keys(self, holders: tuple[Keyholder, ...]) -> None:
        test_keys = [each.name for each in holders if each.public_key == public_hex(test_key(each.name))]
        if test_keys and self._settings.environment is Environment.PRODUCTION:
            raise UnfitForProduction(f"these keyholders have test keys, which everybody knows: {', '.join(test_keys)}")

    def _pins(self, contract: ServiceContract, category: Category, day: int) -> RulePins:
        policy = self._policy(contract, day)
        authority = self._records.needed_edition("AuthorityMatrix", AUTHORITY, day)
        return RulePins(
            policy=policy,
            params=self._records.needed_edition("ParameterSet", PARAMS, day),
            types=self._records.needed_edition("TypeSet", TYPES, day),
            authority=authority,
            pack=category.digest,
            parts=self._parts((policy, authority), day),
        )

    def _parts(self, digests: Iterable[str], day: int) -> tuple[str, ...]:
        """The digests of all that the editions under *digests* rest on, as in force on *day*."""
        found = [part.digest for digest in digests for part in parts_of(self._edition(digest), self._finder(day))]
        return tuple(sorted(dict.fromkeys(found)))

    def _finder(self, day: int) -> Find:
        return lambda part: self._edition(self._records.needed_edition(part.kind, part.name, day))

    def _edition(self, digest: str) -> Edition:
        return _edition_of(self._records.text(digest), digest)

    def _policy(self, contract: ServiceContract, day: int) -> str:
        """The policy the contract names, else the one called like its category, else the default."""
        if contract.policy:
            return self._records.needed_edition(POLICY, contract.policy, day)
        own = self._records.edition_in_force(POLICY, contract.category, day)
        return own or self._records.needed_edition(POLICY, DEFAULT_POLICY, day)

    def _check_companies(self, contract: ServiceContract) -> None:
        kinds = {company.code: company.kind for company in self._directory.companies()}
        if kinds.get(contract.client) is not CompanyKind.CLIENT:
            raise UnknownName(f"{contract.client!r} is not a client of this alliance", where="client")
        for code in (*contract.candidates, *contract.excluded):
            if kinds.get(code) is not CompanyKind.MEMBER:
                raise UnknownName(f"{code!r} is not a member of this alliance", where="candidates")
        if contract.incumbent and kinds.get(contract.incumbent) is not CompanyKind.MEMBER:
            raise UnknownName(f"{contract.incumbent!r} is not a member of this alliance", where="incumbent")


def _check_milestones(contract: ServiceContract, category: Category) -> None:
    known = [milestone.code for milestone in category.pack.milestones]
    for code in contract.delivery.due_after_days:
        if code not in known:
            raise UnknownName(
                f"{code!r} is not a milestone of {contract.category}; these are: {', '.join(known)}",
                where="delivery.due_after_days",
            )


def _check_price_lines(contract: ServiceContract, category: Category) -> None:
    known = [line.code for line in category.pack.vat]
    for index, line in enumerate(contract.price_lines):
        if line.vat not in known:
            raise UnknownName(
                f"{line.vat!r} is not a VAT line of {contract.category}; these are: {', '.join(known)}",
                where=f"price_lines.{index}.vat",
            )


def _check_terms(contract: ServiceContract, category: Category) -> None:
    faults = violations(category.terms_schema, contract.terms)
    if faults:
        told = "; ".join(f"terms{fault.path}: {fault.message_zh}" for fault in faults)
        raise MalformedDocument(told, where=f"terms{faults[0].path}")
