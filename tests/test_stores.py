"""Stores: both hold against a plain dictionary, survive kills and say what is wrong."""

from __future__ import annotations

import contextlib
import inspect
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from dedupe.corpus.stores import Record, Store, opened, postings, sqlite
from dedupe.corpus.stores.postings import Postings
from dedupe.errors import InputError

ROOT = Path(__file__).parents[1]
HEADER = {"version": 1, "threshold": 0.7, "scheme": "affine"}
KEYS = [0, 1, 2, 3, 2**32, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1]


def article(name, batch=0):  # its source is run by other processes too, so it has no annotations
    """An article whose arrays follow from its name, and its band keys and samples."""
    import zlib

    import numpy as np

    from dedupe.corpus.stores import Record

    keys = np.random.default_rng(zlib.crc32(name.encode())).integers(0, 2**64, 80, np.uint64, endpoint=False)
    lines = np.append(keys[:9], np.uint64(batch))
    hashes, numbers = keys[:20].view(np.uint32), np.sort(keys[20:22].view(np.uint32))
    return Record(name, f"site{batch}", "", 7, int(keys[30]), hashes, numbers, lines, None), keys[31:57], keys[57:]


def add(store, names, batch=0):
    """Put articles, in one transaction."""
    import numpy as np

    records, bands, samples = zip(*[article(name, batch) for name in names], strict=True)
    offsets = np.cumsum([0, *map(len, samples)])
    with store.writing():
        return store.put(records, np.stack(bands), (np.concatenate(samples), offsets))


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process that knows `article` and `add`, and the store of its first argument."""
    lines = [
        "import sys",
        "from dedupe.corpus.stores import opened",
        inspect.getsource(article),
        inspect.getsource(add),
        f"store = opened(sys.argv[1], {HEADER!r})",
        code,
    ]
    return subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own."""
    redis = pytest.importorskip("redis", reason="redis-py is not installed")
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with redis.Redis(port=port) as client:
        for _ in range(200):
            with contextlib.suppress(redis.ConnectionError):
                client.ping()
                break
            assert process.poll() is None, "redis-server ended"
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(10)


