"""Lines that the model would cut and that stay all the same, for what stands beside them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from dedupe.lines.features import NAMES, word_counts
from dedupe.model import Document
from dedupe.traits import width

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]
    Flags = NDArray[np.bool_]

_ALIKE, _FEW = 3, 2
"""Of so many lines that begin alike, a half and less is not cut alone."""
_ROW_WORDS, _ROW_NUMBERS = 10, 2
"""A row of a table has at most so many words, and so many numbers."""
_NUMBER = re.compile(r"\d[\d.,:]*")
_HEADLINE_WORDS, _HEADLINE_WIDTH = 4, 16
"""In a script without spaces each character counts as a word, and two columns."""
_HOLE = 4
"""So many lines and fewer between lines that stay are a hole."""
_HARDLY, _HARDLY_AT_ALL = 0.05, 0.003
"""Less likely lines go from holes, and from beside lines that stay; the other of a text that has lost its lines, where
a line is but a sentence."""


def spared(document: Document, rows: Matrix, zone: NDArray[np.int64], likely: Matrix, going: Flags) -> Iterator[int]:
    """The places of lines that stay, given the features of all lines, their zones (places in ZONES), how likely they
    are article text, and which would go."""
    yield from _headline(document, rows, zone)
    yield from _with_their_like(document, going)
    said = [place for place, line in enumerate(document.blocks) if line.key]
    perhaps = going & (likely >= (_HARDLY if document.in_lines else _HARDLY_AT_ALL))
    finished = rows[:, NAMES.index("finished")] > 0
    yield from (place for place in _holes(said, going) if perhaps[place])
    yield from _adjoining(said, going, perhaps & finished)


def _headline(document: Document, rows: Matrix, zone: NDArray[np.int64]) -> list[int]:
    """Of a text without a title, the lines above its first paragraph that may be its headline: the first and the last
    of several words that are no sentence and bear no wording."""
    if document.article.title:
        return []
    above = zone == 0
    fits = (above if above.any() else ~above) & (word_counts(rows) >= _HEADLINE_WORDS)
    fits &= rows[:, NAMES.index("finished")] == 0
    text, lines = document.article.text, document.blocks
    places = [
        n
        for n in np.flatnonzero(fits).tolist()
        if not document.cues[n] and width(text[slice(*lines[n].body)]) >= _HEADLINE_WIDTH
    ]
    return [*places[:1], *places[1:][-1:]]


def _with_their_like(document: Document, going: Sequence[bool] | Flags) -> Iterator[int]:
    """Lines of which most that begin with the same two words stay, or that have numbers in the same places: entries of
    a list, of a price guide, of a live ticker, rows of a table."""
    alike: dict[str, list[int]] = defaultdict(list)
    for place, line in enumerate(document.blocks):
        first, _, rest = line.key.partition(" ")
        second, more, _ = rest.partition(" ")
        if more:
            alike[_NUMBER.sub("0", f"{first} {second}")].append(place)
        if shape := _numbers_of(line.key):
            alike[shape].append(place)
    for places in alike.values():
        cut = [place for place in places if going[place]]
        if len(places) >= _ALIKE and _FEW * len(cut) <= len(places):
            yield from cut


def _numbers_of(words: str) -> str:
    """Where the numbers of a short line stand among its words: "0 a 0 0" for "1 Oxley Rovers 24 52"."""
    tokens = words.split()
    if len(tokens) > _ROW_WORDS or sum(token[0].isdigit() for token in tokens) < _ROW_NUMBERS:
        return ""
    return " ".join(kind for kind, _ in groupby("0" if token[0].isdigit() else "a" for token in tokens))


def _holes(places: Sequence[int], going: Sequence[bool] | Flags) -> Iterator[int]:
    """Lines that would go, few together, from between lines that stay: an article is one long stretch."""
    runs = [(cut, list(run)) for cut, run in groupby(places, lambda place: bool(going[place]))]
    for cut, run in runs[1:-1]:
        if cut and len(run) <= _HOLE:
            yield from run


def _adjoining(places: Sequence[int], going: Sequence[bool] | Flags, perhaps: Sequence[bool] | Flags) -> Iterator[int]:
    """Lines that would go and are perhaps article text, in a row with one that stays."""
    for order in (places, places[::-1]):
        stays = False
        for place in order:
            stays = not going[place] or (stays and bool(perhaps[place]))
            if stays and going[place]:
                yield place
