"""Several sentences stand a second time, one after the other.

What it does
------------
Finds stretches of two and more sentences that repeat an earlier stretch in the same order: a paragraph pasted twice, a
sequence of paragraphs (A B A B), the whole text printed again. The later copy goes, unless the earlier one stands apart
and the later one inside a longer paragraph. Short lines inside the stretch go with it.

Why it matters
--------------
Nested page elements and mobile versions make extractors print parts of an article twice.

Example
-------
    The bridge closed in May. Divers found cracks in both piers.
    Repairs will take a year, the council said.
    The bridge closed in May. Divers found cracks in both piers.
    Repairs will take a year, the council said.

The third and the fourth line go.

Known false alarms
------------------
Choruses and refrains: a stretch of short lines without enough finished prose is left alone.

Options
-------
min_words
    The least number of words in the whole stretch. Default 12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.model import Document, Finding, Safety
from dedupe.repeat_findings import finding_for, looks
from dedupe.rule import rule

SURE_WORDS = 20


@dataclass(frozen=True, slots=True)
class Options:
    """How short a repeated stretch may be."""

    min_words: int = 12


@rule("REP003", "repeated-block", Options)
def repeated_block(document: Document, options: Options) -> Iterator[Finding]:
    """Stretches of sentences that stand twice."""
    for repeat in document.repeats:
        if repeat.form != "block":
            continue
        look = looks(document, repeat, options.min_words)
        if not look:
            continue
        if look.on_purpose or look.prose_share < 0.5:
            safety = Safety.DISPLAY
        else:
            safety = Safety.SAFE if look.words >= SURE_WORDS else Safety.LIKELY
        count = len(repeat.copy)
        message = f"{count} sentences in a row stand twice"
        yield finding_for(document, "REP003", repeat, message, safety, priority=10)
