"""An instance somewhere else, asked over HTTP with a token: what it answers is what the desk would answer here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx2
from pydantic import BaseModel, TypeAdapter

from contracts.errors import AllianceError, Invalid, NotYourTask, Refused, Unreachable, every_error
from contracts.organisation import MandateScope
from contracts.service_contract import (
    Amendment,
    Cancellation,
    OrderReceipt,
    Resumption,
    ServiceContract,
    Suspension,
)
from contracts.task import MemberTask, TaskAction, TaskReceipt
from contracts.value import Json
from lianyue.access.errors import NotThere
from lianyue.access.views import ContractSeen, DirectorySeen, TaskSeen, Told
from lianyue.desk.desk import ActResult
from lianyue.desk.openings import WrappedShares
from lianyue.desk.starting import Started
from lianyue.records.evidence import KeptEvidence
from lianyue.records.inbox import KeptCopy, Tab, Wanted
from lianyue.records.kept import ContractSummary

if TYPE_CHECKING:
    from lianyue.casebook.together import PortfolioAccount, PortfolioLine

Answer = TypeVar("Answer")
Model = TypeVar("Model", bound=BaseModel)

PATIENCE_SECONDS = 60
A_PAGE = 200
REFUSALS = (401, 403, 409, 429)
PATHS = {"add_sign": "add-sign", "give_back": "return"}
"""Verbs that the API calls otherwise than the desk."""


class RemoteDesk:
    """
    The desk of an instance behind *url*, for whoever the *token* stands for; ``user`` arguments are not sent.

    Raises, in every method:
        Unreachable: If nothing answers there.
        AllianceError: What the instance refuses, as it would be refused here.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    # --- what is read ---------------------------------------------------------------------------------------

    def directory(self) -> DirectorySeen:
        """Return the companies and people as far as one may know them."""
        return self._get(DirectorySeen, "alliance")

    def contracts(self, **wanted: Any) -> tuple[ContractSummary, ...]:
        """Return the contracts that concern one's company."""
        return tuple(map(ContractSummary.model_validate, self._pages("contracts", "contracts", wanted, None)))

    def contract(self, number: str) -> ContractSeen:
        """Return contract *number* on one page."""
        return self._get(ContractSeen, f"contracts/{_safe(number)}")

    def timeline(self, number: str, language: str) -> tuple[Told, ...]:
        """Return what happened to contract *number*, with its sentences in *language*."""
        told = self._ask("GET", f"contracts/{_safe(number)}/timeline", params={"language": language})
        return TypeAdapter(tuple[Told, ...]).validate_python(told)

    def portfolios(self) -> tuple[PortfolioLine, ...]:
        """Return all portfolios by name."""
        from lianyue.casebook.together import PortfolioLine

        return tuple(map(PortfolioLine.model_validate, self._pages("portfolios", "portfolios", {}, None)))

    def portfolio(self, portfolio: str) -> PortfolioAccount:
        """Return *portfolio* on a page, with how far a search that is under way has come."""
        from lianyue.casebook.together import PortfolioAccount

        return self._get(PortfolioAccount, f"portfolios/{_safe(portfolio)}")

    def task(self, task_id: str) -> TaskSeen:
        """Return task *task_id* with its form and the verbs it allows."""
        return self._get(TaskSeen, f"tasks/{_safe(task_id)}")

    def counts(self) -> dict[Tab, int]:
        """Count the lists of one's inbox."""
        counts: dict[str, int] = self._ask("GET", "tasks", params={"limit": 1})["counts"]
        return {tab: counts[tab] for tab in Tab}

    def inbox(self, tab: Tab, wanted: Wanted, limit: int | None) -> tuple[MemberTask, ...]:
        """Return the tasks on one list of one's inbox."""
        return _tasks(self._pages("tasks", "tasks", {**_narrowed(wanted), "tab": tab}, limit))

    def copies(self, wanted: Wanted, limit: int | None) -> tuple[KeptCopy, ...]:
        """抄送我: return what one is informed of."""
        found = self._pages("tasks", "copies", {**_narrowed(wanted), "tab": Tab.COPIED}, limit)
        return tuple(map(KeptCopy.model_validate, found))

    def visible(
        self, wanted: Wanted, company: str | None, limit: int | None, *, open_only: bool
    ) -> tuple[MemberTask, ...]:
        """Return all tasks that one may look at."""
        asked = {**_narrowed(wanted), "closed": not open_only, **({"company": company} if company else {})}
        return _tasks(self._pages("tasks/visible", "tasks", asked, limit))

    # --- what is done with contracts ------------------------------------------------------------------------

    async def start(self, contract: ServiceContract, user: str) -> Started:
        """Start *contract*; the same again is answered as the first time."""
        return self._post(Started, "contracts", contract.model_dump(mode="json"))

    async def start_together(self, contracts: Sequence[ServiceContract], rules: str) -> list[Json]:
        """Start *contracts* to be awarded by the Portfolio whose text is *rules*; return one result for each."""
        body = {"contracts": [each.model_dump(mode="json") for each in contracts], "portfolio": rules}
        results: list[Json] = self._ask("POST", "contracts/start-batch", json=body)["results"]
        return results

    async def inform(self, number: str, user: str, to: Sequence[str], request_id: str = "") -> OrderReceipt:
        """抄送: have people informed of a contract."""
        return self._post(OrderReceipt, f"contracts/{_safe(number)}/copy", {"to": list(to)}, request_id)

    async def cancel(self, number: str, user: str, body: Cancellation, request_id: str = "") -> OrderReceipt:
        """取消: end a contract."""
        return self._order("cancel", number, body, request_id)

    async def suspend(self, number: str, user: str, body: Suspension, request_id: str = "") -> OrderReceipt:
        """暂停: stop a contract's deadlines."""
        return self._order("suspend", number, body, request_id)

    async def resume(self, number: str, user: str, body: Resumption, request_id: str = "") -> OrderReceipt:
        """恢复: let a contract's deadlines run on."""
        return self._order("resume", number, body, request_id)

    async def amend(self, number: str, user: str, body: Amendment, request_id: str = "") -> OrderReceipt:
        """变更: propose a change of a signed contract."""
        return self._order("amend", number, body, request_id)

    def _order(self, verb: str, number: str, body: BaseModel, request_id: str) -> OrderReceipt:
        return self._post(OrderReceipt, f"contracts/{_safe(number)}/{verb}", body.model_dump(mode="json"), request_id)

    # --- what is done with tasks ----------------------------------------------------------------------------

    async def submit(
        self, task_id: str, user: str, content: Json, request_id: str = "", acting_for: str = ""
    ) -> TaskReceipt:
        """提交: answer a task with its form."""
        body = {"content": content, "acting_for": acting_for}
        return self._post(TaskReceipt, f"tasks/{_safe(task_id)}/submit", body, request_id)

    async def act(
        self,
        verb: str,
        action: type[TaskAction],
        task_id: str,
        user: str,
        request_id: str = "",
        acting_for: str = "",
        **fields: Any,
    ) -> TaskReceipt:
        """Do *verb* on a task."""
        body = {**fields, **({"acting_for": acting_for} if acting_for else {})}
        return self._post(TaskReceipt, f"tasks/{_safe(task_id)}/{PATHS.get(verb, verb)}", body, request_id)

    async def act_on_each(
        self,
        verb: str,
        action: type[TaskAction],
        task_ids: Sequence[str],
        user: str,
        request_id: str = "",
        **fields: Any,
    ) -> tuple[ActResult, ...]:
        """Remind about several tasks, or hand them over; one result for each."""
        return self._several(verb, {"tasks": list(dict.fromkeys(task_ids)), **fields}, request_id)

    async def remind_overdue(self, user: str, request_id: str = "", **fields: Any) -> tuple[ActResult, ...]:
        """催办: remind whoever holds what is overdue and may be urged."""
        return self._several("remind", {"all_overdue": True, **fields}, request_id)

    async def hand_over(self, task_id: str, user: str, name: str, stream: BinaryIO) -> KeptEvidence:
        """交付资料: keep a file as evidence for a delivery, before the answer that names it."""
        files = {"file": (name, stream)}
        return KeptEvidence.model_validate(self._do("POST", f"tasks/{_safe(task_id)}/evidence", files=files))

    async def wrapped_shares(self, task_id: str, user: str, acting_for: str = "") -> WrappedShares:
        """Return the shares that an opening task asks one, or whom one stands in for, to unwrap."""
        asked = {"acting_for": acting_for} if acting_for else {}
        return WrappedShares.model_validate(self._do("GET", f"tasks/{_safe(task_id)}/shares", params=asked))

    def keep_draft(self, task_id: str, content: Json, acting_for: str) -> None:
        """暂存: keep an unfinished answer."""
        self._do("PUT", f"tasks/{_safe(task_id)}/draft", json={"content": content, "acting_for": acting_for})

    def read(self, target: str) -> bool:
        """已阅: mark a copy as read; return False if it was before."""
        kind = "tasks" if ":" in target else "contracts"
        return bool(self._ask("POST", f"{kind}/{_safe(target)}/read")["first"])

    def _several(self, verb: str, body: Json, request_id: str) -> tuple[ActResult, ...]:
        rows = self._ask("POST", f"tasks/several/{verb}", json=body, headers=_key(request_id))["results"]
        return tuple(ActResult(row["task"], _receipt(row["receipt"]), _refusal(row["error"])) for row in rows)

    # --- mandates and exceptions ----------------------------------------------------------------------------

    def mandates(self) -> list[Json]:
        """Return the mandates of one's company as documents."""
        found: list[Json] = self._ask("GET", "mandates")["mandates"]
        return found

    def grant_mandate(self, to: str, first: str, until: str, reason: str, scope: MandateScope) -> Json:
        """授权: hand one's own authority or tasks over."""
        body = {"to": to, "from": first, "until": until or None, "reason": reason, "scope": scope}
        return self._document("POST", "mandates", body)

    def recall(self, mandate: str, first: str, reason: str) -> Json:
        """收回: end a mandate of one's own."""
        return self._document("POST", f"mandates/{_safe(mandate)}/recall", {"from": first, "reason": reason})

    def exceptions(self) -> list[Json]:
        """Return the exceptions as documents."""
        found: list[Json] = self._ask("GET", "rules/exceptions")["exceptions"]
        return found

    def grant_exception(self, text: str) -> Json:
        """准予例外: have an exception granted."""
        return self._document("POST", "rules/exceptions", {"text": text})

    def revoke_exception(self, named: str, first: str, reason: str) -> Json:
        """撤销例外: end an exception."""
        return self._document("POST", f"rules/exceptions/{_safe(named)}/revoke", {"from": first, "reason": reason})

    def _document(self, method: str, path: str, body: Json) -> Json:
        document: Json = self._do(method, path, json=body)
        return document

    # --- how it is asked ------------------------------------------------------------------------------------

    def _get(self, model: type[Model], path: str) -> Model:
        return model.model_validate(self._ask("GET", path))

    def _post(self, model: type[Model], path: str, body: Json, request_id: str = "") -> Model:
        return model.model_validate(self._do("POST", path, json=body, headers=_key(request_id)))

    def _pages(self, path: str, field: str, wanted: Mapping[str, Any], limit: int | None) -> list[Json]:
        """Every item of a list, or the first *limit*, page by page."""
        found: list[Json] = []
        offset: int | None = 0
        while offset is not None and (limit is None or len(found) < limit):
            most = A_PAGE if limit is None else min(A_PAGE, limit - len(found))
            told = self._ask("GET", path, params={**wanted, "limit": most, "offset": offset})
            found += told[field]
            offset = told["next"]
        return found

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **given: Any) -> Any:
        """Ask on a connection of its own: a command asks once or twice."""
        sent = {**self._headers, **(headers or {})}
        try:
            answer = httpx2.request(
                method, f"{self._url}/api/v1/{path}", headers=sent, timeout=PATIENCE_SECONDS, **given
            )
        except httpx2.HTTPError as error:
            raise Unreachable(f"no portal answers: {_said(error)}", where=self._url) from None
        if answer.is_success:
            return _json(answer, self._url)
        raise _told(answer, self._url)

    def _do(self, method: str, path: str, **given: Any) -> Any:
        """Ask for something to be done: on what is not there for one, that is refused, as at the desk."""
        try:
            return self._ask(method, path, **given)
        except NotThere as error:
            raise NotYourTask(error.message, error.where) from None


