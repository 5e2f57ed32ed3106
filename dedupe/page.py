"""A document as the rules about layout see it: its lines, the wording that decides about each, and where they stand."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import groupby, pairwise
from typing import Literal

from dedupe.cues import FAMILIES, lexicon
from dedupe.language import FUNCTION_WORDS
from dedupe.matching import spoken_span
from dedupe.model import Cue, Document, Span
from dedupe.normalise import key, length
from dedupe.repeats import whole
from dedupe.traits import ASKS, FULL_STOPS, LEADS_UP, cased, finished, prose, truncated

Place = Literal["above", "between", "below"]

REACH = 2
"""How many lines on each side of a line are beside it."""
QUOTES = frozenset('"“”„«»‹›「」『』')
_STRENGTH = {"line": 5, "row": 4, "start": 3, "label": 2, "weak": 1, "inside": 0}
_RANK = {family: -number for number, family in enumerate(FAMILIES)}
_COUNTS = frozenset(("share", "counter", "comments", "pager"))
_FILLED = frozenset(("share", "newsletter", "advert", "related", "navigation"))
"""Families whose buttons have a name in a placeholder, and no sentence."""
_NO_COUNT = re.compile(r"(?:1[5-9]|20)\d\d|\d{1,2}\.\d\d")
"""A year or a time of day; a count has its dot in front of three digits."""
_PARAGRAPHS = 3
_HEADING, _HEADING_LINES = frozenset(("byline", "share")), 3
_TITLE_WORDS = 3
_QUESTIONS = 3
_LONGEST_COUNT = 40
_PARAGRAPH = 3
_DASHES = ("– ", "— ", "― ")
_LOWER = re.compile(r"\b[^\W\d_A-Z][^\W\d_A-Z]+\b")
"""A word that may be one in small letters: of other alphabets than the Latin it may have a capital."""


class Page:
    """The lines of a document that say something: what they bear, and where the article's prose begins and ends.

    Lines are counted by their place among these: `blocks` holds them, `lines` their places in `Document.blocks`,
    `texts` their words, without the credit or stray token at their end, `cues` the wording that decides about each.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.title = key(document.article.title or "")
        self.credited = {credit.span for credit in document.credits if credit.whole_line}
        self.lines = [place for place, line in enumerate(document.blocks) if line.key]
        self.blocks = [document.blocks[place] for place in self.lines]
        self.texts = [document.article.text[slice(*spoken_span(document, line))] for line in self.blocks]
        self.cues = [self._strongest(place) if document.cues[place] else None for place in self.lines]
        for n, cue in enumerate(self.cues):
            if (cue is None or cue.kind == "weak") and self.blocks[n].key[0].isdigit() and self._counts(n):
                self.cues[n] = self._count(n)
        self._bearing: dict[str, list[int]] = defaultdict(list)
        for n, cue in enumerate(self.cues):
            if cue and cue.kind == "inside":
                for family in {other.family for other in document.cues[self.lines[n]]}:
                    self._bearing[family].append(n)
            elif cue:
                self._bearing[cue.family].append(n)

    def span(self, n: int) -> Span:
        """What would go if a line goes."""
        return whole(self.document, self.blocks[n])

    def titled(self, n: int) -> bool:
        """Is the line the record's title, or a part of it?"""
        words = self.blocks[n].key
        if words not in self.title:
            return False
        return words == self.title or (length(words) >= _TITLE_WORDS and f" {words} " in f" {self.title} ")

    @cached_property
    def paragraphs(self) -> list[int]:
        """The paragraphs of prose that bear no cue, or in one of several sentences only."""
        return [n for n, line in enumerate(self.blocks) if line.body.end - line.body.start > 20 and self._prose(n)]

    def _prose(self, n: int) -> bool:
        line, cue = self.blocks[n], self.cues[n]
        if cue and not (cue.kind == "inside" and len(line.sentences) >= _PARAGRAPH):
            return False
        return not self.titled(n) and prose(words := self.texts[n], words)

    def prose(self, n: int) -> bool:
        """Is it a paragraph of prose?"""
        return self.paragraphs_above(n + 1) > self.paragraphs_above(n)

    def paragraphs_above(self, n: int) -> int:
        """How many paragraphs of prose stand above a line."""
        return bisect_left(self.paragraphs, n)

    @cached_property
    def first(self) -> int:
        """The first paragraph of prose; the number of lines when there is none."""
        return self.paragraphs[0] if self.paragraphs else len(self.lines)

    @cached_property
    def heading(self) -> range:
        """The byline and buttons below a summary: the lines between the first two paragraphs where they are that."""
        if not self.is_article:
            return range(0)
        lines = range(self.paragraphs[0] + 1, self.paragraphs[1])
        worded = [cue for n in lines if (cue := self.cues[n]) and cue.kind != "inside"]
        heads = sum(cue.family in _HEADING for cue in worded)
        return lines if heads >= _HEADING_LINES and len(worded) >= len(lines) - 1 else range(0)

    @cached_property
    def last(self) -> int:
        """The last paragraph of prose, or -1."""
        return self.paragraphs[-1] if self.paragraphs else -1

    @cached_property
    def is_article(self) -> bool:
        """Does it hold several paragraphs of prose, so that what stands above them stands above an article?"""
        return len(self.paragraphs) >= _PARAGRAPHS

    @cached_property
    def is_interview(self) -> bool:
        """Do several of its lines ask?"""
        return sum(words.endswith(ASKS) for words in self.texts) >= _QUESTIONS

    def place(self, n: int) -> Place:
        """Where a line stands."""
        if self.last < 0:
            return "between"
        return "above" if n < self.first or n in self.heading else "below" if n > self.last else "between"

    def bearing(self, families: Iterable[str]) -> list[int]:
        """The lines that decide for one of these families, and those with one of theirs inside."""
        return sorted({n for family in families for n in self._bearing[family]})

    def bears(self, n: int, family: str, *kinds: str) -> bool:
        """Does it bear a cue of a family, of one of these kinds?"""
        return any(cue.kind in kinds and cue.family == family for cue in self.document.cues[self.lines[n]])

    def announces(self, n: int, family: str) -> bool:
        """Does it begin with a cue of a family, with words of its own behind it?"""
        size = len(self.blocks[n].key.split())
        cues = self.document.cues[self.lines[n]]
        return any(c.kind in ("start", "label") and c.family == family and c.end < size for c in cues)

    def company(self, n: int) -> list[Cue]:
        """The cues of the lines beside it, two on each side; what stands inside a paragraph, or is said, is none."""
        beside = (*self._seen[max(0, n - REACH) : n], *self._seen[n + 1 : n + 1 + REACH])
        return [cue for cue in beside if cue]

    @cached_property
    def _seen(self) -> list[Cue | None]:
        """The cues that count as company."""
        inside = [cue is not None and cue.kind == "inside" for cue in self.cues]
        return [None if inside[n] or self._said_by_somebody(n) else cue for n, cue in enumerate(self.cues)]

    def _said_by_somebody(self, n: int) -> bool:
        """Is it a sentence that only begins like a wording, in quotation marks or behind a dash?"""
        cue, words = self.cues[n], self.texts[n]
        return cue is not None and cue.kind == "start" and finished(words) and (words[0] in QUOTES or speech(words))

    def told(self, n: int) -> bool:
        """Is it a sentence that a weak wording, or one with a placeholder, fits by chance, with a word of its own ("By
        noon it was over.", "Follow the instructions on the packet.")?"""
        cue, words = self.cues[n], self.texts[n]
        if cue is None or not words.endswith(FULL_STOPS + ASKS) or truncated(words) or not self._fits(n, cue):
            return False
        if cue.family == "counter" and any(map(str.isdigit, words)):
            return False  # "3 min."
        asks = cue.family == "byline" and words.endswith(ASKS)
        return " " in self.blocks[n].key and (asks or not cased(words) or self.has_own_word(n))

    def _fits(self, n: int, cue: Cue) -> bool:
        """May a wording fit a line by chance: is it weak, or a button with words of the line in a placeholder?"""
        if cue.kind == "line" and cue.family in _FILLED and not self.bears(n, cue.family, "inside", "start"):
            return not lexicon(self.document.lang).is_wording(self.blocks[n].key)
        return cue.kind == "weak"

    def has_own_word(self, n: int) -> bool:
        """Does a line hold a word in small letters that is neither a small word nor one of dates?"""
        known, small = lexicon(self.document.lang), FUNCTION_WORDS.get(self.document.lang, ())
        return any(w.islower() and w not in small and not known.is_date(w) for w in _LOWER.findall(self.texts[n]))

    def run(self, n: int) -> tuple[int, bool, bool]:
        """The run of lines with cues that a line stands in: how long it is, whether one of them is unmistakable, and
        whether a colon leads up to it."""
        return self._runs[n]

    @cached_property
    def _runs(self) -> list[tuple[int, bool, bool]]:
        runs: list[tuple[int, bool, bool]] = []
        for _, group in groupby(self.cues, key=lambda cue: cue is not None and cue.kind != "inside"):
            cues = list(group)
            strong = any(cue and cue.kind != "weak" for cue in cues)
            led_up_to = bool(runs) and self.texts[len(runs) - 1].endswith(LEADS_UP)
            runs += [(len(cues), strong, led_up_to)] * len(cues)
        return runs

    def _strongest(self, place: int) -> Cue | None:
        """The cue that decides about a line: the strongest kind, the most words, then the order of families."""
        cues = self.document.cues[place]
        if any(cue.kind == "label" for cue in cues):
            cues = self._labelled(place, cues)
        return max(cues, key=_strength) if cues else None

    def _labelled(self, place: int, cues: tuple[Cue, ...]) -> tuple[Cue, ...]:
        """The cues of a line with a label: one that is a weak wording is weak too, and none where somebody speaks
        ("Editor: Why did you come?") or where it is a time."""
        line, known = self.document.blocks[place], lexicon(self.document.lang)
        label = next(cue for cue in cues if cue.kind == "label")
        words = line.key.split()[: label.end]
        if any(cue.kind == "line" for cue in known.cues(" ".join(words))):
            return cues
        if finished(self.document.article.text[slice(*line.body)]) or all(map(known.is_date, words)):
            return tuple(cue for cue in cues if cue.kind != "label")
        return tuple(cue._replace(kind="weak") if cue.kind == "label" else cue for cue in cues)

    def _count(self, n: int) -> Cue | None:
        """A number alone belongs to the share bar, counter or pager that it touches."""
        for step in (-1, 1):
            m = n + step
            while 0 <= m < len(self.lines) and self._counts(m):
                m += step
            other = self.cues[m] if 0 <= m < len(self.lines) else None
            if other and other.family in _COUNTS and other.kind != "inside":
                family = "pager" if other.family == "pager" else "counter"
                return Cue(family, "row", 0, len(self.blocks[n].key.split()))
        return None

    def _counts(self, n: int) -> bool:
        """Is it a bare number, or a row of numbers that count up?"""
        words = self.blocks[n].key
        if not words[0].isdigit() or len(words) > _LONGEST_COUNT or _NO_COUNT.fullmatch(words):
            return False
        tokens = words.split()
        if len(tokens) == 1:
            return tokens[0].replace(",", "").replace(".", "").isdigit() and not tokens[0].count(".") > 1
        return all(map(str.isdecimal, tokens)) and all(int(b) == int(a) + 1 for a, b in pairwise(tokens))


def _strength(cue: Cue) -> tuple[int, int, int]:
    return _STRENGTH[cue.kind], cue.end - cue.start, _RANK[cue.family]


def speech(words: str) -> bool:
    """Does somebody speak, behind a dash, as much of Europe writes it?"""
    return words.startswith(_DASHES) and finished(words)


_asked_last: list[Page] = []


def page_of(document: Document) -> Page:
    """The page of a document. The last one is remembered, for every rule asks for it."""
    page = _asked_last[0] if _asked_last else None
    if page is None or page.document is not document:
        page = Page(document)
        _asked_last[:] = [page]
    return page
