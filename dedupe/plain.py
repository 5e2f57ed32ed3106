"""Plain text -> drafts of blocks: whether its lines are paragraphs, wrapped or lost, and which go together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from dedupe.credits import ends_in_credit
from dedupe.drafts import Draft, Line, stripped, unbroken
from dedupe.label_runs import changes, joints
from dedupe.language import FUNCTION_WORDS
from dedupe.model import Shape, Span
from dedupe.normalise import folded
from dedupe.sentences import split
from dedupe.traits import MONTH, finished

_ONE_LINE = 1_000  # characters: a text of three lines at most, one of them so long, has lost its lines
_LONG_LINE = 2_000  # characters: a text of which half stands in lines so long has lost them too
_WIDTHS = range(50, 101)  # columns at which people and programs wrap
_SLACK = 8  # columns that a wrapped line may stay short of them
_STUB = 20  # characters: a shorter line is a label or signature
_BROKEN = 40  # characters: a shorter line does not break off, it ends
_STANZA = 60  # characters: three and more lines, all shorter, may be verse

_BULLETS = "-*•‣◦▪·"
_BULLET = re.compile(rf"[{_BULLETS}]\s+(?=\W{{0,20}}\w)")
_CLOSED = re.compile(r"[)\]]\s*(?=\w)")
_NUMBER = re.compile(rf"(\d{{1,3}})[.)]\s+(?!{MONTH})(?=\S)")


def shape_of(text: str, filled: Sequence[Line]) -> Shape:
    """Are the lines paragraphs, wrapped, or lost?"""
    if not filled:
        return "lines"
    widths = [line.right - line.left for line in filled]
    if (len(filled) <= 3 and max(widths) >= _ONE_LINE) or 2 * sum(w for w in widths if w >= _LONG_LINE) >= sum(widths):
        return "one-line"
    return "wrapped" if _is_wrapped(text, filled) else "lines"


def drafts(text: str, filled: Sequence[Line], shape: Shape, lang: str, title: str) -> Iterator[Draft]:
    """The blocks of a text of this shape, whose lines that are not blank are `filled`."""
    if shape == "wrapped":
        return _paragraphs(text, filled, lang)
    if shape == "one-line":
        return _parted(text, _single_lines(text, filled), lang, title)
    return _single_lines(text, filled)


def _width(filled: Sequence[Line]) -> int:
    """The column at which a wrapped text breaks its lines: few lines are longer."""
    widths = sorted(line.right - line.start for line in filled)
    return widths[int(0.97 * (len(widths) - 1))]


def _margin(filled: Sequence[Line]) -> int:
    """The indent of the lines of a wrapped text that begin no paragraph; the first line may have lost its own."""
    return min((line.left - line.start for line in filled[1:]), default=0)


def _is_full(text: str, line: Line, following: Line, width: int) -> bool:
    """Would the next line's first word not have fitted on this line?"""
    word = text[following.left : min(following.right, following.left + width)].split(None, 1)[0]
    return line.right - line.start + 1 + len(word) > width - _SLACK


def _runs_on(text: str, line: Line, following: Line) -> bool:
    """Does the line break stand inside a sentence, as far as the characters beside it tell?"""
    last, first = text[line.right - 1], text[following.left]
    inside = last not in ".!?…:;。！？؟۔।" and not finished(text[max(line.left, line.right - 9) : line.right])
    return inside and first.isalnum() and not first.isupper()


def _is_item(text: str, line: Line) -> bool:
    return bool(_BULLET.match(text, line.left, line.right) or _NUMBER.match(text, line.left, line.right))


def _is_wrapped(text: str, filled: Sequence[Line]) -> bool:
    if len(filled) < 4 or max(line.right - line.start for line in filled) > 4 * _WIDTHS.stop:
        return False
    width = _width(filled)
    if width not in _WIDTHS:
        return False
    margin = _margin(filled)
    pairs = [
        (a, b)
        for a, b in pairwise(filled)
        if a.end == b.start and b.left - b.start <= margin + 1 and not _is_item(text, b)
    ]
    full = [pair for pair in pairs if _is_full(text, *pair, width)]
    inside = sum(_runs_on(text, *pair) for pair in full)
    return inside >= 2 and 10 * len(full) >= 6 * len(pairs) and 10 * inside >= 4 * len(pairs)


class _Wrap(NamedTuple):
    """How a text is wrapped: at which column, with which left margin, and whether an indent marks its paragraphs."""

    width: int
    margin: int
    indented: bool
    small: frozenset[str]
    numbers: set[int]


def _paragraphs(text: str, filled: Sequence[Line], lang: str) -> Iterator[Draft]:
    """The paragraphs of a wrapped text: a blank line, an indent, a list marker, a line left short begin one."""
    margin = _margin(filled)
    indented = sum(line.left - line.start > margin + 1 for line in filled) * 10 >= len(filled)
    small = FUNCTION_WORDS.get(lang, frozenset())
    wrap = _Wrap(_width(filled), margin, indented, small, _numbered(text, filled))
    first = filled[0]
    for line, following in zip(filled, [*filled[1:], None], strict=True):
        if following and not _begins(text, first, line, following, wrap):
            continue
        yield _draft(text, first, line, wrap.numbers)
        if following:
            first = following


