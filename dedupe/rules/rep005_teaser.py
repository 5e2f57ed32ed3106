"""A teaser: the beginning of a sentence of the article, cut short.

What it does
------------
Finds a line of its own that is the beginning of a sentence or paragraph of the article: broken off with an ellipsis, or
without the end of its sentence. It lacks the end, so numbers and names that stand only there make no difference. The
line goes, the whole sentence stays.

Why it matters
--------------
Summaries, "more on this" boxes and share texts print the first words of a paragraph.

Example
-------
    The harbour master of Sandwick said on Tuesday that the old crane …
    The harbour master of Sandwick said on Tuesday that the old crane would be taken down in spring.

The first line goes.

Known false alarms
------------------
A list of names or headings that a later sentence takes up word for word. List items and lines whose copy differs are
only reported.

Options
-------
min_words
    The least number of words of the line. Default 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.model import Document, Finding, Safety
from dedupe.repeat_findings import finding_for, looks
from dedupe.rule import rule

LIKELY_WORDS = 8


@dataclass(frozen=True, slots=True)
class Options:
    """How short a teaser may be."""

    min_words: int = 5


@rule("REP005", "teaser", Options)
def teaser(document: Document, options: Options) -> Iterator[Finding]:
    """Shortened copies on lines of their own."""
    for repeat in document.repeats:
        if repeat.form != "teaser":
            continue
        look = looks(document, repeat, options.min_words)
        if not look or not look.alone:
            continue
        unsure = repeat.differs or (look.on_purpose and not look.truncated)
        long_enough = look.truncated or repeat.set_off or look.words >= LIKELY_WORDS
        safety = Safety.DISPLAY if unsure else Safety.LIKELY if long_enough else Safety.DOUBTFUL
        yield finding_for(document, "REP005", repeat, "a shortened copy of a sentence of the text", safety)
