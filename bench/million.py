#!/usr/bin/env python3
"""How long does `dedupe duplicates` take over a million articles, and in how much memory?

    bench/million.py [--articles 1000000] [--threshold 0.8] [--folder FOLDER] [--args=...]

Builds the articles from a seed: invented words with the frequencies of real text, some 500 of them (3 kB) an article.
One in ten is a copy, one in ten a near-duplicate (sentences left out, words changed, other numbers), one in fifty a
story printed inside a longer one. Then it runs the job, and prints seconds, peak memory of all processes together, and
how many of the planted pairs were found.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

LETTERS = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "br", "st", "tr", "ch"]
VOWELS = ["a", "e", "i", "o", "u", "ai", "ou"]


def vocabulary(chance: random.Random, size: int = 60_000) -> tuple[list[str], list[float]]:
    """Invented words and their running weights, after Zipf's law."""
    words: dict[str, None] = {}
    while len(words) < size:
        words[
            "".join(chance.choice(LETTERS) + chance.choice(VOWELS) for _ in range(chance.choice((1, 2, 2, 3, 3))))
        ] = None
    total, weights = 0.0, []
    for rank in range(size):
        total += 1 / (rank + 3)
        weights.append(total)
    return list(words), weights


def story(chance: random.Random, words: list[str], weights: list[float], length: int) -> list[str]:
    """A story as a list of sentences of some twenty words."""
    drawn = chance.choices(words, cum_weights=weights, k=length)
    sentences = []
    for at in range(0, length, 20):
        part = drawn[at : at + 20]
        number = f" {chance.randint(2, 9999)}" if at % 60 == 0 else ""
        sentences.append(f"{part[0].capitalize()} {' '.join(part[1:])}{number}.")
    return sentences


def build(path: Path, count: int, seed: int) -> dict[str, set[frozenset[str]]]:
    """Write the articles; the planted pairs by kind."""
    chance = random.Random(seed)
    words, weights = vocabulary(chance)
    planted: dict[str, set[frozenset[str]]] = {"copy": set(), "near": set(), "contained": set()}
    recent: list[tuple[str, list[str]]] = []
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            name, draw = f"a{number}", chance.random()
            if recent and draw < 0.22:
                other, sentences = recent[chance.randrange(len(recent))]
                if draw < 0.1:
                    planted["copy"].add(frozenset((name, other)))
                elif draw < 0.2:
                    sentences = list(sentences)
                    sentences[chance.randrange(len(sentences))] = story(chance, words, weights, 12)[0]
                    planted["near"].add(frozenset((name, other)))
                else:
                    half = story(chance, words, weights, 300)
                    sentences = [*half[:8], *sentences, *half[8:]]
                    planted["contained"].add(frozenset((name, other)))
            else:
                sentences = story(chance, words, weights, chance.randint(350, 650))
                if len(recent) < 20_000:
                    recent.append((name, sentences))
                else:
                    recent[chance.randrange(len(recent))] = (name, sentences)
            text = "\n\n".join(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))
            day = f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T{chance.randint(0, 23):02}:00:00Z"
            record = {"id": name, "site": f"paper{number % 400}.example", "published": day, "text": text}
            file.write(json.dumps(record) + "\n")
    return planted


def resident(root: int) -> float:
    """Resident memory of a process and its descendants in MiB (shared pages count once a process)."""
    parents, sizes = {}, {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(process.name)], sizes[int(process.name)] = int(fields[1]), int(fields[21])
    family, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        family |= more
        grown = bool(more)
    return sum(sizes.get(pid, 0) for pid in family) * os.sysconf("SC_PAGE_SIZE") / 2**20


def watched(command: list[str], look: Callable[[int], object]) -> float:
    """Seconds that a command takes; `look` is called with its process number five times a second."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            look(process.pid)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    if code:
        sys.exit(f"{shlex.join(command)} failed with exit code {code}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where the articles are built (a few GB); default: a temporary one")
    parser.add_argument("--args", default="", help="more arguments for `dedupe duplicates`")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        source, pairs, groups = (Path(folder, name) for name in ("articles.jsonl", "pairs.jsonl", "groups.jsonl"))
        planted = build(source, options.articles, options.seed)
        print(f"{options.articles:,} articles, {source.stat().st_size / 1e9:.2f} GB", flush=True)
        command = [sys.executable, "-m", "dedupe", "duplicates", str(source), "--threshold", str(options.threshold)]
        command += ["--pairs", str(pairs), "-o", str(groups), *shlex.split(options.args)]
        sizes: list[float] = [0.0]
        seconds = watched(command, lambda root: sizes.append(resident(root)))
        peak = max(sizes)
        leader: dict[str, str] = {}

        def first(name: str) -> str:
            while leader.setdefault(name, name) != name:
                name = leader[name]
            return name

        found = set()
        with pairs.open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                found.add(frozenset((row["a"], row["b"])))
                if row["kind"] == "same":
                    leader[first(row["b"])] = first(row["a"])
        print(f"{seconds:.1f} s, {options.articles / seconds:,.0f} a second, peak {peak:,.0f} MiB of all processes")
        for kind, wanted in planted.items():
            stand = sum(pair in found or len({first(name) for name in pair}) == 1 for pair in wanted)
            print(f"{kind:<10} {stand:,} of {len(wanted):,} planted pairs found")


if __name__ == "__main__":
    main()
