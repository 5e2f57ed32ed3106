"""The headline stands in the text again.

What it does
------------
Finds a line that says the record's title again, with or without the site's name behind it ("... | The Courier"). In a
text without a title field, a first line that looks like a headline counts as the title, and its later copies go.

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
A sub-heading or the name of a poem that equals the title. A line that ends with a full stop is never taken for a title.

Options
-------
None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.model import Document, Finding, Safety
from dedupe.repeat_findings import finding_for, looks
from dedupe.rule import rule


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
