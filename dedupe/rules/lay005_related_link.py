"""Related links: "Read more" lines, and the headlines that follow them.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `related`: a line that announces ("Related articles", "Read more: Old
bridge closes"), and the run of headline-like lines below it (short, no full stop). The run ends at the first paragraph,
and never takes the record's title. Below the last paragraph a run of three and more headlines that nothing announces is
doubtful. Between paragraphs a label that a colon or capitals set apart ("More:") counts for more, and so does one above
headlines with a stamp ("Bridge closes [VIDEO]"). A headline behind the name of a site ("On ArvelleCourier.com: ...")
goes too, and so do two and more headlines in a row that each have a stamp in square brackets, three and more that each
stand below a section's name in capitals, five and more on a page below other kickers in capitals, two and more whole
headlines in capitals between paragraphs, and teasers: three and more lines in a row that each break off with an
ellipsis, most of them behind a small word, where no sentence ends.

Why it matters
--------------
Headlines of other articles bring other people, places and numbers into the text.

Example
-------
    The bridge closes in May, the council of Arvelle said on Monday after a long debate.
    Read also
    Ferry sails again after three weeks
    The repairs would cost more than a new bridge, the engineers had told the council in March.

The second and third line go.

Known false alarms
------------------
A sub-heading right below an announcing line whose links the scraper dropped. Where the text has sub-headings, the last
line of a run is left alone if a paragraph follows, and so are lists, questions and lines that end with a colon. Notes
such as "This article was first published by ..." go at level strict.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from dedupe.cues import lexicon
from dedupe.language import FUNCTION_WORDS
from dedupe.layout import DOUBTFUL, LIKELY, SAFE, Trace, finding, line_finding, traces
from dedupe.model import Document, Finding, Safety
from dedupe.normalise import length
from dedupe.page import QUOTES, Page, page_of
from dedupe.rule import rule
from dedupe.traits import (
    ASKS,
    CLOSERS,
    FULL_STOPS,
    LEADS_UP,
    SUBHEADING_WIDTH,
    cased,
    finished,
    quoted,
    truncated,
    width,
)

_FEWEST_WORDS, _MOST_WORDS = 4, 25
_NARROWEST, _NARROWEST_ALONE = 20, 40
_RUN = 3
_SHORT = 45
"""A narrower line at the end of a run may be a sub-heading, even in an article that has no other."""
_ON_THE_SITE = re.compile(
    r"(?:Also )?[Oo]n (?:[\w-]+\.)+(?:com|org|net|news|tv|info|co\.uk|com\.au)(?:$|:\s|\s[^\W\d_a-z])"
)
"""The site's own name in front of a headline: "On ArvelleCourier.com: Bridge closes"."""
_PASSED = frozenset(("byline", "counter", "media", "share"))
"""What stands between the headlines of a run: dates, authors, counts, buttons."""
_NO_HEADLINE_ENDS_SO = (*LEADS_UP, "…", ",", "،", "、", ";")
_TEASERS, _TEASER_WORDS, _TEASER_MEAN = 3, 10, 18
_BROKEN_SHARE = 2
"""One of so many teasers at least breaks off behind a small word or a comma; a writer's own ellipsis hardly does."""
_COMMA_BREAK = re.compile(r",\s*(?:…|\.{3,})\s*$")
_KICKER_WORDS, _KICKED_MEAN, _SMALL_WORDS = 4, 8, 2
"""A kicker has at most so many words, the headlines below several so many on average, each so many in small letters."""
_SHOUTED_WORDS, _LEAST_SHOUTED, _SHOUTED_SHARE = 11, 8, 0.4
"""Headlines in capitals have so many words where sub-headings may stand, on such a page so many; they are never more
than this share of the paragraphs."""
_SMALL_LETTERS = 2
"""So many may stand in a headline in capitals: "MPs", "McLean"."""
_PAIRS = 5
_STAMPED = re.compile(r"[\[(] ?[A-Z]{3,}[\])]\W?$")
"""What portals stamp on their headlines: "[VIDEO]", "[INSIGHT]"."""
_PORTAL_STAMP = re.compile(
    r"[^\W_]['\"’”?!)]?\s{1,2}\[ ?(?!LAUGH|APPLAUSE|CHEER|CROSSTALK|INAUDIBLE|MUSIC|PAUSE|SILENCE)"
    r"(?:[A-Z]{4,12}|(?:Video|Photo|Foto|Galler|Watch|Podcast|Audio)[a-z]*)\]\|?$"
)
"""The same where nothing announces the headlines: square brackets only, and no film's kind, song's take or laughter."""
_OWN_HEADLINE = re.compile(r"[:：]\s*\S.{7,}")
"""What a line that announces has behind its colon: then it does not announce what stands below."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY005", "related-link", Options)
def related_link(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Announcing lines, the headlines below them, and headlines that nothing announces at the end."""
    page = page_of(document)
    taken: set[int] = set()
    for trace in traces(page, "related"):
        alone = trace.cue.kind in ("line", "row") or trace.cue.end == len(page.blocks[trace.line].key.split())
        alone = alone and not page.told(trace.line) and not _OWN_HEADLINE.search(page.texts[trace.line])
        run, sure = _below(page, trace) if alone else ([], False)
        points = _points(page, trace) + bool(run)
        if _stands_out(page, trace, run if sure else []):
            points = max(points, LIKELY)
        told = finding(page, "LAY005", trace._replace(points=points), "a related link")
        if not told:
            continue
        yield told
        safest = told.safety if trace.place == "below" and len(run) >= _RUN else min(told.safety, Safety.LIKELY)
        for n in run:
            if n not in taken:
                safety = safest if sure else Safety.DOUBTFUL
                yield line_finding(page, "LAY005", n, "a headline below a line that announces related articles", safety)
        taken.update(run)
    for n, words in enumerate(page.texts if page.is_article else ()):
        if _ON_THE_SITE.match(words) and n not in taken and _headline_there(page, n):
            yield line_finding(page, "LAY005", n, "a headline behind the name of the site")
            taken.add(n)
    for n in _stamped(page):
        if n not in taken:
            yield line_finding(page, "LAY005", n, "a headline with a stamp, beside another one")
            taken.add(n)
    for n in _below_kickers(page):
        if n not in taken:
            yield line_finding(page, "LAY005", n, "one of several headlines, each below a kicker in capitals")
            taken.add(n)
    for n in _in_capitals(page):
        if n not in taken:
            yield line_finding(page, "LAY005", n, "a headline in capitals between paragraphs that are not")
            taken.add(n)
    for n in _teasers(page):
        if n not in taken:
            yield line_finding(page, "LAY005", n, "a teaser of another story: one of several that break off")
            taken.add(n)
    message = "possibly a related link: one of several headlines at the end"
    for n in _at_the_end(page):
        if n not in taken:
            yield line_finding(page, "LAY005", n, message, Safety.DOUBTFUL)


