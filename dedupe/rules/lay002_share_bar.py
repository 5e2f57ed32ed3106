"""Share bars: names of services, buttons, and lines that ask to share or to follow.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `share`. "Share this article" is enough; a single word such as
"Facebook" or "Print" counts only among other lines with such words, outside the article's prose or beside a wording
that is unmistakable.

Why it matters
--------------
Every page has buttons, many have them three times, and a scraper reads each as a line of the article.

Example
-------
    The ferry sails again on Monday, the harbour master said.
    Share this article
    Facebook
    WhatsApp

The last three lines go.

Known false alarms
------------------
An article that ends by asking its readers to follow the paper. Sub-headings and list items that name a service stay,
and so do sentences in quotation marks.

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


@rule("LAY002", "share-bar", Options)
def share_bar(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Lines and sentences that ask to share or to follow."""
    yield from findings(document, "LAY002", "part of a share bar", "share")
