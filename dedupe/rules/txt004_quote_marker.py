"""Quotation markers of mail and Markdown (`>`) that are left in the text.

What it does
------------
In plain text a line that holds nothing but `>` goes. Where several lines one after the other begin with `> `, the
markers go and the words stay; a single such line is only taken at level strict. In Markdown a quotation keeps its
markers; only a lone `>` with no line of a quotation beside it goes.

Why it matters
--------------
A scraper that turns a page into Markdown and then drops half of it leaves empty quotations behind; a mailed article
carries its marker on each line.

Example
-------
A first line `>` above an article in plain text is taken out.

Known false alarms
------------------
`> 5 %` at the start of a line is a comparison, `>word` without a space a habit of forums, `> plot(x)` a prompt; none of
them is touched. A navigation path (`Home > News`) is not this rule's business.

Options
-------
None.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.model import Document, Finding, Safety, Span
from dedupe.rule import cut, replace, rule

_LINE = re.compile(r"^[^\S\n\r]*(?P<marker>>(?:[^\S\n\r]?>)*)(?P<space>[^\S\n\r]*)(?P<words>[^\n\r]*)", re.MULTILINE)
_NO_QUOTATION = re.compile(r"[=~]|[\d$€£.,+-]|[^\W_]+\(")
_CODE = re.compile(r"[={};$\\]|\w\(")


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("TXT004", "quote-marker", Options)
def quote_marker(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Lone markers, and lines that begin with one."""
    text = document.article.text
    if ">" not in text:
        return
    markdown = document.article.markup == "markdown"
    code = [block.span for block in document.blocks if block.kind == "code"]
    run: list[re.Match[str]] = []
    for match in _LINE.finditer(text):
        before = bisect_right(code, (match.start(), len(text))) - 1
        if before >= 0 and match.start() < code[before].end:
            continue
        if run and text[run[-1].end() : match.start()] not in ("\n", "\r\n", "\r"):
            yield from _findings(document, run, markdown)
            run = []
        run.append(match)
    yield from _findings(document, run, markdown)


def _findings(document: Document, run: list[re.Match[str]], markdown: bool) -> Iterator[Finding]:
    """The findings of neighbouring lines that begin with a marker."""
    marked = [match for match in run if match["words"]]
    if markdown and marked:
        return
    if not marked:
        for match in run:
            span = Span(*match.span("marker"))
            safety = Safety.LIKELY if markdown else Safety.SAFE
            yield Finding("TXT004", span, "a quotation marker with nothing behind it", safety, (cut(document, span),))
        return
    words = [match["words"] for match in marked]
    if not all(match["space"] for match in marked) or any(_NO_QUOTATION.match(w) or _CODE.search(w) for w in words):
        return
    if sum(len(w.split()) >= 4 for w in words) * 2 < len(words):
        return
    for match in run:
        span = Span(match.start("marker"), match.start("words"))
        safety = Safety.LIKELY if len(marked) > 1 else Safety.DOUBTFUL
        message = "a quotation marker at the start of the line; the words stay"
        yield Finding("TXT004", span, message, safety, (replace(document, span, ""),))
