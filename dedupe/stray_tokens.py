"""Names of icons and words of buttons behind the last sentence of a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from dedupe.traits import finished
from dedupe.wordings import wordings

_SHORT_FORM = re.compile(
    r"(?:^|[\s(])(?:\w{1,2}|approx|dept|corp|inc|ltd|vgl|bzw|usw|etc|resp|incl|inkl|min|max|fig|vol|tel)\.$",
    re.IGNORECASE,
)
_MOST = 6
"""More tokens than this in a row are no stray tokens but a list."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """names: unmistakable names of icons; words: ordinary words that are names too; interface: words of buttons."""

    names: frozenset[str]
    words: frozenset[str]
    interface: frozenset[str]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The words that icons and buttons leave in a text."""
    data = wordings("stray_tokens")
    interface = frozenset(data["interface"].split())
    names = frozenset(data["ligatures"].split()) | frozenset(data["classes"].split())
    return Lexicon(names, frozenset(data["words"].split()) | interface, interface)


def with_tokens(lines: Iterable[str]) -> Iterator[int]:
    """The places of the lines whose first or last word is a token.

    >>> list(with_tokens(["expand_more Sport", "Rain fell.", "Snow fell. Share"]))
    [0, 2]
    """
    known = lexicon()
    for place, line in enumerate(lines):
        if line:
            first, last = line.split(None, 1)[0], line.rsplit(None, 1)[-1]
            if first in known.names or first in known.interface or last in known.names or last.lower() in known.words:
                yield place


def tokens_at_end(text: str, start: int, end: int) -> int:
    """Where the icon names and words that end a block begin; `end` when there are none."""
    known = lexicon()
    at = end
    for _ in range(_MOST):
        near = text[max(start, at - 60) : at].rstrip()
        word = near.rsplit(None, 1)[-1] if near else ""
        if word not in known.names and word.lower() not in known.words:
            break
        begin = max(start, at - 60) + len(near) - len(word)
        if word not in known.names and not word.islower() and begin > start:
            break
        at = begin
        if at == start:
            break
    while at < end and text[at].isspace():
        at += 1
    return at


def ends_a_sentence(words: str) -> bool:
    """Do the words end with a sentence, and not with a short form and its full stop?"""
    return finished(words) and not _SHORT_FORM.search(words[-20:])
