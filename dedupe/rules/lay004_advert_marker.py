"""Advertising: its markers, and notes on affiliate links and sponsors.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `advert`: "Advertisement", "Story continues below", "We may earn a
commission", as lines and as sentences of a paragraph.

Why it matters
--------------
The advert itself is a picture; what is left of it is a word between two paragraphs.

Example
-------
    The ferry sails again on Monday.
    ADVERTISEMENT
    It was out of service for three weeks.

The second line goes.

Known false alarms
------------------
A sub-heading "Advertising" in an article about it stays (one word counts only among its like), but a line that reads
"Advertisement" does not, whatever the article is about.

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


@rule("LAY004", "advert-marker", Options)
def advert_marker(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Marks of advertising, and notes on who pays."""
    yield from findings(document, "LAY004", "an advertising marker", "advert")
