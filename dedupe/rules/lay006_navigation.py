"""Navigation: menus, jumps, search forms, log-in links.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `navigation`. "Skip to main content" or "Back to top" go anywhere;
names of sections ("Sport", "Culture") only in runs of such lines above or below the article's prose, or as the last
line of an article. The way to the article with its title at the end ("Home Sport Ferry sails again on Monday") goes,
and a button's shortcode (`[button link="…"]Send[/button]`) with its words.

Why it matters
--------------
A page dump begins with two hundred words of menu, and ends with them again.

Example
-------
    Skip to main content
    Home
    World
    Sport
    The ferry to the island sails again on Monday, the harbour master said in the afternoon.

The first four lines go.

Known false alarms
------------------
A list at the end of an article whose entries are all names of sections ("Football", "Tennis", "Golf" ...), five and
more of them, and no line with a colon in front. Sub-headings and shorter lists stay. A last line such as "Home" below a
finished paragraph goes, whatever it means.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.cues import lexicon
from dedupe.layout import findings, line_finding
from dedupe.model import Document, Finding
from dedupe.normalise import length
from dedupe.page import Page, page_of
from dedupe.rule import rule
from dedupe.traits import finished

_TRAIL = re.compile(r"[^»›>\n]{1,40}(?:\s[»›>]+\s[^»›>\n]{1,60}){2,}")
_TRAIL_LINES = 20
_TITLE_WORDS, _SECTIONS = 4, 6
_NO_SECTION_ENDS_SO = frozenset(",:;.!?–—")
"""What a headline has between its own words and the title: "Football: back for the new season"."""
_BUTTON = re.compile(r"\[button\b[^\]\n]{0,300}\][^\[\]\n]{0,80}\[/button\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY006", "navigation", Options)
def navigation(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Menus, jumps and forms."""
    yield from findings(document, "LAY006", "part of the navigation", "navigation")
    page = page_of(document)
    for n, words in enumerate(page.texts):
        if words.startswith("[") and _BUTTON.fullmatch(words):
            yield line_finding(page, "LAY006", n, "the shortcode of a button")
    for n in range(min(page.first, _TRAIL_LINES)):
        if (page.cues[n] is None and _TRAIL.fullmatch(page.texts[n])) or _leads_to_title(page, n):
            yield line_finding(page, "LAY006", n, "the trail of sections that leads to the article")


def _leads_to_title(page: Page, n: int) -> bool:
    """Is it the title behind the names of a few sections, capitalised, the first a wording ("Home Sport ...")?"""
    words = page.blocks[n].key
    if length(page.title) < _TITLE_WORDS or not words.endswith(f" {page.title}") or finished(page.texts[n]):
        return False
    title = (page.document.article.title or "").strip()
    trail = page.texts[n].removesuffix(title).split()
    if not page.texts[n].endswith(title) or any(word[0].islower() or word[-1] in _NO_SECTION_ENDS_SO for word in trail):
        return False
    sections = words.removesuffix(page.title).split()
    cues = lexicon(page.document.lang).cues(sections[0])
    return len(sections) <= _SECTIONS and any(cue.family == "navigation" for cue in cues)
