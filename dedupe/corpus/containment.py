"""Candidates for containment: pairs that share sampled shingles, found from the shorter article's rarest samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.bands import runs, within

_LOOKED_UP = 0.5
"""The share of an article's samples that is looked up, the rarest. In an article four fifths of which stand in a longer
one, some of these do."""
_FOUND = 0.25
"""The share of those that the longer article must have."""
_MOST = 200
"""How many articles with one sample are looked at, the longest: what more of them share is boilerplate or wire copy."""
_PARTS = 16
_CHUNK = 1 << 18


class Samples(NamedTuple):
    """The winnowed hashes (32 bits) of n articles: article i has `counts[i]` of them, and `sizes[i]` shingles."""

    hashes: NDArray[np.uint32]
    counts: NDArray[np.int64]
    sizes: NDArray[np.int64]


class _Postings(NamedTuple):
    """Samples that several articles have: who has it, and where in this table its `size` articles begin."""

    article: NDArray[np.int32]
    start: NDArray[np.int32]
    size: NDArray[np.int32]


def containment_pairs(samples: Samples, among: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
    """Pairs (k, 2) of those articles that are `among` (n,), the shorter first, in which it may stand in the longer."""
    postings = _postings(samples, among)
    order = np.lexsort((postings.size, postings.article))
    starts, counts = runs(postings.article[order])
    owners = postings.article[order[starts]] if len(order) else order
    wanted = np.ceil(samples.counts[owners] * _LOOKED_UP).astype(np.int64)
    taken = np.minimum(counts, wanted)
    entries = order[np.repeat(starts, taken) + within(taken)]
    needed = np.maximum(1, np.floor(wanted * _FOUND)).astype(np.int64)
    reach = np.minimum(postings.size[entries], _MOST)
    ends = np.cumsum(np.add.reduceat(reach, np.cumsum(taken) - taken)) if len(taken) else taken
    first = entry = 0
    while first < len(owners):
        done = int(ends[first - 1]) if first else 0
        stop = max(first + 1, int(np.searchsorted(ends, done + _CHUNK, side="right")))
        several = int(taken[first:stop].sum())
        pairs = _looked_up(samples, postings, entries[entry : entry + several], reach[entry : entry + several])
        codes, found = np.unique(pairs[:, 0] * len(samples.sizes) + pairs[:, 1], return_counts=True)
        shorter, longer = np.divmod(codes, len(samples.sizes))
        enough = found >= needed[np.searchsorted(owners, shorter)]
        yield np.stack([shorter[enough], longer[enough]], axis=1)
        first, entry = stop, entry + several


def _postings(samples: Samples, among: NDArray[np.bool_]) -> _Postings:
    """Part by part of the range of hashes, so that little is sorted at a time."""
    article = np.repeat(np.arange(len(samples.counts), dtype=np.int32), samples.counts)
    part_of = (samples.hashes >> np.uint32(28)).astype(np.uint8)
    part_of[~among[article]] = _PARTS
    parts: list[_Postings] = []
    offset = 0
    for part in range(_PARTS):
        chosen = np.flatnonzero(part_of == part)
        hashes, owner = samples.hashes[chosen], article[chosen]
        order = np.lexsort((-samples.sizes[owner], hashes))
        starts, sizes = runs(hashes[order])
        several = sizes > 1
        starts, sizes = starts[several], sizes[several]
        places = np.repeat(starts, sizes) + within(sizes)
        begins = offset + np.cumsum(sizes) - sizes
        begins, sizes = begins.astype(np.int32), sizes.astype(np.int32)
        parts.append(_Postings(owner[order[places]], np.repeat(begins, sizes), np.repeat(sizes, sizes)))
        offset += len(places)
    return _Postings(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _looked_up(
    samples: Samples, postings: _Postings, entries: NDArray[np.int64], reach: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Each article of these entries with the longer ones that have the sample too."""
    own = np.repeat(postings.article[entries], reach).astype(np.int64)
    other = postings.article[np.repeat(postings.start[entries], reach) + within(reach)]
    longer, shorter = samples.sizes[other], samples.sizes[own]
    right = (longer > shorter) | ((longer == shorter) & (other > own))
    return np.stack([own[right], other[right]], axis=1)
