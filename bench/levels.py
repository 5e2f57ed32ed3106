#!/usr/bin/env python3
"""How precise is each rule at each safety? The table by which findings are sorted into safe, likely and doubtful.

    bench/levels.py DATA.jsonl.gz [--folds FOLDS]

DATA holds one page a line: id, url, title, gold (the article as a person marked it) and outputs (a text for each
scraper). Every output is cleaned in this process, and each finding is counted at the first level that applies it, under
its own safety. Prints for each rule and safety, and for each level as a whole:

    pages       how many pages have a finding in one of their outputs: a row of few pages says little
    lines       how many lines the findings cut, whole or in part, over all outputs
    words       how many words went with them (a repair such as a space put in cuts none)
    precision   the share of these words that are no article text, by `dedupe.lines.labels.by_gold`, sentence by
                sentence; a repeat whose other copy stays is none either, unless the article too has it twice
    extracted   words and precision once more, only in texts of which three quarters or more are article: what an
                extractor made, where there is little to win, and not a dump of the whole page
    articles    how many of the gold articles, which are clean, the findings would change

With FOLDS, the folder that `python -m dedupe.lines.train --folds FOLDS` wrote, each page is judged by the model that
saw neither it nor its site; without, by the shipped model, which saw them all and proves nothing.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dedupe import Article, Cleaner, Level, Outcome
from dedupe.annotate import annotate
from dedupe.config import load
from dedupe.lines.labels import by_gold
from dedupe.model import Document, Edit, Finding, Safety
from dedupe.normalise import key
from dedupe.resolve import resolve
from dedupe.rule import all_rules
from dedupe.segment import segment


@dataclass
class Tally:
    """What findings cut: places of lines; words, by whether their text is mostly article and whether they are article
    themselves; and ids of gold articles changed."""

    lines: set[tuple[str, str, int]] = field(default_factory=set)
    words: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    articles: set[str] = field(default_factory=set)

    def add(self, other: Tally) -> None:
        """Count in what another tally counted."""
        self.lines |= other.lines
        self.words += other.words
        self.articles |= other.articles

    def words_and_precision(self, texts: Sequence[bool]) -> tuple[int, str]:
        """How many words went, and the share that is no article text, in texts that are mostly article or not."""
        noise = sum(self.words[mostly_article, False] for mostly_article in texts)
        total = noise + sum(self.words[mostly_article, True] for mostly_article in texts)
        return total, f"{noise / total:.3f}" if total else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--folds", type=Path)
    options = parser.parse_args()
    cleaners = _by_page(options.folds)
    tallies: dict[tuple[str, Safety], Tally] = defaultdict(Tally)
    pages = texts = 0
    with gzip.open(options.data, "rt", encoding="utf-8") as lines:
        for page in map(json.loads, lines):
            cleaner = cleaners.get(page["id"], cleaners[""])
            for scraper, text in page["outputs"].items():
                count(page, scraper, text, cleaner, tallies)
            for _, finding in applied(_article(page, page["gold"]), cleaner):
                tallies[finding.code, finding.safety].articles.add(page["id"])
            pages, texts = pages + 1, texts + len(page["outputs"])
    print(table(tallies, pages, texts))


def _by_page(folds: Path | None) -> dict[str, Cleaner]:
    """For each page's id a cleaner with its fold's model; for all others ("") the first fold's, or the shipped one."""
    if folds is None:
        return {"": Cleaner(level=Level.STRICT)}
    found: dict[str, Cleaner] = {}
    for path in sorted(folds.glob("*.toml")):
        cleaner = Cleaner(**{**load(explicit=path).settings, "level": Level.STRICT})
        found.setdefault("", cleaner)
        found |= dict.fromkeys(path.with_suffix(".txt").read_text("utf-8").split(), cleaner)
    if not found:
        sys.exit(f"{folds} holds no folds: python -m dedupe.lines.train DATA --folds {folds} writes them")
    return found


