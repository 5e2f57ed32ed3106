"""Share bars: names of services, buttons, and lines that ask to share or to follow.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `share`. "Share this article" is enough; a single word such as
"Facebook" or "Print" counts only among other lines with such words, outside the article's prose or beside a wording
that is unmistakable, or as a row that stands three times. A button of two and more words behind the last sentence of a
line ("… said. Click To Tweet") goes alone.

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

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.cues import lexicon
from dedupe.layout import LIKELY, finding, traces
from dedupe.model import Document, Finding, Safety, Span
from dedupe.normalise import key
from dedupe.page import page_of
from dedupe.rule import cut, rule

_ROWS = 3
"""The same row of services so many times on a page is no list of the article's."""
_LONGEST = 40
_BUTTON = re.compile(r"[.!?…][\"'”’»)\]]*\s?([^\W\d_a-z][^\W\d_]+(?: [^\W\d_]+){1,4})$")
"""Two words and more behind the full stop of a line, with no full stop of their own."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY002", "share-bar", Options)
def share_bar(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Lines and sentences that ask to share or to follow."""
    page, known = page_of(document), lexicon(document.lang)
    rows = Counter(page.blocks[n].key for n in page.bearing(["share"]))
    for trace in traces(page, "share"):
        words = page.blocks[trace.line].key
        again = trace.cue.kind in ("weak", "row") and " " in words and rows[words] >= _ROWS
        points = max(trace.points, LIKELY) if again else trace.points
        if told := finding(page, "LAY002", trace._replace(points=points), "part of a share bar"):
            yield told
    for n, words in enumerate(page.texts):
        button = _BUTTON.search(words[-_LONGEST:]) if words[-1].isalpha() else None
        if button and any(cue.family == "share" for cue in known.cues(key(button[1])) if cue.kind == "line"):
            end = page.blocks[n].body.start + len(words)
            span = Span(end - len(button[1]), end)
            yield Finding("LAY002", span, "a button behind a sentence", Safety.LIKELY, (cut(document, span),))
