"""Pages out of templates: strict about missing names, escaping everything, saying everything in one language."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from lianyue.portal import shown
from lianyue.portal.i18n import TAGS, counting, speaking
from lianyue.settings import Language


@cache
def environment(language: Language) -> Environment:
    """Return the templates as they speak *language*."""
    made = Environment(
        loader=PackageLoader("lianyue.portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    say = speaking(language)
    made.globals.update(_=say, gettext=say, ngettext=_of_templates(language), lang=TAGS[language], language=language)
    made.filters.update(shown.filters(language))
    return made


def page(template: str, language: Language, /, **facts: Any) -> str:
    """Render *template* with *facts*."""
    return environment(language).get_template(template).render(**facts)


def _of_templates(language: Language) -> Any:
    """How many, as templates ask it: the singular, the plural, the number."""
    return counting(language)
