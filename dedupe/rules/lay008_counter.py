"""Counters: comments, shares, reading time, "3 hours ago", and the comment form below.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `counter` and `comments`. A bare number goes only where it
touches a share bar or another counter.

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

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.layout import findings
from dedupe.model import Document, Finding
from dedupe.rule import rule


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY008", "counter", Options)
def counter(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Counters, ages and comment forms."""
    yield from findings(document, "LAY008", "a counter or part of a comment form", "counter", "comments")
