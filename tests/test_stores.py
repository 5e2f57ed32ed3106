"""Stores: both hold against a plain dictionary, find all that is there, and let go of what is removed."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from stores import HEADER, add, article, same

from dedupe.corpus.stores import Record, Store, opened, postings, sqlite
from dedupe.corpus.stores.postings import Postings


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and runs so small that a few articles merge and purge them."""
    monkeypatch.setattr(postings, "PAGE", 3)
    monkeypatch.setattr(postings, "FAN", 2)
    monkeypatch.setattr(postings, "STRETCH", 2)
    monkeypatch.setattr(sqlite, "_GONE", 2)


IDS = st.sampled_from(["a", "b", "c", "ü/1", "\ud800", "nul\0", ""])
KEY = st.sampled_from([0, 1, 2, 3, 2**32, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1])


def uints(kind: type[np.generic], size: int) -> st.SearchStrategy[Any]:
    top = 2**32 - 1 if kind is np.uint32 else 2**64 - 1
    return st.lists(st.integers(0, top), max_size=size).map(lambda values: np.array(values, kind))


RECORDS = st.builds(
    Record,
    id=IDS,
    site=IDS,
    published=IDS,
    length=st.integers(0, 2**31),
    digest=KEY,
    hashes=uints(np.uint32, 5),
    numbers=uints(np.uint32, 3),
    lines=st.lists(KEY, unique=True, max_size=4).map(lambda keys: np.array(keys, np.uint64)),
    keeper=st.none() | IDS,
)


class Model(RuleBasedStateMachine):
    """The store under test beside a dictionary from row to (record, keys of each table)."""

    make: Callable[[], Store]
    atomic: bool

    def __init__(self) -> None:
        super().__init__()
        self.store = self.make()
        self.held: dict[int, tuple[Record, dict[str, list[int]]]] = {}
        self.newest = 0

    def teardown(self) -> None:
        self.store.close()

    def put_all(self, articles: list[tuple[Record, list[int], list[int]]]) -> np.ndarray:
        bands = np.array([b for _, b, _ in articles], np.uint64).reshape(len(articles), 3)
        hashes = np.array([key for _, _, s in articles for key in s], np.uint64)
        return self.store.put(
            [record for record, _, _ in articles], bands, (hashes, np.cumsum([0] + [len(s) for _, _, s in articles]))
        )

    articles = st.lists(
        st.tuples(RECORDS, st.lists(KEY, min_size=3, max_size=3), st.lists(KEY, unique=True, max_size=4)),
        max_size=5,
        unique_by=lambda each: each[0].id,
    )

    @rule(articles=articles)
    def put(self, articles: list[tuple[Record, list[int], list[int]]]) -> None:
        with self.store.writing():
            rows = self.put_all(articles).tolist()
            assert rows == self.store.rows([record.id for record, _, _ in articles]).tolist()
        assert len(rows) == len(articles)
        assert all(a < b for a, b in zip([self.newest, *rows], rows, strict=False)), "rows ascend, none comes twice"
        self.newest = max([self.newest, *rows])
        new = {record.id for record, _, _ in articles}
        self.held = {row: each for row, each in self.held.items() if each[0].id not in new}
        for row, (record, bands, samples) in zip(rows, articles, strict=True):
            self.held[row] = (
                record,
                {"band": [key for key in bands if key], "sample": samples, "digest": [record.digest]},
            )

    @rule(articles=articles)
    def fail(self, articles: list[tuple[Record, list[int], list[int]]]) -> None:
        if self.atomic:
            with contextlib.suppress(ZeroDivisionError), self.store.writing():
                self.put_all(articles)
                new = {record.id for record, _, _ in articles}
                left = [row for row, (record, _) in self.held.items() if record.id not in new]
                self.store.remove(np.array(left, np.int64))
                raise ZeroDivisionError

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        rows = data.draw(st.lists(st.sampled_from(sorted(self.held)), max_size=3))
        with self.store.writing():
            self.store.remove(np.array(rows, np.int64))
        for row in set(rows):
            del self.held[row]

    @rule(keys=st.lists(KEY, max_size=8))
    def look(self, keys: list[int]) -> None:
        asked = np.array(keys, np.uint64)
        for table in ("band", "sample", "digest"):
            which, row = self.store.find(table, asked)
            expected = [
                (i, row)
                for i, key in enumerate(keys)
                for row in sorted(self.held)
                for each in self.held[row][1][table]
                if each == key
            ]
            assert list(zip(which.tolist(), row.tolist(), strict=True)) == expected
        counts = Counter(key for record, _ in self.held.values() for key in record.lines.tolist())
        assert self.store.lines(asked).tolist() == [counts[key] for key in keys]

    @rule(names=st.lists(IDS, max_size=4))
    def name(self, names: list[str]) -> None:
        rows = {record.id: row for row, (record, _) in self.held.items()}
        assert self.store.rows(names).tolist() == [rows.get(name, -1) for name in names]
        kept = [row for row, (record, _) in sorted(self.held.items()) if record.keeper in names]
        assert self.store.kept(names).tolist() == kept
        counts = Counter(record.site for record, _ in self.held.values())
        assert self.store.sites(names).tolist() == [counts[name] for name in names]

    @invariant()
    def all_is_there(self) -> None:
        rows = sorted(self.held)
        for row, record in zip(rows, self.store.records(np.array(rows, np.int64)), strict=True):
            assert same(record, self.held[row][0])
        scanned = [
            (row, record) for held, records in self.store.scan(2) for row, record in zip(held, records, strict=True)
        ]
        assert [row for row, _ in scanned] == rows
        assert all(same(record, self.held[row][0]) for row, record in scanned)
        info = self.store.info()
        assert info["bytes"] > 0
        assert info["articles"] == len(rows)
        assert info["keepers"] == sum(record.keeper is None for record, _ in self.held.values())
        assert info["sites"] == len({record.site for record, _ in self.held.values()})


