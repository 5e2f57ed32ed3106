"""Several at one store: processes that add, a reader beside a writer, locks, and kills in the middle of a put."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from stores import HEADER, add, article, same

from dedupe.corpus.stores import Store, opened, sqlite
from dedupe.errors import InputError

ROOT = Path(__file__).parents[1]


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process that knows `add`, and the store of its first argument."""
    lines = [
        "import sys",
        "from dedupe.corpus.stores import opened",
        "from stores import HEADER, add",
        "store = opened(sys.argv[1], HEADER)",
        code,
    ]
    return subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


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
