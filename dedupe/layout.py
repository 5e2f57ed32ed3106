"""What the rules about layout ask of a cue: where it stands, what stands beside it, and how sure that makes it.

Wordings alone rarely decide. A line that says "Share" among other such lines above the article is a button; alone
between two paragraphs it may be a sub-heading. All families are judged alike, in points: what kind of cue it is, how
many lines beside it bear cues too, and whether it stands outside the article's prose. What is particular to a family
stands in its rule.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import groupby, pairwise
from typing import Literal, NamedTuple

from dedupe.cues import FAMILIES, lexicon
from dedupe.language import FUNCTION_WORDS
from dedupe.matching import spoken_span
from dedupe.model import Block, Cue, Document, Finding, Safety, Span
from dedupe.normalise import cased_tokens, key, length
from dedupe.repeats import has_children, whole
from dedupe.rule import cut
from dedupe.traits import ASKS, FULL_STOPS, LEADS_UP, cased, finished, prose, quoted, truncated

Place = Literal["above", "between", "below"]

_STRENGTH = {"line": 5, "row": 4, "start": 3, "label": 2, "weak": 1, "inside": 0}
_RANK = {family: -number for number, family in enumerate(FAMILIES)}
_POINTS = {"line": 2, "start": 2, "label": 2, "row": 1, "inside": 1, "weak": -1}
SAFE, LIKELY, DOUBTFUL, _NEVER = 4, 2, 1, -9
"""From so many points on a trace is that sure."""
_PRIORITY = 20
"""Decided before repeats of equal safety, or one copy of a button would stay as the witness of the others."""
_REACH = 2
_WITHIN = frozenset(("share", "newsletter", "advert", "counter", "comments", "consent", "legal", "media"))
"""Families that sites put between two paragraphs; of the others, such a line may well be a sub-heading."""
_ENDS = frozenset(("comments", "tags"))
"""Families that sites put below an article, and hardly any article ends with."""
_COUNTS = frozenset(("share", "counter", "comments", "pager"))
_ANNOUNCE = frozenset(("related", "tags"))
"""Families whose lines announce what stands below them."""
_HEADS = frozenset(("byline", "counter"))
"""Families whose colon, above an article, leads up to no more than a name, a date or a number."""
_LEAVES = frozenset(("share", "newsletter", "related", "navigation", "comments", "pager", "tags"))
"""Families of which a lone wording may stand below an article, as no sub-heading does."""
_APPEALS = frozenset(("share", "newsletter", "comments", "consent", "legal"))
"""Families that speak to the reader below an article, in sentences."""
_MENU = 4
"""More lines with weak cues than this in a row are a menu."""
_RUN_ON = frozenset(("related", "media", "advert", "tags"))
"""Families whose lines, in a text that has lost its lines, run into the sentence below them."""
_PROMPTS = frozenset(("newsletter", "advert", "consent"))
"""Families that speak in whole sentences."""
_UNMISTAKABLE = _PROMPTS | {"comments"}
"""Families whose longer wordings no sentence of an article has."""
_SHORT = frozenset(("byline", "counter", "comments", "navigation", "pager", "tags"))
_SAID = frozenset(("related", "tags"))
"""Families whose wordings begin sentences of articles too ("Read more in his letters."): only unmistakable lines beside
such a sentence make it one of layout."""
_NOTES = frozenset(("byline", "comments", "consent", "counter", "legal"))
_GLUED_WORDS = 15
_LABEL_WORDS = 2
_PARAGRAPHS = 3
_TITLE_WORDS = 3
_LONGEST_COUNT = 40
_SENTENCE_WORDS = 6
_PARAGRAPH = 3
_OPENING = 3
_MOST_WORDS = 40
"""A longer sentence is several things run together: nobody knows what else would go with it."""
_QUOTES = frozenset('"“”„«»‹›「」『』')
_ARROWS = "«» "
_DASHES = ("– ", "— ", "― ")
_LOWER = re.compile(r"\b[^\W\d_A-Z][^\W\d_A-Z]+\b")
_LINK = re.compile(r"[:：]\s*https?://\S+$")
_JOINTS = " \t:|-–—·•："


class Trace(NamedTuple):
    """What layout left: a line, or a sentence of one, that bears a cue.

    `line` is its place among the lines of the page, `span` what would go. `place` tells whether it stands above the
    first paragraph of prose, below the last, or between (or in a text without prose); `company` counts the lines with
    cues among the two on each side (0 to 4). `points` say how sure it is: 4 and more is safe, 2 likely, 1 doubtful.
    """

    line: int
    span: Span
    cue: Cue
    place: Place
    company: int
    points: int


class Page:
    """The lines of a document that say something: what they bear, and where the article's prose begins and ends.

    Lines are counted by their place among these: `blocks` holds them, `lines` their places in `Document.blocks`,
    `texts` their words, without the credit or stray token at their end, `cues` the wording that decides about each.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.title = key(document.article.title or "")
        self.credited = {credit.span for credit in document.credits if credit.whole_line}
        self.lines = [place for place, line in enumerate(document.blocks) if line.key]
        self.blocks = [document.blocks[place] for place in self.lines]
        self.texts = [document.article.text[slice(*spoken_span(document, line))] for line in self.blocks]
        self.cues = [self._strongest(place) if document.cues[place] else None for place in self.lines]
        for n, cue in enumerate(self.cues):
            if (cue is None or cue.kind == "weak") and self.blocks[n].key[0].isdigit() and self._counts(n):
                self.cues[n] = self._count(n)
        self._bearing: dict[str, list[int]] = defaultdict(list)
        for n, cue in enumerate(self.cues):
            if cue and cue.kind == "inside":
                for family in {other.family for other in document.cues[self.lines[n]]}:
                    self._bearing[family].append(n)
            elif cue:
                self._bearing[cue.family].append(n)

    def span(self, n: int) -> Span:
        """What would go if a line goes."""
        return whole(self.document, self.blocks[n])

    def titled(self, n: int) -> bool:
        """Is the line the record's title, or a part of it?"""
        words = self.blocks[n].key
        if words not in self.title:
            return False
        return words == self.title or (length(words) >= _TITLE_WORDS and f" {words} " in f" {self.title} ")

    @cached_property
    def paragraphs(self) -> list[int]:
        """The paragraphs of prose that bear no cue, or in one of several sentences only."""
        return [n for n, line in enumerate(self.blocks) if line.body.end - line.body.start > 20 and self._prose(n)]

    def _prose(self, n: int) -> bool:
        line, cue = self.blocks[n], self.cues[n]
        if cue and not (cue.kind == "inside" and len(line.sentences) >= _PARAGRAPH):
            return False
        return not self.titled(n) and prose(words := self.texts[n], words)

    def prose(self, n: int) -> bool:
        """Is it a paragraph of prose?"""
        return self.paragraphs_above(n + 1) > self.paragraphs_above(n)

    def paragraphs_above(self, n: int) -> int:
        """How many paragraphs of prose stand above a line."""
        return bisect_left(self.paragraphs, n)

    @cached_property
    def first(self) -> int:
        """The first paragraph of prose; the number of lines when there is none."""
        return self.paragraphs[0] if self.paragraphs else len(self.lines)

    @cached_property
    def last(self) -> int:
        """The last paragraph of prose, or -1."""
        return self.paragraphs[-1] if self.paragraphs else -1

    @cached_property
    def is_article(self) -> bool:
        """Does it hold several paragraphs of prose, so that what stands above them stands above an article?"""
        return len(self.paragraphs) >= _PARAGRAPHS

    def place(self, n: int) -> Place:
        """Where a line stands."""
        if self.last < 0:
            return "between"
        return "above" if n < self.first else "below" if n > self.last else "between"

    def bearing(self, families: Iterable[str]) -> list[int]:
        """The lines that decide for one of these families, and those with one of theirs inside."""
        return sorted({n for family in families for n in self._bearing[family]})

    def bears(self, n: int, family: str, *kinds: str) -> bool:
        """Does it bear a cue of a family, of one of these kinds?"""
        return any(cue.kind in kinds and cue.family == family for cue in self.document.cues[self.lines[n]])

    def announces(self, n: int, family: str) -> bool:
        """Does it begin with a cue of a family, with words of its own behind it?"""
        size = len(self.blocks[n].key.split())
        cues = self.document.cues[self.lines[n]]
        return any(c.kind in ("start", "label") and c.family == family and c.end < size for c in cues)

    def company(self, n: int) -> list[Cue]:
        """The cues of the lines beside it, two on each side; what stands inside a paragraph, or is said, is none."""
        beside = (*self._seen[max(0, n - _REACH) : n], *self._seen[n + 1 : n + 1 + _REACH])
        return [cue for cue in beside if cue]

    @cached_property
    def _seen(self) -> list[Cue | None]:
        """The cues that count as company."""
        inside = [cue is not None and cue.kind == "inside" for cue in self.cues]
        return [None if inside[n] or self._said_by_somebody(n) else cue for n, cue in enumerate(self.cues)]

    def _said_by_somebody(self, n: int) -> bool:
        """Is it a sentence that only begins like a wording, in quotation marks or behind a dash?"""
        cue, words = self.cues[n], self.texts[n]
        return cue is not None and cue.kind == "start" and finished(words) and (words[0] in _QUOTES or _speech(words))

    def told(self, n: int) -> bool:
        """Is it a sentence that a weak wording fits by chance, with a word of its own ("By noon it was over.")?"""
        cue, words = self.cues[n], self.texts[n]
        if cue is None or cue.kind != "weak" or not words.endswith(FULL_STOPS + ASKS) or truncated(words):
            return False
        asks = cue.family == "byline" and words.endswith(ASKS)
        return " " in self.blocks[n].key and (asks or not cased(words) or self.has_own_word(n))

    def has_own_word(self, n: int) -> bool:
        """Does a line hold a word in small letters that is neither a small word nor one of dates?"""
        known, small = lexicon(self.document.lang), FUNCTION_WORDS.get(self.document.lang, ())
        return any(w.islower() and w not in small and not known.is_date(w) for w in _LOWER.findall(self.texts[n]))

    def run(self, n: int) -> tuple[int, bool, bool]:
        """The run of lines with cues that a line stands in: how long it is, whether one of them is unmistakable, and
        whether a colon leads up to it."""
        return self._runs[n]

    @cached_property
    def _runs(self) -> list[tuple[int, bool, bool]]:
        runs: list[tuple[int, bool, bool]] = []
        for _, group in groupby(self.cues, key=lambda cue: cue is not None and cue.kind != "inside"):
            cues = list(group)
            strong = any(cue and cue.kind != "weak" for cue in cues)
            led_up_to = bool(runs) and self.texts[len(runs) - 1].endswith(LEADS_UP)
            runs += [(len(cues), strong, led_up_to)] * len(cues)
        return runs

    def _strongest(self, place: int) -> Cue | None:
        """The cue that decides about a line: the strongest kind, the most words, then the order of families."""
        cues = self.document.cues[place]
        if any(cue.kind == "label" for cue in cues):
            cues = self._labelled(place, cues)
        return max(cues, key=_strength) if cues else None

    def _labelled(self, place: int, cues: tuple[Cue, ...]) -> tuple[Cue, ...]:
        """The cues of a line with a label: one that is a weak wording is weak too, and none where somebody speaks
        ("Editor: Why did you come?") or where it is a time."""
        line, known = self.document.blocks[place], lexicon(self.document.lang)
        label = next(cue for cue in cues if cue.kind == "label")
        words = line.key.split()[: label.end]
        if any(cue.kind == "line" for cue in known.cues(" ".join(words))):
            return cues
        if finished(self.document.article.text[slice(*line.body)]) or all(map(known.is_date, words)):
            return tuple(cue for cue in cues if cue.kind != "label")
        return tuple(cue._replace(kind="weak") if cue.kind == "label" else cue for cue in cues)

    def _count(self, n: int) -> Cue | None:
        """A number alone belongs to the share bar, counter or pager that it touches."""
        for step in (-1, 1):
            m = n + step
            while 0 <= m < len(self.lines) and self._counts(m):
                m += step
            other = self.cues[m] if 0 <= m < len(self.lines) else None
            if other and other.family in _COUNTS and other.kind != "inside":
                family = "pager" if other.family == "pager" else "counter"
                return Cue(family, "row", 0, len(self.blocks[n].key.split()))
        return None

    def _counts(self, n: int) -> bool:
        """Is it a bare number, or a row of numbers that count up?"""
        words = self.blocks[n].key
        if not words[0].isdigit() or len(words) > _LONGEST_COUNT:
            return False
        tokens = words.split()
        if len(tokens) == 1:
            return tokens[0].replace(",", "").replace(".", "").isdigit() and not tokens[0].count(".") > 1
        return all(map(str.isdecimal, tokens)) and all(int(b) == int(a) + 1 for a, b in pairwise(tokens))


