"""One visit to a page: who looks, in which language, what they may see and do, and how a page is answered."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlencode

from fastapi import Depends
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contracts.category import Category
from contracts.errors import AllianceError
from contracts.organisation import CompanyKind, Role
from contracts.service_contract import Stage
from contracts.task import MemberTask
from lianyue.access.errors import Broken, NoSuchRoute, NotSignedIn
from lianyue.access.portfolios import SeenPortfolios
from lianyue.access.proofs import Proofs
from lianyue.access.viewer import Viewer
from lianyue.portal import answers
from lianyue.portal.answers import status_of
from lianyue.portal.i18n import Say, speaking
from lianyue.portal.plain_words import advice_on, said_of, title_of
from lianyue.portal.templating import page
from lianyue.portal.visitors import Me, service_of
from lianyue.records.inbox import Tab
from lianyue.records.kept import ContractSummary
from lianyue.settings import Language
from lianyue.titles import task_title

LANGUAGE_COOKIE = "language"
MOST_COUNTED = 100
PATH = tuple(stage for stage in Stage if stage not in (Stage.CANCELLED, Stage.FAILED))
"""The stages of a contract that goes well."""


class NavItem(NamedTuple):
    """A line of the main navigation."""

    href: str
    icon: str
    label: str
    is_here: bool
    badge: str = ""
    starts_group: bool = False


class Person(NamedTuple):
    """The reader as the page addresses them."""

    user: str
    name: str
    company: str
    roles: tuple[Role, ...]


class Visit:
    """A signed-in reader with one request; every page is shown through it."""

    def __init__(self, request: Request, viewer: Viewer) -> None:
        service = service_of(request)
        self.beat = service.beat()
        self.request = request
        self.viewer = viewer
        self.scope = service.scope(viewer)
        self.acts = service.acts(viewer)
        self.rulings = service.rulings(viewer)
        self.grants = service.grants(viewer)
        self.language = language_of(request)
        self.say: Say = speaking(self.language)
        self._summaries: dict[str, ContractSummary] = {}
        self._moments: dict[str, datetime] = {}
        self._names: dict[str, dict[str, str]] = {}

    @cached_property
    def portfolios(self) -> SeenPortfolios:
        """The portfolios that the reader may see."""
        return service_of(self.request).portfolios(self.viewer)

    @cached_property
    def proofs(self) -> Proofs:
        """The proofs of contracts, as far as they are for the viewer."""
        return service_of(self.request).proofs(self.viewer)

    @cached_property
    def directory(self) -> Any:
        """Companies and people, as far as the viewer may know them."""
        return self.scope.directory()

    @cached_property
    def company_names(self) -> dict[str, str]:
        """What the companies are called, by code."""
        english = self.language == Language.EN
        return {each.code: each.name_en if english else each.name for each in self.directory.companies}

    @cached_property
    def person_names(self) -> dict[str, str]:
        """What the people are called, by user name."""
        return {each.user: each.name for each in self.directory.people}

    def name(self, code: str) -> str:
        """What company *code* is called; the code, if it has no name."""
        return self.company_names.get(code, code)

    def person(self, user: str) -> str:
        """What *user* is called."""
        return self.person_names.get(user, user)

    def category(self, code: str) -> str:
        """What category *code* is called."""
        return self.titled(self.scope.category(code).pack)

    def titled(self, noun: Any) -> str:
        """The title of a part of a pack in the language of the page."""
        return str(noun.title_en if self.language == Language.EN else noun.title_zh)

    def signs(self, category: Category) -> dict[str, str]:
        """What stands behind a number of *category* in the language of the page, by unit."""
        english = self.language == Language.EN
        return {unit.code: unit.sign_en if english else unit.sign_zh for unit in category.pack.units}

    def summary(self, number: str) -> ContractSummary:
        """Contract *number* on one line."""
        if number not in self._summaries:
            self._summaries[number] = self.scope.summary(number)
        return self._summaries[number]

    def milestones(self, number: str) -> dict[str, str]:
        """What the milestones of contract *number* are called, by code."""
        pack = self.scope.category(self.summary(number).category).pack
        return {each.code: self.titled(each) for each in pack.milestones}

    def look_up(self, tasks: Iterable[MemberTask]) -> None:
        """Look the contracts of *tasks* up together; then each is at hand."""
        at = datetime.now(UTC)
        for number, line in self.scope.lines(tasks).items():
            self._summaries[number], self._moments[number] = line.summary, line.clock.at(at)

    def now(self, number: str) -> datetime:
        """What the clock of contract *number* shows."""
        if number not in self._moments:
            self._moments[number] = self.scope.now(number)
        return self._moments[number]

    def task_title(self, task: MemberTask) -> str:
        """What *task* is called in the language of the page."""
        summary = self.summary(task.number)
        return task_title(task, summary.title, self._names_for(summary.category), self.language)

    def _names_for(self, category: str) -> dict[str, str]:
        if category not in self._names:
            milestones = self.scope.category(category).pack.milestones
            called = {f"milestone:{each.code}": self.titled(each) for each in milestones}
            self._names[category] = self.company_names | called
        return self._names[category]

    def stands_in_for(self, task: MemberTask) -> str:
        """For whom (代) the reader may act on *task* today, where it is not for the reader; else nobody."""
        is_own = task.user in (None, self.viewer.user) and task.role in self.viewer.roles
        own_company = task.company == self.viewer.company
        if not task.is_open or (is_own and own_company) or task.asks(self.viewer.user) or not self._stands_in:
            return ""
        return self.scope.inbox.stand_ins(task).get(self.viewer.user, "")

    @cached_property
    def _stands_in(self) -> bool:
        """Whether anybody has handed anything over to the reader that is in force today."""
        return self.scope.inbox.is_stand_in()

    @cached_property
    def counts(self) -> dict[Tab, int]:
        """How long the lists of the inbox are; of copies those that are unread."""
        return self.scope.inbox.counts()

    @cached_property
    def informable(self) -> list[tuple[str, str]]:
        """Who may be informed of a task (抄送): colleagues and the people of the office."""
        of = (self.viewer.company, self.directory.office)
        found = [each for each in self.directory.people if each.company in of and each.user != self.viewer.user]
        return [(each.user, f"{each.name} · {self.name(each.company)}") for each in found]

    @cached_property
    def overseers(self) -> list[tuple[str, str]]:
        """Whom a contract as a whole may be copied to: the people of the office and of the clients."""
        kinds = {each.code: each.kind for each in self.directory.companies}
        found = [each for each in self.directory.people if kinds.get(each.company) is not CompanyKind.MEMBER]
        return [(each.user, f"{each.name} · {self.name(each.company)}") for each in found]

    @property
    def colleagues(self) -> list[tuple[str, str]]:
        """The others of the reader's company, by user name."""
        own = (each for each in self.directory.people if each.company == self.viewer.company)
        return [(each.user, each.name) for each in own if each.user != self.viewer.user]

    @property
    def here(self) -> str:
        """The path and the query of this page."""
        query = self.request.url.query
        return f"{self.request.url.path}?{query}" if query else self.request.url.path

    def show(self, template: str, status: int = 200, live: str = "", **facts: Any) -> Response:
        """Answer with the page *template*; with *live*, it looks again when what it shows has changed."""
        viewer = self.viewer
        common = {
            "me": Person(viewer.user, self.person(viewer.user), viewer.company, viewer.roles),
            "nav": self._nav(),
            "here": self.here,
            "query": "",
            "told": self._told(),
            "live": f"/events?{urlencode({'of': live, 'since': self.beat})}" if live else "",
            "oversees": viewer.oversees,
            "name": self.name,
            "person": self.person,
            "category": self.category,
            "task_title": self.task_title,
            "path": PATH,
        }
        html = page(template, self.language, **{**common, **facts})
        return HTMLResponse(html, status, {"Vary": "Cookie", "Content-Language": self.language})

    def _nav(self) -> list[NavItem]:
        say, path = self.say, self.request.url.path
        waiting = self.counts[Tab.TODO]
        badge = f"{MOST_COUNTED}+" if waiting > MOST_COUNTED else str(waiting or "")
        plain = ("", False)
        lines = [
            ("/tasks", "tasks", say("任务"), badge, False),
            ("/board", "board", say("看板"), *plain),
            ("/contracts", "contract", say("合同"), *plain),
            *([("/portfolios", "together", say("组合"), *plain)] if self.viewer.oversees else []),
            ("/rules", "rules", say("规则"), "", True),
            ("/standings", "league", say("考核等级"), *plain),
            ("/alliance", "people", say("联盟名录"), *plain),
            *([("/audit", "shield", say("审计"), *plain)] if self.viewer.oversees else []),
        ]
        return [
            NavItem(href, icon, label, path.startswith(href), count, starts)
            for href, icon, label, count, starts in lines
        ]

    def _told(self) -> str:
        """What was just done, by the code in the address."""
        say = self.say
        return {
            "submitted": say("已提交。"),
            "claim": say("已认领，现在由您办理。"),
            "decline": say("已拒绝，理由已写入时间线。"),
            "transfer": say("已转交。"),
            "delegate": say("已委托，办好后会回到您这里。"),
            "add_sign": say("已请同事加签。"),
            "give_back": say("已退回。"),
            "withdraw": say("已撤回，可以重新办理。"),
            "remind": say("已催办。"),
            "saved": say("已保存。"),
            "draft": say("草稿已保存，只有您看得到。"),
            "copy": say("已抄送。"),
            "read": say("已标为已阅。"),
            "order": say("已受理。"),
            "started": say("合同已启动。"),
            "started_before": say("这份合同此前已启动，未作改动。"),
            "started_short": say("合同已启动。联盟办公室有审批职责的人手不足，请在批准前补足。"),
            "mandate": say("已授权。"),
            "recall": say("授权已收回。"),
        }.get(self.request.query_params.get("done", ""), "")


