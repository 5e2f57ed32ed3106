"""A body sentence is glued to a caption.

What it does
------------
Finds a line of two sentences, C and S, where S stands again alone on a line or in one of the next two paragraphs. S
goes from the line; what becomes of C is for rule CAP002 to say, under its own code.

Why it matters
--------------
When the page's markup is lost, a caption and the paragraph after it end up on one line, and the paragraph follows
again.

Example
-------
    A docker holds up a banner at gate four. The strike, however, may end within days.
    The strike, however, may end within days.

The second sentence of the first line goes, the second line stays.

Known false alarms
------------------
A paragraph of two sentences whose second one is quoted again by the next paragraph: one of the two copies goes all
the same, but from the wrong place.

Options
-------
min_words
    The least number of words of the repeated sentence. Default 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.captions import GLUED_MARKS, caption_mark
from dedupe.model import Document, Finding, Repeat, Safety
from dedupe.repeat_findings import finding_for, looks
from dedupe.repeats import extent
from dedupe.rule import rule

SURE_WORDS = 8


@dataclass(frozen=True, slots=True)
class Options:
    """How short a glued sentence may be."""

    min_words: int = 5


@rule("REP007", "glued-repeat", Options)
def glued_repeat(document: Document, options: Options) -> Iterator[Finding]:
    """Second sentences of a line that stand again on their own."""
    for repeat in document.repeats:
        if repeat.form != "glued":
            continue
        look = looks(document, repeat, options.min_words)
        if not look:
            continue
        if look.on_purpose:
            safety = Safety.DOUBTFUL
        elif _behind_caption(document, repeat):
            safety = Safety.SAFE if look.words >= SURE_WORDS and not repeat.tail else Safety.LIKELY
        else:
            safety = Safety.LIKELY if look.words >= SURE_WORDS or look.begins_witness else Safety.DOUBTFUL
        yield finding_for(
            document, "REP007", repeat, "glued to the sentence before it; the sentence stands again on its own", safety
        )


def _behind_caption(document: Document, repeat: Repeat) -> bool:
    """Does the sentence before the glued one carry the mark of a caption?"""
    line = document.blocks[document.sentences[repeat.copy.start].block]
    before = document.article.text[line.body.start : extent(document, repeat).start]
    return bool(caption_mark(before, document.lang, *GLUED_MARKS))
