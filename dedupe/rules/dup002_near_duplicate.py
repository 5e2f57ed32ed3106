"""A near-duplicate: an index has seen most of its words before, in another article.

What it does
------------
Reports an article of the index that shares at least `threshold` of all shingles (five words in a row) of the two: their
Jaccard similarity, computed exactly. It says whether the numbers differ. Nothing is cut: `--drop` leaves such articles
out, but none whose numbers differ.

Why it matters
--------------
Wire copy runs in fifty papers, each with another headline, place or last paragraph.

Example
-------
    dedupe clean today.jsonl --index seen.db --report plans.jsonl

An article that is another one with a new last sentence has a finding with that one as its witness.

Known false alarms
------------------
Weather, market wraps, results: the same words every day, and other numbers. That is why it says whether they differ.

Options
-------
threshold (0.8): the Jaccard similarity, from the floor of the index (0.7) to 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.duplicate_findings import duplicate_finding, staying_first
from dedupe.model import Document, Finding
from dedupe.rule import rule


@dataclass(frozen=True, slots=True)
class Options:
    """How alike two articles must be."""

    threshold: float = 0.8


@rule("DUP002", "near-duplicate", Options)
def near_duplicate(document: Document, options: Options) -> Iterator[Finding]:
    """The neighbours from the threshold up that are not the same, the most alike that stays as the witness."""
    near = staying_first(n for n in document.neighbours if options.threshold <= n.jaccard < 1)
    if near:
        yield duplicate_finding(document, "DUP002", near, f"{near[0].jaccard:.0%} the same article")
