"""Placeholders of media: what a player, a gallery or a picture prints instead of itself.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `media`: "Play video", "Image 2 of 9", "Your browser does not support
the video tag". Where a label leads a caption ("Image caption The harbour at dusk"), only the label goes; the caption is
a matter of CAP002. A label with a colon and a few words behind it ("Video: The storm") goes whole among other lines of
layout, and so does a headline of four and more words behind one ("Photos: Forty years of ferries in Arvelle") below a
paragraph, unless other lines of the article have labels too. A word such as "VIDEO" goes between two paragraphs where
it is the only line in capitals, and any such word that stands twice.

Why it matters
--------------
The picture is gone, its buttons are not, and they stand between two paragraphs.

Example
-------
    The ferry sails again on Monday.
    Play video
    It was out of service for three weeks.

The second line goes.

Known false alarms
------------------
An article about players and browsers that prints their messages as lines of its own. Another word ("Video", "Photo")
counts only among other lines of layout; lines in brackets and quotations go at level strict only.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dedupe.layout import findings, is_fact, line_finding
from dedupe.model import Document, Finding
from dedupe.normalise import key, length
from dedupe.page import Page, page_of
from dedupe.rule import rule
from dedupe.traits import LEADS_UP, finished
from dedupe.wordings import words_of_all

_LABEL = re.compile(r"^[^:：]{2,30}[:：]\s*")
_HEADLINE_WORDS = 4


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("CAP003", "media-placeholder", Options)
def media_placeholder(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """What players and galleries print."""
    yield from findings(document, "CAP003", "a media placeholder", "media")
    page = page_of(document)
    if not page.is_article:
        return
    for n in page.bearing(["media"]):
        if _leads_elsewhere(page, n):
            yield line_finding(page, "CAP003", n, "a link to pictures or a film")
    again = Counter(page.texts)
    for n in range(page.first, page.last):
        if page.blocks[n].key not in _player() or not page.bears(n, "media", "weak"):
            continue
        if _shouted(page, n):
            yield line_finding(page, "CAP003", n, "the word of a player in capitals")
        elif again[page.texts[n]] > 1 and page.blocks[n].kind == "text" and not page.texts[n].endswith(LEADS_UP):
            yield line_finding(page, "CAP003", n, "the word of a player, which stands elsewhere too")


def _leads_elsewhere(page: Page, n: int) -> bool:
    """Is it a headline behind a label such as "Photos:", below a paragraph and no line of a box of facts?"""
    words = page.texts[n]
    if not page.bears(n, "media", "label") or finished(words) or words.endswith(LEADS_UP) or page.titled(n):
        return False
    behind = _LABEL.sub("", words, count=1)
    plain = page.blocks[n].kind == "text" and page.blocks[n].body not in page.credited and words[0].isalpha()
    if not plain or not page.prose(n - 1) or length(key(behind)) < _HEADLINE_WORDS or behind[:1].islower():
        return False
    inside = range(page.first, page.last + 2)
    return not any(m != n and _is_labelled(page, m) for m in inside if m < len(page.lines))


def _is_labelled(page: Page, n: int) -> bool:
    """Is it another line behind a label, no credit: a fact of a box, a sub-heading ("Sound: no wires at all")?"""
    return is_fact(page, n) and not finished(page.texts[n]) and page.blocks[n].body not in page.credited


def _shouted(page: Page, n: int) -> bool:
    """Is it one word in capitals between two paragraphs, and is no other line written so?"""
    words = page.texts[n]
    return (
        words.isupper()
        and page.prose(n - 1)
        and page.prose(n + 1)
        and all(page.texts[m] == words for m in range(page.first, page.last) if page.texts[m].isupper())
    )


@cache
def _player() -> frozenset[str]:
    """The words of a player, as keys."""
    return frozenset(map(key, words_of_all("captions", "player")))
