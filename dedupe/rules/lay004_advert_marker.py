"""Advertising: its markers, and notes on affiliate links and sponsors.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `advert`: "Advertisement", "Story continues below", "We may earn a
commission", as lines and as sentences of a paragraph. A short paragraph of which one sentence says so goes whole at the
edge of the article and beside other layout.

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

from dedupe.layout import finding, line_finding, traces
from dedupe.model import Document, Finding
from dedupe.normalise import length
from dedupe.page import QUOTES, Page, page_of
from dedupe.rule import rule

_NOTE_SENTENCES, _NOTE_WORDS, _SUBJECT = 4, 45, 9


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY004", "advert-marker", Options)
def advert_marker(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Marks of advertising, and notes on who pays."""
    page = page_of(document)
    noted = frozenset(n for n in page.bearing(["advert"]) if _is_note(page, n))
    for trace in traces(page, "advert"):
        told = None if trace.line in noted else finding(page, "LAY004", trace, "an advertising marker")
        if told:
            yield told
    for n in sorted(noted):
        yield line_finding(page, "LAY004", n, "a note on who pays for the article")


def _is_note(page: Page, n: int) -> bool:
    """Is it a short paragraph of a few sentences, at the edge of the article or beside layout, of which one says that
    the site is paid for what its readers buy?"""
    sentences = page.blocks[n].sentences
    cue = page.cues[n]
    if cue is None or cue.kind != "inside" or not 1 < len(sentences) <= _NOTE_SENTENCES:
        return False
    if length(page.blocks[n].key) > _NOTE_WORDS or not QUOTES.isdisjoint(page.texts[n]):
        return False
    told = {word for word in page.blocks[n].key.split()[cue.start : cue.end] if len(word) >= _SUBJECT}
    if any(not told.isdisjoint(page.blocks[m].key.split()) for m in page.paragraphs if m != n):
        return False  # the article is about it
    said, last = page.texts[n].lower(), max(told, key=len, default="")
    if "," in said[said.rfind(last) :].partition(".")[0]:
        return False  # somebody says so: "We may earn a commission, it says below."
    edge = page.paragraphs_above(n) <= 1 or len(page.paragraphs) - page.paragraphs_above(n) <= 1
    beside = (page.cues[m] for m in (n - 1, n + 1) if 0 <= m < len(page.lines))
    return page.is_article and (edge or any(other is not None and other.kind != "inside" for other in beside))