def _article(page: dict[str, Any], text: str) -> Article:
    return Article(text, id=page["id"], title=page["title"], url=page["url"])


def applied(article: Article, cleaner: Cleaner) -> Iterator[tuple[Document, Finding]]:
    """The findings that each level is the first to apply, so that none is hidden in a larger, less sure one."""
    findings = [decision.finding for decision in cleaner.clean(article).plan.decisions]
    document = annotate(segment(article))
    for level in Level:
        for decision in resolve(document, findings, replace(cleaner.policy, level=level)):
            if decision.outcome is Outcome.APPLIED and decision.finding.safety is level.floor:
                yield document, decision.finding


def count(
    page: dict[str, Any], scraper: str, text: str, cleaner: Cleaner, tallies: dict[tuple[str, Safety], Tally]
) -> None:
    """Count what is cut from a scraper's output of a page."""
    labels: list[bool | None] = []
    mostly_article = False
    gold = key(page["gold"])
    for document, finding in applied(_article(page, text), cleaner):
        if not labels:
            labels = by_gold(document.sentences, page["gold"])
            mostly_article = _mostly_article(document, labels)
        tally = tallies[finding.code, finding.safety]
        witness = finding.witness
        stays = key(text[slice(*witness.span)]) if witness and witness.field == "text" else ""
        for edit in finding.edits:
            for line, words, is_article in _cut(document, edit, labels):
                tally.lines.add((page["id"], scraper, line))
                lost = is_article and not 0 < _copies(words, gold) <= _copies(words, stays)
                tally.words[mostly_article, lost] += len(words.split())


def _cut(document: Document, edit: Edit, labels: Sequence[bool | None]) -> Iterator[tuple[int, str, bool]]:
    """For each sentence that an edit cuts into: its line, the key of what goes, and whether it is article text."""
    for sentence, label in zip(document.sentences, labels, strict=True):
        start, end = max(edit.span.start, sentence.span.start), min(edit.span.end, sentence.span.end)
        if start < end or edit.span.start == edit.span.end == start:
            yield sentence.block, "" if edit.after.strip() else key(document.article.text[start:end]), bool(label)


def _mostly_article(document: Document, labels: Sequence[bool | None]) -> bool:
    words = Counter[bool]()
    for sentence, label in zip(document.sentences, labels, strict=True):
        words[bool(label)] += len(sentence.key.split())
    return words[True] >= 3 * words[False]


def _copies(words: str, text: str) -> int:
    return len(re.findall(rf"(?<!\S){re.escape(words)}(?!\S)", text))


def table(tallies: dict[tuple[str, Safety], Tally], pages: int, texts: int) -> str:
    """The tallies as Markdown: a row for each rule and safety, then one for each level."""
    title = f"<!-- bench/levels.py: {texts} texts of {pages} pages, {pages} gold articles -->"
    header = ["rule", "safety", "pages", "lines", "words", "precision", "extracted", "precision", "articles"]
    rows = [title, "", f"| {' | '.join(header)} |", f"|---|---|{'---:|' * (len(header) - 2)}"]
    levels = {level: Tally() for level in Level}
    for rule in all_rules():
        for level in Level:
            tally = tallies.get((rule.code, level.floor))
            if tally:
                rows.append(_row(f"{rule.code} {rule.name}", level.floor.name.lower(), tally))
                for total in [own for own in Level if own.floor <= level.floor]:
                    levels[total].add(tally)
    rows += [_row("**all**", f"**at {level.value}**", tally) for level, tally in levels.items()]
    return "\n".join(rows)


def _row(name: str, safety: str, tally: Tally) -> str:
    pages = len({page for page, _, _ in tally.lines})
    words = [*tally.words_and_precision((False, True)), *tally.words_and_precision((True,))]
    return f"| {' | '.join(map(str, [name, safety, pages, len(tally.lines), *words, len(tally.articles)]))} |"


if __name__ == "__main__":
    main()
