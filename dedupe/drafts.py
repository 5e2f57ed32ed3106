"""What a text is cut into before its sentences are known: lines, and drafts of blocks."""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.model import BlockKind, Span
from dedupe.normalise import EDGE

# Variation selectors belong to the character before them, so that they are no edge.
_EDGE = EDGE.replace("\ufe0e", "").replace("\ufe0f", "")
_SOFT_BREAK = re.compile(
    r"(?<!\\)(?<! {2})(?:\r\n|[\n\r])(?:[^\S\n\r]*>)*|(?:(?<=\\)|(?<= {2}))(?:\r\n|[\n\r])(?=\s*>)"
)


class Line(NamedTuple):
    """A line of the text: [start, end) with its break, [left, right) what a reader sees of it."""

    start: int
    end: int
    left: int
    right: int


class Draft(NamedTuple):
    """A block before its span is settled: it begins at `start`, `whole` ones are a single sentence."""

    start: int
    body: Span
    kind: BlockKind = "text"
    whole: bool = False


def stripped(text: str, start: int, end: int) -> Span:
    """[start, end) without white space and invisible characters at its edges."""
    inner = text[start:end].lstrip(_EDGE)
    left = end - len(inner)
    return Span(left, left + len(inner.rstrip(_EDGE)))


def lines(text: str, blank: bool) -> list[Line]:
    """The lines of a text, with the blank ones or without."""
    found = []
    end = 0
    for line in text.splitlines(keepends=True):
        start, end = end, end + len(line)
        inner = line.lstrip(_EDGE)
        if inner or blank:
            left = end - len(inner)
            found.append(Line(start, end, left, left + len(inner.rstrip(_EDGE))))
    return found


def unbroken(text: str) -> str:
    """The text of a block with a space, place for place, for each line break that is not meant to be one."""
    return _SOFT_BREAK.sub(lambda m: " " * len(m[0]), text) if "\n" in text or "\r" in text else text