@pytest.fixture(params=["sqlite", "redis"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where no store stands yet."""
    if request.param == "sqlite":
        return str(tmp_path / "news.index")
    return f"{request.getfixturevalue('server')}?name={uuid.uuid4().hex}"


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with contextlib.closing(opened(address, HEADER)) as made:
        yield made


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and runs so small that a few articles merge and purge them."""
    monkeypatch.setattr(postings, "PAGE", 3)
    monkeypatch.setattr(postings, "FAN", 2)
    monkeypatch.setattr(postings, "STRETCH", 2)
    monkeypatch.setattr(sqlite, "_GONE", 2)


def same(a: Record, b: Record) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


# Against a plain dictionary

IDS = st.sampled_from(["a", "b", "c", "ü/1", "\ud800", "nul\0", ""])
KEY = st.sampled_from(KEYS)


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


# Several at once, and kills


def test_two_processes_create_and_add_at_once(address: str) -> None:
    code = "for i in range(20): add(store, [f'{sys.argv[2]}-{i}-{j}' for j in range(10)], i)"
    for process in [child(code, address, name) for name in "ab"]:
        finished(process)
    with contextlib.closing(opened(address)) as store:
        assert store.header == HEADER
        names = [f"{name}-{i}-{j}" for name in "ab" for i in range(20) for j in range(10)]
        rows = store.rows(names)
        assert len(set(rows.tolist())) == 400
        assert min(rows) > 0
        assert store.info()["articles"] == 400
        assert store.lines(np.arange(20, dtype=np.uint64)).tolist() == [20] * 20
        assert store.sites([f"site{i}" for i in range(20)]).tolist() == [20] * 20
        assert_whole(store)


def assert_whole(store: Store) -> None:
    """Each article that is held is found by each of its keys, and whatever is found is held."""
    rows = [row for held, _ in store.scan(1000) for row in held.tolist()]
    records = store.records(np.array(rows, np.int64))
    for row, record in zip(rows, records, strict=True):
        expected, bands, samples = article(record.id, int(record.lines[-1]))
        assert same(record, expected)
        for table, keys in (("band", bands), ("sample", samples), ("digest", np.array([record.digest], np.uint64))):
            which, found = store.find(table, keys)
            assert which.tolist() == list(range(len(keys)))
            assert set(found.tolist()) == {row}
        assert min(store.lines(record.lines)) >= 1
    sites = Counter(record.site for record in records)
    assert store.sites(list(sites)).tolist() == list(sites.values())


@pytest.mark.parametrize("kills", [8])
def test_a_kill_loses_nothing_that_was_reported(address: str, kills: int) -> None:
    code = """
import itertools
import dedupe.corpus.stores.redis as redis
redis._LEASE, redis._ARTICLES = 1, 7
for i in itertools.count():
    add(store, [f'{sys.argv[2]}-{i}-{j}' for j in range(60)], int(sys.argv[2]))
    print(i, flush=True)
"""
    reported: list[str] = []
    for turn in range(kills):
        process = child(code, address, str(turn))
        assert process.stdout
        done = [int(process.stdout.readline())]
        time.sleep(0.013 * turn)  # somewhere in the middle of a put
        process.send_signal(signal.SIGKILL)
        out, _ = process.communicate()
        done += [int(line) for line in out.splitlines()]
        reported += [f"{turn}-{i}-{j}" for i in done for j in range(60)]
    with contextlib.closing(opened(address)) as store:
        assert min(store.rows(reported)) > 0
        assert_whole(store)
        if "://" not in address:
            counts = Counter(r.id.rpartition("-")[0] for _, records in store.scan(1000) for r in records)
            assert set(counts.values()) == {60}, "no batch is there in part"
            with contextlib.closing(sqlite3.connect(address)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        add(store, ["after"])


def test_a_reader_sees_one_state(tmp_path: Path) -> None:
    path = str(tmp_path / "news.index")
    with contextlib.closing(opened(path, HEADER)) as writer, contextlib.closing(opened(path)) as reader:
        add(writer, ["a"])
        (row,) = reader.rows(["a"])
        with reader.reading():
            assert reader.info()["articles"] == 1
            add(writer, ["a", "b"])
            with writer.writing():
                writer.remove(writer.rows(["b"]))
                assert writer.rows(["a", "b"]).tolist() == [row + 1, -1]
                assert reader.rows(["a", "b"]).tolist() == [row, -1]
            assert reader.records(np.array([row]))[0].id == "a"
            assert reader.find("digest", np.array([article("a")[0].digest], np.uint64))[1].tolist() == [row]
        assert reader.rows(["a", "b"]).tolist() == [row + 1, -1]


def test_redis_keeps_a_removed_record_for_readers(server: str) -> None:
    with contextlib.closing(opened(f"{server}?name={uuid.uuid4().hex}", HEADER)) as store:
        (row,) = add(store, ["a"])
        add(store, ["a"])
        assert store.records(np.array([row]))[0].id == "a"
        assert row not in store.find("band", article("a")[1])[1]


# What is wrong, and what to do


def test_misuse_is_refused(store: Store) -> None:
    record, bands, samples = article("a")
    one = [record], bands[None], (samples, np.array([0, len(samples)]))
    for change in (
        lambda: store.put(*one),
        lambda: store.remove(np.array([1])),
    ):
        with pytest.raises(RuntimeError, match="writing"):
            change()
    with store.writing():
        with pytest.raises(RuntimeError), store.writing():
            pass
        with pytest.raises(ValueError, match="same id"):
            store.put([record, record], np.stack([bands, bands]), (samples[:0], np.zeros(3, np.int64)))
        with pytest.raises(KeyError, match="row 9"):
            store.remove(np.array([9]))
    with pytest.raises(KeyError, match="row 9"):
        store.records(np.array([9]))
    assert store.info()["articles"] == 0


def test_another_header_is_left_to_the_caller(address: str) -> None:
    opened(address, HEADER).close()
    with contextlib.closing(opened(address, {"version": 2})) as store:
        assert store.header == HEADER


def test_no_index_there(address: str) -> None:
    with pytest.raises(InputError, match="dedupe index add"):
        opened(address)


@pytest.mark.parametrize("make", [lambda path: path.write_text("Notes on the lock gates at Varn.\n" * 50), "foreign"])
def test_another_file_is_left_alone(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "notes"
    if make == "foreign":
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE notes (text)")
    else:
        make(path)
    before = path.read_bytes()
    for header in (None, HEADER):
        with pytest.raises(InputError, match="no index of dedupe"):
            opened(str(path), header)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["notes"]


def test_an_empty_file_becomes_an_index_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "new"
    path.touch()
    with pytest.raises(InputError, match="no index of dedupe"):
        opened(str(path))
    with contextlib.closing(opened(str(path), HEADER)) as store:
        assert store.header == HEADER


def test_places_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        opened(str(tmp_path), HEADER)
    with pytest.raises(InputError, match="no folder"):
        opened(str(tmp_path / "missing" / "news.index"), HEADER)


def test_a_place_where_nothing_may_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "news.index")
    opened(path, HEADER).close()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="copy it"):
        opened(path)


def test_another_schema_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "news.index")
    opened(path, HEADER).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(InputError, match="has schema 7, this dedupe writes 1"):
        opened(path, HEADER)


def test_another_schema_in_redis_is_refused(server: str) -> None:
    import redis

    name = uuid.uuid4().hex
    with redis.Redis.from_url(server) as client:
        client.set(f"{name}:header", '{"schema": 7, "header": {}}')
        client.set(f"{name}x:header", "[]")
    with pytest.raises(InputError, match="has schema 7, this dedupe writes 1"):
        opened(f"{server}?name={name}", HEADER)
    with pytest.raises(InputError, match="no index of dedupe"):
        opened(f"{server}?name={name}x")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE pages SET keys = substr(keys, 1, 11)",
        "UPDATE pages SET keys = substr(keys, 9)",
        "UPDATE pages SET keys = randomblob(length(keys))",
        "UPDATE pages SET keys = 'text'",
        "UPDATE runs SET firsts = x'00'",
        "DELETE FROM pages",
        "UPDATE contents SET hashes = x'000000'",
        "UPDATE contents SET lines = 'text'",
        "UPDATE articles SET site = x'ff'",
        "DROP TABLE contents",
    ],
)
def test_damage_is_a_clear_error(tmp_path: Path, damage: str) -> None:
    path = str(tmp_path / "news.index")
    with contextlib.closing(opened(path, HEADER)) as store:
        rows = add(store, ["a", "b"])
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(damage)
        connection.commit()
    with contextlib.closing(opened(path)) as store, pytest.raises(InputError, match="is damaged"):
        store.find("band", article("a")[1])
        store.records(rows)


