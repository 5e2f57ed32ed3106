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
A sub-heading or the name of a poem that equals the title. Below a paragraph a line is doubtful where a colon of the
article leads up to it, or where it and the title differ by words and a colon in front ("Best film: The Old Bridge"). A
line that ends with a full stop is taken for a title only in title case ("Why You Should Not Worry.").

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.language import FUNCTION_WORDS
from dedupe.model import Document, Finding, Repeat, Safety, Span, Witness
from dedupe.normalise import key
from dedupe.page import Page, page_of
from dedupe.repeat_findings import Look, finding_for, looks
from dedupe.rule import cut, rule
from dedupe.traits import finished, prose

_COLON = re.compile(r"[:：]\s")
_LEAST_WORDS, _LEAST_SHARE = 4, 0.65
"""A headline in other words has so many telling words, and shares so many of them with the title."""
_TELLING = 4
_PRINTED = 2
"""In a text without prose or layout, what says the title more often than above and below it is a refrain."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("REP006", "repeated-title", Options)
def repeated_title(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Lines that repeat the title."""
    titles = [repeat for repeat in document.repeats if repeat.form == "title"]
    verses = document.lead < 0 and len(titles) > _PRINTED and not any(document.cues)
    for repeat in titles:
        verse = verses and repeat is not titles[0]
        below = not repeat.in_title or verse or 0 <= document.lead < repeat.copy.start
        look = looks(document, repeat) if below else None
        unsure = look is not None and (
            look.on_purpose or _led_up_to(document, repeat, look) or _behind_kicker(document, repeat)
        )
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


def _led_up_to(document: Document, repeat: Repeat, look: Look) -> bool:
    """Does a line of the article, and none of layout, lead up to it with a colon?"""
    place = document.sentences[repeat.copy.start].block
    above = next((n for n in reversed(range(place)) if document.blocks[n].key), place)
    return look.led_up_to and not (document.cues and document.cues[above])


def _behind_kicker(document: Document, repeat: Repeat) -> bool:
    """Has the line or the title words and a colon in front ("Best film: The Old Bridge"), below a paragraph?"""
    text, place = document.article.text, document.sentences[repeat.copy.start].block
    block, title = document.blocks[place], document.article.title or ""
    above = next((text[slice(*b.body)] for b in reversed(document.blocks[:place]) if b.key), "")
    shorter, longer = sorted((text[slice(*block.body)], title), key=len)
    apart = not key(longer).startswith(key(shorter)) and _COLON.search(longer) is not None
    return repeat.in_title and apart and prose(above, above)


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