def _points(page: Page, trace: Trace) -> int:
    """Only a bare announcement is safe; a label with more behind it than a headline is doubtful."""
    words = page.texts[trace.line]
    if trace.cue.kind == "label" and (length(page.blocks[trace.line].key) > _MOST_WORDS or "://" in words):
        return min(trace.points, DOUBTFUL)
    return min(trace.points, SAFE - 1) if finished(words) or words.endswith(LEADS_UP) else trace.points


def _stands_out(page: Page, trace: Trace, run: list[int]) -> bool:
    """Is it an unmistakable label between paragraphs, with a colon or, above headlines, in capitals, or any above
    headlines with a stamp? Others lead up to lists of the article too ("Key points:")."""
    words = page.texts[trace.line]
    if trace.place != "between" or not page.is_article:
        return False
    if len(run) > 1 and all(_STAMPED.search(page.texts[n]) for n in run):
        return True
    if trace.cue.kind != "line":
        return False
    return words.endswith(LEADS_UP) or (words.isupper() and bool(run))


def _below(page: Page, announced: Trace) -> tuple[list[int], bool]:
    """The headlines below an announcing line, and whether they end where no line of the article is among them."""
    run, at = [], announced.line + 1
    while at < len(page.lines) and not page.titled(at):
        cue = page.cues[at]
        if cue is None and _like_headline(page, at):
            run.append(at)
        elif cue is None or cue.kind == "inside" or cue.family not in _PASSED:
            break
        at += 1
    if announced.place == "above":
        return run, at < len(page.lines) and page.titled(at)
    if not run or at == len(page.lines) or page.cues[at] or page.titled(at):
        return run, True
    if page.is_interview and page.texts[run[-1]].endswith(ASKS):
        return run[:-1], True
    if _STAMPED.search(page.texts[run[-1]]):
        return run, page.prose(at)
    narrow = SUBHEADING_WIDTH if page.document.sub_headed else _SHORT if len(run) > 1 else 0
    if width(page.texts[run[-1]]) < narrow:
        run.pop()
    return run, page.prose(at) or finished(page.texts[at])


