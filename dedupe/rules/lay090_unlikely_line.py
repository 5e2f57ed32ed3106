"""A line that, by its look and its place, is no article text.

What it does
------------
A model judges each line of the page by some two hundred features: its length, punctuation, capitals and small words,
wordings of layout, words that stand in the layout of many sites or in their articles, what stands beside it, how far it
is from the long stretch of prose that an article is, and which words it shares with the title and with that stretch.
Lines that are most likely no article text go: menus, teasers of other articles, comments, company boilerplate,
captions. The message names what spoke most against the line.

Why it matters
--------------
Most of what scrapers leave uses no fixed wording: a headline of another story has only its place to give it away. A
line of a page that is mostly noise is judged more harshly than one of a page that looks clean, unless what is left of
the page is hardly prose: a shop, a recipe, a list. Where the model is hardly sure of what is left at all, nothing goes
from inside it. An article is one long stretch: few lines between lines that stay, and sentences beside them, go only
where the model is all but sure.

Example
-------
Below an article that ends with its last paragraph, three headlines and “The Arvelle Courier Media Group” on lines of
their own.

Known false alarms
------------------
Articles that are lists, tables or scores (of a recipe, its ingredients stay); short lines such as sub-headings at the
end of an article; what readers of the article wrote, where that is what you want. At `safe` only lines go that the
model is all but sure of.

Options
-------
model   the file of a model that you trained yourself (see `python -m dedupe.lines.train --help`); default: the
        one that comes with the program
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dedupe.model import Document, Finding
from dedupe.repeats import whole
from dedupe.rule import cut, rule
from dedupe.traits import LEADS_UP
from dedupe.wordings import any_of, wordings

_TIME = re.compile(r"\d{1,2}[:.]\d\d")
_LIVE = 3
"""So many times of day on lines of their own are those of a live blog."""
_NUMBER = r"(?:\d[\d.,/–-]*|[½¼¾⅓⅔⅛])(?:\s?[½¼¾⅓⅔⅛])?"
_RECIPE = 3
"""So many lines that begin with a quantity are the ingredients of a recipe."""


@dataclass(frozen=True, slots=True)
class Options:
    model: str = ""


@rule("LAY090", "unlikely-line", Options, scored=True)
def unlikely_line(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    times = [line.key for line in document.blocks if _TIME.fullmatch(line.key)]
    kept = {*_ingredients(document), *(times if len(times) >= _LIVE else ())}
    for line, score in zip(document.blocks, document.line_scores, strict=False):
        if score.safety is None or not line.key or line.key in kept:
            continue
        message = f"unlikely to be article text ({1 - score.probability:.0%} sure): {score.reasons}"
        edit = cut(document, whole(document, line))
        yield Finding("LAY090", line.body, message, score.safety, (edit,), priority=-1)


@cache
def _quantity() -> re.Pattern[str]:
    """A number and what it counts in a recipe, at the beginning of a line."""
    units = any_of(unit for table in wordings("quantities").values() for unit in table["units"])
    return re.compile(rf"^[ \t•*·–-]*(?:ca\.?\s)?{_NUMBER}\s?{units}(?!\w)", re.IGNORECASE | re.MULTILINE)


def _ingredients(document: Document) -> Iterator[str]:
    """The ingredients of a recipe, and the labels that lead up to them, by their keys."""
    text = document.article.text
    places = {found.end() - 1 for found in _quantity().finditer(text)}
    if len(places) < _RECIPE:
        return
    lines = [line for line in document.blocks if line.key]
    measured = [not places.isdisjoint(range(*line.body)) for line in lines]
    for line, own, below in zip(lines, measured, (*measured[1:], False), strict=True):
        if own or (below and text[slice(*line.body)].endswith(LEADS_UP)):
            yield line.key
