"""A sentence stands twice.

What it does
------------
Finds a sentence whose words and numbers stand elsewhere in the article in the same order; case, quotes, dashes and
spaces do not matter, numbers do; nor does a dateline in front of one of them ("TRENK, Calif. (AP) — "), which is the
one that stays. Else the copy outside the flow of the article goes (alone on its line while the other stands inside a
paragraph, in capitals, in a list, as the highlight above the article); between equals the later one goes.

Why it matters
--------------
Summaries, captions and boxes print a sentence of the article again, and a scraper puts both into the text.

Example
-------
    The ferry to Hallig sailed again on Monday after nine days. Nobody was hurt.
    The ferry to Hallig sailed again on Monday after nine days.

The second line goes; the first one is its witness.

Known false alarms
------------------
Refrains, questions and answers of an interview, numbered steps, list items and scores repeat on purpose. They are
held back: questions, lines among other short lines, list items and short sentences that stand three times are
doubtful, and sentences under `min_words` words are no repeats at all. Two equal lines that stand apart (steps of a
recipe) are likely, never sure. A formula that a long report uses twice ("The company did not respond to a request for
comment.") is one for the rule and loses its second copy.

Options
-------
min_words
    The least number of words (a character of Chinese or Japanese counts half). Default 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.model import Document, Finding, Safety
from dedupe.repeat_findings import Look, finding_for, looks
from dedupe.rule import rule

SURE_WORDS = 12
LIKELY_WORDS = 8


@dataclass(frozen=True, slots=True)
class Options:
    """How short a repeated sentence may be."""

    min_words: int = 6


@rule("REP001", "repeated-sentence", Options)
def repeated_sentence(document: Document, options: Options) -> Iterator[Finding]:
    """Single sentences that stand twice word for word."""
    for repeat in document.repeats:
        if repeat.form != "sentence":
            continue
        look = looks(document, repeat, options.min_words)
        if not look:
            continue
        if look.on_purpose:
            safety = Safety.DISPLAY
        elif repeat.copies > 2 and look.words < SURE_WORDS:
            safety = Safety.DOUBTFUL
        elif look.finished and (
            (look.adjacent and look.words >= LIKELY_WORDS) or (repeat.copies == 2 and _stands_out(look))
        ):
            safety = Safety.SAFE
        else:
            safety = Safety.LIKELY if look.words >= LIKELY_WORDS or look.adjacent else Safety.DOUBTFUL
        yield finding_for(document, "REP001", repeat, "the sentence stands twice", safety)


def _stands_out(look: Look) -> bool:
    """A long sentence, set apart from the paragraph that has it too."""
    return look.words >= SURE_WORDS and (look.inset or look.display)