def _begins(text: str, first: Line, line: Line, following: Line, wrap: _Wrap) -> bool:
    """Does a paragraph begin with the line `following`, when the one before began with `first` and came to `line`?"""
    if line.end != following.start or _BULLET.match(text, following.left, following.right):
        return True
    if following.left in wrap.numbers:
        return True
    indent, before = following.left - following.start, line.left - line.start
    runs_on = _runs_on(text, line, following)
    full = _is_full(text, line, following, wrap.width)
    if _BULLET.match(text, first.left, first.right) or first.left in wrap.numbers:
        return indent <= first.left - first.start and not runs_on
    if indent > before + runs_on or (indent == before and indent > wrap.margin and not (runs_on and full)):
        return True
    if runs_on or full:
        return False
    if wrap.indented and line.right - line.left >= _STUB and not finished(text[line.right - 9 : line.right]):
        return False
    last = text[line.left : line.right].rsplit(None, 1)[-1]
    return not (last in wrap.small or last.endswith(","))


def _numbered(text: str, filled: Sequence[Line]) -> set[int]:
    """Where lines begin that are items of a numbered list: their neighbours in it carry the numbers beside theirs."""
    begun = [line for line in filled if text[line.left].isdigit()]
    found = [(line.left, int(m[1])) for line in begun if (m := _NUMBER.match(text, line.left, line.right))]
    items = set()
    for (left, number), (following, successor) in pairwise(found):
        if successor == number + 1:
            items |= {left, following}
    return items


def _draft(text: str, first: Line, last: Line, numbers: set[int]) -> Draft:
    marker = None
    if text[first.left] in _BULLETS:
        marker = _BULLET.match(text, first.left, first.right)
    elif first.left in numbers:
        marker = _NUMBER.match(text, first.left, first.right)
    if marker:
        return Draft(first.start, stripped(text, marker.end(), last.right), "item")
    return Draft(first.start, Span(first.left, last.right))


def _single_lines(text: str, filled: Sequence[Line]) -> Iterator[Draft]:
    """A block a line; a line that plainly breaks off inside a sentence goes together with the next."""
    numbers = _numbered(text, filled)
    broken = _broken(text, filled)
    first = 0
    for place, line in enumerate(filled):
        if not broken[place]:
            yield _draft(text, filled[first], line, numbers)
            first = place + 1


def _parted(text: str, drafts: Iterable[Draft], lang: str, title: str) -> Iterator[Draft]:
    """A block for each sentence, and for each run of labels beside one, of a text that has lost its lines."""
    for draft in drafts:
        start, end = draft.body
        ends = split(unbroken(text[start:end]), lang)
        runs = [a + at for a, b in pairwise([0, *ends]) for at in _within(text[start + a : start + b], lang, title)]
        parts = ((start + a, stripped(text, start + a, start + b)) for a, b in pairwise([0, *sorted({*ends, *runs})]))
        said = ((at, body) for at, body in parts if body.start < body.end)
        for n, (at, body) in enumerate(said):
            yield Draft(at, body, whole=True) if n else draft._replace(body=body, whole=True)


def _within(sentence: str, lang: str, title: str) -> list[int]:
    """Where labels begin and end in a sentence, and where a photo credit ends that runs into the next words."""
    places = [(match.start() + 1, match.end()) for match in _CLOSED.finditer(sentence)]
    places += [(at, at) for at in joints(sentence)]
    cuts, first, plain = changes(sentence, lang, title), 0, folded(sentence) if places else ""
    for end, following in sorted(places):
        if not sentence[following].islower() and ends_in_credit(sentence, plain, first, end):
            cuts.append(following)
            first = following
    return cuts


def _broken(text: str, filled: Sequence[Line]) -> list[bool]:
    """Which lines break off inside a sentence that the next ones finish. Verse, many short lines in a row, is whole."""
    broken = [False] * len(filled)
    for place in range(len(filled) - 2, -1, -1):
        line, following = filled[place], filled[place + 1]
        length = line.right - line.left
        broken[place] = (
            length >= _BROKEN
            and line.end == following.start
            and text[line.right - 1].isalnum()
            and text[following.left].islower()
            and not _is_item(text, line)
            and (broken[place + 1] or re.search(r"[.!?…]", text[following.left : following.right]) is not None)
        )
    first = 0
    for place, line in enumerate(filled, 1):
        if place == len(filled) or line.end != filled[place].start:
            if place - first > 2 and max(verse.right - verse.left for verse in filled[first:place]) < _STANZA:
                broken[first:place] = [False] * (place - first)
            first = place
    return broken
