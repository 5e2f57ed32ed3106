"""What the tests of stores share: the header of one, and articles whose arrays follow from their names."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np

from dedupe.corpus.stores import Record, Store

HEADER = {"version": 1, "threshold": 0.7, "scheme": "affine"}


def article(name: str, batch: int = 0) -> tuple[Record, np.ndarray, np.ndarray]:
    """An article whose arrays follow from its name, and its band keys and samples."""
    keys = np.random.default_rng(zlib.crc32(name.encode())).integers(0, 2**64, 80, np.uint64, endpoint=False)
    lines = np.append(keys[:9], np.uint64(batch))
    hashes, numbers = keys[:20].view(np.uint32), np.sort(keys[20:22].view(np.uint32))
    return Record(name, f"site{batch}", "", 7, int(keys[30]), hashes, numbers, lines, None), keys[31:57], keys[57:]


def add(store: Store, names: Iterable[str], batch: int = 0) -> np.ndarray:
    """Put articles, in one transaction."""
    records, bands, samples = zip(*[article(name, batch) for name in names], strict=True)
    offsets = np.cumsum([0, *map(len, samples)])
    with store.writing():
        return store.put(records, np.stack(bands), (np.concatenate(samples), offsets))


def same(a: Record, b: Record) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
