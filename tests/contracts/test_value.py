"""The scalar types refuse what people could not read."""

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.value import Line

LINE = TypeAdapter(Line)


@pytest.mark.parametrize("text", ["", "  ", "a\nb", "a\x1b[31m", "\x00", "a\u202eb", "\u2066", "长" * 201])
def test_a_line_is_one_visible_line(text: str) -> None:
    """Neither blanks alone, nor a control character, nor one that turns the text around is a line."""
    with pytest.raises(ValidationError):
        LINE.validate_python(text)


@pytest.mark.parametrize("text", ["港口一期物业服务", " a ", "x", "Ω 🏗 é"])
def test_a_line_is_any_visible_text(text: str) -> None:
    """Whatever can be read on one line is a line."""
    assert text == LINE.validate_python(text)
