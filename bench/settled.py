#!/usr/bin/env python3
"""Does `undo` restore every text exactly, and does cleaning the output again change nothing?

    bench/settled.py PAGES.jsonl.gz [--level standard] [--show 10]

PAGES holds one page a line: id, url, title, gold and outputs (a text for each scraper). Every text is cleaned, undone
and cleaned again, in this process. Prints the share of texts that are restored, and the share that the second
cleaning leaves alone; for the others, what it still finds.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import dedupe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--level", default="standard")
    parser.add_argument("--show", type=int, default=10, help="print this many texts that are not settled")
    options = parser.parse_args()
    cleaner = dedupe.Cleaner(level=options.level)
    restored = settled = total = 0
    with gzip.open(options.pages, "rt", encoding="utf-8") as lines:
        for page in map(json.loads, lines):
            for scraper, text in {**page["outputs"], "gold": page["gold"]}.items():
                article = dedupe.Article(text, id=page["id"], title=page["title"], url=page["url"])
                once = cleaner.clean(article)
                again = cleaner.clean(dedupe.Article(once.text, id=page["id"], title=page["title"], url=page["url"]))
                total += 1
                restored += once.undo() == text
                settled += not again.changed
                if again.changed and options.show > 0:
                    options.show -= 1
                    print(f"{scraper} {page['id']}")
                    for decision in again.plan.decisions:
                        if decision.outcome is dedupe.Outcome.APPLIED:
                            start, end = decision.finding.span
                            print(f"    {decision.finding.code} {once.text[start:end][:160]!r}")
    print(f"restored {restored / total:.4f}  settled {settled / total:.4f}  of {total} texts")


if __name__ == "__main__":
    main()