def _strength(cue: Cue) -> tuple[int, int, int]:
    return _STRENGTH[cue.kind], cue.end - cue.start, _RANK[cue.family]


_asked_last: list[Page] = []


def page_of(document: Document) -> Page:
    """The page of a document. The last one is remembered, for every rule asks for it."""
    page = _asked_last[0] if _asked_last else None
    if page is None or page.document is not document:
        page = Page(document)
        _asked_last[:] = [page]
    return page


def traces(page: Page, *families: str) -> Iterator[Trace]:
    """The traces of some families; a line belongs to one family only, and a photo credit to none."""
    for n in page.bearing(families):
        cue = page.cues[n]
        if cue is None or page.blocks[n].kind in ("code", "table"):
            continue
        if cue.kind == "inside":
            yield from _sentences(page, n, families)
        elif not page.titled(n) and page.blocks[n].body not in page.credited and not quoted(page.texts[n]):
            yield _line(page, n, cue)


def _line(page: Page, n: int, cue: Cue) -> Trace:
    """A line that is a cue, or begins with one."""
    place, near = page.place(n), page.company(n)
    words = page.texts[n]
    said = cue.family in _SAID and length(page.blocks[n].key) >= _SENTENCE_WORDS
    if said and finished(words) and not truncated(words):
        near = [other for other in near if other.kind != "weak" and other.family != "byline"]
    label = _label(page, n, cue)
    points = _POINTS[cue.kind] + len(near) + (place != "between")
    if not near:
        points -= _alone(page, n, cue, place, label is not None)
    if cue.kind in ("row", "weak") and not any(other.kind in ("line", "start") for other in near):
        points = min(points, SAFE - 1 if cue.kind == "row" else _most_in_menu(page, n, place))
    heads = place == "above" and cue.family in _HEADS
    if words.endswith(LEADS_UP) and cue.family not in _ANNOUNCE and not heads:
        points -= 2
    if cue.kind == "label" and cue.family == "media" and not label:
        points -= 1  # what stands behind it may be a caption that says more than its picture
    if _in_list(page, n) or not _QUOTES.isdisjoint(words.strip(_ARROWS)) or _in_brackets(words, cue) or _speech(words):
        points = min(points - 2, DOUBTFUL)
    if not label and _article(page, n, cue, place, near):
        points = _NEVER
    elif _may_head(page, n, cue):
        points = min(points, DOUBTFUL)
    elif _dangles(page, n) or (near and cue.family == "media" and place == "below" and _LINK.search(words)):
        points = max(points, LIKELY)
    elif cue.kind in ("weak", "row") and page.is_article and not words.endswith(ASKS if heads else ASKS + LEADS_UP):
        outside = place == "above" or (place == "below" and cue.family in _ENDS and not finished(words))
        points = max(points, LIKELY) if outside else points
    if page.told(n) or (not page.document.in_lines and finished(words) and _may_be_said(page, n, cue)):
        points = min(points, DOUBTFUL)
    return Trace(n, label or page.span(n), cue, place, len(near), points)


