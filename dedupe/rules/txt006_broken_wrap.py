"""A line break inside a sentence, in a text whose paragraphs are lines.

What it does
------------
Joins a line that ends in the middle of a sentence with the next line, by one space. Where a word itself is broken with
a hyphen, the place is only reported: `self-` above `employed` keeps its hyphen, `govern-` above `ment` does not. Texts
that are wrapped throughout, Markdown, code, lists and verse are left alone.

Why it matters
--------------
Half a sentence on a line of its own is neither found as a repeat nor read as prose.

Example
-------
A line that ends `the minister told the` and the line `parliament that nothing would change.` below it become one.

Known false alarms
------------------
Verse in long lines, when its lines begin in small letters: several such lines in a row are taken for verse and left
alone. Where nothing but the small letter speaks for it, a break is joined at level strict only.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dedupe.language import FUNCTION_WORDS
from dedupe.model import Document, Finding, Safety, Span
from dedupe.rule import replace, rule
from dedupe.traits import finished
from dedupe.wordings import words_for

_BREAK = re.compile(r"[^\S\n\r]*(?:\r\n|\n|\r)[^\S\n\r]*")
_HYPHENS = "-\u00ad\u2010"
_HYPHENATED = re.compile(rf"[^\W\d_][{_HYPHENS}]")
_NOT_PROSE = re.compile(r"\s*(?:[-*•‣▪·–>]|\d{1,3}[.)])\s")
_MANY = 3
"""As many breaks in one block are verse or a list."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("TXT006", "broken-wrap", Options)
def broken_wrap(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Line breaks inside the sentences of a block."""
    text = document.article.text
    if document.shape != "lines" or document.article.markup == "markdown":
        return
    returns = "\r" in text
    for number, block in enumerate(document.blocks):
        if block.kind != "text":
            continue
        broken = text.find("\n", *block.body) >= 0 or (returns and text.find("\r", *block.body) >= 0)
        breaks = list(_BREAK.finditer(text, *block.body)) if broken else []
        for found in breaks if len(breaks) < _MANY else ():
            line_start = max(block.body.start, text.rfind("\n", block.body.start, found.start()) + 1)
            line, next_line = text[line_start : found.start()], text[found.end() : block.body.end]
            if finished(line) or not next_line[:1].islower() or _NOT_PROSE.match(line):
                continue
            if line.casefold().split()[:1] == next_line.casefold().split()[:1]:
                continue  # the lines of an enumeration
            span = Span(*found.span())
            safety = Safety.LIKELY if _goes_on(line, next_line, document.lang) else Safety.DOUBTFUL
            yield Finding("TXT006", span, "a line break inside a sentence", safety, (replace(document, span, " "),))
        end = block.body.end
        if text[end - 1 : end] not in _HYPHENS or not _HYPHENATED.fullmatch(text, max(0, end - 2), end):
            continue
        for following in document.blocks[number + 1 : number + 2]:
            span = Span(block.body.end, following.body.start)
            if text[span.end : span.end + 1].islower() and _BREAK.fullmatch(text, *span):
                message = "a word broken at the end of a line: only its writer knows whether the hyphen belongs to it"
                yield Finding("TXT006", span, message, Safety.DISPLAY)


def _goes_on(line: str, next_line: str, lang: str) -> bool:
    """Does the sentence surely go on: behind a small word or a comma, or up to its own full stop?"""
    last, first = line.split()[-1], next_line.split()[0]
    if not first.strip(",;:.!?)\"'”’»").isalpha() or not first.strip(",;:.!?)\"'”’»").islower():
        return False
    if last in FUNCTION_WORDS.get(lang, ()) or last.endswith(","):
        return True
    return last.islower() and line[:1].isupper() and finished(next_line) and first not in _byline(lang)


@cache
def _byline(lang: str) -> frozenset[str]:
    """The words that begin a byline."""
    return frozenset(map(str.casefold, words_for(lang, "bylines", "by")))
