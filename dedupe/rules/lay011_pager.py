"""Pagers: next page, previous article, page 2 of 5.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `pager`. Numbers in a row ("1 2 3"), and numbers each on a line, go
where they touch such a wording; "Next" alone stays.

Why it matters
--------------
Pagers stand where the text of a page ends, so the sentence that goes on over the page is torn by them.

Example
-------
    The council votes on Tuesday.
    Previous article
    Next article

The last two lines go.

Known false alarms
------------------
"Page 2 of 5" in a report on a document, as a line of its own among other lines of layout.

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


@rule("LAY011", "pager", Options)
def pager(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Pagers."""
    yield from findings(document, "LAY011", "part of a pager", "pager")
