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


_Match = tuple[int, str, str]
"""Where a wording ends, its kind and its family."""


class _Node:
    """A place in the tree of wordings: the tokens that may follow, and kind and family of those that end here.

    `numbers`: a number may follow; `anything`: any token may, or none.
    """

    __slots__ = ("anything", "ends", "numbers", "slots", "tokens")

    def __init__(self) -> None:
        self.tokens: dict[str, _Node] = {}
        self.slots: dict[str, _Node] = {}
        self.ends: list[tuple[str, str]] = []
        self.numbers = self.anything = False

    def goes_on(self, tokens: list[str], at: int) -> bool:
        """May a wording go on with the token at a place, or end before it?"""
        if self.anything or at == len(tokens):
            return self.anything
        return tokens[at] in self.tokens or (self.numbers and tokens[at][0].isdigit())


class Lexicon:
    """The wordings of some languages, ready to be looked up in keys.

    >>> lexicon("en").cues("share this article")
    [Cue(family='share', kind='line', start=0, end=3)]
    """

    def __init__(self, tables: Sequence[dict[str, Any]]) -> None:
        words = (word for table in tables for word in table.get("date", {}).get("words", ()))
        self.date_words = frozenset(token for word in words for token in _folded(key(word)).split())
        self._beginning, self._inside = _Node(), _Node()
        for table in tables:
            for family in FAMILIES:
                for kind in KINDS:
                    for wording in table.get(family, {}).get(kind, ()):
                        self._add(self._inside if kind == "inside" else self._beginning, wording, (kind, family))

    def cues(self, line_key: str, line: str = "") -> list[Cue]:
        """The cues of a line, given by its key and, to see a colon, its words: those of the whole line first."""
        folded = _folded(line_key)
        bare = folded.strip(_MARKS)
        tokens = bare.split()
        found: list[Cue] = []
        if 0 < len(tokens) <= _MOST_WORDS and (begun := self._matches(self._beginning, tokens, 0)):
            found += self._whole(tokens, begun)
            found += [Cue(family, kind, 0, end) for end, kind, family in _longest(begun, "start")]
            found += self._labels(tokens, line, begun)
        if not self._inside.tokens.keys().isdisjoint(tokens):
            starts = [(at, node) for at, node in enumerate(map(self._inside.tokens.get, tokens), 1) if node]
            for at, node in starts:
                if node.goes_on(tokens, at):
                    within = _longest(self._matches(node, tokens, at), "inside")
                    found += [Cue(family, kind, at - 1, end) for end, kind, family in within]
        if not found or len(bare) == len(folded):
            return found
        before = len(folded.split()) - len(folded.lstrip(_MARKS).split())
        return [cue._replace(start=cue.start + before, end=cue.end + before) for cue in found]

    def is_date(self, token: str) -> bool:
        """Is it a number, or a word of dates and times?"""
        return token[0].isdigit() or token in self.date_words

    def _dated(self, tokens: list[str]) -> bool:
        """Do the words of a date make one: a number beside a word, or a number such as 3/5/2019 or 10:45?"""
        numbers = [token for token in tokens if token[0].isdigit()]
        return len(tokens) > len(numbers) > 0 or any(_SPLIT_NUMBER.search(number) for number in numbers)

    def _add(self, node: _Node, wording: str, meaning: tuple[str, str]) -> None:
        for part in wording.replace("{", "\0{").replace("}", "}\0").split("\0"):
            if part in _LONGEST:
                node.numbers |= part == "{n}"
                node.anything |= part != "{n}"
                node = node.slots.setdefault(part, _Node())
            else:
                for token in _folded(key(part)).split():
                    node = node.tokens.setdefault(token, _Node())
        if meaning not in node.ends:
            node.ends.append(meaning)
            node.anything = True

    def _whole(self, tokens: list[str], begun: list[_Match]) -> list[Cue]:
        size = len(tokens)
        whole = [Cue(family, kind, 0, end) for end, kind, family in begun if end == size and kind != "start"]
        return list(dict.fromkeys(sorted(whole, key=_line_first))) if whole else self._row(tokens, begun)

    def _row(self, tokens: list[str], begun: list[_Match]) -> list[Cue]:
        """A line that is nothing but several wordings one after another, with dates and numbers between them."""
        at, families, strong = 0, [], 0
        while at < len(tokens):
            matches = self._matches(self._beginning, tokens, at) if at else begun
            options = [(end, kind == "line", family) for end, kind, family in matches if kind != "start"]
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

    def _labels(self, tokens: list[str], line: str, begun: list[_Match]) -> list[Cue]:
        """A wording in front of a colon with other words behind it."""
        colon = _COLON.search(line, 0, _LONGEST_LABEL)
        if not colon:
            return []
        size = len(key(line[: colon.start()]).strip(_MARKS).split())
        if not 0 < size < len(tokens):
            return []
        families = {family for end, kind, family in begun if end == size and kind != "start"}
        return [Cue(family, "label", 0, size) for family in _LABELS if family in families]

    def _matches(self, node: _Node, tokens: list[str], at: int) -> list[_Match]:
        """All wordings that stand at a place."""
        found: list[_Match] = []
        self._walk(node, tokens, at, found)
        return found

    def _walk(self, node: _Node, tokens: list[str], at: int, found: list[_Match]) -> None:
        for kind, family in node.ends:
            found.append((at, kind, family))
        if at < len(tokens) and (following := node.tokens.get(tokens[at])):
            self._walk(following, tokens, at + 1, found)
        for slot, following in node.slots.items():
            for end in self._slot_ends(slot, tokens, at):
                if following.goes_on(tokens, end):
                    self._walk(following, tokens, end, found)

    def _slot_ends(self, slot: str, tokens: list[str], at: int) -> Sequence[int]:
        """Where a placeholder that begins at a place may end."""
        end, longest = at, min(len(tokens), at + _LONGEST[slot])
        if slot == "{rest}":
            return range(longest, at - 1, -1)
        if at == longest or (slot == "{n}" and not tokens[at][0].isdigit()):
            return ()
        if slot == "{date}":
            while end < longest and self.is_date(tokens[end]):
                end += 1
            return [last for last in range(at + 1, end + 1) if self._dated(tokens[at:last])]
        if slot == "{name}":
            while end < longest and not tokens[end][0].isdigit():
                end += 1
        else:
            while end < longest and (tokens[end][0].isdigit() or (end > at and tokens[end] in _UNITS)):
                end += 1
        return range(at + 1, end + 1)


def _longest(matches: list[_Match], kind: str) -> list[_Match]:
    """The longest of the wordings of a kind, each family once."""
    ends = [match[0] for match in matches if match[1] == kind]
    return sorted({match for match in matches if match[1] == kind and match[0] == max(ends)}) if ends else []


def _line_first(cue: Cue) -> bool:
    return cue.kind != "line"


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
    """The wordings of layout in each line of a document; lines that say the same are looked at once."""
    known = lexicon(document.lang)
    text = document.article.text
    seen: dict[tuple[str, str], tuple[Cue, ...]] = {}
    for line in document.lines:
        start, end = line.body
        words = line.key, text[start : min(end, start + _LONGEST_LABEL)]
        if words not in seen:
            seen[words] = tuple(known.cues(*words))
        yield seen[words]
