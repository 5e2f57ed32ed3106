"""The index: what has been seen in earlier runs. It finds an article's neighbours, and remembers which copies stay.

All logic is here; a store (`dedupe.corpus.stores`) only keeps. What is in the index is compared as exactly as articles
of one run are, by all their shingles. An article never is its own neighbour, and a keeper stays one until `rebuild`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.bands import Bands, bands_for
from dedupe.corpus.cluster import Edge
from dedupe.corpus.collection import Collection, Shelf, summary
from dedupe.corpus.duplicates import Found, Order, find
from dedupe.corpus.groups import Keep, Known, groups, keeper_order
from dedupe.corpus.minhash import PERMUTATIONS
from dedupe.corpus.samples import WINDOW
from dedupe.corpus.shingles import WIDTH, word_spans
from dedupe.corpus.sketch import Sketches, from_records, sketch
from dedupe.corpus.stores import Record, Store, opened
from dedupe.corpus.verify import Compared, Likeness, Terms, compare, passage, shared
from dedupe.errors import InputError
from dedupe.model import Article, Neighbour, Span
from dedupe.parallel import Workers

if TYPE_CHECKING:
    from dedupe.corpus.stores import Header

FLOOR = 0.7
"""The least Jaccard similarity that an index can be asked for, unless it is made for another."""
_BATCH = 2_000
_POPULAR = 200
_ENOUGH = 0.25


class Added(NamedTuple):
    """What became of articles that were added: how many were new, are there with another text, or were there as they
    are; and how many of the new and changed ones are duplicates."""

    new: int
    changed: int
    unchanged: int
    duplicates: int


class Old(NamedTuple):
    """An article of the index that is like one of a batch: article `article` of the batch."""

    article: int
    record: Record
    likeness: Likeness


class Index:
    """An index at a path or at `redis://host:port/db?name=NAME`.

    `create` makes one where there is none, for questions from the Jaccard similarity `floor` up. InputError where
    there is none, or where it was made with other parameters.

    >>> import dedupe, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, dedupe.Index(f"{folder}/seen.db", create=True) as index:
    ...     index.add([dedupe.Article("The ferry sails again on Monday, said Ida Lund.", id="monday")])
    ...     again = dedupe.Article("The ferry sails again on Monday, said Ida Lund!", id="tuesday")
    ...     [(neighbour.article_id, neighbour.jaccard) for neighbour in index.neighbours([again])[0]]
    Added(new=1, changed=0, unchanged=0, duplicates=0)
    [('monday', 1.0)]
    """

    def __init__(self, address: str | Path, create: bool = False, floor: float | None = None) -> None:
        self.address = str(address)
        wanted = _header(FLOOR if floor is None else floor)
        self._store: Store = opened(self.address, wanted if create else None)
        header = self._store.header
        try:
            self.floor = float(header["floor"])
            self.bands = Bands(int(header["bands"]), int(header["rows"]), 1.0, 0.0)
            known = _header(self.floor)
        except (KeyError, ValueError) as error:
            self._store.close()
            raise InputError(f"{self.address} has a damaged header ({error}): build the index anew") from None
        differ = [name for name, value in known.items() if str(header.get(name)) != str(value)]
        if differ or (floor is not None and floor != self.floor):
            self._store.close()
            if not differ:
                raise InputError(
                    f"{self.address} was made with floor {self.floor:g}, not {floor:g}: make another index"
                )
            said = ", ".join(f"{name} {header.get(name)} (here {known[name]})" for name in differ)
            raise InputError(
                f"{self.address} was made with other parameters: {said}; make a new index, and add the articles again"
            )

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file or server."""
        self._store.close()

    def check(self, threshold: float) -> None:
        """InputError when the index cannot answer for this threshold."""
        if threshold < self.floor:
            raise InputError(
                f"{self.address} answers from a similarity of {self.floor:g} up, not for {threshold:g}: "
                f"ask for more, or make an index with --floor {threshold:g}"
            )

    def add(self, articles: Iterable[Article], terms: Terms | None = None) -> Added:
        """Remember articles. Those that are there already, with the same text, change nothing.

        All in one transaction: another process sees all of them or none.
        """
        with tempfile.TemporaryDirectory(prefix="dedupe-") as folder:
            batches = (sketch(batch, with_lines=True) for batch in _batched(articles))
            return self._taken(_collected(batches, self.bands, Path(folder)), terms)

    def terms(self) -> Terms:
        """What makes a duplicate unless something else is asked for: the usual threshold, or a higher floor."""
        return Terms(max(Terms().threshold, self.floor))

    def _taken(self, collection: Collection, terms: Terms | None = None) -> Added:
        terms = terms or self.terms()
        order = keeper_order(collection)
        return self.take(collection, find(collection, order, terms, Workers(1)), order, terms)

    def take(self, collection: Collection, found: Found, order: Order, terms: Terms) -> Added:
        """Remember the articles of a collection that was sketched with lines and the index's bands.

        `found` are its pairs, `order` its keeper order. Who stays is decided with what the index holds by then.
        """
        with self._store.writing():
            known = self.known(collection, terms)
            keepers = {
                article: known.name(collection, group.keeper)
                for group in groups(found, order, known)
                for article, _ in group.members
            }
            return self._put(collection, known, keepers)

    def known(self, collection: Collection, terms: Terms) -> Known:
        """What the index knows of a collection: the standing of its articles, and older ones that they are like."""
        standing: dict[int, bool] = {}
        unchanged: set[int] = set()
        guests: dict[str, int] = {}
        guest_keeps: dict[int, bool] = {}
        edges: list[Edge] = []
        own = set(collection.ids)
        for start in range(0, len(collection), _BATCH):
            articles = range(start, min(start + _BATCH, len(collection)))
            rows = self._store.rows([collection.ids[article] for article in articles])
            there = np.flatnonzero(rows >= 0)
            for place, record in zip(there.tolist(), self._store.records(rows[there]), strict=True):
                if record.digest == collection.digest(start + place):
                    unchanged.add(start + place)
                    standing[start + place] = record.keeper is None
            hashes, counts = collection.samples_of(articles)
            shelf = collection.shelf(articles)
            for old in self._old(collection.keys[articles], hashes, counts, shelf, terms):
                if old.record.id not in own:
                    guest = guests.setdefault(old.record.id, len(collection) + len(guests))
                    guest_keeps[guest] = old.record.keeper is None
                    article = start + old.article
                    inner = len(np.unique(old.record.hashes)) < int(collection.sizes[article])
                    edges.append(Edge(*((guest, article) if inner else (article, guest)), old.likeness))
        return Known(len(collection), standing | guest_keeps, list(guests), edges, unchanged)

    def neighbours(self, articles: Sequence[Article]) -> list[tuple[Neighbour, ...]]:
        """For each article those of the index that are like it, from its floor up, the most alike first; never itself.

        One that stands in the other is given too, from the containment and length that `Terms` names.
        """
        sketches = sketch(articles)
        found: list[list[Neighbour]] = [[] for _ in articles]
        with tempfile.TemporaryDirectory(prefix="dedupe-") as folder:
            collection = _collected([sketches], self.bands, Path(folder))
            everyone = range(len(collection))
            hashes, counts = collection.samples_of(everyone)
            olds = self._old(collection.keys, hashes, counts, collection.shelf(everyone), Terms(self.floor))
            for article, record, likeness in olds:
                if record.id != sketches.ids[article]:
                    found[article].append(
                        _neighbour(articles[article].text, sketches.hashes[article], record, likeness)
                    )
        for near in found:
            near.sort(key=lambda neighbour: (-neighbour.jaccard, -neighbour.containment, neighbour.article_id))
        return [tuple(near) for near in found]

    def _old(
        self,
        keys: NDArray[np.uint64],
        samples: NDArray[np.uint64],
        counts: NDArray[np.int64],
        shelf: Shelf,
        terms: Terms,
    ) -> Iterator[Old]:
        """The verified neighbours of a batch of articles, themselves among them."""
        with self._store.reading():
            asked = np.flatnonzero(keys.any(axis=1))
            which, rows = self._store.find("band", keys[asked].reshape(-1))
            pairs = np.stack([asked[which // max(1, keys.shape[1])], rows], axis=1)
            pairs = np.unique(np.concatenate([pairs, self._sharing(samples, counts)]), axis=0)
            wanted, places = np.unique(pairs[:, 1], return_inverse=True)
            records = self._store.records(wanted)
        compared = [Compared(np.unique(record.hashes), record.numbers) for record in records]
        mine: dict[int, Compared] = {}
        for article, place in zip(pairs[:, 0].tolist(), places.tolist(), strict=True):
            if article not in mine:
                mine[article] = shelf.compared(article)
            likeness = compare(mine[article], compared[place], terms)
            if likeness:
                yield Old(article, records[place], likeness)

    def _sharing(self, samples: NDArray[np.uint64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Pairs (k, 2) of article and row that share samples enough for one to stand in the other."""
        which, rows = self._store.find("sample", samples)
        hits = np.bincount(which, minlength=len(samples))
        rare = hits[which] <= _POPULAR
        owner = np.repeat(np.arange(len(counts)), counts)
        pairs, found = np.unique(np.stack([owner[which[rare]], rows[rare]], axis=1), axis=0, return_counts=True)
        enough: NDArray[np.bool_] = found >= np.minimum(2, np.ceil(counts[pairs[:, 0]] * _ENOUGH))
        return pairs[enough]

    def _put(self, collection: Collection, known: Known, keepers: Mapping[int, str]) -> Added:
        fresh = [article for article in range(len(collection)) if article not in known.unchanged]
        new = 0
        for start in range(0, len(fresh), _BATCH):
            articles = fresh[start : start + _BATCH]
            records = [collection.record(article, keepers.get(article)) for article in articles]
            last = {record.id: place for place, record in enumerate(records)}
            places = sorted(last.values())
            new += int((self._store.rows([records[place].id for place in places]) < 0).sum())
            chosen = [articles[place] for place in places]
            hashes, counts = collection.samples_of(chosen)
            offsets = np.concatenate([[0], np.cumsum(counts)])
            self._store.put([records[place] for place in places], collection.keys[chosen], (hashes, offsets))
        duplicates = sum(article in keepers for article in fresh)
        return Added(new, len(fresh) - new, len(known.unchanged), duplicates)

    def remove(self, ids: Sequence[str]) -> int:
        """Forget articles; how many of them were there. The duplicates of one that was a keeper become keepers."""
        gone = set(ids)
        with self._store.writing():
            rows = self._store.rows(list(gone))
            rows = rows[rows >= 0]
            self._store.remove(rows)
            for held, records in self._store.scan(_BATCH):
                freed = np.array([record.keeper in gone for record in records])
                self._store.keep(held[freed], [None] * int(freed.sum()))
        return len(rows)

    def rebuild(self, keep: Keep = "earliest", prefer: Sequence[str] = (), terms: Terms | None = None) -> int:
        """Decide anew which copies stay, as if all articles came in one run; how many keepers there are."""
        terms = terms or self.terms()
        with self._store.writing(), tempfile.TemporaryDirectory(prefix="dedupe-") as folder:
            rows = [held for held, _ in self._store.scan(_BATCH)]
            collection = _collected(self.sketches(), self.bands, Path(folder))
            order = keeper_order(collection, keep, prefer)
            found = find(collection, order, terms, Workers(1))
            decided = groups(found, order, Known(len(collection), {}))
            keepers = {article: collection.ids[group.keeper] for group in decided for article, _ in group.members}
            for start, held in zip(np.cumsum([0, *map(len, rows)]).tolist(), rows, strict=False):
                self._store.keep(held, [keepers.get(start + place) for place in range(len(held))])
        return len(collection) - len(keepers)

    def merge(self, other: Index) -> Added:
        """Take over all articles of another index, which stays as it is. InputError when its floor is another."""
        if other.floor != self.floor:
            raise InputError(f"{other.address} has the floor {other.floor:g}, {self.address} {self.floor:g}: no merge")
        with tempfile.TemporaryDirectory(prefix="dedupe-") as folder:
            return self._taken(_collected(other.sketches(), self.bands, Path(folder)))

    def sketches(self) -> Iterator[Sketches]:
        """All articles of the index, batch by batch, as they were sketched."""
        for _, records in self._store.scan(_BATCH):
            yield from_records(records)

    def info(self) -> dict[str, int | float]:
        """Counts of articles, keepers and sites, the size in bytes, and the parameters."""
        parameters = {"floor": self.floor, "bands": self.bands.number, "rows": self.bands.rows}
        return {**self._store.info(), **parameters}


def _neighbour(text: str, hashes: NDArray[np.uint32], record: Record, likeness: Likeness) -> Neighbour:
    other = np.unique(record.hashes)
    own = np.unique(hashes)
    first, last = passage(hashes, other)
    words = word_spans(text)
    return Neighbour(
        record.id,
        record.site,
        _day(record.published),
        record.length,
        likeness.jaccard,
        likeness.containment,
        len(own) <= len(other),
        likeness.numbers_differ,
        shared(own, other),
        Span(int(words[first][0]), int(words[last + WIDTH - 2][1])),
    )


def _day(published: str) -> str:
    return datetime.fromtimestamp(float(published), timezone.utc).strftime("%Y-%m-%d") if published else ""


def _header(floor: float) -> Header:
    if not 0.3 <= floor <= 1:
        raise InputError(f"the floor of an index must be from 0.3 to 1, not {floor:g}")
    bands = bands_for(floor)
    return {
        "shingle": WIDTH,
        "scheme": "affine32",
        "permutations": PERMUTATIONS,
        "window": WINDOW,
        "floor": floor,
        "bands": bands.number,
        "rows": bands.rows,
    }


def _batched(articles: Iterable[Article]) -> Iterator[list[Article]]:
    rest = iter(articles)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _collected(batches: Iterable[Sketches], bands: Bands, folder: Path) -> Collection:
    return Collection(
        summary(sketches, bands, folder / f"{number:06d}.hashes") for number, sketches in enumerate(batches)
    )
