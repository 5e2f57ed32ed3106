"""Tag lists: the topics under which a site files an article.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `tags`: "Tags: bridge, council", "Filed under Arvelle". Where such a
line stands below the last paragraph, the short lines that follow it to the end, or to the next line of layout, go too;
below the last paragraph, or where there is none, a line of four and more tags with commas between them. Above the first
paragraph and below the last one a line of nothing but hashtags goes. Below the last paragraph a line of six and more
names and words with commas between them that nothing announces goes at level strict only.

Why it matters
--------------
Tags repeat the names of the article, and of others, in no sentence.

Example
-------
    The council votes on Tuesday.
    Tags: bridge, council, Arvelle

The last line goes.

Known false alarms
------------------
A list of names at the end of an article below a line such as "Topics".

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.language import FUNCTION_WORDS
from dedupe.layout import LIKELY, Trace, finding, is_fact, line_finding, traces
from dedupe.model import Document, Finding, Safety
from dedupe.normalise import key, length
from dedupe.page import Page, page_of
from dedupe.rule import rule
from dedupe.traits import LEADS_UP, finished, width

_MOST_TAGS = 12
_FEWEST_IN_ROW, _ROW_WORDS = 4, 5
_TAG_WORDS, _TAG_WIDTH = 4, 32
_FEWEST_BARE = 6
_HASHTAGS = re.compile(r"#\w+(?:[\s,;|]+#\w+)+")


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY012", "tag-list", Options)
def tag_list(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Lines that announce tags, and the tags below them."""
    page = page_of(document)
    for trace in traces(page, "tags"):
        whole = trace.cue.end == len(page.blocks[trace.line].key.split())
        bare = trace.place == "below" and whole and not page.told(trace.line)
        row = _row(page, trace)
        tags = row or (_tags(page, trace) if bare else [])
        points = max(trace.points, LIKELY) if row else trace.points + bool(tags)
        told = finding(page, "LAY012", trace._replace(points=points), "part of a tag list")
        if not told:
            continue
        yield told
        for n in tags:
            safety = min(told.safety, Safety.LIKELY)
            yield line_finding(page, "LAY012", n, "a tag below a line that announces tags", safety)
    for n, words in enumerate(page.texts if page.is_article else ()):
        if words[0] == "#" and page.place(n) != "between" and _HASHTAGS.fullmatch(words):
            yield line_finding(page, "LAY012", n, "nothing but hashtags")
        elif n > page.last and page.cues[n] is None and _is_bare_row(page, n):
            yield line_finding(page, "LAY012", n, "possibly nothing but tags below the article", Safety.DOUBTFUL)


def _row(page: Page, announced: Trace) -> list[int]:
    """The line below an announcing one, if it is nothing but tags with commas between them."""
    below = announced.line + 1
    inside = announced.place == "between" and page.last >= 0
    if inside or announced.cue.kind != "line" or below >= len(page.lines) or page.cues[below]:
        return []
    tags = [tag.split() for tag in page.texts[below].split(",")]
    few = all(0 < len(words) <= _ROW_WORDS for words in tags)
    return [below] if len(tags) >= _FEWEST_IN_ROW and few and not finished(page.texts[below]) else []


def _is_bare_row(page: Page, n: int) -> bool:
    """Is a line nothing but different tags with commas between them, though nothing announces it?"""
    words, above = page.texts[n], page.texts[n - 1] if n else ""
    if words.count(",") < _FEWEST_BARE - 1 or finished(words) or above.endswith((*LEADS_UP, ",")):
        return False
    tags = [key(tag) for tag in words.split(",")]
    small = FUNCTION_WORDS.get(page.document.lang, frozenset())
    few = all(0 < length(tag) <= _TAG_WORDS and small.isdisjoint(tag.split()[:1]) for tag in tags)
    told = not any(tag.replace(" ", "").isdigit() for tag in tags) and not is_fact(page, n)
    return few and told and len(set(tags)) == len(tags)


def _tags(page: Page, announced: Trace) -> list[int]:
    """The short lines between an announcing line and the end, or the next line of layout."""
    run, at = [], announced.line + 1
    while at < len(page.lines) and not page.cues[at] and not page.titled(at):
        words = page.texts[at]
        long = length(page.blocks[at].key) > _TAG_WORDS or width(words) > _TAG_WIDTH
        if long or finished(words) or is_fact(page, at):
            return []
        run.append(at)
        at += 1
    return run if len(run) <= _MOST_TAGS else []
