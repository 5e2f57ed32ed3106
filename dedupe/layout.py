"""What the rules about layout ask of a cue: where it stands, what stands beside it, and how sure that makes it.

Wordings alone rarely decide. A line that says "Share" among other such lines above the article is a button; alone
between two paragraphs it may be a sub-heading. All families are judged alike, in points: what kind of cue it is, how
many lines beside it bear cues too, and whether it stands outside the article's prose. What is particular to a family
stands in its rule.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from dedupe.model import Block, Cue, Document, Finding, Safety, Span
from dedupe.normalise import cased_tokens, key, length
from dedupe.page import QUOTES, REACH, Page, Place, page_of, speech
from dedupe.repeats import has_children
from dedupe.rule import cut
from dedupe.traits import ASKS, FULL_STOPS, LEADS_UP, finished, prose, quoted, truncated

_POINTS = {"line": 2, "start": 2, "label": 2, "row": 1, "inside": 1, "weak": -1}
SAFE, LIKELY, DOUBTFUL, _NEVER = 4, 2, 1, -9
"""From so many points on a trace is that sure."""
_PRIORITY = 20
"""Decided before repeats of equal safety, or one copy of a button would stay as the witness of the others."""
_WITHIN = frozenset(("share", "newsletter", "advert", "counter", "comments", "consent", "legal", "media"))
"""Families that sites put between two paragraphs; of the others, such a line may well be a sub-heading."""
_ENDS = frozenset(("comments", "tags"))
"""Families that sites put below an article, and hardly any article ends with."""
_ANNOUNCE = frozenset(("related", "tags"))
"""Families whose lines announce what stands below them."""
_HEADS = frozenset(("byline", "counter"))
"""Families whose colon, above an article, leads up to no more than a name, a date or a number."""
_FOLLOW = frozenset(("newsletter", "share"))
"""Families whose colon as the last sign of a text led up to a button."""
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
_BARE = frozenset(("navigation", "related", "pager", "media", "share"))
"""Families whose lines have no full stop."""
_NOTES = frozenset(("byline", "comments", "consent", "counter", "legal"))
_LABELLING = frozenset(("navigation", "newsletter", "related", "tags", "share"))
"""Families whose words label the facts of an article too ("Location: ...", "Opening hours: ...")."""
_LONGEST_LABEL = 50
_SAID_WORDS = 2
_GLUED_WORDS = 15
_LABEL_WORDS = 2
_SENTENCE_WORDS = 6
_OPENING = 3
_MOST_WORDS = 40
"""A longer sentence is several things run together: nobody knows what else would go with it."""
_ARROWS = "«» "
_COLON = re.compile("[:：]")
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
    to_nothing = n == len(page.lines) - 1 and cue.family in _FOLLOW
    if words.endswith(LEADS_UP) and cue.family not in _ANNOUNCE and not heads and not to_nothing:
        points -= 2
    if cue.kind == "label" and cue.family == "media" and not label:
        points -= 1  # what stands behind it may be a caption that says more than its picture
    if _in_list(page, n) or not QUOTES.isdisjoint(words.strip(_ARROWS)) or _in_brackets(words, cue) or speech(words):
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
    if _reads_as_sentence(page, n, cue):
        points = min(points, SAFE - 1)
    if (
        page.told(n)
        or _answers(cue, words)
        or _states(page, n, cue)
        or (not page.document.in_lines and finished(words) and _may_be_said(page, n, cue))
    ):
        points = min(points, DOUBTFUL)
    return Trace(n, label or page.span(n), cue, place, len(near), points)


def _reads_as_sentence(page: Page, n: int, cue: Cue) -> bool:
    """Does a button end like a sentence ("Skip to the last chapter.") or, of a menu, like a question ("Do you have a
    tip?"), or is it no more than two words that a person may have said ("No comment.")?"""
    words = page.texts[n]
    if cue.kind not in ("line", "start") or truncated(words):
        return False
    if cue.family == "navigation" and words.endswith(ASKS):
        return True
    if not words.endswith(FULL_STOPS):
        return False
    return cue.family in _BARE or (cue.family == "comments" and length(page.blocks[n].key) <= _SAID_WORDS)


def _states(page: Page, n: int, cue: Cue) -> bool:
    """Is it a word of menus or forms with a fact behind its colon ("Location: Town Hall, 4 Mill Street"), as stands
    below an article about an event, a shop, a film or a book, or one line of a box of facts?"""
    if cue.kind != "weak" or cue.family not in _LABELLING or not is_fact(page, n):
        return False
    if cue.end < length(page.blocks[n].key) or any(map(str.isdigit, page.texts[n])):
        return True
    return any(page.cues[m] is None and is_fact(page, m) for m in (n - 1, n + 1) if 0 <= m < len(page.lines))


def is_fact(page: Page, n: int) -> bool:
    """Is a line a label with words behind its colon, and no address of a page?"""
    words = page.texts[n]
    colon = _COLON.search(words, 0, _LONGEST_LABEL)
    return colon is not None and colon.end() < len(words) and "://" not in words


def _answers(cue: Cue, words: str) -> bool:
    """Is it a short sentence such as "Yes." or "Money.", and no button?"""
    if cue.kind not in ("weak", "row") or cue.family not in _BARE or any(map(str.isdigit, words)):
        return False
    return words.endswith(FULL_STOPS) and not truncated(words)


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
    shortened = cue.family == "counter" and cue.kind == "line" and any(map(str.isdigit, words))  # "3 min."
    backed = message or shortened or (cue.family in _PROMPTS and page.bears(n, cue.family, "inside"))
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
        points = _POINTS["inside"] + min(REACH, len(near)) + (place != "between") + (others <= 1)
        apart = len(near) < REACH if place == "between" or not page.is_article else place == "above" and not near
        in_prose = apart and cue.start > _OPENING and prose(words, words)
        if in_prose or not QUOTES.isdisjoint(words) or (place == "between" and others > 1):
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