def _may_be_said(page: Page, n: int, cue: Cue) -> bool:
    """Of a sentence in a text that has lost its lines: is it a word of menus that somebody says, or may a sentence of
    the article stand behind the wording?"""
    run_on = cue.family in _RUN_ON and cue.kind in ("start", "label")
    return cue.kind in ("weak", "row") or (run_on and length(page.blocks[n].key) - cue.end >= _SENTENCE_WORDS)


def _alone(page: Page, n: int, cue: Cue, place: Place, label: bool) -> int:
    """What speaks against a line without company."""
    words = page.texts[n]
    between = place == "between"
    announces = page.announces(n, cue.family) or (cue.family == "related" and cue.kind == "line")
    message = cue.family == "media" and cue.kind == "line"  # players speak in sentences, word for word
    backed = message or (cue.family in _PROMPTS and page.bears(n, cue.family, "inside"))
    appeals = place == "below" and cue.family in _APPEALS and cue.kind == "start"
    if cue.family == "related" and cue.kind == "label" and words.endswith((*ASKS, "!", "！")):
        return n == 0  # the headline behind the label
    return (
        (n == 0 or words.endswith(ASKS))
        + (between and page.blocks[n].kind == "heading")
        + (between and (cue.kind == "row" or (cue.family not in _WITHIN and not announces)))
        + (finished(words) and not truncated(words) and not label and not backed) * (1 if appeals else 2)
        + 2 * (" " not in page.blocks[n].key and cue.family != "advert")
    )


