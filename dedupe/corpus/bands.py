"""Bands of a signature, and the pairs of articles that agree in one: candidates for near-duplicates.

Locality-sensitive hashing for MinHash (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, ch. 3.4): b bands of
r values each; two articles of Jaccard J agree in a band with the probability 1 - (1 - J^r)^b.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.minhash import PERMUTATIONS

RECALL = 0.9995
"""The share of pairs at the threshold itself that must become candidates; more of those above it do."""
_CHUNK = 1 << 18
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class Bands(NamedTuple):
    """How a signature is cut: `number` bands of `rows` values.

    `recall` is the probability that a pair at the threshold becomes a candidate, `false_candidates` the expected share
    of pairs with half the threshold's similarity that do so too.
    """

    number: int
    rows: int
    recall: float
    false_candidates: float


def agreement(jaccard: float, count: int, rows: int) -> float:
    """The probability that two articles of this Jaccard similarity agree in at least one band.

    >>> round(agreement(0.8, 25, 5), 5)
    0.99995
    """
    return float(1 - (1 - jaccard**rows) ** count)


def bands_for(threshold: float, recall: float = RECALL) -> Bands:
    """The longest bands, and as few of them as possible, that find pairs at the threshold (0 to 1) with this recall.

    >>> bands_for(0.8)[:2], bands_for(0.55)[:2]
    ((20, 5), (42, 3))
    """
    for rows in range(PERMUTATIONS, 0, -1):
        most = PERMUTATIONS // rows
        if agreement(threshold, most, rows) >= recall or rows == 1:
            break
    count = next((n for n in range(1, most) if agreement(threshold, n, rows) >= recall), most)
    return Bands(count, rows, agreement(threshold, count, rows), agreement(threshold / 2, count, rows))


def band_keys(signatures: NDArray[np.uint32], bands: Bands) -> NDArray[np.uint64]:
    """The hash of each band of each signature: (n, 128) -> (n, bands). Keys of different bands do not meet."""
    count, rows = bands.number, bands.rows
    values = signatures[:, : count * rows].reshape(len(signatures), count, rows).astype(np.uint64)
    keys = np.broadcast_to(np.arange(1, count + 1, dtype=np.uint64), (len(signatures), count)).copy()
    for row in range(rows):
        keys = (keys ^ values[:, :, row]) * _MULTIPLIER
        keys ^= keys >> np.uint64(32)
    return keys


def candidate_pairs(keys: NDArray[np.uint64]) -> Iterator[NDArray[np.int64]]:
    """Each pair of rows that agrees in at least one column, once, the lower row first: chunks of shape (k, 2).

    A pair is given in the first column in which it agrees, so nothing need be remembered and memory stays bounded.
    """
    for column in range(keys.shape[1]):
        for pairs in _alike(keys[:, column]):
            first, second = pairs[:, 0], pairs[:, 1]
            seen = np.zeros(len(pairs), bool)
            for earlier in range(column):
                seen |= keys[first, earlier] == keys[second, earlier]
            if not seen.all():
                yield pairs[~seen]


def _alike(values: NDArray[np.uint64]) -> Iterator[NDArray[np.int64]]:
    """All pairs of places with equal values, in chunks."""
    order = np.argsort(values, kind="stable")
    starts, sizes = runs(values[order])
    several = sizes > 1
    starts, sizes = starts[several], sizes[several]
    # The i-th of a run of n is paired with the n - 1 - i after it.
    firsts = np.repeat(starts, sizes) + within(sizes)
    partners = np.repeat(sizes, sizes) - 1 - within(sizes)
    ends = np.cumsum(partners)
    at = 0
    while at < len(firsts):
        done = int(ends[at - 1]) if at else 0
        stop = max(at + 1, int(np.searchsorted(ends, done + _CHUNK, side="right")))
        left = np.repeat(firsts[at:stop], partners[at:stop])
        right = left + 1 + within(partners[at:stop])
        pairs = np.stack([order[left], order[right]], axis=1)
        pairs.sort(axis=1)
        if len(pairs):
            yield pairs
        at = stop


def runs(values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where runs of equal values begin in a sorted array, and how long they are."""
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])) if len(values) else np.zeros(0, int)
    return starts, np.diff(np.append(starts, len(values)))


def within(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, … n - 1 for each size n, one after the other.

    >>> within(np.array([2, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    return np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
