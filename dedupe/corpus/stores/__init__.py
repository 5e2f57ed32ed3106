"""Stores: dumb, fast, transactional memory for articles that were seen. `dedupe.corpus.index` holds the logic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    Header: TypeAlias = Mapping[str, str | int | float]
    Hits: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]

Table = Literal["band", "sample", "digest"]
VERSION = 1
"""The schema of all stores; another one is refused."""


class Record(NamedTuple):
    """What a store keeps of an article.

    id         names the article; one record for each id
    site       where it was printed; "" where nobody said
    published  when, as the caller writes it; "" where nobody said
    length     code points of its text, at least 0
    digest     64-bit hash of what is compared, 0 to 2**64 - 1; the same for the same article
    hashes     (s,) hashes of its shingles, in text order, with repeats
    numbers    (m,) hashes of its number words, distinct and sorted
    lines      (l,) keys of its distinct lines, the site included in the hash
    keeper     id of the article that stays in its place; None: it is a keeper itself

    Arrays that come from a store may be read-only.
    """

    id: str
    site: str
    published: str
    length: int
    digest: int
    hashes: NDArray[np.uint32]
    numbers: NDArray[np.uint32]
    lines: NDArray[np.uint64]
    keeper: str | None


class Store(Protocol):
    """Memory for articles. Each has a row: an integer from 1 to 2**31 - 1 that is never given twice.

    One store serves one thread; each process opens its own. What cannot be read or written raises
    `dedupe.errors.InputError`.
    """

    @property
    def header(self) -> Header:
        """What the store was created with; the caller compares it."""

    def writing(self) -> AbstractContextManager[None]:
        """One writer's turn: `put` and `remove` are allowed inside only, and reads inside see their effect.

        It waits for other writers, and raises InputError after a minute. In SQLite it is a transaction: all of it or,
        after an exception or a kill, nothing. In Redis each article is put, replaced or removed whole or not at all.
        """

    def reading(self) -> AbstractContextManager[None]:
        """Reads inside see one state in SQLite, whatever is written meanwhile. A read outside sees one state by itself.

        In Redis, which knows no such state, a row that `find` gave still has its record ten minutes after its removal.
        """

    def rows(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """(n,) rows of the articles with these ids; -1 where there is none."""

    def records(self, rows: NDArray[np.int64]) -> list[Record]:
        """The records of these rows, in their order. KeyError where there is none."""

    def put(
        self,
        records: Sequence[Record],
        bands: NDArray[np.uint64],
        samples: tuple[NDArray[np.uint64], NDArray[np.int64]],
    ) -> NDArray[np.int64]:
        """Add n articles and give their new rows, (n,), ascending; an article whose id is there is replaced.

        bands is (n, b), the band keys of each article, of which those that are 0 are left out; samples (hashes,
        offsets) is ragged: article i owns `hashes[offsets[i]:offsets[i + 1]]`. Digests, line counts and counts of the
        sites are kept along.
        ValueError where two of the records have one id.
        """

    def find(self, table: Table, keys: NDArray[np.uint64]) -> Hits:
        """All (which, row), ordered by both, such that the article in that row was put with keys[which]."""

    def kept(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The rows of the articles whose keeper is one of these ids, ascending."""

    def remove(self, rows: NDArray[np.int64]) -> None:
        """Forget these articles, as if they had never been put. KeyError where a row has none."""

    def lines(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """(n,) in how many articles each of these lines stands."""

    def sites(self, names: Sequence[str]) -> NDArray[np.int64]:
        """(n,) how many articles each of these sites has."""

    def scan(self, batch: int) -> Iterator[tuple[NDArray[np.int64], list[Record]]]:
        """All articles by row, at most `batch` at a time."""

    def info(self) -> dict[str, int]:
        """Counts: "articles", "keepers", "sites", and "bytes", which in Redis are those of the whole server."""

    def close(self) -> None:
        """Let go of the file or the server; nothing else may be called afterwards."""


def opened(address: str, header: Header | None = None) -> Store:
    """The store at a path or at `redis://host:port/db?name=NAME` (also `rediss://`).

    Where there is none it is created with `header`; without a header it must be there. What cannot be opened (no index,
    another schema, a folder, a place where nothing may be written, a server that does not answer) raises InputError.
    """
    if address.startswith(("redis://", "rediss://")):
        from dedupe.corpus.stores.redis import RedisStore

        return RedisStore(address, header)
    from dedupe.corpus.stores.sqlite import SQLiteStore

    return SQLiteStore(address, header)


def distinct_ids(records: Sequence[Record]) -> list[str]:
    """The ids of some records; ValueError where two are the same."""
    ids = [record.id for record in records]
    if len(set(ids)) < len(ids):
        raise ValueError("two records of one put have the same id")
    return ids