def _headline_there(page: Page, n: int) -> bool:
    """Is what begins with the name of a site a headline, and no sentence?"""
    cue = page.cues[n]
    return (
        (cue is None or cue.kind == "weak")
        and not finished(page.texts[n])
        and length(page.blocks[n].key) <= _MOST_WORDS
        and page.blocks[n].kind == "text"
    )


def _like_headline(page: Page, n: int) -> bool:
    """Is it short, and no sentence?"""
    words = page.texts[n]
    return (
        page.blocks[n].kind in ("text", "heading", "item")
        and _FEWEST_WORDS <= length(page.blocks[n].key) <= _MOST_WORDS
        and width(words) >= _NARROWEST
        and not words.endswith(_NO_HEADLINE_ENDS_SO)
        and not words.rstrip(CLOSERS).endswith(FULL_STOPS)
        and not words[0].islower()
    )


def _at_the_end(page: Page) -> Iterator[int]:
    """Runs of three and more headlines without any cue below the last paragraph."""
    run: list[int] = []
    for n in range(page.last + 1 if page.last >= 0 else len(page.lines), len(page.lines) + 1):
        if n < len(page.lines) and not page.cues[n] and not page.titled(n) and _surely_headline(page, n):
            run.append(n)
            continue
        if len(run) >= _RUN and not page.texts[run[0] - 1].endswith(LEADS_UP):
            yield from run
        run = []


def _stamped(page: Page) -> Iterator[int]:
    """Runs of two and more headlines that each end in a stamp."""
    for stamped, group in groupby(range(len(page.lines)), lambda n: _is_stamped(page, n)):
        run = [*group] if stamped else []
        if len(run) > 1 and page.is_article:
            yield from run


def _is_stamped(page: Page, n: int) -> bool:
    words = page.texts[n]
    return words.endswith(("]", "]|")) and _PORTAL_STAMP.search(words) is not None and _like_headline(page, n)


def _teasers(page: Page) -> Iterator[int]:
    """Runs of three and more long lines that break off, some of them behind a small word or a comma."""
    small = FUNCTION_WORDS.get(page.document.lang, frozenset())
    for broken_off, group in groupby(range(len(page.lines)), lambda n: _breaks_off(page, n)):
        run = [*group] if broken_off else []
        broken = sum(
            page.blocks[n].key.split()[-1] in small or _COMMA_BREAK.search(page.texts[n]) is not None for n in run
        )
        long = sum(length(page.blocks[n].key) for n in run) >= _TEASER_MEAN * len(run)
        if len(run) >= _TEASERS and long and broken * _BROKEN_SHARE >= len(run) and _outside(page, run):
            yield from run


def _below_kickers(page: Page) -> Iterator[int]:
    """Pairs of a kicker and its headline in a row: three and more below the names of sections, five and more on the
    page below others, for a box of facts may have some; then also runs of two."""
    runs: list[list[int]] = []
    n = 0
    while page.is_article and n < len(page.lines):
        start = n
        while n + 1 < len(page.lines) and _is_kicker(page, n) and _is_kicked(page, n + 1):
            n += 2
        if n - start >= 4 and not (start and page.texts[start - 1].endswith(LEADS_UP)):
            runs.append([*range(start, n)])
        n = max(n, start + 1)
    in_all = [n for run in runs for n in run]
    sections = sum(page.bears(n, "navigation", "line", "weak") for run in runs for n in run[::2])
    enough = len(in_all) >= 2 * _PAIRS or 4 * sections > len(in_all)
    if enough and any(_headlines(page, run) and len(run) >= 2 * _RUN for run in runs):
        yield from in_all


