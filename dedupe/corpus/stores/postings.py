"""Postings in SQLite: (key, value) entries in sorted runs of pages, as in a log-structured merge tree.

A row for each posting costs some 80 inserts an article, each somewhere else in a tree. Here every batch is written at
once as a *run*, sorted by key and cut into pages; the first keys of its pages stand beside it. Where many runs of like
size have come together they are merged into one. (O'Neil et al., The log-structured merge-tree, 1996.)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

SCHEMA = """
CREATE TABLE runs (run INTEGER PRIMARY KEY, name TEXT NOT NULL, entries INTEGER NOT NULL,
                   page INTEGER NOT NULL, firsts BLOB NOT NULL);
CREATE TABLE pages (page INTEGER PRIMARY KEY, keys BLOB NOT NULL, vals BLOB NOT NULL);
"""
PAGE = 1350  # entries; a look-up of one key reads a whole page, and a page fills one of SQLite's
FAN = 4  # so many runs of like size are merged into one
STRETCH = 512  # pages in memory at once

UINT32: np.dtype[np.uint32] = np.dtype("<u4")
UINT64: np.dtype[np.uint64] = np.dtype("<u8")
INT32: np.dtype[np.int32] = np.dtype("<i4")
_Scalar = TypeVar("_Scalar", bound=np.generic)
_Keys = NDArray[np.uint64]
_Values = NDArray[np.int32]


class _Run(NamedTuple):
    number: int
    entries: int
    page: int
    firsts: _Keys

    @property
    def level(self) -> int:
        """Runs of one level differ in size by less than FAN."""
        level, size = 0, PAGE * FAN
        while self.entries >= size:
            level, size = level + 1, size * FAN
        return level


class Postings:
    """Named tables of (uint64 key, int32 value) entries. The caller holds the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self._run_many = connection.executemany

    def add(self, name: str, keys: _Keys, values: _Values, total: bool = False) -> None:
        """Add n entries; `total`: entries with the same key are counts, to be summed when runs are merged."""
        if not len(keys):
            return
        order = np.argsort(keys, kind="stable")
        self._write(name, iter([(keys[order], values[order])]))
        levels: dict[int, list[_Run]] = {}
        for run in self._runs(name):
            levels.setdefault(run.level, []).append(run)
        for level in sorted(levels):
            if len(levels[level]) >= FAN:
                merged = self._merge(name, levels[level], total)
                if merged and merged.level > level:
                    levels.setdefault(merged.level, []).append(merged)

    def find(self, name: str, keys: _Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All (which, value), ordered by both, such that an entry (keys[which], value) was added."""
        order = np.argsort(keys, kind="stable")
        wanted = keys[order]
        which, value = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for run in self._runs(name):
            for held, values in self._stretches(run, _needed(run.firsts, wanted)):
                low, high = np.searchsorted(wanted, held[0]), np.searchsorted(wanted, held[-1], "right")
                left = np.searchsorted(held, wanted[low:high])
                hit = np.flatnonzero(held[left] == wanted[low:high])
                left = left[hit]
                count = np.searchsorted(held, wanted[low:high][hit], "right") - left
                past = np.cumsum(count)
                at = np.arange(count.sum()) + np.repeat(left - past + count, count)
                which.append(np.repeat(order[low:high][hit], count))
                value.append(values[at].astype(np.int64))
        hits, found = np.concatenate(which), np.concatenate(value)
        sort = np.lexsort((found, hits))
        return hits[sort], found[sort]

    def purge(self, name: str, gone: NDArray[np.int64]) -> None:
        """Leave out all entries whose value is in `gone`."""
        if runs := self._runs(name):
            self._merge(name, runs, gone=gone)

    def _runs(self, name: str) -> list[_Run]:
        rows = self._run("SELECT run, entries, page, firsts FROM runs WHERE name = ?", (name,)).fetchall()
        return [_Run(number, entries, page, array([firsts], UINT64)) for number, entries, page, firsts in rows]

    def _stretches(self, run: _Run, pages: NDArray[np.int64]) -> Iterator[tuple[_Keys, _Values]]:
        """The entries of some pages of a run, in order, many pages at a time."""
        for start in range(0, len(pages), STRETCH):
            some = run.page + pages[start : start + STRETCH]
            if some[-1] - some[0] < 2 * len(some):
                query = "SELECT keys, vals FROM pages WHERE page BETWEEN ? AND ? ORDER BY page"
                blobs = self._run(query, (int(some[0]), int(some[-1]))).fetchall()
            else:
                query = "SELECT keys, vals FROM pages WHERE page = ?"
                blobs = [blob for page in some.tolist() for blob in self._run(query, (page,))]
            if len(blobs) < len(some):
                raise sqlite3.DatabaseError("a page is missing")
            keys, values = array([k for k, _ in blobs], UINT64), array([v for _, v in blobs], INT32)
            if len(keys) != len(values) or not len(keys) or (keys[1:] < keys[:-1]).any():
                raise sqlite3.DatabaseError("a page is out of order")
            yield keys, values

    def _merge(
        self, name: str, runs: list[_Run], total: bool = False, gone: NDArray[np.int64] | None = None
    ) -> _Run | None:
        """One run in place of many, made stretch by stretch, so that memory does not grow with the runs."""

        def stretches() -> Iterator[tuple[_Keys, _Values]]:
            firsts = np.sort(np.concatenate([run.firsts for run in runs]))
            bounds = np.unique(firsts[STRETCH::STRETCH])
            bounds = bounds[bounds > firsts[0]]  # no stretch is empty
            for low, high in zip([None, *bounds], [*bounds, None], strict=True):
                parts = [part for run in runs for part in self._between(run, low, high)]
                keys, values = np.concatenate([k for k, _ in parts]), np.concatenate([v for _, v in parts])
                order = np.argsort(keys, kind="stable")
                keys, values = keys[order], values[order]
                if total:
                    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
                    keys, values = keys[starts], np.add.reduceat(values, starts, dtype=np.int32)
                    keys, values = keys[values != 0], values[values != 0]
                if gone is not None:
                    stay = ~np.isin(values, gone)
                    keys, values = keys[stay], values[stay]
                yield keys, values

        merged = self._write(name, stretches())
        for run in runs:
            self._run("DELETE FROM runs WHERE run = ?", (run.number,))
            self._run("DELETE FROM pages WHERE page >= ? AND page < ?", (run.page, run.page + len(run.firsts)))
        return merged

    def _between(self, run: _Run, low: np.uint64 | None, high: np.uint64 | None) -> Iterator[tuple[_Keys, _Values]]:
        """The entries of a run from key `low` on and before `high`."""
        first = 0 if low is None else max(0, int(np.searchsorted(run.firsts, low)) - 1)
        last = len(run.firsts) if high is None else int(np.searchsorted(run.firsts, high))
        for keys, values in self._stretches(run, np.arange(first, last)):
            start = 0 if low is None else np.searchsorted(keys, low)
            end = len(keys) if high is None else np.searchsorted(keys, high)
            yield keys[start:end], values[start:end]

    def _write(self, name: str, stretches: Iterator[tuple[_Keys, _Values]]) -> _Run | None:
        """Write sorted stretches as one run; no run where nothing is left."""
        first = page = self._run("SELECT coalesce(max(page), 0) + 1 FROM pages").fetchone()[0]
        firsts, entries = [], 0
        for keys, values in stretches:
            starts = range(0, len(keys), PAGE)
            packed, filled = keys.astype(UINT64, copy=False), values.astype(INT32, copy=False)
            self._run_many(
                "INSERT INTO pages VALUES (?, ?, ?)",
                (
                    (page + i, packed[s : s + PAGE].tobytes(), filled[s : s + PAGE].tobytes())
                    for i, s in enumerate(starts)
                ),
            )
            firsts.append(packed[::PAGE])
            page += len(starts)
            entries += len(keys)
        if not entries:
            return None
        directory = np.concatenate(firsts)
        query = "INSERT INTO runs (name, entries, page, firsts) VALUES (?, ?, ?, ?)"
        number = self._run(query, (name, entries, first, directory.tobytes())).lastrowid
        return _Run(number or 0, entries, first, directory)


def _needed(firsts: _Keys, wanted: _Keys) -> NDArray[np.int64]:
    """Which pages can hold the wanted keys? A key that stands first on a page may also end the page before."""
    start = np.maximum(np.searchsorted(firsts, wanted) - 1, 0)
    end = np.searchsorted(firsts, wanted, "right")
    size = len(firsts) + 1
    return np.flatnonzero(np.cumsum(np.bincount(start, minlength=size) - np.bincount(end, minlength=size)) > 0)


def array(blobs: Sequence[bytes], kind: np.dtype[_Scalar]) -> NDArray[_Scalar]:
    """A read-only array from what a file holds in pieces; sqlite3.DatabaseError where the bytes cannot be one."""
    try:
        return np.frombuffer(b"".join(blobs), kind)
    except (ValueError, TypeError) as error:
        raise sqlite3.DatabaseError(f"an array is cut off: {error}") from None
