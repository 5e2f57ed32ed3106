"""A finding in its context, before and after, as pieces that a screen can show: no terminal needed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

from dedupe.edit import edits_of
from dedupe.model import Decision, Edit, Finding, Outcome, Span

CONTEXT = 200
"""Code points shown on each side."""
_LINES = 3
_PLACES = 5
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_JOINERS = "\u200c\u200d"
_MARKS = {"cut": ("[-", "-]"), "put": ("{+", "+}"), "found": (">>", "<<")}


class Piece(NamedTuple):
    """A stretch of text: kept, cut, put in, or found without a change."""

    text: str
    kind: Literal["keep", "cut", "put", "found"]

    @property
    def marked(self) -> str:
        """The stretch as it is shown: between marks that need no colour, with nothing that steers a terminal.

        >>> Piece("layers\\x1b", "cut").marked
        '[-layers\\\\x1b-]'
        """
        if self.kind == "keep":
            return visible(self.text)
        opening, closing = _MARKS[self.kind]
        return f"{opening}{visible(self.text, marked=True)}{closing}"


def before_and_after(text: str, finding: Finding) -> tuple[list[Piece], list[Piece]]:
    """The places of a finding with some text around them, as they are and as they would be; no second part where it
    changes nothing."""
    edits = edits_of(text, (Decision(finding, Outcome.APPLIED, ""),))
    if not edits:
        start, end = finding.span
        return _pieces(text, [Edit(finding.span, text[start:end], "")], "found"), []
    return _pieces(text, edits, "cut"), _pieces(text, edits, "put")


def _pieces(text: str, edits: list[Edit] | tuple[Edit, ...], kind: Literal["cut", "put", "found"]) -> list[Piece]:
    pieces = []
    shown = edits[:_PLACES]
    at = 0
    for number, edit in enumerate(shown):
        start, end = _around(text, edit.span)
        if start > at:
            pieces.append(Piece("… ", "keep"))
            at = start
        pieces.append(Piece(text[at : edit.span.start], "keep"))
        piece = edit.after if kind == "put" else edit.before
        if piece:
            pieces.append(Piece(piece, kind))
        at = edit.span.end
        end = min(end, shown[number + 1].span.start) if number + 1 < len(shown) else end
        pieces.append(Piece(text[at:end], "keep"))
        at = end
    rest = len(edits) - len(shown)
    if rest:
        pieces.append(Piece(f" … and {rest} more place{'s' * (rest != 1)}", "keep"))
    elif at < len(text):
        pieces.append(Piece(" …", "keep"))
    return [piece for piece in pieces if piece.text]


def _around(text: str, span: Span) -> tuple[int, int]:
    """The span with its context: whole words, and a few lines at most."""
    low, high = max(0, span.start - CONTEXT), min(len(text), span.end + CONTEXT)
    breaks = [match.end() for match in _BREAK.finditer(text, low, span.start)]
    if len(breaks) > _LINES:
        low = breaks[-_LINES - 1]
    elif low:
        low = next((n for n in range(low, span.start) if text[n - 1].isspace()), low)
    breaks = [match.start() for match in _BREAK.finditer(text, span.end, high)]
    if len(breaks) > _LINES:
        high = breaks[_LINES]
    elif high < len(text):
        high = next((n for n in range(high, span.end, -1) if text[n].isspace()), high)
    return low, high


def visible(text: str, marked: bool = False) -> str:
    """The text without what steers a terminal: such characters are written out, lines stay lines.

    In a stretch that is `marked`, line breaks and the joiners of Arabic and Indian scripts can be seen too.

    >>> visible("one\\r\\ntwo\\u202e"), visible("one\\ntwo", marked=True)
    ('one\\ntwo\\\\u202e', 'one⏎\\ntwo')
    """
    return "".join(_shown(part, marked) for part in _split(text))


def _split(text: str) -> Iterator[str]:
    """Line breaks, and single characters."""
    at = 0
    for match in _BREAK.finditer(text):
        yield from text[at : match.start()]
        yield match[0]
        at = match.end()
    yield from text[at:]


def _shown(part: str, marked: bool) -> str:
    if _BREAK.fullmatch(part):
        return "⏎\n" if marked else "\n"
    if part.isprintable() or (part in _JOINERS and not marked):
        return part
    if part == "\t" or unicodedata.category(part) == "Zs":
        return " "
    return f"\\u{ord(part):04x}" if ord(part) > 0xFF else f"\\x{ord(part):02x}"


def right_to_left(text: str) -> bool:
    """Is the first letter of the text one of a script that is written from right to left?"""
    return next((way != "L" for c in text if (way := unicodedata.bidirectional(c)) in {"L", "R", "AL"}), False)