def test_cut_off_file_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "news.index"
    with contextlib.closing(opened(str(path), HEADER)) as store:
        rows = add(store, [str(i) for i in range(500)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="is damaged"), contextlib.closing(opened(str(path))) as store:
        store.records(rows)
        store.find("band", article("1")[1])


def test_a_writer_waits_and_then_says_so(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(address, HEADER).close()
    monkeypatch.setattr(sqlite, "_PATIENCE", 0.2)
    if "://" in address:
        from dedupe.corpus.stores import redis

        monkeypatch.setattr(redis, "_PATIENCE", 0.2)
    with contextlib.closing(opened(address)) as one, contextlib.closing(opened(address)) as two:
        with (
            one.writing(),
            pytest.raises(InputError, match=r"been writing to .* for 0.2 seconds: try again"),
            two.writing(),
        ):
            pass
        add(two, ["a"])
        assert one.rows(["a"]).tolist() == [1]


def test_a_lost_lock_writes_nothing(server: str) -> None:
    import redis

    name = uuid.uuid4().hex
    with contextlib.closing(opened(f"{server}?name={name}", HEADER)) as store, redis.Redis.from_url(server) as client:
        record, bands, samples = article("a")
        with pytest.raises(InputError, match="another writer took over"), store.writing():
            client.set(f"{name}:lock", "another")
            store.put([record], bands[None], (samples, np.array([0, len(samples)])))
        assert store.rows(["a"]).tolist() == [-1]
        assert client.get(f"{name}:lock") == b"another"


def test_names_in_one_server_do_not_mix(server: str) -> None:
    names = [f"{server}?name={uuid.uuid4().hex}" for _ in range(2)]
    with contextlib.closing(opened(names[0], HEADER)) as one, contextlib.closing(opened(names[1], HEADER)) as two:
        add(one, ["a"])
        assert two.rows(["a"]).tolist() == [-1]
        assert len(two.find("band", article("a")[1])[0]) == 0


def test_a_damaged_record_in_redis(server: str) -> None:
    import redis

    name = uuid.uuid4().hex
    with contextlib.closing(opened(f"{server}?name={name}", HEADER)) as store, redis.Redis.from_url(server) as client:
        rows = add(store, ["a"])
        client.setrange(f"{name}:a{rows[0]}", 4, b"\xff\xff")
        with pytest.raises(InputError, match="is damaged"):
            store.records(rows)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("redis://user:secret@127.0.0.1:1/0?name=news", r"redis://127.0.0.1:1/0\?name=news does not answer"),
        ("redis://127.0.0.1:1/0?name=news&protocol=9", "is given as redis://host:port/db"),
        ("redis://127.0.0.1:1/0?name=a:b", "is given as redis://host:port/db"),
        ("redis://127.0.0.1:port/0", "is no address of a Redis server"),
    ],
)
def test_redis_that_is_not_there(address: str, message: str) -> None:
    pytest.importorskip("redis", reason="redis-py is not installed")
    with pytest.raises(InputError, match=message) as raised:
        opened(address, HEADER)
    assert "secret" not in str(raised.value)


def test_redis_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(InputError, match=r"pip install 'dedupe-news\[redis\]'"):
        opened("redis://127.0.0.1/0", HEADER)
