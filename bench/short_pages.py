#!/usr/bin/env python3
"""Short articles among as much layout, in languages of which the line scorer has seen next to nothing: what goes?

    bench/short_pages.py [--level LEVEL] [--json FIGURES.json]

Each invented article of fixtures/articles/ gets the layout of its language's page in fixtures/cases/ (what stands in
article.txt and not in clean.txt), line by line where it stands there. Columns: article lines and how many of them are
gone, layout lines and how many of them are left.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dedupe

FIXTURES = Path(__file__).parents[1] / "fixtures"


def layout(page: Path) -> list[tuple[float, str]]:
    """The lines that are no article's, each with the share of the article's lines above it."""
    own = Counter(lines(page / "clean.txt"))
    size, seen, found = own.total(), 0, []
    for line in lines(page / "article.txt"):
        if own[line]:
            own[line] -= 1
            seen += 1
        else:
            found.append((seen / size, line))
    return found


def lines(file: Path) -> list[str]:
    """The lines of a file that are not blank."""
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def woven(article: list[str], around: list[tuple[float, str]]) -> Iterator[tuple[str, bool]]:
    """The lines of both, each with whether it is the article's."""
    rest = list(around)
    for number, line in enumerate(article):
        while rest and rest[0][0] * len(article) <= number:
            yield rest.pop(0)[1], False
        yield line, True
    yield from ((line, False) for _, line in rest)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--level", default="standard")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cleaner = dedupe.Cleaner(level=options.level)
    figures: dict[str, Counter[str]] = {}
    for file in sorted((FIXTURES / "articles").glob("*.txt")):
        lang = file.stem.partition("-")[0]
        (page,) = (FIXTURES / "cases").glob(f"*-{lang}")
        counts = figures.setdefault(lang, Counter())
        text = list(woven(lines(file), layout(page)))
        left = Counter(cleaner.clean("\n".join(line for line, _ in text)).text.splitlines())
        for line, own in sorted(text, key=lambda entry: not entry[1]):
            stays = left[line] > 0
            left[line] -= stays
            counts["article" if own else "layout"] += 1
            counts["gone" if own else "left"] += stays != own
    figures["all"] = sum(figures.values(), Counter())
    print(f"{'language':10} {'article':>8} {'gone':>6} {'layout':>8} {'left':>6}")
    for lang, counts in figures.items():
        print(f"{lang:10} {counts['article']:8} {counts['gone']:6} {counts['layout']:8} {counts['left']:6}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
