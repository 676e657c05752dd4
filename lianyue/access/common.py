"""What everybody of the alliance may know: who belongs to it, its categories, and the rules that are published."""

from __future__ import annotations

from contracts.category import Category
from lianyue.access.errors import NotThere
from lianyue.access.viewer import Viewer
from lianyue.access.views import DirectorySeen, RuleText, company_seen, person_seen
from lianyue.records.directory import Directory
from lianyue.records.kept import Edition
from lianyue.records.sql import SqlRecords


class CommonKnowledge:
    """The same for every *viewer*, but that one's own company is seen whole, and overseers see all companies so."""

    def __init__(
        self, viewer: Viewer, directory: Directory, published: SqlRecords, categories: dict[str, Category]
    ) -> None:
        self.viewer = viewer
        self.__directory = directory
        self.__published = published
        self.__categories = categories

    def directory(self) -> DirectorySeen:
        """Return the directory; of other companies what everybody may know."""
        directory, oversees = self.__directory, self.viewer.oversees
        return DirectorySeen(
            office=directory.office(),
            companies=tuple(
                each if oversees or each.code == self.viewer.company else company_seen(each)
                for each in directory.companies()
            ),
            people=tuple(each if oversees else person_seen(each) for each in directory.persons()),
        )

    def categories(self) -> tuple[str, ...]:
        """Return the codes of the categories."""
        return tuple(self.__categories)

    def category(self, code: str) -> Category:
        """Return category *code* with its pack and forms, or raise NotThere."""
        found = self.__categories.get(code)
        if found is None:
            raise NotThere(f"there is no category {code!r}")
        return found

    def editions(self) -> tuple[Edition, ...]:
        """Return the published editions of rules and packs."""
        return self.__published.editions()

    def edition(self, digest: str) -> RuleText:
        """Return the edition with *digest* and its text, or raise NotThere."""
        found = [each for each in self.editions() if each.digest == digest]
        if not found:
            raise NotThere(f"there is no edition {digest!r}")
        return RuleText(**found[0].model_dump(), text=self.__published.text(digest))
