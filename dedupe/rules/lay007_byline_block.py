"""Bylines: who wrote it, when it was published and changed, who the author is.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `byline`. They go above the first paragraph of prose ("By Ida Lund",
"Published May 3, 2024"), and below the last one where they are unmistakable or stand among other lines of layout.
Between two paragraphs they go where they hold a date, end with an address or stand beside other lines of layout, or
where a full date, or "By" and names, stand below no more than a summary; the others at level strict only.

Some things go without a wording: an address alone above the article, a person's below it; the slug of a news agency
("XX-EU--Ferry, 2nd Ld"); what is no sentence between the headline and a dateline ("TRENK, Calif. (AP) —"); a date over
several lines ("20", "Nov", "2024"), or behind the name of the site as its address has it ("ArvelleDaily August 08,
2024"); one or two names above the date of publication, or between bars beside it, where the title has none of their
words, and a name with one word behind a comma ("EDDA QUILL, FERRYMEN"); the name below a lone "By"; at the end, or
above other layout, who contributed to the report; at the end a note on the author that a heading with the name
announces ("About Ida Lund"), that gives the address, or says of somebody new that they report ("Ida Lund is a reporter
for The Courier."); and as the last line, below a paragraph, an agency, a source ("Source: the harbour office", on two
lines too), the name of the byline or one that no paragraph has.

Why it matters
--------------
Name, date and agency stand three times on many pages, in three forms, and none of them is a sentence.

Example
-------
    Old bridge closes for good
    By Ida Lund
    Published May 3, 2024
    The council of Arvelle voted on Monday to close the old bridge for good, after eight years of repairs.

The second and third line go.

Known false alarms
------------------
Agencies sign a report at its end, in brackets or as a sentence ("Reporting by ..."); some readers count that as text,
so it goes at level strict. A dateline at the beginning of a paragraph is never touched; lines of dates with a paragraph
below each of them are a diary and stay. A second headline or a summary without a full stop above a dateline goes, and
so does a box about somebody at the end ("About Ida Lund") whom no paragraph above names. Dates above short entries of a
calendar go too, and a last line of two to four capitalised words, be it a wish ("Merry Christmas") or the name below a
letter to the editor.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, takewhile
from urllib.parse import urlsplit

from dedupe.author_notes import notes_on_authors, signature_of
from dedupe.bylines import (
    ADDRESS,
    CAPITALISED,
    CONTACT,
    SUMMARY,
    are_names,
    in_capitals,
    is_name,
    is_strange,
    wordings_of,
)
from dedupe.cues import lexicon
from dedupe.dateline import after_dateline
from dedupe.layout import DOUBTFUL, LIKELY, SAFE, Trace, finding, is_fact, line_finding, traces
from dedupe.model import Document, Finding, Safety
from dedupe.normalise import key, length
from dedupe.page import Page, page_of
from dedupe.rule import rule
from dedupe.traits import ASKS, LEADS_UP, cased, finished

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DATE_WORDS = 15
"""A longer line with a year in it may be a heading."""
_CLOCK = re.compile(r"\d:\d\d")
_DIGITS = re.compile(r"\d+")
_SLUG = re.compile(r"[A-Z]{2,3}(?:-[A-Z]{2,3})?--\S+(?: \S+)*")
"""The name of a report on the wire, as "XX-EU--Harbour-Strike, 2nd Ld"."""
_NAME_WORDS = 6
_ASIDE = re.compile(r"\s*[(（][^()（）]{1,60}[)）]$")
"""What stands in brackets behind a sentence."""
_BARS = re.compile(r"\s+[|·•–—-]\s+")
_HEAD_LINES = 5
_DATE_LINES = 4
_DIARY = 2
"""So many lines of dates, each with a paragraph below, inside the article: they are its sub-headings."""
_ENTRIES = 3
"""So many between sentences, wherever they stand, head the entries of a chronology."""
_LIFE = 15
"""Two years so far apart are those of a life, or of an age."""
_SITE = 4
"""So many letters of an address tell a site."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY007", "byline-block", Options)
def byline_block(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Bylines, dates of publication, notes on the author."""
    page = page_of(document)
    found = list(traces(page, "byline"))
    diary = sum(t.place == "between" and t.cue.kind == "weak" and page.prose(t.line + 1) for t in found) >= _DIARY
    heads = _entries(page, found)
    by_place = page.is_article and document.in_lines
    signature = signature_of(page) if by_place else {}
    worded: set[int] = set()
    for trace in found:
        points = 0 if trace.line in heads or (diary and trace.cue.kind == "weak") else _points(page, trace)
        points = min(points, _most_for(page, trace))
        if trace.line in signature:
            continue
        if told := finding(page, "LAY007", trace._replace(points=points), "part of the byline"):
            if told.safety >= Safety.LIKELY:
                worded.add(trace.line)
            yield told
    for n in range(page.first if document.in_lines and page.paragraphs else 0):
        led = n > 0 and page.texts[n - 1].endswith(LEADS_UP)
        if n not in worded and not led and ADDRESS.fullmatch(page.texts[n]):
            yield line_finding(page, "LAY007", n, "an address alone above the article")
        elif n not in worded and _is_site_and_date(page, n):
            yield line_finding(page, "LAY007", n, "the name of the site and the date")
    if by_place:
        for n, what in (*_at_the_top(page), *_above_the_dateline(page), *notes_on_authors(page)):
            if n not in worded:
                yield line_finding(page, "LAY007", n, what)
    for n, what in signature.items():
        yield line_finding(page, "LAY007", n, what)


def _entries(page: Page, found: Sequence[Trace]) -> frozenset[int]:
    """The lines that head the entries of a chronology or a live report: dates without a time of day, or times in the
    same words, with a sentence below each, and most with one above. (A comment has its full date, or its writer.)"""
    alike: dict[str, list[int]] = defaultdict(list)
    for n in (trace.line for trace in found):
        words = page.texts[n]
        date_alone = all(map(lexicon(page.document.lang).is_date, page.blocks[n].key.split()))
        if _sentence(page, n + 1) and any(map(str.isdigit, words)):
            if date_alone and not _CLOCK.search(words):
                alike[""].append(n)
            elif not _YEAR.search(words):
                alike[_DIGITS.sub("0", words)].append(n)
    groups = (lines for lines in alike.values() if len(lines) >= _ENTRIES)
    many = (lines for lines in groups if sum(n > 0 and _sentence(page, n - 1) for n in lines) >= len(lines) - 1)
    return frozenset(chain.from_iterable(many))


def _sentence(page: Page, n: int) -> bool:
    return n < len(page.lines) and page.cues[n] is None and finished(page.texts[n])


def _at_the_top(page: Page) -> Iterator[tuple[int, str]]:
    """What belongs to the byline without a wording of one: the line, and what it is."""
    for n in range(page.first):
        words = page.texts[n]
        if _SLUG.fullmatch(words):
            yield n, "the slug of a news agency"
    for n in _date_in_lines(page):
        yield n, "part of the date above the article"
    for n in range(1, len(page.lines)):
        if page.paragraphs_above(n) > SUMMARY:
            break
        above = page.blocks[n - 1].key
        if " " not in above and not above[0].isdigit() and page.bears(n - 1, "byline", "weak") and is_name(page, n):
            yield n, "the name below the word that announces it"
    bylines = page.bearing(["byline"])
    dated = [n for n in bylines if page.bears(n, "byline", "line", "label") or _YEAR.search(page.texts[n])]
    heads = {page.paragraphs_above(n) for n in dated if n and is_name(page, n - 1)}
    if sum(above <= SUMMARY for above in heads) > 1:
        dated = []  # each has a paragraph of its own: the entries of a calendar, the dead of a year
    for n in sorted({n - step for n in dated for step in (1, 2) if n >= step}):
        named = is_name(page, n) or are_names(page, n)
        if page.title and page.paragraphs_above(n) <= SUMMARY and named:
            yield n, "names above the date of publication"
    beside = [n for n in range(page.first if page.title else 0) if _is_name_and_date(page, n)]
    if beside and not any(_is_name_and_date(page, n) and page.prose(n + 1) for n in range(page.first, len(page.lines))):
        for n in beside:
            if page.cues[n] is None and is_strange(page, n):
                yield n, "a name beside the date of publication"


def _date_in_lines(page: Page) -> Iterator[int]:
    """The lines above the article that make a full date together: "20", "Nov", "2024"."""
    known = lexicon(page.document.lang)

    def dated(n: int) -> bool:
        words = page.blocks[n].key.split()
        return all(map(known.is_date, words)) and (len(words) == 1 or any(map(str.isdigit, page.texts[n])))

    for together, group in groupby(range(page.first), dated):
        lines = [*group] if together else []
        words = " ".join(page.blocks[n].key for n in lines)
        if 1 < len(lines) <= _DATE_LINES and _YEAR.search(words) and known.cues(words):
            yield from lines


def _above_the_dateline(page: Page) -> Iterator[tuple[int, str]]:
    """The lines between the headline and the one paragraph that begins with a dateline: no sentences of the report."""
    datelines = [n for n in page.paragraphs if after_dateline(page.texts[n])]
    if len(datelines) != 1 or not page.title:
        return
    begin = datelines[0]
    above = page.paragraphs[: page.paragraphs_above(begin)]
    if not all(page.texts[n].endswith(ASKS) for n in above):
        return
    for n in range(begin - 1, max(-1, begin - 1 - _HEAD_LINES), -1):
        words = page.texts[n]
        if page.titled(n) or words.endswith(LEADS_UP) or page.blocks[n].kind == "item":
            return
        if page.cues[n] is None and any(map(str.isdigit, words)):
            return
        if words.endswith(ASKS) or not finished(_ASIDE.sub("", words)):
            yield n, "stands between the headline and the dateline"


def _is_site_and_date(page: Page, n: int) -> bool:
    """Is it the name of the site, as its address has it, and a full date?"""
    known, words = lexicon(page.document.lang), page.blocks[n].key.split()
    own = [*takewhile(lambda word: not known.is_date(word), words)]
    site = "".join(own)
    if not (len(site) >= _SITE and _YEAR.search(page.texts[n]) and all(map(known.is_date, words[len(own) :]))):
        return False
    return site in (urlsplit(page.document.article.url or "").hostname or "").split(".")


def _is_name_and_date(page: Page, n: int) -> bool:
    return _BARS.search(page.texts[n]) is not None and _name_and_date(page, n)


def _name_and_date(page: Page, n: int) -> bool:
    """Are the parts of a line between bars and dots names, dates and counts, one of them a count or a date with its
    year?"""
    known, wordings = wordings_of(page.document.lang), lexicon(page.document.lang)
    sure = False
    for part in _BARS.split(page.texts[n]):
        families = {cue.family for cue in wordings.cues(key(part)) if cue.kind != "start"}
        if families.isdisjoint(("byline", "counter")):
            if not (known.name.fullmatch(part) and in_capitals(part.split())):
                return False
        else:
            sure = sure or "counter" in families or _YEAR.search(part) is not None
    return sure


def _most_for(page: Page, trace: Trace) -> int:
    """How sure a byline may be whose words look like a sentence ("Von wegen.") or a phrase ("Door de storm") and no
    name, or whose digits may be a score or the time of an event."""
    n, words = trace.line, page.texts[trace.line]
    if page.told(n):
        return DOUBTFUL
    digits = any(map(str.isdigit, words))
    if trace.cue.kind == "line" and trace.place != "above" and digits and is_fact(page, n) and not _YEAR.search(words):
        return DOUBTFUL  # when an event is ("Date: Saturday 14 November at 7.30 p.m.")
    if trace.cue.kind in ("weak", "row", "label") and not (_YEAR.search(words) or "@" in words):
        small = finished(words) and not digits and not CAPITALISED.search(words.partition(" ")[2])
        if cased(words) and (small or page.has_own_word(n)):
            return DOUBTFUL if finished(words) else LIKELY
        if trace.cue.kind == "weak" and digits:
            return LIKELY
    said = not page.document.in_lines and finished(words) and page.has_own_word(n)
    return DOUBTFUL if said else SAFE


def _points(page: Page, trace: Trace) -> int:
    years = [int(year) for year in _YEAR.findall(page.texts[trace.line])]
    if len(years) > 1 and years[1] - years[0] >= _LIFE:
        return 0
    weak = trace.cue.kind == "weak"
    if trace.cue.kind in ("weak", "row") and page.is_article and _heads(page, trace.line):
        return max(trace.points, LIKELY)
    if trace.place == "above":
        words = page.texts[trace.line]
        row = trace.cue.kind == "row" and (trace.line > 0 or page.title)
        if weak and not trace.line and words.startswith("|"):
            return LIKELY
        if (page.is_article or row) and _YEAR.search(words) and length(page.blocks[trace.line].key) <= _DATE_WORDS:
            return max(trace.points, LIKELY)
        if not trace.line:
            return trace.points - 2  # a headline, whatever it begins with
        timed = weak and wordings_of(page.document.lang).clock.fullmatch(words)
        if timed and page.prose(trace.line + 1) and not page.cues[trace.line - 1]:
            return min(trace.points, DOUBTFUL)  # the time of an entry, as tickers have it
        words = page.blocks[trace.line].key
        lone = weak and not trace.company and not page.texts[trace.line].endswith(LEADS_UP)
        if lone and (words.count(" ") < 2 or not any(map(str.isalpha, words))):
            return min(trace.points + 2, DOUBTFUL)  # a time of day, the head of a table
        return trace.points + 2 * weak
    if trace.place == "between" and trace.cue.kind in ("line", "row") and trace.points >= DOUBTFUL:
        dated = any(map(str.isdigit, page.blocks[trace.line].key))
        return LIKELY if trace.company or dated else DOUBTFUL
    words = page.texts[trace.line]
    ended = trace.cue.kind == "inside" or finished(words)
    if trace.cue.kind == "start" and not ended and ADDRESS.match(words.rsplit(None, 1)[-1]):
        return LIKELY
    sure = trace.place == "below" and not weak and not (ended and trace.cue.kind != "line")
    return trace.points - 1 - ended if sure else min(trace.points - weak, DOUBTFUL)


def _heads(page: Page, n: int) -> bool:
    """Is it a full date with the time of day, or, below a summary at most, a full date, "By" and names, or the word
    that announces them?"""
    words = page.texts[n]
    top = page.paragraphs_above(n) <= SUMMARY
    bare = page.blocks[n].key
    if all(map(lexicon(page.document.lang).is_date, bare.split())):
        return _YEAR.search(words) is not None and (top or _CLOCK.search(words) is not None)
    if page.bears(n, "byline", "row", "weak") and _YEAR.search(words) and _CLOCK.search(words):
        return top
    if page.bears(n, "byline", "row"):
        return False
    names = CONTACT.sub(" ", words).strip(" |–—").split()[1:]
    if not names:
        follows = n + 1 < len(page.lines) and (page.bears(n + 1, "byline", "weak", "line") or is_name(page, n + 1))
        return top and follows and (n > 0 or words.endswith(LEADS_UP) or bool(page.title))
    no_headline = bool(page.title) and len(names) > 1 and is_strange(page, n)
    headed = n > 0 or words[0] == "|" or words[0].islower() or no_headline
    joints = wordings_of(page.document.lang).joints
    named = in_capitals(name for name in names if name not in joints and name != "|")
    named = named or (page.bears(n, "byline", "label") and not cased(words))
    named = named and (len(names) > 1 or n < page.first or _in_byline(page, n))
    return headed and top and len(names) <= _NAME_WORDS and named


def _in_byline(page: Page, n: int) -> bool:
    """Does a line beside it bear a byline's wording?"""
    return any(cue.family == "byline" for m in (n - 1, n + 1) if 0 <= m < len(page.lines) and (cue := page.cues[m]))
