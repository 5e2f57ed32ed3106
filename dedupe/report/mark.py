"""Marked output: the text stays, and what cleaning would change is shown in it (CriticMarkup) or beside it."""

from __future__ import annotations

from typing import Any

from dedupe.edit import LINE_BREAK
from dedupe.pipeline import Result
from dedupe.report.plan import names


def criticmarkup(result: Result) -> str:
    """The article's text with {--what would go--}, {++come++} or {~~be~>replaced~~}, each with its rule behind it.

    The line breaks that go with whole lines stay outside the marks, so that a mark never reaches into another line.

    >>> import dedupe
    >>> criticmarkup(dedupe.clean("The bridge is open again. layers"))
    'The bridge is open again.{-- layers--}{>>LAY001 stray-token<<}'
    """
    named, text = names(), result.article.text
    parts, at = [], 0
    for edit in result.plan.edits:
        start, end = edit.span
        above = below = ""
        if not edit.after:
            above, gone, below = _framed(edit.before)
            mark = f"{{--{gone}--}}"
        elif not edit.before:
            mark = f"{{++{edit.after}++}}"
        else:
            mark = f"{{~~{edit.before}~>{edit.after}~~}}"
        code = result.plan.decisions[edit.finding].finding.code
        parts += [text[at:start], above, mark, f"{{>>{code} {named.get(code, '')}<<}}", below]
        at = end
    return "".join((*parts, text[at:]))


def _framed(text: str) -> tuple[str, str, str]:
    """A text that is cut: the line breaks above its words, the words, and the line breaks below."""
    if not text.strip():
        return "", text, ""
    words, behind = len(text) - len(text.lstrip()), len(text.rstrip())
    start = max((found.end() for found in LINE_BREAK.finditer(text, 0, words)), default=0)
    below = LINE_BREAK.search(text, behind)
    end = below.start() if below else len(text)
    return text[:start], text[start:end], text[end:]


def marks(result: Result) -> list[dict[str, Any]]:
    """What cleaning would change, as {"code", "start", "end", "before", "after", "message"}, in the text's order."""
    entries = []
    for edit in result.plan.edits:
        finding = result.plan.decisions[edit.finding].finding
        entries.append(
            {
                "code": finding.code,
                "start": edit.span.start,
                "end": edit.span.end,
                "before": edit.before,
                "after": edit.after,
                "message": finding.message,
            }
        )
    return entries
