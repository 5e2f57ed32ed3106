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

from dedupe.layout import Page, findings, line_finding, page_of
from dedupe.model import Block, Document, Finding
from dedupe.rule import rule

_SITE = re.compile(
    r"web|\bsites?\b|seite|page|browser|navegador|setting|einstell|consent|zustimm|privacy|datenschutz|policy|richtlini"
    r"|analy|track|advert|werb|\buse(?:rs?|d)\b|\bset\b|nutz|visitor|besuch|\bid\b|laufzeit|strony|serwis|сайт|браузер|nettsted|nettside|hjemmeside|svetain|sivust"
)
"""What is said with the cookies of a site, and not with those of a baker."""
_NAMES = ("cookie", "куки", "informasjonskaps", "slapuk", "vafrakök", "eväste")
"""What cookies are called where that is not also the name of a biscuit."""
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
    if page.is_article and not _names_cookies(page.title):
        for n in _about_cookies(page):
            yield line_finding(page, "LAY009", n, "about the site's cookies")


def _about_cookies(page: Page) -> Iterator[int]:
    """The lines about the site's cookies, near those with a wording: most of their sentences name them."""
    naming = [n for n in range(len(page.lines)) if _names_cookies(page.line(n).key)]
    if not set(naming).isdisjoint(page.paragraphs[:_OPENING]):
        return
    others = [n for n in page.paragraphs if n not in naming]
    last = -_NEAR
    for n in naming:
        worded = page.bears(n, "consent", "line", "start", "inside")
        near = worded or n - last <= _NEAR
        inside = bool(others) and others[0] < n < others[-1] and not worded
        if (
            near
            and not inside
            and page.text(n)[0] not in _SPEECH
            and _most_name_them(page, n)
            and (worded or _SITE.search(page.line(n).key))
        ):
            yield n
        if near:
            last = n


def _most_name_them(page: Page, n: int) -> bool:
    line, sentences = page.line(n), page.document.sentences
    said = [sentences[i].key for i in line.sentences] if isinstance(line, Block) else [line.key]
    return 2 * sum(map(_names_cookies, said)) >= len(said)


def _names_cookies(words: str) -> bool:
    return any(name in words for name in _NAMES)
