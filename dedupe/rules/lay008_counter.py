"""Counters: comments, shares, reading time, "3 hours ago", and the comment form below.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `counter` and `comments`. A bare number goes only where it
touches a share bar or another counter, and the counter of a gallery ("1 / 9") only where it begins with one and does
not stand below the article.

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
questions such as "What do you think?" stay.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.layout import findings, page_of
from dedupe.model import Document, Finding, Safety
from dedupe.rule import cut, rule

_GALLERY = re.compile(r"1\s*/\s*[1-9]\d?")


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY008", "counter", Options)
def counter(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Counters, ages and comment forms."""
    yield from findings(document, "LAY008", "a counter or part of a comment form", "counter", "comments")
    page = page_of(document)
    for n in range(len(page.lines)):
        if page.cues[n] is None and _GALLERY.fullmatch(page.text(n)) and page.place(n) != "below":
            span = page.span(n)
            safety = Safety.LIKELY if page.is_article else Safety.DOUBTFUL
            yield Finding("LAY008", span, "the counter of a gallery", safety, (cut(document, span),))
