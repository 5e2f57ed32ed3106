"""A contained passage: the article stands in another one that an index has seen, or that one stands in it.

What it does
------------
Reports an article of the index that is longer or shorter, where the shorter one's shingles (five words in a row) are in
the longer one, and marks the passage. Nothing is cut.

Why it matters
--------------
A brief grows into a story, a story is cut to a brief, a magazine prints an agency's report inside its own.

Example
-------
    dedupe clean today.jsonl --index seen.db --report plans.jsonl

A story that holds a whole older brief has a finding over that passage, with the brief as its witness.

Known false alarms
------------------
A long quotation of a speech or verdict that two articles share, where one of them is hardly more than that.

Options
-------
containment (0.8): the share of the shorter article's shingles, 0.8 to 1. min_shingles (50): at least so many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.duplicate_findings import NEAR, contained_finding
from dedupe.model import Document, Finding
from dedupe.rule import rule


@dataclass(frozen=True, slots=True)
class Options:
    """How much of the shorter article must stand in the longer one."""

    containment: float = 0.8
    min_shingles: int = 50


@rule("DUP003", "contained-passage", Options)
def contained_passage(document: Document, options: Options) -> Iterator[Finding]:
    """Each neighbour that is no near-duplicate, and stands in this article or this in it."""
    for neighbour in document.neighbours:
        enough = neighbour.containment >= options.containment and neighbour.shared >= options.min_shingles
        if enough and neighbour.jaccard < NEAR:
            yield contained_finding("DUP003", neighbour)
