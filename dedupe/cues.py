"""The wordings that layout leaves in a text: share bars, newsletter prompts, bylines … by language.

They stand in `rules/data/layout/LANG.toml`; a cue says that a line bears one, and never decides by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from dedupe.model import Cue, Document
from dedupe.normalise import key
from dedupe.wordings import wordings

FAMILIES = (
    "share",
    "newsletter",
    "advert",
    "related",
    "navigation",
    "byline",
    "counter",
    "comments",
    "consent",
    "legal",
    "pager",
    "tags",
    "media",
)
KINDS = ("line", "weak", "start", "inside")
_LABELS = ("related", "tags", "byline", "share", "newsletter", "media")
"""Families whose wordings announce what stands behind a colon."""
_SPLIT_NUMBER = re.compile(r"\d[./:-]\d")
_COLON = re.compile("[:：]")
_LONGEST_LABEL = 50
_MARKS = " -+→←↑↓▲▼★☆△▽✓✔"
_MOST_WORDS = 40
"""Longer lines are searched for what stands inside them only."""
_LONGEST = {"{n}": 3, "{date}": 12, "{name}": 6, "{rest}": 12}
_UNITS = frozenset(("k", "m", "mio", "tsd", "mil", "mln", "тыс", "млн", "тис", "rb", "jt", "b", "万", "萬", "만", "천"))


class _Node:
    """A place in the tree of wordings: the tokens that may follow, and the families of those that end here."""

    __slots__ = ("ends", "slots", "tokens")

    def __init__(self) -> None:
        self.tokens: dict[str, _Node] = {}
        self.slots: dict[str, _Node] = {}
        self.ends: list[str] = []


class Lexicon:
    """The wordings of some languages, ready to be looked up in keys.

    >>> lexicon("en").cues("share this article")
    [Cue(family='share', kind='line', start=0, end=3)]
    """

    def __init__(self, tables: Sequence[dict[str, Any]]) -> None:
        words = (word for table in tables for word in table.get("date", {}).get("words", ()))
        self.date_words = frozenset(token for word in words for token in _folded(key(word)).split())
        self._trees = {kind: _Node() for kind in KINDS}
        for table in tables:
            for family in FAMILIES:
                for kind in KINDS:
                    for wording in table.get(family, {}).get(kind, ()):
                        self._add(self._trees[kind], wording, family)

    def cues(self, line_key: str, line: str = "") -> list[Cue]:
        """The cues of a line, given by its key and, to see a colon, its words: those of the whole line first."""
        bare = _folded(line_key).lstrip(_MARKS)
        before = len(line_key.split()) - len(bare.split())
        tokens = bare.rstrip(_MARKS).split()
        found: list[Cue] = []
        if 0 < len(tokens) <= _MOST_WORDS:
            found += self._whole(tokens)
            found += self._starts(tokens)
            found += self._labels(tokens, line)
        inside = self._trees["inside"].tokens
        if not inside.keys().isdisjoint(tokens):
            for at, token in enumerate(tokens):
                if token in inside:
                    found += [Cue(family, "inside", at, end) for end, family in self._longest("inside", tokens, at)]
        return [cue._replace(start=cue.start + before, end=cue.end + before) for cue in found] if before else found

    def is_date(self, token: str) -> bool:
        """Is it a number, or a word of dates and times?"""
        return token[0].isdigit() or token in self.date_words

    def _dated(self, tokens: list[str]) -> bool:
        """Do the words of a date make one: a number beside a word, or a number such as 3/5/2019 or 10:45?"""
        numbers = [token for token in tokens if token[0].isdigit()]
        return len(tokens) > len(numbers) > 0 or any(_SPLIT_NUMBER.search(number) for number in numbers)

    def _add(self, node: _Node, wording: str, family: str) -> None:
        for part in wording.replace("{", "\0{").replace("}", "}\0").split("\0"):
            if part in _LONGEST:
                node = node.slots.setdefault(part, _Node())
            else:
                for token in _folded(key(part)).split():
                    node = node.tokens.setdefault(token, _Node())
        if family not in node.ends:
            node.ends.append(family)

    def _whole(self, tokens: list[str]) -> list[Cue]:
        found = []
        for kind in ("line", "weak"):
            ends = self._matches(self._trees[kind], tokens, 0)
            found += [Cue(family, kind, 0, end) for end, family in ends if end == len(tokens)]
        return list(dict.fromkeys(found)) or self._row(tokens)

    def _row(self, tokens: list[str]) -> list[Cue]:
        """A line that is nothing but several wordings one after another, with dates and numbers between them."""
        at, families, strong = 0, [], 0
        while at < len(tokens):
            options = [
                (end, kind == "line", family)
                for kind in ("line", "weak")
                for end, family in self._longest(kind, tokens, at)
            ]
            if options:
                end, is_strong, family = max(options)
                families.append(family)
                strong += is_strong
                at = end
            elif families and (self.is_date(tokens[at]) or tokens[at] in _UNITS):
                at += 1
            else:
                return []
        return [Cue(max(families, key=families.count), "row" if strong else "weak", 0, len(tokens))]

    def _starts(self, tokens: list[str]) -> list[Cue]:
        return [Cue(family, "start", 0, end) for end, family in self._longest("start", tokens, 0)]

    def _labels(self, tokens: list[str], line: str) -> list[Cue]:
        """A wording in front of a colon with other words behind it."""
        colon = _COLON.search(line, 0, _LONGEST_LABEL)
        if not colon:
            return []
        end = len(key(line[: colon.start()]).strip(_MARKS).split())
        if not 0 < end < len(tokens):
            return []
        head = tokens[:end]
        return [
            Cue(family, "label", 0, end)
            for family in _LABELS
            if any((end, family) in set(self._matches(self._trees[kind], head, 0)) for kind in ("line", "weak"))
        ]

    def _longest(self, kind: str, tokens: list[str], at: int) -> list[tuple[int, str]]:
        """The longest wording of a kind at a place: where it ends, and its families."""
        found = set(self._matches(self._trees[kind], tokens, at))
        last = max((end for end, _ in found), default=-1)
        return sorted(entry for entry in found if entry[0] == last)

    def _matches(self, node: _Node, tokens: list[str], at: int) -> Iterator[tuple[int, str]]:
        for family in node.ends:
            yield at, family
        if at < len(tokens) and (following := node.tokens.get(tokens[at])):
            yield from self._matches(following, tokens, at + 1)
        for slot, following in node.slots.items():
            for end in self._slot_ends(slot, tokens, at):
                yield from self._matches(following, tokens, end)

    def _slot_ends(self, slot: str, tokens: list[str], at: int) -> Iterator[int]:
        """Where a placeholder that begins at a place may end."""
        end = at
        longest = min(len(tokens), at + _LONGEST[slot])
        while end < longest:
            token = tokens[end]
            if slot == "{n}" and not (token[0].isdigit() or (end > at and token in _UNITS)):
                break
            if slot == "{date}" and not self.is_date(token):
                break
            if slot == "{name}" and token[0].isdigit():
                break
            end += 1
            if slot != "{rest}" and (slot != "{date}" or self._dated(tokens[at:end])):
                yield end
        if slot == "{rest}":
            yield from range(longest, at - 1, -1)


def _folded(line_key: str) -> str:
    """The key with one letter for the Turkish i with and without its dot: capitals tell them apart by other means."""
    return line_key if line_key.isascii() else line_key.replace("\u0307", "").replace("ı", "i")


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a file of wordings."""
    folder = files("dedupe.rules") / "data" / "layout"
    names = (entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted(name for name in names if name != "common"))


@cache
def lexicon(lang: str) -> Lexicon:
    """The wordings for texts of a language: its own if it has a file, the English ones (interfaces are full of them)
    and the names of services."""
    own = () if lang == "en" or lang not in languages() else (lang,)
    return Lexicon([wordings(f"layout/{name}") for name in ("common", "en", *own)])


def cues(document: Document) -> Iterator[tuple[Cue, ...]]:
    """The wordings of layout in each line of a document."""
    known = lexicon(document.lang)
    text = document.article.text
    for line in document.lines:
        start, end = line.body
        yield tuple(known.cues(line.key, text[start : min(end, start + _LONGEST_LABEL)]))