def _json(answer: httpx2.Response, url: str) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise Unreachable("what answers is no portal of this release", where=url) from None


def _told(answer: httpx2.Response, url: str) -> AllianceError:
    """The error that *answer* tells; what does not speak as a portal does is not reached."""
    document = _json(answer, url)
    otherwise = Refused if answer.status_code in REFUSALS else Invalid
    error = _refusal(document.get("error") if isinstance(document, dict) else None, otherwise)
    return error or Unreachable(f"{url} answers {answer.status_code}", where=url)


def _refusal(told: Any, otherwise: type[AllianceError] = AllianceError) -> AllianceError | None:
    """Rebuild an error that crossed the wire by its code; one that this release does not know is of the kind given."""
    if not isinstance(told, dict) or not {"code", "message", "where"} <= set(told):
        return None
    kind = next((each for each in every_error() if each.code == told["code"]), otherwise)
    error = kind.__new__(kind)
    AllianceError.__init__(error, told["message"], told["where"])
    return error


def _receipt(told: Any) -> TaskReceipt | None:
    return None if told is None else TaskReceipt.model_validate(told)


def _tasks(found: list[Json]) -> tuple[MemberTask, ...]:
    return tuple(map(MemberTask.model_validate, found))


def _narrowed(wanted: Wanted) -> dict[str, Any]:
    """What a list is narrowed to, as the API is asked; what narrows nothing is left out."""
    asked = {name: value for name, value in wanted.model_dump(exclude={"company", "due_before"}).items() if value}
    if wanted.due_before is not None:
        asked["due_before"] = f"{wanted.due_before:%Y-%m-%d}"
    return asked


def _key(request_id: str) -> dict[str, str]:
    """The request's own key: an answer that is lost on the way can be asked for again."""
    return {"Idempotency-Key": request_id or str(uuid4())}


def _safe(name: str) -> str:
    return quote(name, safe="/:")


def _said(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
