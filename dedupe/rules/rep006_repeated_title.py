"""The headline stands in the text again.

What it does
------------
Finds a line that says the record's title again, with or without the site's name behind it ("... | The Courier"), the
section in front of it ("Opinion | ...") or the way to the page ("Home / News / ..."). In a text without a title field,
a first line that looks like a headline counts as the title, and its later copies go. Above an article the first line
goes too where it has most of its telling words from the title, and no number that the title has not.

Why it matters
--------------
Breadcrumbs, share boxes and "you are reading" lines print the headline inside the article, and where the title has a
field of its own the line in the text is its copy.

Example
-------
    {"title": "Old bridge closes for good | The Courier", "text": "Old bridge closes for good\nThe council voted ..."}

The first line of the text goes; the title field stays as it is.

Known false alarms
------------------
A sub-heading or the name of a poem that equals the title. A line that ends with a full stop is taken for a title only
in title case ("Why You Should Not Worry.").

Options
-------
None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.language import FUNCTION_WORDS
from dedupe.model import Document, Finding, Safety, Span, Witness
from dedupe.page import Page, page_of
from dedupe.repeat_findings import finding_for, looks
from dedupe.rule import cut, rule
from dedupe.traits import finished

_LEAST_WORDS, _LEAST_SHARE = 4, 0.65
"""A headline in other words has so many telling words, and shares so many of them with the title."""
_TELLING = 4


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("REP006", "repeated-title", Options)
def repeated_title(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Lines that repeat the title."""
    for repeat in document.repeats:
        if repeat.form == "title":
            below = not repeat.in_title or (0 <= document.lead < repeat.copy.start)
            look = looks(document, repeat) if below else None
            unsure = look is not None and look.on_purpose
            message = "says the record's title again" if repeat.in_title else "the headline stands twice"
            yield finding_for(document, "REP006", repeat, message, Safety.DOUBTFUL if unsure else Safety.LIKELY)
    page = page_of(document)
    share = _share(page)
    if share >= _LEAST_SHARE:
        title = document.article.title or ""
        witness = Witness(document.article.id, Span(0, len(title)), round(share, 3), "title")
        edits = (cut(document, page.span(0)),)
        message = "a headline that says the record's title in other words"
        yield Finding("REP006", page.span(0), message, Safety.LIKELY, edits, witness)


def _share(page: Page) -> float:
    """The share (0 to 1) of the telling words of the first line that the title has; 0 where it is no headline."""
    if not page.title or not page.is_article or page.titled(0) or page.cues[0] or page.blocks[0].kind != "text":
        return 0
    words, title = page.texts[0], frozenset(page.title.split())
    tokens = page.blocks[0].key.split()
    if finished(words) or words[0].islower() or words.endswith((":", "：", ",")):
        return 0
    if not title.issuperset(token for token in tokens if token[0].isdigit()):
        return 0
    small = FUNCTION_WORDS.get(page.document.lang, frozenset())
    telling = {token for token in tokens if len(token) >= _TELLING and token not in small}
    return len(telling & title) / len(telling) if len(telling) >= _LEAST_WORDS else 0
