"""The words of the lines of a page as numbers, so that they are counted at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.lines.wording import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]

_CONTENT_LETTERS = 3


_OWN_SUBJECT = 2
"""A word in so many paragraphs of a page is what the page is about: of cookies, or of cricket."""


def told(keys: Sequence[str], prose: Flags, weights: Weights) -> Matrix:
    """How much the words of each line, given by its key and whether it is prose, speak for layout [lines, 3]: their
    mean, most and least."""
    said = Said(keys, frozenset())
    return said.different.told(prose, said.weighed(weights))


class Said:
    """The words of all lines as numbers, so that they are counted at once.

    `known` are all words, each once, with their numbers; `counts` says how many a line has, `first` which one it begins
    with (-1 for none), `different` are its words, each once, and `content` those of some length that say something.
    """

    def __init__(self, keys: Sequence[str], small: frozenset[str]) -> None:
        words = " ".join(keys).split()
        self.known = {word: number for number, word in enumerate(dict.fromkeys(words))}
        self.counts = np.fromiter((words.count(" ") + 1 if words else 0 for words in keys), np.int64, len(keys))
        self._words = np.fromiter(map(self.known.__getitem__, words), np.int64, len(words))
        self._lines = np.repeat(np.arange(len(keys)), self.counts)
        self.first = np.append(self._words, -1)[np.where(self.counts, np.cumsum(self.counts) - self.counts, -1)]
        pairs = np.sort(self._lines * len(self.known) + self._words)
        line, word = np.divmod(pairs[np.diff(pairs, prepend=-1) > 0], max(1, len(self.known)))
        self.small = self.flags(small.__contains__)
        self.different = Words(line, word, len(keys), len(self.known))
        letters = np.fromiter(map(len, self.known), np.int64, len(self.known))
        telling = ((letters >= _CONTENT_LETTERS) & ~self.small)[word]
        self.content = Words(line[telling], word[telling], len(keys), len(self.known))

    def flags(self, test: Callable[[str], bool]) -> Flags:
        """For each known word the answer to a question."""
        return np.fromiter(map(test, self.known), np.bool_, len(self.known))

    def weighed(self, weights: Weights) -> Matrix:
        """For each known word its weight."""
        return np.array([weights.get(word, 0.0) for word in self.known], np.float32)

    def total(self, flags: Flags) -> Places:
        """How many words of each line bear a flag."""
        return np.bincount(self._lines[flags[self._words]], minlength=len(self.counts))


class Words:
    """The different words of each line, all or some.

    `counts` says how many a line has.
    """

    def __init__(self, line: Places, word: Places, lines: int, known: int) -> None:
        self._line, self._word, self._known = line, word, known
        self.counts = np.bincount(line, minlength=lines)

    def bearing(self, flags: Flags) -> Places:
        """How many of each line bear a flag."""
        return np.bincount(self._line[flags[self._word]], minlength=len(self.counts))

    def only(self, places: Places) -> Words:
        """Those of some lines."""
        number = np.full(len(self.counts), -1)
        number[places] = np.arange(len(places))
        line = number[self._line]
        return Words(line[line >= 0], self._word[line >= 0], len(places), self._known)

    def standing(self, lines: Flags) -> Places:
        """In how many of some lines each known word stands."""
        return np.bincount(self._word[lines[self._line]], minlength=self._known)

    def shared(self, lines: Flags) -> Matrix:
        """Which share of each line's stands in another one of some lines."""
        again = self.standing(lines)[self._word] > lines[self._line]
        count = np.bincount(self._line[again], minlength=len(self.counts))
        return (count / np.maximum(1, self.counts)).astype(np.float32)

    def told(self, prose: Flags, weights: Matrix) -> Matrix:
        """How much the words of each line speak for layout [lines, 3], given the weight of each known word: their mean,
        most and least. A word of several lines of prose does not speak for it at all."""
        found = np.zeros((len(self.counts), 3), np.float32)
        if len(self._line):
            known = np.where(self.standing(prose) >= _OWN_SUBJECT, np.minimum(weights, 0), weights)[self._word]
            first = np.flatnonzero(np.diff(self._line, prepend=-1))
            lines = self._line[first]
            mean = np.add.reduceat(known, first) / self.counts[lines]
            found[lines] = np.stack([mean, *(most.reduceat(known, first) for most in (np.maximum, np.minimum))], axis=1)
        return found
