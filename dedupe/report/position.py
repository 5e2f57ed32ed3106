"""Where something stands and how it is shown: line and column, and a piece of text in one short line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

_LINE_BREAK = re.compile(r"\r\n|\n|\r")


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


def _visible(character: str) -> str:
    if character.isprintable() or (character.isspace() and ord(character) > 0x20):
        return character
    return f"\\u{ord(character):04x}" if ord(character) > 0xFF else f"\\x{ord(character):02x}"
