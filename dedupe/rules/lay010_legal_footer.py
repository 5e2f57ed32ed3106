"""The legal footer: copyright, terms of use, imprint.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `legal`, as lines and as sentences of a paragraph. Alone below an
article they are doubtful, but for a copyright sign with its year or, in front, with two and more words, a line that
begins with such words or is made of them, and "All rights reserved" that does not say whose. Below an article goes the
one line with the number of a company in a register, if it is no sentence and has other numbers in it ("Tel. 555 0132,
VAT No. 716 6328 31") or other lines of the footer beside it; so does one of telephone, fax and mail with five and more
numbers and addresses.

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

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dedupe.layout import DOUBTFUL, LIKELY, Trace, finding, line_finding, traces
from dedupe.model import Document, Finding
from dedupe.normalise import length
from dedupe.page import Page, page_of
from dedupe.rule import rule
from dedupe.traits import finished
from dedupe.wordings import any_of, wordings

_OF_YEAR = re.compile(
    r"(?:\S+\s+){0,3}(?:\S*copyright\s*[@©]|\S*©|\(c\))\s*(?:copyright\s*)?(?:19|20)\d\d", re.IGNORECASE
)
_MOST_WORDS = 20
_BARE_WORDS = 4
_REGISTERED_DIGITS = 5
_CONTACTS = 5
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[+(]?\d[\d() ./-]{5,}\d")
_FAX = re.compile(r"fax|faks|факс|φαξ|فاكس|פקס|传真|傳真|팩스|ファ[ッ]?クス", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


def _is_footer(page: Page, trace: Trace) -> bool:
    """Does it begin or is it made of such wordings, or say "All rights reserved" without saying whose?"""
    words = page.blocks[trace.line].key.count(" ") + 1
    return trace.cue.kind in ("start", "row") or (trace.cue.kind == "line" and 1 < words <= _BARE_WORDS)


@cache
def _registers() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){any_of(wordings('registers')['registers'])}\.?\s*[:：]?\s?(?:[A-Z]{{2}}\s?)?\d[\d ./-]*"
    )


def _is_imprint(page: Page, n: int) -> bool:
    """Does a line without a stop give other numbers beside that of a company (a telephone's, a post code), or stand
    beside a line of the legal footer?"""
    words = page.texts[n]
    if finished(words):
        return False
    beside = (page.cues[m] for m in (n - 1, n + 1) if 0 <= m < len(page.lines))
    digits = sum(map(str.isdigit, _registers().sub("", words, count=1)))
    return digits >= _REGISTERED_DIGITS or any(cue is not None and cue.family == "legal" for cue in beside)


def _names_owner(page: Page, n: int) -> bool:
    """Does a line below an article begin with the copyright sign, and name more than the agency that signs?"""
    words = page.texts[n]
    return words.startswith("©") and page.is_article and not finished(words) and " " in page.blocks[n].key


def _lists_contacts(words: str) -> bool:
    """Does it give the numbers of telephone and fax, and the address, of more than one desk?"""
    return "@" in words and _FAX.search(words) is not None and len(_CONTACT.findall(words)) >= _CONTACTS


@rule("LAY010", "legal-footer", Options)
def legal_footer(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Copyright, terms, imprint. Alone below an article, or inside a line, it is doubtful: it may be text, unless it is
    the copyright sign with a year."""
    page = page_of(document)
    below = range(page.last + 1 if page.last >= 0 else len(page.lines), len(page.lines))
    dated = [n for n in below if length(page.blocks[n].key) <= _MOST_WORDS and _OF_YEAR.match(page.texts[n])]
    dated = [n for n in dated if page.cues[n] or not (finished(page.texts[n]) and page.has_own_word(n))]
    dated += [n for n in below if n not in dated and _names_owner(page, n)]
    for n in dated:
        yield line_finding(page, "LAY010", n, "the copyright line below the article")
    registered = [n for n in below if _registers().search(page.texts[n])]
    if len(registered) == 1 and _is_imprint(page, registered[0]):
        yield line_finding(page, "LAY010", registered[0], "the number of a company below the article")
    for n in range(max(page.last, 1), len(page.lines)):
        if _lists_contacts(page.texts[n]) and not finished(page.texts[n]):
            yield line_finding(page, "LAY010", n, "the numbers and addresses of an office below the article")
    for trace in traces(page, "legal"):
        if trace.line in dated and trace.points < LIKELY:
            continue
        if trace.place == "below" and page.is_article and _is_footer(page, trace):
            points = LIKELY
        else:
            alone = not trace.company and (trace.place == "below" or trace.cue.kind == "inside")
            points = min(trace.points, DOUBTFUL if alone else LIKELY)
        if told := finding(page, "LAY010", trace._replace(points=points), "part of the legal footer"):
            yield told
