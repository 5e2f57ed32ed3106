"""How alike are two articles, exactly: Jaccard and containment over their sets of shingles, and where they agree."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64] | NDArray[np.uint32]

_GAP = 25


class Kind(str, Enum):
    """What two articles are to each other."""

    SAME = "same"
    """All shingles are equal."""
    NEAR = "near"
    """Jaccard at the threshold or above."""
    CONTAINED = "contained"
    """The shorter one stands in the longer one."""
    SHORT = "short"
    """Under five words, and the same words: no shingle, so nothing is said of how alike they are."""


class Terms(NamedTuple):
    """What is asked of a pair.

    `threshold` is the Jaccard from which two articles are near-duplicates, `containment` the share of the shorter one's
    shingles that must stand in the longer one (both 0 to 1), `passage` how many shingles that must be at least.
    """

    threshold: float = 0.8
    containment: float = 0.8
    passage: int = 50


class Likeness(NamedTuple):
    """What `compare` found. `numbers_differ` is set where one of two near-duplicates has a number that the other lacks,
    or a contained article one that the longer lacks."""

    kind: Kind
    jaccard: float
    containment: float
    numbers_differ: bool


class Compared(NamedTuple):
    """An article as it is compared: its shingles' hashes, distinct and sorted, and those of its numbers."""

    shingles: Hashes
    numbers: NDArray[np.uint32]


def compare(a: Compared, b: Compared, terms: Terms) -> Likeness | None:
    """How alike two articles are; None where they are neither near-duplicates nor one contained in the other."""
    common = shared(a.shingles, b.shingles)
    shorter = min(len(a.shingles), len(b.shingles))
    if not common:
        return None
    jaccard = common / (len(a.shingles) + len(b.shingles) - common)
    containment = common / shorter
    if jaccard >= terms.threshold:
        kind = Kind.SAME if jaccard == 1 else Kind.NEAR
        differ = not np.array_equal(a.numbers, b.numbers)
    elif containment >= terms.containment and common >= terms.passage:
        kind = Kind.CONTAINED
        inner, outer = (a, b) if len(a.shingles) == shorter else (b, a)
        differ = shared(inner.numbers, outer.numbers) < len(inner.numbers)
    else:
        return None
    return Likeness(kind, jaccard, containment, differ)


def shared(a: Hashes, b: Hashes) -> int:
    """How many values two sorted arrays of distinct values have in common."""
    if len(a) > len(b):
        a, b = b, a
    if not len(a):
        return 0
    places = np.searchsorted(b, a)
    places[places == len(b)] = 0
    return int(np.count_nonzero(b[places] == a))


def passage(hashes: Hashes, other: Hashes) -> tuple[int, int]:
    """The stretch of an article that stands in another one too: the half-open range of its shingles.

    `hashes` are the article's shingles in text order, `other` the other one's, distinct and sorted. Of several
    stretches (they may have holes of up to 25 shingles) it is the one with most in common; (0, 0) without any.

    >>> passage(np.array([1, 2, 3, 4], np.uint64), np.array([2, 3, 9], np.uint64))
    (1, 3)
    """
    if not len(other):
        return 0, 0
    places = np.searchsorted(other, hashes)
    places[places == len(other)] = 0
    found = np.flatnonzero(other[places] == hashes)
    if not len(found):
        return 0, 0
    stretches = np.split(found, np.flatnonzero(np.diff(found) > _GAP) + 1)
    longest = max(stretches, key=len)
    return int(longest[0]), int(longest[-1]) + 1
