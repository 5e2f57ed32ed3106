"""The articles of one run, as little of each as comparing needs: some 0.6 kB in memory, their shingles on disk."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.bands import Bands, band_keys, within
from dedupe.corpus.containment import Samples
from dedupe.corpus.sketch import UPPER, Sketches
from dedupe.corpus.stores import Record
from dedupe.corpus.verify import Compared

_WORD = 4
_NONE = np.uint64(0)
_NOTHING: list[NDArray[Any]] = [
    np.zeros(0),
    np.zeros(0, np.int64),
    np.zeros((0, 1), np.uint64),
    np.zeros(0, np.uint64),
    np.zeros(0, np.uint32),
    np.zeros(0, np.int64),
    np.zeros(0, np.int64),
]
_KEYS = 2


class Summary(NamedTuple):
    """What a worker gives back of a batch of n articles; their hashes, numbers and lines it has written to `spool`.

    `keys` (n, bands) are zero for a text without shingles. `samples` are the articles' samples, of 32 bits, `counts`
    (n,) how many each has. `places` (3, n + 1) say where in the spool, counted in values of 32 bits, the hashes,
    numbers and lines of each article begin.
    """

    ids: list[str]
    sites: list[str]
    agencies: list[str]
    short: list[str]
    published: NDArray[np.float64]
    lengths: NDArray[np.int64]
    keys: NDArray[np.uint64]
    digests: NDArray[np.uint64]
    samples: NDArray[np.uint32]
    counts: NDArray[np.int64]
    places: NDArray[np.int64]
    spool: Path


def summary(sketches: Sketches, bands: Bands, spool: Path) -> Summary:
    """Write the hashes of a batch to the file `spool`, and keep the rest."""
    lines = [line.view(np.uint32) for line in sketches.lines]
    parts = (sketches.hashes, sketches.numbers, lines)
    places = np.zeros((len(parts), len(sketches.ids) + 1), np.int64)
    start = 0
    with spool.open("wb") as file:
        for place, part in zip(places, parts, strict=True):
            place[:] = start + np.concatenate([[0], np.cumsum([len(values) for values in part])])
            start = int(place[-1])
            file.write(b"".join(values.tobytes() for values in part))
    keys = band_keys(sketches.signatures, bands)
    keys[np.diff(places[0]) == 0] = _NONE
    return Summary(
        sketches.ids,
        sketches.sites,
        sketches.agencies,
        sketches.short,
        sketches.published,
        sketches.lengths,
        keys,
        sketches.digests,
        (sketches.samples.hashes >> UPPER).astype(np.uint32),
        np.diff(sketches.samples.offsets),
        places,
        spool,
    )


class Shelf(NamedTuple):
    """Where the hashes, numbers and lines of some articles stand on disk: a file each, and the ends of the parts."""

    files: list[Path]
    places: list[tuple[tuple[int, int], ...]]

    def hashes(self, place: int) -> NDArray[np.uint32]:
        """The hashes of an article's shingles, in text order."""
        return self._read(place, 0)

    def numbers(self, place: int) -> NDArray[np.uint32]:
        """The hashes of its numbers, distinct and sorted."""
        return self._read(place, 1)

    def lines(self, place: int) -> NDArray[np.uint64]:
        """The keys of its lines, distinct and sorted."""
        return self._read(place, 2).view(np.uint64)

    def compared(self, place: int) -> Compared:
        """An article as `verify.compare` takes it."""
        return Compared(np.unique(self.hashes(place)), self.numbers(place))

    def _read(self, place: int, part: int) -> NDArray[np.uint32]:
        start, end = self.places[place][part]
        return np.fromfile(self.files[place], np.uint32, end - start, offset=start * _WORD)


class Collection:
    """All articles of a run, numbered from 0 in the order in which they came.

    The columns are those of `Summary`, joined; `agencies` and `short` (articles by key) hold only what is not empty;
    `sizes` (n,) are the numbers of shingles.
    """

    def __init__(self, batches: Iterable[Summary]) -> None:
        self.ids: list[str] = []
        self.sites: list[str] = []
        self.agencies: dict[int, str] = {}
        self.short: dict[str, list[int]] = {}
        self._spools: list[Path] = []
        self._starts: list[int] = []
        self._places: list[NDArray[np.int64]] = []
        columns: list[list[NDArray[Any]]] = [[nothing] for nothing in _NOTHING]
        names: dict[str, str] = {}
        for batch in batches:
            start = len(self.ids)
            self.ids += batch.ids
            self.sites += [names.setdefault(site, site) for site in batch.sites]
            self.agencies |= {start + i: name for i, name in enumerate(batch.agencies) if name}
            for i, key in enumerate(batch.short):
                if key:
                    self.short.setdefault(key, []).append(start + i)
            self._starts.append(start)
            self._spools.append(batch.spool)
            self._places.append(batch.places)
            sizes = np.diff(batch.places[0])
            parts = (batch.published, batch.lengths, batch.keys, batch.digests, batch.samples, batch.counts, sizes)
            for column, part in zip(columns, parts, strict=True):
                column.append(part)
        columns[_KEYS] = columns[_KEYS][1:] or columns[_KEYS]
        joined = [_joined(column) for column in columns]
        self.published, self.lengths, self.keys, self.digests, samples, counts, self.sizes = joined
        self.samples = Samples(samples, counts, self.sizes)
        self._samples_end = np.cumsum(counts)

    def __len__(self) -> int:
        return len(self.ids)

    def samples_of(self, articles: Sequence[int]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The samples of these articles, one after the other, and how many each has."""
        counts = self.samples.counts[list(articles)]
        starts = self._samples_end[list(articles)] - counts
        found = self.samples.hashes[np.repeat(starts, counts) + within(counts)]
        return found.astype(np.uint64) << UPPER, counts

    def shelf(self, articles: Sequence[int]) -> Shelf:
        """Where to find these articles' hashes."""
        files, places = [], []
        for article in articles:
            batch = bisect_right(self._starts, article) - 1
            at = article - self._starts[batch]
            ends = self._places[batch][:, at : at + 2].tolist()
            files.append(self._spools[batch])
            places.append(tuple((start, end) for start, end in ends))
        return Shelf(files, places)

    def record(self, article: int, keeper: str | None) -> Record:
        """An article as an index remembers it."""
        shelf = self.shelf([article])
        published = self.published[article]
        return Record(
            self.ids[article],
            self.sites[article],
            "" if np.isnan(published) else f"{published:.0f}",
            int(self.lengths[article]),
            int(self.digests[article]),
            shelf.hashes(0),
            shelf.numbers(0),
            shelf.lines(0),
            keeper,
        )


def _joined(column: list[NDArray[Any]]) -> NDArray[Any]:
    """The parts of a column in one array; the list is emptied, so that they do not stay in memory beside it."""
    whole = np.concatenate(column)
    column.clear()
    return whole