def _may_head(page: Page, n: int, cue: Cue) -> bool:
    """Is it all that stands above the first paragraph of a text without a title, and may be its headline?"""
    if n or page.title or page.first != 1 or any(map(str.isdigit, page.texts[n])):
        return False
    return cue.kind in ("row", "weak") or cue.family == "comments"


def _dangles(page: Page, n: int) -> bool:
    """Is it the last line, below a paragraph or the whole article, and announces what the scraper dropped?"""
    if n < len(page.lines) - 1 or not n or page.blocks[n].kind != "text" or finished(page.texts[n]):
        return False
    cue, above = page.cues[n - 1], page.texts[n - 1]
    led = not above.endswith(ASKS) and (finished(above) or (cue is not None and cue.kind != "weak"))
    if not led or any(map(str.isdigit, page.texts[n])):
        return False
    families = _LEAVES if page.is_article and page.place(n) == "below" else _ANNOUNCE
    return any(page.bears(n, family, "line", "weak") for family in families)


def _speech(words: str) -> bool:
    """Does somebody speak, behind a dash, as much of Europe writes it?"""
    return words.startswith(_DASHES) and finished(words)


def _in_brackets(words: str, cue: Cue) -> bool:
    """Does it stand in brackets, as remarks do? Unmistakable wordings in square ones are the editors'."""
    return words[0] in "([" and words[-1] in ")]" and not (words[0] == "[" and cue.kind in ("line", "label"))


