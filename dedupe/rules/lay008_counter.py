"""Counters: comments, shares, reading time, "3 hours ago", and the comment form below.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `counter` and `comments`. A bare number goes where it touches a share
bar or another counter, where it stands below the article, or where it stands on several lines and no other number on
any, but never below a question or a line without a full stop, such as "Eggs". A number of twelve digits and more is
that of an embedded video. The counter of a gallery ("1 / 9") goes where it begins with one and does not stand below the
article.

Why it matters
--------------
Counters change from hour to hour, so two scrapes of one article differ, and numbers without a noun are noise to every
reader of the text.

Example
-------
    4 min read
    12 comments
    The ferry to the island sails again on Monday, the harbour master said in the afternoon.

The first two lines go.

Known false alarms
------------------
A line of an article that is nothing but a count ("300 comments") between two paragraphs. Scores, rows of figures, and
questions such as "What do you think?" stay. The same number three times, each below a long line, is taken for a
counter.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.layout import findings, line_finding
from dedupe.model import Document, Finding, Safety
from dedupe.normalise import length
from dedupe.page import Page, page_of
from dedupe.rule import rule
from dedupe.traits import ASKS, LEADS_UP, finished

_MANY = 3
_LABEL_WORDS, _LONGEST_LABEL = 5, 40
_ID_DIGITS = 12
_NUMBER = re.compile(rf"\d{{1,3}}|\d{{{_ID_DIGITS},}}")
"""A count, or the number of what was embedded."""
_AMOUNT = re.compile(r"\d{1,3}(?:\s?[^\W\d_]+\.?){0,2}")
_GALLERY = re.compile(r"1\s*/\s*[1-9]\d?")


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY008", "counter", Options)
def counter(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Counters, ages and comment forms."""
    yield from findings(document, "LAY008", "a counter or part of a comment form", "counter", "comments")
    page = page_of(document)
    for n, words in enumerate(page.texts):
        if not words[:1].isdigit() or page.cues[n]:
            continue
        if _GALLERY.fullmatch(words) and page.place(n) != "below":
            safety = Safety.LIKELY if page.is_article else Safety.DOUBTFUL
            yield line_finding(page, "LAY008", n, "the counter of a gallery", safety)
        elif n and _counts(page, n - 1) and _AMOUNT.fullmatch(words):
            yield line_finding(page, "LAY008", n, "what the line above counts")
    yield from _bare_numbers(page)


def _bare_numbers(page: Page) -> Iterator[Finding]:
    """Lines that are nothing but one and the same number, however often: lists, tables and countdowns have others."""
    bare = [n for n, words in enumerate(page.texts) if words[:1].isdigit() and _NUMBER.fullmatch(words)]
    if not page.is_article or len({page.texts[n] for n in bare}) != 1 or page.texts[bare[0]] == "1":
        return
    for n in bare:
        sure = len(bare) > 1 or page.place(n) == "below" or len(page.texts[n]) >= _ID_DIGITS
        heads = not sure and page.place(n) == "above"  # it may number a chapter
        free = page.cues[n] is None and page.blocks[n].kind == "text" and not heads
        if free and not _names_it(page, n - 1, _LABEL_WORDS if len(bare) >= _MANY else _LONGEST_LABEL):
            safety = Safety.LIKELY if sure else Safety.DOUBTFUL
            yield line_finding(page, "LAY008", n, "a number alone on a line", safety)


def _counts(page: Page, n: int) -> bool:
    """Does a line announce what the next one counts: "Reading time:"?"""
    return page.bears(n, "counter", "line") and page.texts[n].endswith(LEADS_UP)


def _names_it(page: Page, n: int, most: int) -> bool:
    """Does a line of so many words at most ask for the number below it, or lead up to it, as in a recipe?"""
    if n < 0 or page.cues[n] or length(page.blocks[n].key) > most:
        return False
    return not finished(page.texts[n]) or page.texts[n].endswith(ASKS)
