"""The functions of expressions: whole numbers without wrapping, text by characters, values compared exactly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

SMALLEST_INT = -(2**63)
LARGEST_INT = 2**63 - 1
LONGEST_SHOWN = 80

SIGNATURES = {
    "contains": "text.contains(text)",
    "divRound": "divRound(int, int)",
    "endsWith": "text.endsWith(text)",
    "int": "int(text)",
    "mulDiv": "mulDiv(int, int, int)",
    "size": "size(list or text)",
    "startsWith": "text.startsWith(text)",
    "string": "string(int)",
}
"""How each function that a policy may call is written."""

MACROS = {
    "all": "list.all(name, condition)",
    "exists": "list.exists(name, condition)",
    "exists_one": "list.exists_one(name, condition)",
    "filter": "list.filter(name, condition)",
    "has": "has(record.field)",
    "map": "list.map(name, value)",
}
"""How each macro that a policy may use is written."""

_DECIMAL = re.compile(r"[ \t\n\v\f\r]*([-+]?[0-9]+)[ \t\n\v\f\r]*")


class Failure(Exception):
    """Raised by a function that has no value for its arguments."""


def add(left: Any, right: Any) -> Any:
    """Return the sum of two ints, or two texts or lists joined."""
    if type(left) is int:
        return _within(left + right)
    return left + right if isinstance(left, str) else [*left, *right]


def subtract(left: int, right: int) -> int:
    """Return *left* less *right*."""
    return _within(left - right)


def multiply(left: int, right: int) -> int:
    """Return the product."""
    return _within(left * right)


def divide(left: int, right: int) -> int:
    """Return the quotient, truncated toward zero."""
    if right == 0:
        raise Failure("division by zero")
    return _within(_truncated(left, right))


def remainder(left: int, right: int) -> int:
    """Return what is left over by `divide`; it has the sign of *left*."""
    if right == 0:
        raise Failure("remainder of a division by zero")
    if left == SMALLEST_INT and right == -1:
        raise Failure("the result is beyond int64")
    return left - right * _truncated(left, right)


def negate(value: int) -> int:
    """Return *value* with the other sign."""
    return _within(-value)


def mul_div(value: int, numerator: int, denominator: int) -> int:
    """Return ``value * numerator / denominator``, exact in between, truncated toward zero."""
    if denominator == 0:
        raise Failure("mulDiv by zero")
    return _within(_truncated(value * numerator, denominator))


def div_round(value: int, divisor: int) -> int:
    """Return the quotient rounded half up, away from zero, so that a credit note mirrors its invoice."""
    if divisor == 0:
        raise Failure("divRound by zero")
    rounded = (2 * abs(value) + abs(divisor)) // (2 * abs(divisor))
    return _within(rounded if (value < 0) == (divisor < 0) else -rounded)


def to_string(value: Any) -> str:
    """Return an int in decimals, a bool as a word, text as it is."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def to_int(value: Any) -> int:
    """Return the int that text writes in decimals, blanks around it allowed; an int as it is."""
    if isinstance(value, int):
        return value
    written = _DECIMAL.fullmatch(value)
    if not written or len(written.group(1)) > 4000:
        raise Failure("the text is not a whole number")
    return _within(int(written.group(1)))


def same(left: Any, right: Any) -> bool:
    """Return whether two values are equal; unlike in Python, true is not 1."""
    if isinstance(left, list | tuple):
        return isinstance(right, list | tuple) and len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Mapping):
        return (
            isinstance(right, Mapping)
            and left.keys() == right.keys()
            and all(same(value, right[key]) for key, value in left.items())
        )
    if isinstance(left, str):
        return isinstance(right, str) and left == right
    return type(left) is type(right) and bool(left == right)


def item_of(container: Any, key: Any) -> Any:
    """Return the item of a list at an index from 0, or the value of a map at a key."""
    if isinstance(container, Mapping):
        if key not in container:
            raise Failure(f"no key {shown(key)} in the map")
        return container[key]
    if not 0 <= key < len(container):
        raise Failure(f"no item {key} in a list of {len(container)}")
    return container[key]


def shown(key: Any) -> str:
    """Return a key as a message shows it, which is not to repeat a long text."""
    return repr(key if not isinstance(key, str) or len(key) <= LONGEST_SHOWN else key[:LONGEST_SHOWN] + "…")


def is_in(value: Any, container: Any) -> bool:
    """Return whether *value* is an item of a list or a key of a map."""
    if isinstance(container, Mapping):
        return value in container
    return any(same(value, item) for item in container)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "_+_": add,
    "_-_": subtract,
    "_*_": multiply,
    "_/_": divide,
    "_%_": remainder,
    "-_": negate,
    "!_": lambda value: not value,
    "_==_": same,
    "_!=_": lambda left, right: not same(left, right),
    "_<_": lambda left, right: left < right,
    "_<=_": lambda left, right: left <= right,
    "_>_": lambda left, right: left > right,
    "_>=_": lambda left, right: left >= right,
    "_[_]": item_of,
    "@in": is_in,
    "contains": lambda text, part: part in text,
    "divRound": div_round,
    "endsWith": lambda text, part: text.endswith(part),
    "int": to_int,
    "mulDiv": mul_div,
    "size": len,
    "startsWith": lambda text, part: text.startswith(part),
    "string": to_string,
}
"""Every function of a checked expression by the name the checker gives it; what decides lazily is not among them."""

LAZY = ("_&&_", "_||_", "_?_:_")
"""The operators that do not evaluate all their arguments."""


def _within(value: int) -> int:
    if SMALLEST_INT <= value <= LARGEST_INT:
        return value
    raise Failure("the result is beyond int64")


def _truncated(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient
