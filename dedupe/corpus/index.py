"""The index: what has been seen in earlier runs. It finds an article's neighbours, and remembers which copies stay.

All logic is here; a store (`dedupe.corpus.stores`) only keeps. What is in the index is compared as exactly as articles
of one run are, by all their shingles. An article never is its own neighbour, and a keeper stays one until `rebuild`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
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
from dedupe.corpus.verify import Compared, Kind, Likeness, Terms, compare, passage, shared
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
        self.bands = bands_for(self.floor)

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
            return self._absorb(collection, found, order, terms)

    def _absorb(self, collection: Collection, found: Found, order: Order, terms: Terms) -> Added:
        changed = self._changed(collection)
        self._release(changed)
        known = self.known(collection, terms)
        keepers = {
            article: known.name(collection, group.keeper)
            for group in groups(found, order, known)
            for article, _ in group.members
        }
        twins = found.same.keys() | {edge.a for edge in known.edges if edge.likeness.kind is Kind.SAME}
        fresh = [article for article in range(len(collection)) if article not in known.unchanged]
        self._put(collection, fresh, keepers, twins)
        duplicates = sum(article in keepers for article in fresh)
        return Added(len(fresh) - len(changed), len(changed), len(known.unchanged), duplicates)

    def _changed(self, collection: Collection) -> list[str]:
        """The ids of articles that are there with another text."""
        changed: dict[str, None] = {}
        for start in range(0, len(collection), _BATCH):
            ids = collection.ids[start : start + _BATCH]
            rows = self._store.rows(ids)
            there = np.flatnonzero(rows >= 0).tolist()
            for place, record in zip(there, self._store.records(rows[there]), strict=True):
                if record.digest != int(collection.digests[start + place]):
                    changed[ids[place]] = None
        return list(changed)

    def _release(self, ids: Sequence[str]) -> int:
        """Take articles out; how many were there. Their duplicates find another keeper, or become keepers; of what
        equals them one article is found from now on."""
        rows = self._store.rows(ids)
        rows = rows[rows >= 0]
        if not len(rows):
            return 0
        gone = {record.digest for record in self._store.records(rows)}
        held = np.setdiff1d(self._store.kept(ids), rows)
        records = self._store.records(held)
        self._store.remove(np.concatenate([rows, held]))
        digests, twins = self._store.find("digest", np.array(sorted(gone), np.uint64))
        _, first = np.unique(digests, return_index=True)
        self._again(self._store.records(twins[first]))
        with tempfile.TemporaryDirectory(prefix="dedupe-") as folder:
            freed = _collected([from_records(records)], self.bands, Path(folder))
            order = keeper_order(freed)
            self._absorb(freed, find(freed, order, self.terms(), Workers(1)), order, self.terms())
        return len(rows)

    def _again(self, records: Sequence[Record]) -> None:
        """Put articles in again, so that they are found."""
        with tempfile.TemporaryDirectory(prefix="dedupe-") as folder:
            collection = _collected([from_records(records)], self.bands, Path(folder))
            keepers = {place: record.keeper for place, record in enumerate(records) if record.keeper is not None}
            self._put(collection, range(len(collection)), keepers, frozenset())

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
                if record.digest == int(collection.digests[start + place]):
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

    def _put(
        self, collection: Collection, articles: Sequence[int], keepers: Mapping[int, str], twins: Set[int]
    ) -> None:
        """Store articles. Twins, which equal an article that is found, are not found themselves: of a hundred thousand
        copies of one consent page a single one answers."""
        for start in range(0, len(articles), _BATCH):
            batch = articles[start : start + _BATCH]
            last = {collection.ids[article]: article for article in batch}
            chosen = sorted(last.values())
            keys = collection.keys[chosen]
            hidden = np.array([article in twins for article in chosen])
            keys[hidden] = 0
            hashes, counts = collection.samples_of(chosen)
            hashes, counts = hashes[np.repeat(~hidden, counts)], np.where(hidden, 0, counts)
            records = [collection.record(article, keepers.get(article)) for article in chosen]
            self._store.put(records, keys, (hashes, np.concatenate([[0], np.cumsum(counts)])))

    def remove(self, ids: Sequence[str]) -> int:
        """Forget articles; how many of them were there. The duplicates of one that was a keeper are decided anew."""
        with self._store.writing():
            return self._release(list(dict.fromkeys(ids)))

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
            self._store.remove(np.concatenate([np.zeros(0, np.int64), *rows]))
            self._put(collection, range(len(collection)), keepers, found.same.keys())
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
        """Counts of articles, keepers and sites, the size in bytes, and the parameters.

        "recall" is the share of pairs at the floor that become candidates, "false" that of pairs half as alike.
        """
        number, rows, recall, false = self.bands
        return {
            **self._store.info(),
            "floor": self.floor,
            "bands": number,
            "rows": rows,
            "recall": recall,
            "false": false,
        }


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
        record.keeper is None,
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
