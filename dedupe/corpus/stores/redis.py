"""The store in a Redis server, for scrapers on many machines. One server, 6.0 or later; no cluster.

Keys of an index, after its name and a colon: `header`, `row` (the last one given), `lock`, `ids`, `sites` and `keepers`
(hashes), `a` + row (an article: a packed record with its band keys and samples), `x` + row (one that was removed, for
ten minutes), `b`, `s`, `d` + 2 bytes (the postings of all keys that begin so, as one string: key and row, 12 bytes
each) and `l` + 3 bytes (line counts, a hash). With a Redis key for each posting an article would take twice the memory.
"""

from __future__ import annotations

import importlib
import json
import re
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

from dedupe.corpus.stores import VERSION, Record, distinct_ids
from dedupe.errors import InputError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from dedupe.corpus.stores import Header, Hits, Table

_PATIENCE = 60  # seconds that a writer waits for others
_LEASE = 15  # seconds after which the lock of a writer that died is free
_ARTICLES = 500  # a script: while it runs, the server answers no one else
_KEYS = 20_000  # a script
_PACKED = struct.Struct("<10I")  # length, then the bytes of each of the nine parts that follow

# What all scripts know. The low bits of a key choose its bucket (samples are the least of many hashes, so their high
# bits are no choice); line counts have more buckets, for Redis packs small hashes only.
_COMMON = """
local p = ARGV[1]
local function bucket(kind, key)
    local fine = kind == 'l' and string.char(string.byte(key, 3) % 4) or ''
    return p .. kind .. string.sub(key, 1, 2) .. fine
end
"""
_WRITING = (
    _COMMON
    + f"""
if redis.call('GET', p .. 'lock') ~= ARGV[2] then return redis.error_reply('LOST the lock') end
local function parts(blob)
    local sizes, at, found = {{struct.unpack('<I4I4I4I4I4I4I4I4I4I4', blob)}}, {_PACKED.size} + 1, {{}}
    for i = 2, 7 do
        found[i - 1] = string.sub(blob, at, at + sizes[i] - 1)
        at = at + sizes[i]
    end
    return {{id = found[1], site = found[2], l = found[3], b = found[4], s = found[5], d = found[6]}}
end
local function count(name, field, step)
    if redis.call('HINCRBY', name, field, step) == 0 then redis.call('HDEL', name, field) end
end
local function each(kind, keys, act)
    for i = 1, #keys, 8 do
        local key = string.sub(keys, i, i + 7)
        act(bucket(kind, key), key)
    end
end
local function remove(row)
    local blob = redis.call('GET', p .. 'a' .. row)
    if not blob then return false end
    local article, packed = parts(blob), struct.pack('<I4', row)
    for _, kind in ipairs({{'b', 's', 'd'}}) do
        each(kind, article[kind], function(name, key)
            local held, entry, at = redis.call('GET', name) or '', key .. packed, 0
            repeat at = string.find(held, entry, at + 1, true) until not at or at % 12 == 1
            if at and #held == 12 then redis.call('DEL', name)
            elseif at then redis.call('SET', name, string.sub(held, 1, at - 1) .. string.sub(held, at + 12)) end
        end)
    end
    each('l', article.l, function(name, key) count(name, key, -1) end)
    count(p .. 'sites', article.site, -1)
    redis.call('HDEL', p .. 'ids', article.id)
    redis.call('HDEL', p .. 'keepers', row)
    redis.call('RENAME', p .. 'a' .. row, p .. 'x' .. row)
    redis.call('EXPIRE', p .. 'x' .. row, 600)
    return true
end
"""
)
_PUT = (
    _WRITING
    + """
for i = 3, #ARGV, 3 do
    local row, blob, keeper = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local article, packed = parts(blob), struct.pack('<I4', row)
    local old = redis.call('HGET', p .. 'ids', article.id)
    if old then remove(old) end
    for _, kind in ipairs({'b', 's', 'd'}) do
        each(kind, article[kind], function(name, key) redis.call('APPEND', name, key .. packed) end)
    end
    each('l', article.l, function(name, key) redis.call('HINCRBY', name, key, 1) end)
    redis.call('HINCRBY', p .. 'sites', article.site, 1)
    redis.call('HSET', p .. 'ids', article.id, row)
    if keeper ~= '' then redis.call('HSET', p .. 'keepers', row, string.sub(keeper, 2)) end
    redis.call('SET', p .. 'a' .. row, blob)
end
"""
)
_REMOVE = _WRITING + "for i = 3, #ARGV do remove(ARGV[i]) end"
_FIND = (
    _COMMON
    + """
local kind, keys, found = ARGV[2], ARGV[3], {}
for i = 1, #keys, 8 do
    local key = string.sub(keys, i, i + 7)
    local held = redis.call('GET', bucket(kind, key))
    local at = held and string.find(held, key, 1, true)
    while at do
        if at % 12 == 1 then
            found[#found + 1] = struct.pack('<I4', (i - 1) / 8) .. string.sub(held, at + 8, at + 11)
        end
        at = string.find(held, key, at + 1, true)
    end
end
return table.concat(found)
"""
)
_LINES = (
    _COMMON
    + """
local keys, found = ARGV[2], {}
for i = 1, #keys, 8 do
    local key = string.sub(keys, i, i + 7)
    found[#found + 1] = struct.pack('<I4', redis.call('HGET', bucket('l', key), key) or 0)
end
return table.concat(found)
"""
)