@pytest.mark.usefixtures("small")
def test_holds_against_a_dictionary(address: str, tmp_path: Path) -> None:
    redis = "://" in address

    class Machine(Model):
        atomic = not redis

        def make(self) -> Store:
            name = uuid.uuid4().hex
            return opened(f"{address}{name}" if redis else str(tmp_path / name), HEADER)

    run_state_machine_as_test(Machine, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))


@pytest.mark.usefixtures("small")
@given(
    st.lists(st.lists(st.tuples(KEY, st.integers(1, 5)), max_size=30), max_size=6),
    st.lists(KEY),
    st.sets(st.integers(1, 5)),
)
def test_postings_hold_against_a_list(batches: list[list[tuple[int, int]]], keys: list[int], gone: set[int]) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(postings.SCHEMA)
        held = Postings(connection)
        for batch in batches:
            arrays = np.array([k for k, _ in batch], np.uint64), np.array([v for _, v in batch], np.int32)
            held.add("rows", *arrays)
            held.add("sums", *arrays, total=True)
        asked = np.array(keys, np.uint64)
        entries = sorted((i, v) for i, key in enumerate(keys) for batch in batches for k, v in batch if k == key)
        assert list(zip(*(a.tolist() for a in held.find("rows", asked)), strict=True)) == entries
        sums: Counter[int] = Counter()
        for i, v in zip(*(a.tolist() for a in held.find("sums", asked)), strict=True):
            sums[i] += v
        for i, v in entries:
            sums[i] -= v
        assert not any(sums.values())
        held.purge("rows", np.array(sorted(gone), np.int64))
        assert list(zip(*(a.tolist() for a in held.find("rows", asked)), strict=True)) == [
            (i, v) for i, v in entries if v not in gone
        ]


def test_runs_stay_few(tmp_path: Path) -> None:
    with contextlib.closing(opened(str(tmp_path / "news.index"), HEADER)) as store:
        for i in range(100):
            add(store, [f"{i}"])
        with contextlib.closing(sqlite3.connect(tmp_path / "news.index")) as connection:
            most = connection.execute("SELECT max(n) FROM (SELECT count(*) AS n FROM runs GROUP BY name)").fetchone()[0]
        assert most <= postings.FAN
        assert store.info()["articles"] == 100


def test_many_alike_are_all_found(store: Store) -> None:
    """More postings of one key than a page, and more than one script or stretch of pages holds."""
    records = [article(str(i))[0]._replace(digest=5) for i in range(5000)]
    bands = np.ones((5000, 2), np.uint64)
    with store.writing():
        rows = store.put(records, bands, (np.empty(0, np.uint64), np.zeros(5001, np.int64)))
    which, found = store.find("digest", np.array([4, 5, 6], np.uint64))
    assert set(which.tolist()) == {1}
    assert found.tolist() == rows.tolist()
    assert len(store.find("band", np.ones(1, np.uint64))[0]) == 10_000
    many = np.full(25_001, 6, np.uint64)
    many[-1] = 5
    assert set(store.find("digest", many)[0].tolist()) == {25_000}
    many[-1] = 0  # the line key that all have
    assert np.flatnonzero(store.lines(many)).tolist() == [25_000]


def test_the_bytes_of_two_postings_that_hold_a_third(store: Store) -> None:
    """Side by side, key and row of the first two read like the third's from the fifth byte on."""
    none = np.empty(0, np.uint64), np.zeros(2, np.int64)
    third = 2 + 2**32
    with store.writing():
        store.put([article("a")[0]], np.array([[2 + 2**33, 2]], np.uint64), none)
        rows = store.put([article("b")[0]], np.array([[third, third]], np.uint64), none)
    assert store.find("band", np.array([third, 2], np.uint64))[1].tolist() == [2, 2, 1]
    with store.writing():
        store.remove(rows)
    assert store.find("band", np.array([third, 2, 2 + 2**33], np.uint64))[1].tolist() == [1, 1]


@pytest.mark.usefixtures("small")
def test_what_is_removed_leaves_the_file(tmp_path: Path) -> None:
    path = str(tmp_path / "news.index")
    with contextlib.closing(opened(path, HEADER)) as store:
        rows = add(store, [str(i) for i in range(20)])
        with store.writing():
            store.remove(rows[1:])
        assert len(store.find("band", article("0")[1])[0]) == 26
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM gone").fetchall() == [(0,)]
        entries = "SELECT name, sum(entries) FROM runs GROUP BY name ORDER BY name"
        assert connection.execute(entries).fetchall()[:2] == [("band", 26), ("digest", 1)]
