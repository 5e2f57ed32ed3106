"""Markdown -> drafts of blocks: headings, list items, quotations, code, tables and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedupe.drafts import Draft, Line, stripped
from dedupe.model import BlockKind, Span
from dedupe.traits import MONTH

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}#{1,6}(?:\s+|$)")
_RULE = re.compile(r" {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})")
_UNDERLINE = re.compile(r" {0,3}(?:={2,}|-{3,})\s*")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_QUOTE = re.compile(r" {0,3}>(?:\s?>)*[^\S\n\r]?")
_ITEM = re.compile(rf"\s*(?:[-*+]|(\d{{1,9}})[.)](?!\s+{MONTH}))\s+(?:\[[ xX]\]\s+)?(?=\S)")
_CODE_INDENT = re.compile(r"(?: {4}| {0,3}\t)")


def drafts(text: str, lines: list[Line]) -> Iterator[Draft]:
    """The blocks of a Markdown text. The lines of a paragraph, item or quotation belong together."""
    at = _front_matter(text, lines)
    if at:
        yield _whole(lines, 0, at, "code")
    in_list = False
    while at < len(lines):
        line = lines[at]
        if line.left == line.right:
            at += 1
            continue
        draft = None
        if not in_list and _CODE_INDENT.match(text, line.start):
            end = at + 1
            while end < len(lines) and (
                lines[end].left == lines[end].right or _CODE_INDENT.match(text, lines[end].start)
            ):
                end += 1
            draft = _whole(lines, at, end, "code")
        elif end := _fence_end(text, lines, at):
            draft = _whole(lines, at, end, "code")
        elif _is_table(text, lines, at):
            end = at + 2
            while end < len(lines) and "|" in text[lines[end].left : lines[end].right]:
                end += 1
            draft = _whole(lines, at, end, "table")
        elif _RULE.fullmatch(text, line.start, line.right):
            draft, end = _whole(lines, at, at + 1, "text"), at + 1
        elif _ATX.match(text, line.start, line.right):
            draft, end = Draft(line.start, _heading(text, line), "heading"), at + 1
        else:
            draft, end = _flow(text, lines, at)
        in_list = draft.kind == "item" or (in_list and text[line.start].isspace())
        yield draft
        at = end


def _whole(lines: list[Line], at: int, end: int, kind: BlockKind) -> Draft:
    """The lines [at, end) as one block that is never split."""
    right = max(line.right for line in lines[at:end] if line.left < line.right)
    return Draft(lines[at].start, Span(lines[at].left, right), kind, whole=True)


def _front_matter(text: str, lines: list[Line]) -> int:
    """How many lines of metadata, between lines of three dashes, the text begins with."""
    if (
        len(lines) < 3
        or text[: lines[0].right] != "---"
        or not re.match(r"[\w-]+:", text[lines[1].left : lines[1].right])
    ):
        return 0
    for number, line in enumerate(lines[1:200], 2):
        if text[line.start : line.right] in ("---", "..."):
            return number
    return 0


def _fence_end(text: str, lines: list[Line], at: int) -> int:
    """Behind which line the code fence that opens at this line is closed; 0 when there is none."""
    fence = _FENCE.match(text, lines[at].start, lines[at].right)
    if not fence:
        return 0
    for number in range(at + 1, len(lines)):
        closing = text[lines[number].left : lines[number].right]
        if closing.startswith(fence[1]) and not closing.strip(fence[1][0]):
            return number + 1
    return 0


def _is_table(text: str, lines: list[Line], at: int) -> bool:
    if at + 1 == len(lines) or "|" not in text[lines[at].left : lines[at].right]:
        return False
    rule = lines[at + 1]
    return "|" in text[rule.left : rule.right] and _TABLE_RULE.fullmatch(text, rule.left, rule.right) is not None


def _heading(text: str, line: Line) -> Span:
    """What a line with leading number signs says, without them and those that close it."""
    content = text[line.left : line.right].lstrip("#")
    left = line.right - len(content)
    opened = content.rstrip("#")
    if opened[-1:].isspace():
        content = opened
    body = stripped(text, left, left + len(content))
    return body if body.start < body.end else Span(line.left, line.right)


def _flow(text: str, lines: list[Line], at: int) -> tuple[Draft, int]:
    """The paragraph, list item, quotation or underlined heading that begins at this line, and the line behind it."""
    start = lines[at].start
    kind: BlockKind = "text"
    while (
        _is_bare_quote(text, lines[at])
        and at + 1 < len(lines)
        and _QUOTE.match(text, lines[at + 1].start, lines[at + 1].right)
    ):
        at += 1
    left = lines[at].left
    for marked, pattern in (("quote", _QUOTE), ("item", _ITEM)):
        marker = pattern.match(text, lines[at].start, lines[at].right)
        if marker:
            kind = "quote" if marked == "quote" else "item"
            body = stripped(text, marker.end(), lines[at].right)
            left = marker.end() if body.start < body.end else left
            break
    end = at + 1
    while end < len(lines) and lines[end].left < lines[end].right:
        line = lines[end]
        if kind == "text" and _UNDERLINE.fullmatch(text, line.start, line.right):
            return Draft(start, stripped(text, left, lines[end - 1].right), "heading"), end + 1
        if _is_bare_quote(text, line) if kind == "quote" else _interrupts(text, lines, end, kind):
            break
        if kind == "quote" and not _QUOTE.match(text, line.start, line.right) and _interrupts(text, lines, end, kind):
            break
        end += 1
    last = end - 1
    while kind == "quote" and end < len(lines) and _is_bare_quote(text, lines[end]):
        end += 1
    return Draft(start, stripped(text, left, lines[last].right), kind), end


def _is_bare_quote(text: str, line: Line) -> bool:
    return set(text[line.left : line.right]) == {">"}


def _interrupts(text: str, lines: list[Line], at: int, kind: BlockKind) -> bool:
    """Does something new begin with this line, straight behind a paragraph, item or quotation?"""
    start, right = lines[at].start, lines[at].right
    item = _ITEM.match(text, start, right)
    if item and (kind == "item" or item[1] in (None, "1")):
        return True
    return bool(
        _ATX.match(text, start, right)
        or _QUOTE.match(text, start, right)
        or _RULE.fullmatch(text, start, right)
        or _FENCE.match(text, start, right)
        or _is_table(text, lines, at)
    )
