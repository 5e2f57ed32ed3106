"""Where something stands and how it is shown: line and column, and a piece of text in one short line."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_RIGHT_TO_LEFT = {"R", "AL"}


def locator(text: str) -> Callable[[int], tuple[int, int]]:
    """A function from a position in the text to its line and column, both counted from 1.

    >>> locator("Snow\\nfell.")(5)
    (2, 1)
    """
    starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]

    def locate(position: int) -> tuple[int, int]:
        line = bisect_right(starts, position)
        return line, position - starts[line - 1] + 1

    return locate


def clip(text: str, width: int = 72) -> str:
    """The text in one line of at most `width` characters, its middle left out, control characters made visible.

    >>> clip("one\\ntwo"), clip("a" * 30, 9)
    ('one⏎two', 'aaaa…aaaa')
    """
    if len(text) > width:
        left = width // 2
        text = f"{text[:left]}…{text[left + 1 - width :]}"
    text = _LINE_BREAK.sub("⏎", text)
    return text if text.isprintable() else "".join(map(_visible, text))


def snippet(text: str, start: int, end: int, width: int = 96) -> tuple[str, ...]:
    """The line that holds text[start:end], clipped around it to `width` columns of a terminal, and carets under it.

    Of what spans several lines the first is shown. Terminals turn right-to-left writing round, so that columns mean
    nothing there: such a line has ⟦brackets⟧ in it instead.

    >>> snippet("Snow fell. layers", 11, 17)
    ('Snow fell. layers', '           ^^^^^^')
    >>> snippet("港口重新开放。 分享", 8, 10)
    ('港口重新开放。 分享', '               ^^^^')
    """
    from rich.cells import cell_len

    left = max((match.end() for match in _LINE_BREAK.finditer(text, max(0, start - 10 * width), start)), default=0)
    left = max(left, start - 10 * width)
    following = _LINE_BREAK.search(text, start)
    right = following.start() if following else len(text)
    spans_lines = end > right
    found = text[start : min(end, right)]
    found = clip(found, width if found.isascii() else width // 2) + "⏎" * spans_lines
    room = max(0, width - cell_len(found)) // 2
    before = _within(clip(text[left:start], 20 * width), room, at_end=True)
    after = "" if spans_lines else _within(clip(text[end : min(right, end + 10 * width)], 20 * width), room)
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in before + found + after):
        return (f"{before}⟦{found}⟧{after}",)
    return f"{before}{found}{after}", f"{' ' * cell_len(before)}{'^' * max(1, cell_len(found))}"


def _within(text: str, columns: int, at_end: bool = False) -> str:
    """As much of the text's beginning, or end, as so many columns hold, with an ellipsis where it is cut."""
    from rich.cells import cell_len

    if cell_len(text) <= columns:
        return text
    pieces = text[::-1] if at_end else text
    taken = used = 0
    while taken < len(pieces) and used + cell_len(pieces[taken]) < columns:
        used += cell_len(pieces[taken])
        taken += 1
    return f"…{text[len(text) - taken :]}" if at_end else f"{text[:taken]}…"


def _visible(character: str) -> str:
    if character.isprintable() or (character.isspace() and ord(character) > 0x20):
        return character
    return f"\\u{ord(character):04x}" if ord(character) > 0xFF else f"\\x{ord(character):02x}"
