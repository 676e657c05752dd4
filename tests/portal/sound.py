"""What a browser, a screen reader or a strict policy would object to in a page."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx2


class Sound(HTMLParser):
    """A page as it is read once, with all objections."""

    VOID = ("meta", "link", "input", "br", "hr", "path", "rect", "use")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headlines = 0
        self.language = ""
        self.objections: list[str] = []
        self._labels: set[str] = set()
        self._fields: list[str] = []
        self._ids: list[str] = []
        self._open: list[str] = []
        self._label_depth = 0
        self.feed(html)
        self.objections += [f"no label: {each}" for each in self._fields if each not in self._labels]
        self.objections += [f"twice: {each}" for each in set(self._ids) if self._ids.count(each) > 1]
        self.objections += [f"never closed: {each}" for each in self._open]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        if tag not in self.VOID:
            self._open.append(tag)
        self.headlines += tag == "h1"
        self._label_depth += tag == "label"
        self._ids += [had["id"]] if "id" in had else []
        if tag == "html":
            self.language = had.get("lang", "")
        if tag == "label":
            self._labels.add(had.get("for", ""))
        self.objections += [f"inline {name}" for name in had if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in had):
            self.objections.append(f"inline {tag}")
        is_field = tag in ("select", "textarea") or (tag == "input" and had.get("type") not in ("hidden", "submit"))
        if is_field and not self._label_depth and "aria-label" not in had:
            self._fields.append(had.get("id", f"nameless {had.get('name')}"))

    def handle_endtag(self, tag: str) -> None:
        self._label_depth -= tag == "label"
        if not self._open or self._open.pop() != tag:
            self.objections.append(f"closed out of turn: {tag}")


def objections(page: httpx2.Response, language: str) -> list[str]:
    """What is not sound about *page*."""
    found = Sound(page.text)
    wanted = {"zh": "zh-CN", "en": "en"}[language]
    faults = [] if found.language == wanted else [f"lang is {found.language!r}"]
    return faults + ([] if found.headlines == 1 else [f"{found.headlines} headlines"]) + found.objections
