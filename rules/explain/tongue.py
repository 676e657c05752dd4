"""The language in which things are told, and what companies and people are called in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rules.explain.notes import note_in
from rules.explain.sentences import SAID
from rules.explain.shown import money
from rules.explain.words import ENGLISH, PAYEES, ROLES, Words


@dataclass(frozen=True)
class Tongue:
    """A language with the names of companies by code, and of people by user name."""

    language: str
    names: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, /, **facts: Any) -> str:
        """Return sentence *key* with its *facts*."""
        return SAID[key].in_(self.language).format(**facts)

    def word(self, words: Mapping[str, Words], code: str) -> str:
        """The word for *code* among *words*; itself, if there is none."""
        return words[code].in_(self.language) if code in words else code

    def member(self, code: str) -> str:
        """What a company or person is called: the name with the code, or the code alone."""
        name = self.names.get(code)
        if not name or name == code:
            return code
        return self.bracketed(name, code)

    def members(self, codes: Sequence[str]) -> str:
        """The companies in a row."""
        return self.row([self.member(code) for code in codes]) or self.say("none")

    def payee(self, code: str) -> str:
        """Who is paid: a party by its part in the contract, or a company."""
        return self.word(PAYEES, code) if code in PAYEES else self.member(code)

    def people(self, count: int, role: str) -> str:
        """So many people of a role."""
        return self.say("people", count=count, role=self.word(ROLES, role))

    def bracketed(self, text: str, aside: str) -> str:
        """*text* with something beside it in brackets."""
        return f"{text} ({aside})" if self.language == ENGLISH else f"{text}（{aside}）"

    def note(self, text: str) -> str:
        """A note of the rules, without the full stop that the sentence around it has."""
        return note_in(text, self.language).rstrip("。.")

    def row(self, parts: Sequence[str]) -> str:
        """Several things of a kind."""
        return (", " if self.language == ENGLISH else "、").join(parts)

    def list(self, parts: Sequence[str]) -> str:
        """Several clauses."""
        return ("; " if self.language == ENGLISH else "；").join(parts)

    def joined(self, sentences: Sequence[str]) -> str:
        """Sentences one after another."""
        return (" " if self.language == ENGLISH else "").join(sentences)

    def money(self, amount_fen: int) -> str:
        """An amount in yuan."""
        return money(amount_fen, self.language)
