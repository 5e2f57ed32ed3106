"""A pull quote: words of the article, set apart as display.

What it does
------------
Finds a line of its own whose words all stand, one after the other, inside a longer sentence or paragraph of the
article, or a line in quotation marks that repeats a sentence of the text. The line goes, the sentence in the text
stays.

Why it matters
--------------
Pages print a strong sentence again in large letters; without the page's design it is a sentence out of place.

Example
-------
    “Nobody asked the fishermen,” said Ilse Brandt, who has run the fleet since 1998.
    “Nobody asked the fishermen”

The second line goes.

Known false alarms
------------------
A quotation that the writer gives on a line of its own and takes up again in a sentence. A short quotation that stands
above the paragraphs that take it up is a sub-heading, and doubtful. Without quotation marks a line that is only the
later part of a sentence is reported and stays, since the rest may turn its meaning ("He denied that ..."), unless it
begins with a capital there too (a heading glued to its sentence).

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
    """How short a pull quote may be."""

    min_words: int = 5


@rule("REP004", "pull-quote", Options)
def pull_quote(document: Document, options: Options) -> Iterator[Finding]:
    """Display lines whose words stand in the text."""
    for repeat in document.repeats:
        if repeat.form != "pull-quote":
            continue
        look = looks(document, repeat, options.min_words)
        if not look:
            continue
        plain = not repeat.differs and (look.words >= LIKELY_WORDS or repeat.set_off) and not look.on_purpose
        sure = plain or (look.display and repeat.differs != "negation")
        held_back = look.led_up_to or (look.heads and not repeat.set_off)
        safety = Safety.LIKELY if sure and not held_back else Safety.DISPLAY if repeat.differs else Safety.DOUBTFUL
        yield finding_for(document, "REP004", repeat, "a pull quote: its words stand in the text", safety)
