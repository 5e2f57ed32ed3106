"""A sentence stands twice, almost word for word.

What it does
------------
Finds pairs of sentences that share most of their words (a shortlist by rare shingles, then rapidfuzz), and looks at
each place where they differ. A number, a name or a negation that differs, or that only one of them has, makes two
sentences: never a repeat. The copy whose words all stand in the other goes; where both have words of their own, the
copy outside the flow goes.

Why it matters
--------------
Summaries and captions print a sentence again with a word left out, another tense, or other punctuation.

Example
-------
    The council, which met for six hours, voted to close the old harbour bridge for good.
    The council voted to close the old harbour bridge for good.

The second line goes.

Known false alarms
------------------
Two sentences that say the same on purpose, such as an announcement and its confirmation. A word that is replaced by
another one ("buy", "sell") makes a pair that is only reported, and so does a line without a full stop, which may be a
heading. In scripts without capitals names cannot be seen, so there a pair with any inner difference is only reported. A
copy inside a paragraph is doubtful.

Options
-------
min_ratio
    The least similarity of the two sentences, 0 to 100. Default 90.
min_containment
    The share of the shorter one's words, in per cent, that must stand in the longer one where they are less alike than
    `min_ratio`. Default 93.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.model import Document, Finding, Safety
from dedupe.repeat_findings import finding_for, looks
from dedupe.rule import rule

MIN_WORDS = 7
MAX_GAPS = 3


@dataclass(frozen=True, slots=True)
class Options:
    """How alike two sentences must be."""

    min_ratio: int = 90
    min_containment: int = 93


@rule("REP002", "near-repeated-sentence", Options)
def near_repeated_sentence(document: Document, options: Options) -> Iterator[Finding]:
    """Pairs of sentences that differ in little."""
    for repeat in document.repeats:
        if repeat.form != "near" or repeat.differs in ("number", "name", "negation"):
            continue
        look = looks(document, repeat, MIN_WORDS)
        if not look:
            continue
        ratio, containment = repeat.score * 100, repeat.containment * 100
        if ratio < options.min_ratio and (
            containment < options.min_containment or repeat.gaps > MAX_GAPS or ratio < 60
        ):
            continue
        apart = repeat.differs or look.on_purpose or look.lead or not look.finished
        safety = Safety.DISPLAY if apart else Safety.LIKELY if look.alone else Safety.DOUBTFUL
        yield finding_for(document, "REP002", repeat, "almost the same sentence stands elsewhere", safety)