class PageRoute(APIRoute):
    """A route whose errors are pages: whoever is not signed in is sent to the door, and comes back."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handler(request)
            except NotSignedIn:
                return RedirectResponse(f"/sign-in?next={quote(back_to(request), safe='')}", 303)
            except AllianceError as error:
                return error_page(language_of(request), error, status_of(error))

        return handled


def visit_of(request: Request, viewer: Me) -> Visit:
    """Return the visit of a signed-in reader."""
    return Visit(request, viewer)


Here = Annotated[Visit, Depends(visit_of)]


def language_of(request: Request) -> Language:
    """Return the language that the reader chose, else that of the installation."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return Language(chosen) if chosen in list(Language) else service_of(request).settings.language


def error_page(language: Language, error: AllianceError, status: int) -> Response:
    """Tell *error* in human words."""
    facts = {"title": title_of(error, language), "said": said_of(error, language), "advice": advice_on(error, language)}
    return HTMLResponse(page("error.html", language, code=error.code, **facts), status)


async def lost(request: Request, error: Exception) -> Response:
    """Answer a request that no route takes: people with a page, programs as the API does."""
    if _is_of_person(request):
        return error_page(language_of(request), NoSuchRoute(request.url.path), getattr(error, "status_code", 404))
    return await answers.unrouted(request, error)


async def unfit(request: Request, error: Exception) -> Response:
    """Answer an address or a form whose values do not fit."""
    if _is_of_person(request):
        return error_page(language_of(request), NoSuchRoute(request.url.path), 422)
    return await answers.unfit(request, error)


async def broken(request: Request, error: Exception) -> Response:
    """Answer a request on which a defect came to light."""
    if _is_of_person(request):
        return error_page(language_of(request), Broken("something broke here"), 500)
    return await answers.broken(request, error)


def _is_of_person(request: Request) -> bool:
    """Whether a browser asks, for a page."""
    wants_page = "text/html" in request.headers.get("accept", "")
    return wants_page and not request.url.path.startswith((answers.API, "/static/"))


def back_to(request: Request) -> str:
    """The page to come back to after the sign-in."""
    if request.method != "GET":
        return "/"
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