def _most_in_menu(page: Page, n: int, place: Place) -> int:
    """How sure a weak cue may be that stands beside weak ones only."""
    size, strong, led_up_to = page.run(n)
    if led_up_to and not strong:
        return _NEVER
    return LIKELY if place != "between" and (strong or size > _MENU) else DOUBTFUL


def _article(page: Page, n: int, cue: Cue, place: Place, near: list[Cue]) -> bool:
    """Is it the article's in spite of its cue, or glued to a sentence of it?"""
    words, size = page.texts[n], length(page.blocks[n].key)
    if cue.kind == "weak" and truncated(words):
        return True
    unmistakable = cue.family in _UNMISTAKABLE and page.bears(n, cue.family, "inside")
    if size <= _GLUED_WORDS or not finished(words) or unmistakable:
        return size > _MOST_WORDS
    if cue.family in _SHORT:
        return not (place == "below" and cue.family in _NOTES) or size > _MOST_WORDS
    appeals = place == "below" and cue.family in _APPEALS and cue.kind == "start"
    return not (cue.family in _NOTES or near or appeals) or size > _MOST_WORDS


def _in_list(page: Page, n: int) -> bool:
    """Is it one item of a list of the article: does an item beside it bear no cue?"""
    if page.blocks[n].kind != "item":
        return False
    beside = [m for m in (n - 1, n + 1) if 0 <= m < len(page.lines)]
    return any(page.blocks[m].kind == "item" and not page.cues[m] for m in beside) or has_children(
        page.document, page.blocks[n]
    )


