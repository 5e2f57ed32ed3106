#!/usr/bin/env python3
"""Short articles among as much layout: what goes?

    bench/short_pages.py [--level LEVEL] [--one-line] [--lost] [--json FIGURES.json]

Each invented article of fixtures/articles/ gets the layout of its language's page (what stands in fixtures/pages/XX.txt
and not in XX-clean.txt, or in article.txt and not in clean.txt of a folder of fixtures/cases/), line by line where it
stands there. It has no title. Columns: article lines and how many of them are gone, layout lines and how many of them
are left. --one-line gives all of a page in one line, as a scraper leaves it that loses the lines; a line stays if its
words stand in a row. --lost prints the lines that are gone.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dedupe

FIXTURES = Path(__file__).parents[1] / "fixtures"


def layout(lang: str) -> list[tuple[float, str]]:
    """The lines of a page that are no article's, each with the share of the article's lines above it."""
    page, clean = (FIXTURES / "pages" / f"{lang}{name}.txt" for name in ("", "-clean"))
    if not page.exists():
        (folder,) = (FIXTURES / "cases").glob(f"*-{lang}")
        page, clean = folder / "article.txt", folder / "clean.txt"
    own = Counter(lines(clean))
    size, seen, found = own.total(), 0, []
    for line in lines(page):
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
    parser.add_argument("--one-line", action="store_true")
    parser.add_argument("--lost", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cleaner = dedupe.Cleaner(level=options.level)
    figures: dict[str, Counter[str]] = {}
    for file in sorted((FIXTURES / "articles").glob("*.txt")):
        lang = file.stem.partition("-")[0]
        counts = figures.setdefault(lang, Counter())
        text = [(line.strip(), own) for line, own in woven(lines(file), layout(lang))]
        clean = cleaner.clean((" " if options.one_line else "\n").join(line for line, _ in text)).text
        left = Counter(clean.splitlines())
        for line, own in sorted(text, key=lambda entry: not entry[1]):
            stays = line in clean if options.one_line else left[line] > 0
            left[line] -= stays
            if own and not stays and options.lost:
                print(f"{file.stem}: {line}")
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
