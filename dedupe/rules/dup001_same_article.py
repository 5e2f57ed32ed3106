"""The same article: an index has seen all its words before, in another article.

What it does
------------
Reports an article of the index whose shingles (five words in a row) are all the same. Nothing is cut: `--drop` leaves
such articles out.

Why it matters
--------------
A site prints an article under two addresses, and yesterday's scrape comes again today.

Example
-------
    dedupe clean today.jsonl --index seen.db --report plans.jsonl

Each article that was seen under another id has a finding with that id as its witness.

Known false alarms
------------------
None of the words differ, so none is known; two short notices of the same words may be about two days.

Options
-------
None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.duplicate_findings import duplicate_finding, staying_first
from dedupe.model import Document, Finding
from dedupe.rule import rule


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("DUP001", "same-article", Options)
def same_article(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """The neighbours with the same shingles, one that stays as the witness."""
    same = staying_first(neighbour for neighbour in document.neighbours if neighbour.jaccard == 1)
    if same:
        yield duplicate_finding(document, "DUP001", same, "the same article")
