#!/usr/bin/env python3
"""How fast is `dedupe clean` with one worker and with several, and how much memory does each take?

    bench/jobs.py [--size 100] [--html 0] [--jobs 1 2] [--rounds 2] [--folder FOLDER] [--args=...]

Builds a JSONL of so many MB from a seed: articles of invented words (3 kB) with the damage of scraped ones: menus,
share bars, adverts, credits, sentences that stand twice. Each round cleans it once with each number of jobs, plans
beside; printed are seconds, MB a second, how many times as fast as the first, and the most memory that the parent and
any worker held. The outputs must be the same bytes. `--html` puts so many kB of the page's markup into each record, as
crawls keep it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shlex
import sys
import tempfile
from pathlib import Path

from million import story, vocabulary, watched

MENU = ("Home", "World", "Politics", "Business", "Sport", "Culture", "Opinion", "Newsletters", "Sign in")


def build(path: Path, size: int, html: int, seed: int) -> int:
    """Write articles until the file has `size` bytes; how many there are."""
    chance = random.Random(seed)
    words, weights = vocabulary(chance)
    count = 0
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < size:
            sentences = story(chance, words, weights, chance.randint(350, 650))
            lines = [" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3)]
            title = " ".join(chance.choices(words, cum_weights=weights, k=8)).capitalize()
            name = " ".join(word.capitalize() for word in chance.choices(words, k=2))
            lines[1:1] = [f"Photo: {name} / Press Agency", f"{lines[-1].split('. ')[0].rstrip('.')}."]
            lines[6:6] = ["Advertisement"]
            page = [*MENU, title, f"By {name}", *lines, "Share this article", "Facebook Twitter WhatsApp"]
            record = {"id": f"a{count}", "title": title, "site": f"paper{count % 400}.example", "text": "\n".join(page)}
            if html:
                markup = "".join(f'<p class="line-{place}">{line}</p>\n' for place, line in enumerate(page))
                record["html"] = (markup * (1 + 1000 * html // len(markup)))[: 1000 * html]
            file.write(json.dumps(record) + "\n")
            count += 1
    return count


def held(root: int) -> dict[int, float]:
    """Resident memory in MiB of a process and its children that clean."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            helper = b"resource_tracker" in (process / "cmdline").read_bytes()
        except OSError:
            continue
        if not helper and (int(process.name) == root or int(fields[1]) == root):
            found[int(process.name)] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return found


def run(command: list[str]) -> tuple[float, float, float]:
    """Seconds, and the most MiB of the parent and of any worker (0 without workers)."""
    most = {"parent": 0.0, "worker": 0.0}

    def look(root: int) -> None:
        for number, size in held(root).items():
            who = "parent" if number == root else "worker"
            most[who] = max(most[who], size)

    return watched(command, look), most["parent"], most["worker"]


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        hashed = hashlib.sha256()
        while part := file.read(1 << 20):
            hashed.update(part)
    return hashed.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100, help="MB")
    parser.add_argument("--html", type=int, default=0, help="kB of markup in each record")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where the files are built; default: a temporary one")
    parser.add_argument("--args", default="", help="more arguments for `dedupe clean`")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        source, output, plan = (Path(folder, name) for name in ("articles.jsonl", "cleaned.jsonl", "plan.jsonl"))
        count = build(source, options.size * 1_000_000, options.html, options.seed)
        size = source.stat().st_size / 1e6
        print(f"{count:,} articles, {size:,.0f} MB", flush=True)
        best: dict[int, float] = {}
        outputs = set()
        for _ in range(options.rounds):
            for jobs in options.jobs:
                command = [sys.executable, "-m", "dedupe", "clean", str(source), "-o", str(output)]
                command += ["--report", str(plan), "--jobs", str(jobs), *shlex.split(options.args)]
                seconds, parent, worker = run(command)
                best[jobs] = min(seconds, best.get(jobs, seconds))
                outputs.add((digest(output), digest(plan)))
                print(
                    f"{jobs} jobs: {seconds:.1f} s, {size / seconds:.2f} MB/s, "
                    f"parent {parent:.0f} MiB, largest worker {worker:.0f} MiB",
                    flush=True,
                )
        first = best[options.jobs[0]]
        for jobs, seconds in best.items():
            print(f"{jobs} jobs are {first / seconds:.2f} times as fast as {options.jobs[0]}")
        if len(outputs) > 1:
            sys.exit("the outputs differ")


if __name__ == "__main__":
    main()
