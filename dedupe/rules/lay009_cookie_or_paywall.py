"""Cookie banners and paywalls.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `consent`, as lines and as sentences of a paragraph. Near such lines,
paragraphs go whole of which most sentences name cookies, unless the article begins with some.

Why it matters
--------------
The notice stands before the first sentence, or in the place of the last ones, and speaks in full sentences.

Example
-------
    We use cookies to improve your experience. By continuing you accept our cookie policy.
    Accept all cookies
    The ferry to the island sails again on Monday, the harbour master said in the afternoon.

The first two lines go.

Known false alarms
------------------
A report on cookies that quotes a banner without quotation marks. Quoted sentences, and sentences inside a long
paragraph between others, go at level strict only.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dedupe.layout import findings, line_finding
from dedupe.model import Document, Finding
from dedupe.normalise import key
from dedupe.page import Page, page_of
from dedupe.rule import rule
from dedupe.wordings import any_of, words_for

_SPEECH = "\"“„«»‹›'‘–—"
"""How it begins where somebody speaks of cookies."""
_NEAR = 4
_OPENING = 3
"""An article that names cookies in so many paragraphs at its beginning is about them."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY009", "cookie-or-paywall", Options)
def cookie_or_paywall(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Consent banners and paywalls."""
    yield from findings(document, "LAY009", "a cookie or paywall notice", "consent")
    page = page_of(document)
    if page.is_article and not _names_cookies(page.title, document.lang):
        for n in _about_cookies(page):
            yield line_finding(page, "LAY009", n, "about the site's cookies")


def _about_cookies(page: Page) -> Iterator[int]:
    """The lines about the site's cookies, near those with a wording: most of their sentences name them."""
    lang = page.document.lang
    if not _names_cookies("\n".join([line.key for line in page.blocks]), lang):
        return
    naming = [n for n, line in enumerate(page.blocks) if _names_cookies(line.key, lang)]
    if not set(naming).isdisjoint(page.paragraphs[:_OPENING]):
        return
    others = [n for n in page.paragraphs if n not in naming]
    last = -_NEAR
    for n in naming:
        worded = page.bears(n, "consent", "line", "start", "inside")
        near = worded or n - last <= _NEAR
        inside = bool(others) and others[0] < n < others[-1] and not page.bears(n, "consent", "line", "start")
        if (
            near
            and not inside
            and page.texts[n][0] not in _SPEECH
            and _most_name_them(page, n)
            and (worded or _site(lang).search(page.blocks[n].key))
        ):
            yield n
        if near:
            last = n


def _most_name_them(page: Page, n: int) -> bool:
    said = [page.document.sentences[i].key for i in page.blocks[n].sentences]
    return 2 * sum(_names_cookies(words, page.document.lang) for words in said) >= len(said)


def _names_cookies(words: str, lang: str) -> bool:
    return any(name in words for name in _names(lang))


@cache
def _names(lang: str) -> tuple[str, ...]:
    """What cookies are called."""
    return tuple(map(key, words_for(lang, "cookies", "names")))


@cache
def _site(lang: str) -> re.Pattern[str]:
    """What is said with the cookies of a site."""
    parts, words = (any_of(map(key, words_for(lang, "cookies", kind))) for kind in ("site", "words"))
    return re.compile(rf"{parts}|\b{words}\b")
