"""The codes of the problems that a rule file may have, read off the source that tells them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TELLERS = (ROOT / "rules", ROOT / "lianyue" / "packs.py", ROOT / "lianyue" / "casebook" / "rule_files.py")
TELLING = {"Problem", "problem", "Refusal", "refuse", "_refuse", "_refuse_at"}
"""What a problem is told by: the first word among the arguments that could be a code is one."""
TABLES = {"_UNTYPED"}
"""Mappings from a code to its message."""
WORD = re.compile(r"[a-z]+(-[a-z]+)*")


def told() -> list[str]:
    """Every code that some line of the source tells, sorted."""
    files = [file for teller in TELLERS for file in ([teller] if teller.is_file() else sorted(teller.rglob("*.py")))]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return sorted({code for tree in trees for code in _codes_in(_spelt_out(tree))})


def _spelt_out(tree: ast.Module) -> ast.Module:
    """Put the text in the place of each name that a module gives to a text."""
    texts = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        call.args = [texts.get(each.id, each) if isinstance(each, ast.Name) else each for each in call.args]
    return tree


def _codes_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in TELLING:
                yield from next((codes for each in node.args if (codes := _words(each))), [])
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys)) if name in TABLES:
                yield from (word for key in keys if key for word in _words(key))
            case ast.FunctionDef():
                yield from _assigned(node)
            case ast.Tuple(elts=[place, code, _]) if _is_place(place):
                yield from _words(code)
            case ast.Return(value=ast.Tuple(elts=[code, message])) if _is_message(message):
                yield from _words(code)


def _assigned(function: ast.FunctionDef) -> Iterator[str]:
    """What a function calls a code before it tells it."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id="code")]):
                yield from _words(node.value)


def _words(node: ast.expr) -> list[str]:
    """The words that *node* may stand for, or none if it is something else."""
    match node:
        case ast.Constant(value=str(word)) if WORD.fullmatch(word):
            return [word]
        case ast.IfExp(body=one, orelse=other):
            return [*_words(one), *_words(other)]
    return []


def _is_place(node: ast.expr) -> bool:
    """Whether *node* may be a place in a text: it is neither a word nor a part of a path."""
    return not isinstance(node, ast.Starred) and not (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_message(node: ast.expr) -> bool:
    """Whether *node* is a sentence, possibly put together."""
    match node:
        case ast.Constant(value=str(text)):
            return " " in text
        case ast.BinOp(left=left):
            return _is_message(left)
    return isinstance(node, ast.JoinedStr)
