"""What a store refuses: misuse, other files, damage, a server that is not there; and what it says to do."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stores import HEADER, add, article

from dedupe.corpus.stores import Store, opened
from dedupe.errors import InputError


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
