"""Bylines: who wrote it, when it was published and changed, who the author is.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `byline`. They go above the first paragraph of prose ("By Ida Lund",
"Published May 3, 2024"), and below the last one where they are unmistakable or stand among other lines of layout.
Between two paragraphs they go at level strict only.

Why it matters
--------------
Name, date and agency stand three times on many pages, in three forms, and none of them is a sentence.

Example
-------
    Old bridge closes for good
    By Ida Lund
    Published May 3, 2024
    The council of Arvelle voted on Monday to close the old bridge for good, after eight years of repairs.

The second and third line go.

Known false alarms
------------------
Agencies sign a report at its end, in brackets or as a sentence ("Reporting by ..."); some readers count that as text,
so it goes at level strict. A dateline at the beginning of a paragraph is never touched; lines of dates with a paragraph
below each of them are a diary and stay.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dedupe.layout import DOUBTFUL, LIKELY, Page, Trace, finding, page_of, traces
from dedupe.model import Document, Finding
from dedupe.normalise import length
from dedupe.rule import rule
from dedupe.traits import finished

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DATE_WORDS = 15
"""A longer line with a year in it may be a heading."""
_DIARY = 2
"""So many lines of dates, each with a paragraph below, inside the article: they are its sub-headings."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY007", "byline-block", Options)
def byline_block(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Bylines, dates of publication, notes on the author."""
    page = page_of(document)
    found = list(traces(page, "byline"))
    diary = sum(t.place == "between" and t.cue.kind == "weak" and page.prose(t.line + 1) for t in found) >= _DIARY
    for trace in found:
        points = 0 if diary and trace.cue.kind == "weak" else _points(page, trace)
        if told := finding(page, "LAY007", replace(trace, points=points), "part of the byline"):
            yield told


def _points(page: Page, trace: Trace) -> int:
    weak = trace.cue.kind == "weak"
    if trace.place == "above":
        words = page.text(trace.line)
        if page.is_article and _YEAR.search(words) and length(page.line(trace.line).key) <= _DATE_WORDS:
            return max(trace.points, LIKELY)
        if not trace.line:
            return trace.points - 2  # a headline, whatever it begins with
        words = page.line(trace.line).key
        if weak and not trace.company and (words.count(" ") < 2 or not any(map(str.isalpha, words))):
            return min(trace.points + 2, DOUBTFUL)  # a time of day, the head of a table
        return trace.points + 2 * weak
    ended = trace.cue.kind == "inside" or finished(page.text(trace.line))
    sure = trace.place == "below" and not weak and not (ended and trace.cue.kind != "line")
    return trace.points - 1 - ended if sure else min(trace.points - weak, DOUBTFUL)