def _label(page: Page, n: int, cue: Cue) -> Span | None:
    """The label at the beginning of a line, where the words behind it are a caption or a sentence."""
    if cue.family != "media" or cue.kind not in ("start", "label"):
        return None
    if length(" ".join(page.blocks[n].key.split()[: cue.end])) > _LABEL_WORDS:
        return None
    words = page.texts[n]
    at = bisect_right(range(len(words) + 1), cue.end, key=lambda size: len(cased_tokens(words[:size]))) - 1
    while at < len(words) and words[at] in _JOINTS:
        at += 1
    rest = words[at:]
    if (cue.kind == "label" and not finished(words)) or rest[:1].islower() or length(key(rest)) <= _LABEL_WORDS:
        return None
    start = page.blocks[n].body.start
    return Span(start, start + len(words[:at].rstrip()))


def _sentences(page: Page, n: int, families: tuple[str, ...]) -> Iterator[Trace]:
    """The sentences of a paragraph that bear a cue inside."""
    document, line = page.document, page.blocks[n]
    found: dict[int, Cue] = {}
    for cue in document.cues[page.lines[n]]:
        at = _sentence_at(document, line, cue.start)
        if at not in found or cue.end - cue.start > found[at].end - found[at].start:
            found[at] = cue
    place, near = page.place(n), page.company(n)
    spoken = [document.sentences[i] for i in line.sentences]
    for at, cue in found.items():
        sentence = document.sentences[at]
        words = document.article.text[slice(*sentence.body)]
        if cue.family not in families or length(sentence.key) > _MOST_WORDS:
            continue
        others = sum(length(s.key) >= _SENTENCE_WORDS for s in spoken if s is not sentence)
        points = _POINTS["inside"] + min(_REACH, len(near)) + (place != "between") + (others <= 1)
        apart = len(near) < _REACH if place == "between" or not page.is_article else place == "above" and not near
        in_prose = apart and cue.start > _OPENING and prose(words, words)
        if in_prose or not _QUOTES.isdisjoint(words) or (place == "between" and others > 1):
            points = min(points, DOUBTFUL)
        span = page.span(n) if len(spoken) == 1 else sentence.body
        yield Trace(n, span, cue, place, len(near), points)


def _sentence_at(document: Document, block: Block, token: int) -> int:
    """The sentence of a block that holds a token of its key."""
    for at in block.sentences:
        size = len(document.sentences[at].key.split())
        if token < size:
            return at
        token -= size
    return block.sentences[-1]


def finding(page: Page, code: str, trace: Trace, what: str) -> Finding | None:
    """The finding that cuts a trace, or none when it is not sure enough to be told."""
    if trace.points < DOUBTFUL:
        return None
    safety = Safety.SAFE if trace.points >= SAFE else Safety.LIKELY if trace.points >= LIKELY else Safety.DOUBTFUL
    where = {"above": " above the article", "below": " below the article", "between": ""}[trace.place]
    doubt = "possibly " if safety is Safety.DOUBTFUL else ""
    beside = ", beside other such lines" if trace.company else ""
    return Finding(
        code, trace.span, f"{doubt}{what}{where}{beside}", safety, (cut(page.document, trace.span),), priority=_PRIORITY
    )


def line_finding(page: Page, code: str, n: int, message: str, safety: Safety = Safety.LIKELY) -> Finding:
    """The finding that cuts a whole line for another reason than a wording."""
    span = page.span(n)
    return Finding(code, span, message, safety, (cut(page.document, span),))


def findings(document: Document, code: str, what: str, *families: str) -> Iterator[Finding]:
    """What some families left in a document, judged by nothing but the points that all families share."""
    page = page_of(document)
    for trace in traces(page, *families):
        if found := finding(page, code, trace, what):
            yield found