def _is_kicker(page: Page, n: int) -> bool:
    """Is it a word or some in capitals, and no day, number or title?"""
    words = page.texts[n]
    if not words.isupper() or page.titled(n) or words.endswith((*LEADS_UP, *ASKS)) or any(map(str.isdigit, words)):
        return False
    said = page.blocks[n].key.split()
    dated = any(map(lexicon(page.document.lang).is_date, said))
    return len(said) <= _KICKER_WORDS and len(words) >= _KICKER_WORDS and not dated and not finished(words)


def _is_kicked(page: Page, n: int) -> bool:
    """Is it like a headline in small letters, and no row of names?"""
    words = page.texts[n].split()
    small = sum(map(str.islower, words))
    return len(words) > _FEWEST_WORDS and small >= _SMALL_WORDS and not page.titled(n) and _like_headline(page, n)


def _headlines(page: Page, run: list[int]) -> bool:
    """Are the lines below the kickers as long as headlines, and is it no box of facts: most of those have numbers, or
    stand below a single word that is no section's name?"""
    below = [page.texts[n] for n in run[1::2]]
    numbers = sum(any(map(str.isdigit, words)) for words in below)
    kickers = sum(" " in page.texts[n] or page.bears(n, "navigation", "line", "weak") for n in run[::2])
    long = sum(words.count(" ") + 1 for words in below) >= _KICKED_MEAN * len(below)
    return long and 2 * numbers < len(below) <= 2 * kickers


def _in_capitals(page: Page) -> Iterator[int]:
    """Two and more headlines in capitals, one of them longer than sub-headings are; one alone may be a poster."""
    if not page.is_article or page.is_interview:
        return
    found = [n for n in range(page.first + 1, len(page.lines)) if _shouted(page, n)]
    whole = any(length(page.blocks[n].key) >= _SHOUTED_WORDS for n in found)
    if whole and 1 < len(found) <= _SHOUTED_SHARE * len(page.paragraphs):
        yield from found


def _shouted(page: Page, n: int) -> bool:
    """Is it a headline in capitals below a whole paragraph or another one, and nobody's words?"""
    words, above = page.texts[n], page.texts[n - 1]
    if not _capitals(words) or length(page.blocks[n].key) < _LEAST_SHOUTED or finished(words) or quoted(words):
        return False
    return _like_headline(page, n) and not page.titled(n) and (finished(above) or _capitals(above))


def _capitals(words: str) -> bool:
    """Is it written in capitals, but for a letter or two?"""
    return words[:2].isupper() and sum(map(str.isalpha, words)) - sum(map(str.isupper, words)) <= _SMALL_LETTERS


def _outside(page: Page, run: list[int]) -> bool:
    """Does a run stand above or below all other paragraphs, three and more of them?"""
    above, upto = page.paragraphs_above(run[0]), page.paragraphs_above(run[-1] + 1)
    below = len(page.paragraphs) - upto
    return (not above or not below) and above + below >= _RUN


def _breaks_off(page: Page, n: int) -> bool:
    """Is it a line of many words that breaks off with an ellipsis, and no speech?"""
    words = page.texts[n]
    return (
        truncated(words) and length(page.blocks[n].key) >= _TEASER_WORDS and not (quoted(words) or words[0] in QUOTES)
    )


def _surely_headline(page: Page, n: int) -> bool:
    """Is it like a headline, and in capitals or long, as verses are not, and no entry of a list or calendar?"""
    words = page.texts[n]
    dated = lexicon(page.document.lang).is_date(page.blocks[n].key.split()[0])
    if not _like_headline(page, n) or dated or not (words[0].isalpha() or words[0] in "\"'“‘„«「¿¡"):
        return False
    initials = [word[0] for word in words.split() if word[0].isalpha()]
    in_capitals = cased(words) and 5 * sum(map(str.isupper, initials)) >= 3 * len(initials)
    return in_capitals or width(words) >= _NARROWEST_ALONE
