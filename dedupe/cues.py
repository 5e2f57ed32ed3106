"""The wordings that layout leaves in a text: share bars, newsletter prompts, bylines … by language.

They stand in `rules/data/layout/LANG.toml`; a cue says that a line bears one, and never decides by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
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
_REMEMBERED = 100
"""The cues of lines whose key is no longer than this are remembered from page to page."""
_MARKS = " -+→←↑↓▲▼★☆△▽✓✔"
_MOST_WORDS = 40
"""Longer lines are searched for what stands inside them only."""
_LONGEST = {"{n}": 3, "{date}": 12, "{name}": 6, "{rest}": 12}
_AT_END = frozenset(("{rest}",))
_AT_WORD = _AT_END | {"{name}"}
_AT_DATE = _AT_WORD | {"{date}"}
_AT_NUMBER = _AT_END | {"{n}", "{date}"}
"""The placeholders that the end of a line, a word, a word of dates and a number may fill."""
_ONE_WAY = dict(zip("ıșțيك\u0307", (*"işţیک", ""), strict=True))
_TWO_WAYS = re.compile(f"[{''.join(_ONE_WAY)}]")
_Match = tuple[int, str, str]
"""Where a wording ends, its kind and its family."""


_BEGINNING, _INSIDE = 0, 1
"""Where in the tree the wordings begin that a line begins with, and those that stand inside one."""


class Lexicon:
    """The wordings of some languages, ready to be looked up in keys.

    They make a tree of tokens and placeholders. Its places are numbers in a few flat tables: an object for each of
    some ten thousand would slow down the garbage collector.

    >>> lexicon("en").cues("share this article")
    [Cue(family='share', kind='line', start=0, end=3)]
    """

    def __init__(self, tables: Sequence[dict[str, Any]]) -> None:
        self.date_words = _tokens(tables, "date")
        self._number_words = _tokens(tables, "number")
        self._following: dict[tuple[int, str], int] = {}
        self._slots: dict[int, tuple[tuple[str, int], ...]] = {}
        self._ends: dict[int, tuple[tuple[str, str], ...]] = {}
        self._open: set[int] = set()
        """Where a wording may end, or go on with any token."""
        self._needed: dict[int, set[str]] = {}
        """Behind a placeholder: the words of which a line must hold one for a wording to go on, if it needs any."""
        self._whole_keys: set[str] = set()
        """The wordings without a placeholder."""
        free: set[int] = set()
        for table in tables:
            for family in FAMILIES:
                for kind in KINDS:
                    for wording in table.get(family, {}).get(kind, ()):
                        free.update(self._add(_INSIDE if kind == "inside" else _BEGINNING, wording, (kind, family)))
        for place in free:
            self._needed.pop(place, None)
        self._inside = {token: place for (before, token), place in self._following.items() if before == _INSIDE}

    def cues(self, line_key: str, line: str = "") -> list[Cue]:
        """The cues of a line, given by its key and, to see a colon, its words: those of the whole line first."""
        folded = _folded(line_key)
        bare = folded.strip(_MARKS)
        tokens = bare.split()
        found: list[Cue] = []
        if 0 < len(tokens) <= _MOST_WORDS and (begun := self._matches(_BEGINNING, tokens, 0)):
            found += self._whole(tokens, begun)
            found += [Cue(family, kind, 0, end) for end, kind, family in _longest(begun, "start")]
            found += self._labels(tokens, line, begun)
        if not self._inside.keys().isdisjoint(tokens):
            starts = [(at, place) for at, place in enumerate(map(self._inside.get, tokens), 1) if place]
            for at, place in starts:
                if self._goes_on(place, tokens, at):
                    within = _longest(self._matches(place, tokens, at), "inside")
                    found += [Cue(family, kind, at - 1, end) for end, kind, family in within]
        if not found or len(bare) == len(folded):
            return found
        before = len(folded.split()) - len(folded.lstrip(_MARKS).split())
        return [cue._replace(start=cue.start + before, end=cue.end + before) for cue in found]

    def is_wording(self, line_key: str) -> bool:
        """Is a line a wording word for word, with no placeholder filled by words of its own?"""
        return _folded(line_key).strip(_MARKS) in self._whole_keys

    def is_date(self, token: str) -> bool:
        """Is it a number, or a word of dates and times?"""
        return token[0].isdigit() or token in self.date_words

    def _dated(self, tokens: list[str]) -> bool:
        """Do the words of a date make one: a number beside a word, or a number such as 3/5/2019 or 10:45?"""
        numbers = [token for token in tokens if token[0].isdigit()]
        return len(tokens) > len(numbers) > 0 or any(_SPLIT_NUMBER.search(number) for number in numbers)

    def _add(self, place: int, wording: str, meaning: tuple[str, str]) -> list[int]:
        """Add a wording to the tree; the places behind those of its placeholders that no word follows."""
        if "{" not in wording:
            self._whole_keys.add(_folded(key(wording)))
        filled: list[int] = []
        for part in wording.replace("{", "\0{").replace("}", "}\0").split("\0"):
            if part in _LONGEST:
                if part != "{n}":
                    self._open.add(place)
                slot = part, self._behind(place, part)
                if slot not in self._slots.get(place, ()):
                    self._slots[place] = (*self._slots.get(place, ()), slot)
                place = slot[1]
                filled.append(place)
            else:
                for token in _folded(key(part)).split():
                    while filled:
                        self._needed.setdefault(filled.pop(), set()).add(token)
                    place = self._behind(place, token)
        self._open.add(place)
        if meaning not in self._ends.get(place, ()):
            self._ends[place] = (*self._ends.get(place, ()), meaning)
        return filled

    def _behind(self, place: int, token: str) -> int:
        """The place behind a token, a new one if there is none."""
        return self._following.setdefault((place, token), len(self._following) + 2)

    def _goes_on(self, place: int, tokens: list[str], at: int) -> bool:
        """May a wording go on with the token at a position, or end before it?"""
        if place in self._open or at == len(tokens):
            return place in self._open
        token = tokens[at]
        return (place, token) in self._following or (token[0].isdigit() and (place, "{n}") in self._following)

    def _whole(self, tokens: list[str], begun: list[_Match]) -> list[Cue]:
        size = len(tokens)
        whole = [Cue(family, kind, 0, end) for end, kind, family in begun if end == size and kind != "start"]
        return list(dict.fromkeys(sorted(whole, key=_line_first))) if whole else self._row(tokens, begun)

    def _row(self, tokens: list[str], begun: list[_Match]) -> list[Cue]:
        """A line that is nothing but several wordings one after another, with dates and numbers between them."""
        at, families, strong = 0, [], 0
        while at < len(tokens):
            matches = self._matches(_BEGINNING, tokens, at) if at else begun
            options = [(end, kind == "line", family) for end, kind, family in matches if kind != "start"]
            if options:
                end, is_strong, family = max(options)
                families.append(family)
                strong += is_strong
                at = end
            elif families and (self.is_date(tokens[at]) or tokens[at] in self._number_words):
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

    def _matches(self, place: int, tokens: list[str], at: int) -> list[_Match]:
        """All wordings that stand at a position and go on from a place in the tree."""
        found: list[_Match] = []
        self._walk(place, tokens, at, found)
        return found

    def _walk(self, place: int, tokens: list[str], at: int, found: list[_Match]) -> None:
        for kind, family in self._ends.get(place, ()):
            found.append((at, kind, family))
        if at < len(tokens) and (following := self._following.get((place, tokens[at]))):
            self._walk(following, tokens, at + 1, found)
        if slots := self._slots.get(place):
            fitting = self._fitting(tokens, at)
            for slot, following in slots:
                if slot in fitting and self._may_follow(following, tokens):
                    for end in self._slot_ends(slot, tokens, at):
                        if self._goes_on(following, tokens, end):
                            self._walk(following, tokens, end, found)

    def _may_follow(self, place: int, tokens: list[str]) -> bool:
        """Does a line hold what it needs to go on from a place behind a placeholder?"""
        needed = self._needed.get(place)
        return needed is None or not needed.isdisjoint(tokens)

    def _fitting(self, tokens: list[str], at: int) -> frozenset[str]:
        """The placeholders that may begin at a position."""
        if at == len(tokens):
            return _AT_END
        if tokens[at][0].isdigit():
            return _AT_NUMBER
        return _AT_DATE if tokens[at] in self.date_words else _AT_WORD

    def _slot_ends(self, slot: str, tokens: list[str], at: int) -> Sequence[int]:
        """Where a placeholder that begins at a place may end."""
        end, longest = at, min(len(tokens), at + _LONGEST[slot])
        if slot == "{rest}":
            return range(longest, at - 1, -1)
        if slot == "{date}":
            while end < longest and self.is_date(tokens[end]):
                end += 1
            return [last for last in range(at + 1, end + 1) if self._dated(tokens[at:last])]
        if slot == "{name}":
            while end < longest and not tokens[end][0].isdigit():
                end += 1
        else:
            while end < longest and (tokens[end][0].isdigit() or (end > at and tokens[end] in self._number_words)):
                end += 1
        return range(at + 1, end + 1)


def _tokens(tables: Sequence[dict[str, Any]], name: str) -> frozenset[str]:
    """The tokens of the words under a heading."""
    words = (word for table in tables for word in table.get(name, {}).get("words", ()))
    return frozenset(token for word in words for token in _folded(key(word)).split())


def _longest(matches: list[_Match], kind: str) -> list[_Match]:
    """The longest of the wordings of a kind, each family once."""
    ends = [match[0] for match in matches if match[1] == kind]
    return sorted({match for match in matches if match[1] == kind and match[0] == max(ends)}) if ends else []


def _line_first(cue: Cue) -> bool:
    return cue.kind != "line"


def _folded(line_key: str) -> str:
    """The key with one letter for what is written in two ways: the Turkish i with and without its dot, which capitals
    tell apart by other means, the Romanian ș and ț with comma or cedilla, the Persian ی and ک in their Arabic form."""
    return line_key if line_key.isascii() else _TWO_WAYS.sub(lambda found: _ONE_WAY[found[0]], line_key)


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
    text, lang, known = document.article.text, document.lang, lexicon(document.lang)
    for line in document.blocks:
        start, end = line.body
        words = line.key, text[start : min(end, start + _LONGEST_LABEL)]
        yield _remembered(lang, *words) if len(line.key) <= _REMEMBERED else tuple(known.cues(*words))


@lru_cache(maxsize=4_096)
def _remembered(lang: str, line_key: str, line: str) -> tuple[Cue, ...]:
    """The cues of a short line, which stands on other pages of the site too."""
    return tuple(lexicon(lang).cues(line_key, line))
