#!/usr/bin/env python3
"""How fast does an index take in articles and answer, and how large does it grow?

    bench/index.py [ADDRESS] [--articles 200000] [--batch 5000] [--look 1000]

Makes the arrays of synthetic articles from a seed (26 band keys, 30 samples, 25 line keys and 500 shingle hashes
each, one line in five shared by its site, one article in ten alike with an earlier one), puts them into a new store in
batches, looks all of them up in batches (band keys and digest; then samples too) and a thousand one by one, and prints
a small table. ADDRESS: a path, or redis://host:port/db?name=NAME, where nothing may stand yet; without it, a temporary
SQLite file. Seconds are this process' own for SQLite, and those of the clock for Redis, where the server works too.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dedupe.corpus.stores import Record, Store, opened

BANDS, SAMPLES, LINES, SHINGLES, SITES = 26, 30, 25, 500, 200


class Batch:
    """Articles first to last - 1, the same on every run."""

    def __init__(self, first: int, last: int) -> None:
        number = np.arange(first, last, dtype=np.uint64)
        story = np.where(number % np.uint64(10) == 9, number // np.uint64(2), number)
        self.bands = _hashes(story, BANDS, 1)
        self.bands[:, BANDS // 2 :] = _hashes(number, BANDS - BANDS // 2, 2)
        self.samples = _hashes(story, SAMPLES, 3).reshape(-1), np.arange(0, len(number) * SAMPLES + 1, SAMPLES)
        self.digests = _hashes(number, 1, 4)[:, 0]
        lines = _hashes(number, LINES, 5)
        lines[:, : LINES // 5] = _hashes(number % np.uint64(SITES), LINES // 5, 6)
        hashes = _hashes(story, SHINGLES // 2, 7).view(np.uint32)
        self.records = [
            Record(
                f"https://example.org/news/{n}",
                f"site{n % SITES}.example",
                "2024-05-01",
                3000,
                int(digest),
                own,
                own[:8],
                key,
                None,
            )
            for n, digest, own, key in zip(number.tolist(), self.digests, hashes, lines, strict=True)
        ]


def _hashes(number: np.ndarray, count: int, salt: int) -> np.ndarray:
    """(n, count) 64-bit hashes (SplitMix64) of the numbers."""
    h = (number[:, None] * np.uint64(count) + np.arange(count, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    h += np.uint64(salt * 0xD1B54A32D192ED03 % 2**64)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


def look_up(store: Store, batch: Batch, part: slice, samples: bool) -> int:
    """The number of hits of some articles."""
    with store.reading():
        hits = len(store.find("band", batch.bands[part].reshape(-1))[0])
        hits += len(store.find("digest", batch.digests[part])[0])
        if samples:
            hits += len(store.find("sample", batch.samples[0].reshape(-1, SAMPLES)[part].reshape(-1))[0])
    return hits


def measure(address: str, articles: int, size: int, look: int, clock: Callable[[], float]) -> None:
    store = opened(address, {"bench": 1})
    spent = slowest = 0.0
    for first in range(0, articles, size):
        batch = Batch(first, min(articles, first + size))
        start = clock()
        with store.writing():
            store.put(batch.records, batch.bands, batch.samples)
        took = clock() - start
        spent, slowest = spent + took, max(slowest, took)
    print(f"adds a second, {size:>5} a batch        {articles / spent:>10,.0f}   slowest batch {slowest:.2f} s")
    for samples in (False, True):
        spent, hits = 0.0, 0
        for first in range(0, articles, 10_000):
            batch = Batch(first, min(articles, first + 10_000))
            start = clock()
            for at in range(0, len(batch.records), look):
                hits += look_up(store, batch, slice(at, at + look), samples)
            spent += clock() - start
        name = f"{'with samples ' if samples else ''}{hits / articles:.1f} hits each"
        print(f"look-ups a second, {look:>5} a batch    {articles / spent:>10,.0f}   {name}")
    for samples in (False, True):
        batch = Batch(0, articles) if articles <= 10_000 else Batch(articles - 10_000, articles)
        start = clock()
        for at in range(0, len(batch.records), len(batch.records) // 1000):
            look_up(store, batch, slice(at, at + 1), samples)
        spent = clock() - start
        print(f"look-ups a second, one by one         {1000 / spent:>10,.0f}   {'with samples' if samples else ''}")
    start = clock()
    extra = Batch(articles, articles + 1000)
    for at in range(1000):
        with store.writing():
            samples_of_one = extra.samples[0][at * SAMPLES : (at + 1) * SAMPLES], np.array([0, SAMPLES])
            store.put(extra.records[at : at + 1], extra.bands[at : at + 1], samples_of_one)
    print(f"adds a second, one by one             {1000 / (clock() - start):>10,.0f}")
    info = store.info()
    print(f"bytes an article                      {info['bytes'] / info['articles']:>10,.0f}")
    print(f"peak memory of this process, MB       {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>10,.0f}")
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", nargs="?")
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=5_000, help="articles in one put")
    parser.add_argument("--look", type=int, default=1_000, help="articles in one look-up")
    options = parser.parse_args()
    clock = time.perf_counter if options.address and "://" in options.address else time.process_time
    with tempfile.TemporaryDirectory() as folder:
        address = options.address or str(Path(folder) / "bench.index")
        measure(address, options.articles, options.batch, options.look, clock)


if __name__ == "__main__":
    main()
