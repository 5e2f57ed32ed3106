"""The store in one SQLite file (WAL): what was committed survives a kill at any time, several processes may write."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dedupe.corpus.stores import VERSION, Record, distinct_ids
from dedupe.corpus.stores.postings import SCHEMA, UINT32, UINT64, Postings, array
from dedupe.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.corpus.stores import Header, Hits, Table

_APPLICATION = 0x64656475  # "dedu": the mark of an index in the head of a SQLite file
_PATIENCE = 60  # seconds
_PAGE = 16384
_CACHE = 64  # MB
_GONE = 1000  # removed articles whose postings stay in the file at least
# Texts are kept as UTF-8 bytes: an id from the web may hold what SQLite's own text cannot.
_SCHEMA = f"""
CREATE TABLE header (name TEXT PRIMARY KEY, value NOT NULL);
CREATE TABLE articles (row INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, site BLOB NOT NULL,
                       published BLOB NOT NULL, length INTEGER NOT NULL, digest INTEGER NOT NULL, keeper BLOB);
CREATE INDEX kept ON articles (keeper) WHERE keeper IS NOT NULL;
CREATE TABLE contents (row INTEGER PRIMARY KEY, hashes BLOB NOT NULL, numbers BLOB NOT NULL, lines BLOB NOT NULL);
CREATE TABLE sites (site BLOB PRIMARY KEY, articles INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE gone (row INTEGER PRIMARY KEY);
{SCHEMA}
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
"""
_RECORD = """
SELECT row, id, site, published, length, digest, hashes, numbers, lines, keeper FROM articles JOIN contents USING (row)
"""


class SQLiteStore:
    """See `dedupe.corpus.stores.Store`. The file grows a little and is reused: what is removed leaves room inside."""

    def __init__(self, path: str, header: Header | None = None) -> None:
        self.path = path
        self._writes = False
        _check_place(path, create=header is not None)
        with self._clear_errors():
            if header is not None and not (Path(path).exists() and Path(path).stat().st_size):
                _create(path, header)
            self._connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
            self._run = self._connection.execute
            try:
                self._prepare()
                self._header: Header = dict(self._run("SELECT name, value FROM header"))
            except BaseException:
                self._connection.close()
                raise
        self._postings = Postings(self._connection)

    def _prepare(self) -> None:
        mark, schema = self._pragma("application_id"), self._pragma("user_version")
        if mark == _APPLICATION and schema != VERSION:
            raise InputError(
                f"{self.path} has schema {schema}, this dedupe writes {VERSION}: build the index anew, or use the "
                "version of dedupe that made it"
            )
        if mark != _APPLICATION:
            raise InputError(f"{self.path} is no index of dedupe: name another file, or a new one")
        self._run("PRAGMA journal_mode = WAL")
        self._run("PRAGMA synchronous = NORMAL")
        self._run(f"PRAGMA cache_size = -{_CACHE * 1024}")
        self._run(f"PRAGMA journal_size_limit = {_CACHE << 20}")

    def _pragma(self, name: str) -> int:
        value: int = self._run(f"PRAGMA {name}").fetchone()[0]
        return value

    @property
    def header(self) -> Header:
        return self._header

    @contextmanager
    def writing(self) -> Iterator[None]:
        if self._connection.in_transaction:
            raise RuntimeError("a transaction is open already")
        with self._clear_errors():
            self._run("BEGIN IMMEDIATE")
        self._writes = True
        try:
            yield
            with self._clear_errors():
                self._run("COMMIT")
        finally:
            self._writes = False
            if self._connection.in_transaction:
                self._run("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        with self._clear_errors():
            self._run("BEGIN")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._run("ROLLBACK")

    def rows(self, ids: Sequence[str]) -> NDArray[np.int64]:
        with self.reading(), self._clear_errors():
            return self._rows([_packed(name) for name in ids])

    def records(self, rows: NDArray[np.int64]) -> list[Record]:
        with self.reading(), self._clear_errors():
            found = [self._run(f"{_RECORD} WHERE row = ?", (row,)).fetchone() for row in rows.tolist()]
            if None in found:
                raise KeyError(f"no article in row {rows[found.index(None)]}")
            return [_record(row) for row in found]

    def put(
        self,
        records: Sequence[Record],
        bands: NDArray[np.uint64],
        samples: tuple[NDArray[np.uint64], NDArray[np.int64]],
    ) -> NDArray[np.int64]:
        ids = [_packed(name) for name in distinct_ids(records)]
        hashes, offsets = samples
        with self._changing():
            known = self._rows(ids)
            self._forget(known[known >= 0])
            newest = self._run("SELECT seq FROM sqlite_sequence WHERE name = 'articles'").fetchone()
            rows = np.arange(len(ids), dtype=np.int64) + (newest[0] if newest else 0) + 1
            digests = np.array([record.digest for record in records], np.uint64)
            self._connection.executemany(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (row, name, _packed(r.site), _packed(r.published), r.length, digest, _keeper(r.keeper))
                    for row, name, digest, r in zip(
                        rows.tolist(), ids, digests.view(np.int64).tolist(), records, strict=True
                    )
                ),
            )
            self._connection.executemany(
                "INSERT INTO contents VALUES (?, ?, ?, ?)",
                (
                    (row, _bytes(r.hashes, UINT32), _bytes(r.numbers, UINT32), _bytes(r.lines, UINT64))
                    for row, r in zip(rows.tolist(), records, strict=True)
                ),
            )
            values = rows.astype(np.int32)
            posted = bands.reshape(-1) != 0
            self._postings.add("band", bands.reshape(-1)[posted], np.repeat(values, bands.shape[1])[posted])
            self._postings.add("sample", hashes[offsets[0] : offsets[-1]], np.repeat(values, np.diff(offsets)))
            self._postings.add("digest", digests, values)
            self._count([r.site for r in records], [r.lines for r in records], 1)
        return rows

    def find(self, table: Table, keys: NDArray[np.uint64]) -> Hits:
        with self.reading(), self._clear_errors():
            which, row = self._postings.find(table, keys)
            if len(row) and self._run("SELECT 1 FROM gone LIMIT 1").fetchone():
                found, place = np.unique(row, return_inverse=True)
                query = "SELECT 1 FROM gone WHERE row = ?"
                lives = np.array([self._run(query, (each,)).fetchone() is None for each in found.tolist()])[place]
                which, row = which[lives], row[lives]
            return which, row

    def kept(self, ids: Sequence[str]) -> NDArray[np.int64]:
        query = "SELECT row FROM articles WHERE keeper = ?"
        with self.reading(), self._clear_errors():
            found = {row for name in ids for (row,) in self._run(query, (_packed(name),))}
        return np.array(sorted(found), np.int64)

    def remove(self, rows: NDArray[np.int64]) -> None:
        with self._changing():
            self._forget(rows)

    def lines(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        with self.reading(), self._clear_errors():
            which, count = self._postings.find("line", keys)
        total = np.zeros(len(keys), np.int64)
        np.add.at(total, which, count)
        return total

    def sites(self, names: Sequence[str]) -> NDArray[np.int64]:
        query = "SELECT articles FROM sites WHERE site = ?"
        with self.reading(), self._clear_errors():
            counts = [self._run(query, (_packed(name),)).fetchone() for name in names]
        return np.array([count[0] if count else 0 for count in counts], np.int64)

    def scan(self, batch: int) -> Iterator[tuple[NDArray[np.int64], list[Record]]]:
        last = 0
        while True:
            with self.reading(), self._clear_errors():
                found = self._run(f"{_RECORD} WHERE row > ? ORDER BY row LIMIT ?", (last, batch)).fetchall()
                records = [_record(row) for row in found]
            if not found:
                return
            last = found[-1][0]
            yield np.array([row[0] for row in found], np.int64), records

    def info(self) -> dict[str, int]:
        with self.reading(), self._clear_errors():
            articles, keepers = self._run("SELECT count(*), count(*) - count(keeper) FROM articles").fetchone()
            sites = self._run("SELECT count(*) FROM sites").fetchone()[0]
            size = self._pragma("page_count") * self._pragma("page_size")
        return {"articles": articles, "keepers": keepers, "sites": sites, "bytes": size}

    def close(self) -> None:
        self._connection.close()

    def _rows(self, ids: Sequence[bytes]) -> NDArray[np.int64]:
        found = [self._run("SELECT row FROM articles WHERE id = ?", (name,)).fetchone() for name in ids]
        return np.array([row[0] if row else -1 for row in found], np.int64)

    def _forget(self, rows: NDArray[np.int64]) -> None:
        if not len(rows):
            return
        rows = np.unique(rows)
        records = self.records(rows)
        self._count([r.site for r in records], [r.lines for r in records], -1)
        each = [(row,) for row in rows.tolist()]
        self._connection.executemany("DELETE FROM articles WHERE row = ?", each)
        self._connection.executemany("DELETE FROM contents WHERE row = ?", each)
        self._connection.executemany("INSERT INTO gone VALUES (?)", each)
        gone, articles = self._run("SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM articles)").fetchone()
        if gone > _GONE + articles // 4:
            self._purge()

    def _purge(self) -> None:
        """Take the postings of what is gone out of the file."""
        gone = np.array([row for (row,) in self._run("SELECT row FROM gone")], np.int64)
        for table in ("band", "sample", "digest"):
            self._postings.purge(table, gone)
        self._run("DELETE FROM gone")

    def _count(self, sites: Sequence[str], lines: Sequence[NDArray[np.uint64]], step: int) -> None:
        """Articles more (step 1) or less (-1) for each line and site."""
        if not lines:
            return
        keys, counts = np.unique(np.concatenate(lines), return_counts=True)
        self._postings.add("line", keys, (step * counts).astype(np.int32), total=True)
        for site in dict.fromkeys(sites):
            change = step * sites.count(site)
            self._run("INSERT OR IGNORE INTO sites VALUES (?, 0)", (_packed(site),))
            self._run("UPDATE sites SET articles = articles + ? WHERE site = ?", (change, _packed(site)))
        if step < 0:
            self._run("DELETE FROM sites WHERE articles = 0")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        if not self._writes:
            raise RuntimeError("a store changes inside `with store.writing()` only")
        with self._clear_errors():
            yield

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise InputError(_explained(self.path, str(error))) from error


def _create(path: str, header: Header) -> None:
    """Make an index beside its place and put it there whole: of several processes one is first, the others find it."""
    with tempfile.TemporaryDirectory(prefix=".dedupe-", dir=Path(path).parent) as folder:
        new = Path(folder, "new")
        with closing(sqlite3.connect(new, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA page_size = {_PAGE}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)
            connection.executemany("INSERT INTO header VALUES (?, ?)", header.items())
        try:
            os.link(new, path)
        except FileExistsError:
            if not Path(path).stat().st_size:  # an empty file, which was put there for this
                new.replace(path)
        except OSError:  # a file system without hard links
            new.replace(path)


def _check_place(path: str, create: bool) -> None:
    place = Path(path)
    if place.is_dir():
        raise InputError(f"{path} is a folder: name a file in it")
    if not place.exists():
        if not create:
            raise InputError(f"there is no index at {path}: `dedupe index add` makes one")
        if not place.parent.is_dir():
            raise InputError(f"there is no folder {place.parent}: create it, or name another place for the index")
    folder = place.resolve().parent
    if not os.access(folder, os.W_OK) or (place.exists() and not os.access(place, os.W_OK)):
        raise InputError(f"{path} is in a place where nothing may be written, and reading it needs that too: copy it")


def _explained(path: str, message: str) -> str:
    """What SQLite said, and what to do."""
    if "not a database" in message:
        return f"{path} is no index of dedupe: name another file, or a new one"
    if "locked" in message:
        return f"another process has been writing to {path} for {_PATIENCE} seconds: try again when it is done"
    if "readonly" in message or "unable to open" in message:
        return f"{path} cannot be written ({message}): copy it to a place where you may write"
    if "full" in message:
        return f"there is no room left for {path}: make room and run again; nothing was changed"
    return f"{path} is damaged ({message}): take a copy that is whole, or build the index anew"


def _record(row: tuple[int, bytes, bytes, bytes, int, int, bytes, bytes, bytes, bytes | None]) -> Record:
    _, name, site, published, length, digest, hashes, numbers, lines, keeper = row
    return Record(
        _text(name),
        _text(site),
        _text(published),
        length,
        digest % 2**64,
        array([hashes], UINT32),
        array([numbers], UINT32),
        array([lines], UINT64),
        None if keeper is None else _text(keeper),
    )


def _packed(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _keeper(name: str | None) -> bytes | None:
    return None if name is None else _packed(name)


def _text(blob: bytes) -> str:
    try:
        return blob.decode("utf-8", "surrogatepass")
    except (UnicodeDecodeError, AttributeError):
        raise sqlite3.DatabaseError("a name is no text") from None


def _bytes(values: NDArray[np.generic], kind: np.dtype[np.generic]) -> bytes:
    return values.astype(kind, copy=False).tobytes()