class RedisStore:
    """See `dedupe.corpus.stores.Store`.

    Each article is put, replaced or removed by a script, so whole or not at all, whenever the client dies: none is ever
    found without its record. Writers take turns by a lock that is free again 15 seconds after its owner's end, and
    whoever lost it cannot write. What a stop of the server leaves is a matter of its own settings (`appendonly yes`).
    """

    def __init__(self, address: str, header: Header | None = None) -> None:
        try:
            self._redis: Any = importlib.import_module("redis")
        except ImportError:
            raise InputError("an index in Redis needs redis-py: pip install 'dedupe-news[redis]'") from None
        parts = urlsplit(address)
        names = parse_qs(parts.query, keep_blank_values=True)
        name = names.pop("name", ["dedupe"])[-1]
        if names or not re.fullmatch(r"[\w.-]+", name):
            raise InputError(
                "an index in Redis is given as redis://host:port/db?name=NAME; NAME has letters, digits, _.-"
            )
        self._shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}?name={name}"  # no password
        self._prefix = name.encode() + b":"
        self._lock: Any = None
        with self._clear_errors():
            try:
                self._client = self._redis.Redis.from_url(
                    parts._replace(query="").geturl(), socket_connect_timeout=5, socket_timeout=_PATIENCE
                )
            except ValueError as error:
                raise InputError(f"{self._shown} is no address of a Redis server: {error}") from None
            if header is not None:
                fresh = json.dumps({"schema": VERSION, "header": dict(header)})
                self._client.set(self._prefix + b"header", fresh, nx=True)
            held = self._client.get(self._prefix + b"header")
        if held is None:
            self.close()
            raise InputError(f"there is no index at {self._shown}: `dedupe index add` makes one")
        self._header = self._read_header(held)
        self._put, self._remove, self._find, self._lines = map(
            self._client.register_script, (_PUT, _REMOVE, _FIND, _LINES)
        )

    def _read_header(self, held: bytes) -> Header:
        try:
            found = json.loads(held)
            schema, header = found["schema"], dict(found["header"])
        except (ValueError, TypeError, KeyError):
            self.close()
            raise InputError(f"{self._shown} is no index of dedupe: choose another name") from None
        if schema != VERSION:
            self.close()
            raise InputError(
                f"{self._shown} has schema {schema}, this dedupe writes {VERSION}: build the index anew under another "
                "name, or use the version of dedupe that made it"
            )
        return header

    @property
    def header(self) -> Header:
        return self._header

    @contextmanager
    def writing(self) -> Iterator[None]:
        if self._lock is not None:
            raise RuntimeError("this store is writing already")
        lock = self._client.lock(
            self._prefix + b"lock", timeout=_LEASE, sleep=0.02, blocking_timeout=_PATIENCE, thread_local=False
        )
        with self._clear_errors():
            if not lock.acquire():
                raise InputError(f"others have been writing to {self._shown} for {_PATIENCE} seconds: try again later")
        done = threading.Event()
        renewal = threading.Thread(target=self._renew, args=(lock, done), daemon=True)
        renewal.start()
        self._lock = lock
        try:
            yield
        finally:
            self._lock = None
            done.set()
            renewal.join()
            # A lock that ran out is no error here: the next write would have failed.
            with self._clear_errors(), suppress(self._redis.exceptions.LockError):
                lock.release()

    def _renew(self, lock: Any, done: threading.Event) -> None:
        with suppress(self._redis.RedisError):  # the next write finds that the lock is lost
            while not done.wait(_LEASE / 3):
                lock.reacquire()

    def reading(self) -> AbstractContextManager[None]:
        return nullcontext()

    def rows(self, ids: Sequence[str]) -> NDArray[np.int64]:
        return self._fields(b"ids", ids, -1)

    def sites(self, names: Sequence[str]) -> NDArray[np.int64]:
        return self._fields(b"sites", names, 0)

    def _fields(self, name: bytes, fields: Sequence[str], missing: int) -> NDArray[np.int64]:
        if not fields:
            return np.empty(0, np.int64)
        with self._clear_errors():
            found = self._client.hmget(self._prefix + name, [_packed(field) for field in fields])
        return np.array([missing if value is None else int(value) for value in found], np.int64)

    def records(self, rows: NDArray[np.int64]) -> list[Record]:
        found: list[Record] = []
        for start in range(0, len(rows), _ARTICLES):
            some = rows[start : start + _ARTICLES].tolist()
            records = self._read(some)
            lost = [row for row, record in zip(some, records, strict=True) if record is None]
            removed = dict(zip(lost, self._read(lost, b"x"), strict=True))
            for row, record in zip(some, records, strict=True):
                record = record or removed[row]
                if record is None:
                    raise KeyError(f"no article in row {row}")
                found.append(record)
        return found

    def _read(self, rows: list[int], kind: bytes = b"a") -> list[Record | None]:
        if not rows:
            return []
        with self._clear_errors():
            blobs = self._client.mget([self._prefix + kind + str(row).encode() for row in rows])
            keepers = self._client.hmget(self._prefix + b"keepers", rows)
            return [blob and _record(blob, keeper) for blob, keeper in zip(blobs, keepers, strict=True)]

    def put(
        self,
        records: Sequence[Record],
        bands: NDArray[np.uint64],
        samples: tuple[NDArray[np.uint64], NDArray[np.int64]],
    ) -> NDArray[np.int64]:
        distinct_ids(records)
        hashes, offsets = samples[0].astype("<u8", copy=False), samples[1].tolist()
        keys = bands.astype("<u8", copy=False)
        with self._clear_errors():
            token = self._token()
            last = self._client.incrby(self._prefix + b"row", len(records)) if records else 0
            rows = np.arange(last - len(records) + 1, last + 1, dtype=np.int64)
            for start in range(0, len(records), _ARTICLES):
                arguments: list[bytes | int] = []
                for i in range(start, min(start + _ARTICLES, len(records))):
                    blob = _blob(
                        records[i], keys[i][keys[i] != 0].tobytes(), hashes[offsets[i] : offsets[i + 1]].tobytes()
                    )
                    arguments += (int(rows[i]), blob, _keeper(records[i].keeper))
                self._put(args=[self._prefix, token, *arguments])
        return rows

    def kept(self, ids: Sequence[str]) -> NDArray[np.int64]:
        wanted = {_packed(name) for name in ids}
        with self._clear_errors():
            every = self._client.hscan_iter(self._prefix + b"keepers", count=_KEYS)
            return np.array(sorted(int(row) for row, keeper in every if keeper in wanted), np.int64)

    def remove(self, rows: NDArray[np.int64]) -> None:
        each = np.unique(rows).tolist()
        with self._clear_errors():
            token = self._token()
            for start in range(0, len(each), _ARTICLES):
                some = each[start : start + _ARTICLES]
                if None in (found := self._read(some)):
                    raise KeyError(f"no article in row {some[found.index(None)]}")
                self._remove(args=[self._prefix, token, *some])

    def _token(self) -> bytes:
        if self._lock is None:
            raise RuntimeError("a store changes inside `with store.writing()` only")
        token: bytes = self._lock.local.token
        return token

    def find(self, table: Table, keys: NDArray[np.uint64]) -> Hits:
        packed = keys.astype("<u8", copy=False)
        which, row = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for start in range(0, len(keys), _KEYS):
            with self._clear_errors():
                blob = self._find(args=[self._prefix, table[0], packed[start : start + _KEYS].tobytes()])
            pairs = np.frombuffer(blob, "<u4").reshape(-1, 2).astype(np.int64)
            which.append(pairs[:, 0] + start)
            row.append(pairs[:, 1])
        hits, found = np.concatenate(which), np.concatenate(row)
        order = np.lexsort((found, hits))
        return hits[order], found[order]

    def lines(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        packed, counts = keys.astype("<u8", copy=False), [np.empty(0, np.int64)]
        for start in range(0, len(keys), _KEYS):
            with self._clear_errors():
                blob = self._lines(args=[self._prefix, packed[start : start + _KEYS].tobytes()])
            counts.append(np.frombuffer(blob, "<u4").astype(np.int64))
        return np.concatenate(counts)

    def scan(self, batch: int) -> Iterator[tuple[NDArray[np.int64], list[Record]]]:
        with self._clear_errors():
            last = int(self._client.get(self._prefix + b"row") or 0)
        for start in range(1, last + 1, batch):
            rows = list(range(start, min(start + batch, last + 1)))
            found = {row: record for row, record in zip(rows, self._read(rows), strict=True) if record}
            if found:
                yield np.array(list(found), np.int64), list(found.values())

    def info(self) -> dict[str, int]:
        with self._clear_errors():
            articles, duplicates, sites = (
                self._client.hlen(self._prefix + name) for name in (b"ids", b"keepers", b"sites")
            )
            size = self._client.info("memory")["used_memory"]
        return {"articles": articles, "keepers": articles - duplicates, "sites": sites, "bytes": size}

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        errors = self._redis.exceptions
        try:
            yield
        except (errors.AuthenticationError, errors.AuthorizationError) as error:
            raise InputError(f"{self._shown} wants another user or password: {error}") from error
        except (errors.ConnectionError, errors.TimeoutError) as error:
            raise InputError(f"{self._shown} does not answer ({error}): is a Redis server running there?") from error
        except errors.OutOfMemoryError as error:
            raise InputError(f"there is no room left at {self._shown}: raise its maxmemory and run again") from error
        except errors.RedisError as error:
            if "LOST the lock" in str(error):
                raise InputError(f"another writer took over at {self._shown}: run again") from error
            raise InputError(f"{self._shown} refuses: {error}") from error
        except (struct.error, UnicodeDecodeError) as error:
            raise InputError(f"{self._shown} is damaged ({error}): build the index anew under another name") from error


def _blob(record: Record, bands: bytes, samples: bytes) -> bytes:
    parts = [
        _packed(record.id),
        _packed(record.site),
        record.lines.astype("<u8", copy=False).tobytes(),
        bands,
        samples,
        struct.pack("<Q", record.digest),
        _packed(record.published),
        record.hashes.astype("<u4", copy=False).tobytes(),
        record.numbers.astype("<u4", copy=False).tobytes(),
    ]
    return b"".join([_PACKED.pack(record.length, *map(len, parts)), *parts])


def _record(blob: bytes, keeper: bytes | None) -> Record:
    length, *sizes = _PACKED.unpack_from(blob)
    if _PACKED.size + sum(sizes) != len(blob):
        raise struct.error("a record is cut off")
    parts, at = [], _PACKED.size
    for size in sizes:
        parts.append(blob[at : at + size])
        at += size
    name, site, lines, _, _, digest, published, hashes, numbers = parts
    if len(lines) % 8 or len(hashes) % 4 or len(numbers) % 4:
        raise struct.error("an array is cut off")
    return Record(
        _text(name),
        _text(site),
        _text(published),
        length,
        struct.unpack("<Q", digest)[0],
        np.frombuffer(hashes, "<u4"),
        np.frombuffer(numbers, "<u4"),
        np.frombuffer(lines, "<u8"),
        None if keeper is None else _text(keeper),
    )


def _packed(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _keeper(name: str | None) -> bytes:
    """An argument of a script: nothing, or a plus sign and the id."""
    return b"" if name is None else b"+" + _packed(name)


def _text(blob: bytes) -> str:
    return blob.decode("utf-8", "surrogatepass")
