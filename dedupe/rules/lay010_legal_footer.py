"""The legal footer: copyright, terms of use, imprint.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `legal`, as lines and as sentences of a paragraph.

Why it matters
--------------
The same sentence stands under every article of a site, and makes different articles alike.

Example
-------
    The bridge closes in May.
    © 2024 Arvelle Courier. All rights reserved.

The last line goes.

Known false alarms
------------------
An article of law that says "All rights reserved" as a line of its own.

Options
-------
None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.layout import DOUBTFUL, LIKELY, finding, page_of, traces
from dedupe.model import Document, Finding
from dedupe.rule import rule


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY010", "legal-footer", Options)
def legal_footer(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Copyright, terms, imprint. Alone below an article, or inside a line, it is doubtful: it may be text."""
    page = page_of(document)
    for trace in traces(page, "legal"):
        alone = not trace.company and (trace.place == "below" or trace.cue.kind == "inside")
        points = min(trace.points, DOUBTFUL if alone else LIKELY)
        if told := finding(page, "LAY010", trace._replace(points=points), "part of the legal footer"):
            yield told
