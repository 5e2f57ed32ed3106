"""A caption: the text under a picture, without the picture.

What it does
------------
Looks for what gives a line of one or two sentences away as a caption: a photo credit at its end, a label in front of it
("Caption:"), where somebody stands in the picture ("(left)"), words said of pictures ("pictured", "file photo", ",
left,"), the day as agencies give it in captions (", Sunday, Nov. 3, 2024"), what people do in pictures ("holds up",
"looks on"). It looks at the sentence in front of a glued repeat too (see REP007). A credit, a label or a place is
enough; so is the day in full in a scene (", left,", "during a visit", a gesture) told in the present and without an
hour, and "In this Nov. 3, 2024, file photo" in front. A word said of pictures needs a gesture or a missing full stop
beside it; a gesture needs a missing full stop and somebody unnamed ("A docker"). The first line of a text, a line that
leads up to a list or quotation with a colon, and one that the next paragraph takes up ("He ...", "They ...") are left
alone, unless a credit ends them.

A line of up to three sentences that speaks of a picture ("this image") and ends in its source in brackets is a caption;
so is one that ends in a company in brackets ("(Meridon Shipping Co.)") between two paragraphs. A line that begins with
© and the owner's name, without a year, above a paragraph is the caption of a picture too.

A caption without any mark is found in front of lines that are photo credits: where several credits follow a line of one
sentence, a few words, or a line without a full stop, and hardly any other line of the article is such a one, these are
captions. How likely it is that they stand there by chance decides: the share of such lines in the article, to the power
of how many stand in front of a credit.

Why it matters
--------------
A caption between two paragraphs reads like a sentence of the article, out of place and often in another tense.

Example
-------
    The strike went into its second week.
    A docker, pictured yesterday, warms his hands at a fire in the Port Anselm region
    Talks are to go on today.

The second line goes. One mark alone in a finished sentence is only reported.

Known false alarms
------------------
A sentence that tells the wings of politics by "(left)" and "(right)". A sentence of the article that describes a
picture, such as an evidence photo in a court report, on a line of its own and without a full stop. A list of pictures
whose texts are the article: where more paragraphs end in a credit than not, they go at level strict only. Captions
without any mark, and with no credit beside them, are not found.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise

from dedupe.captions import GLUED_MARKS, caption_label, caption_mark, caption_marks, may_bear, stands, unnamed
from dedupe.credits import credit_at_end, names_agency
from dedupe.matching import spoken, spoken_span
from dedupe.model import Block, Credit, Document, Finding, Safety, Span
from dedupe.normalise import folded, key, length
from dedupe.repeats import whole
from dedupe.rule import cut, rule
from dedupe.traits import ASKS, LEADS_UP, SUBHEADING_WIDTH, cased, finished, in_title_case, prose, quoted, width
from dedupe.wordings import any_of, words_for

_GLUED = re.compile(r"[a-zß-ÿ][A-ZÀ-Þ][a-zß-ÿ]+\s")
_DATED = re.compile(
    r"(?:,|[A-Za-z.]) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? "
    r"(?:[A-Z][a-z]{2,8}\.? \d{1,2},|\d{1,2} [A-Z][a-z]{2,8}) (?:19|20)\d\d(?=[.,)\n]|$)"
)
"""The day as agencies give it in captions, and hardly anybody in a sentence: "in Arvelle, Sunday, Nov. 3, 2019"."""
_SCENE = re.compile(
    r"(?!.*[^,] on \w+day,? )(?:(?!.*\b(?:is|are|\w+ed)\b)(?s:.)*\bduring (?:an?|his|her|their)\b"
    r"|(?s:.)*, cent(?:er|re)\b(?! (?:of|for)\b)[^,]*,)"
)
"""What goes on, told in the present: an announcement names the event ("during the fair"), or says what is."""
_OF_FILE = re.compile(
    r"(?:In )?[Tt]his (?:[A-Z][a-z]+day, )?(?:[A-Z][a-z]{2,8}\.? (?:\d{1,2}, )?\d{4},?|undated) "
    r"(?:file |handout |booking |satellite |police |family |combination )?"
    r"(?:photo|photograph|image|picture|frame|still|screenshot|illustration)"
    r"(?:,(?! s(?:ays|aid)\b)"
    r"| (?:provided|released|supplied|taken|made|posted|issued|obtained|distributed|from|by|shows)\b)"
)
"""How agencies begin captions of older pictures: "In this Nov. 3, 2019, file photo, ..."."""
_TELLS = re.compile(
    r"[,:;]|\b(?:is|are|was|were|has|had|became|won|cost|made|drew|led|sold|went|stood|hung|[a-z]+ed|[a-z]+[^\W\d_s]s)\b(?!['’])"
)
"""What "An artist's impression of the lander." has not: a verb that tells, nor what may be one."""
_NO_SCENE = re.compile(
    r"\b(?:will|would|was|were|been|had|has|have|did|said|says|told|announced|reported|I|we|you|our|your|dated|until"
    r"|takes? place|opens?|starts?|begins?|launch(?:es)?|[ap]\.?m|o'clock|noon|midnight)\b"
)
"""What an announcement or a report has: another tense, an hour, the reader."""
_ORDER = re.compile(r"[^\W\d_]+(?:[ '’][^\W\d_]+)*,?")
"""A place told by words alone: "from left to right"."""
_LISTED = re.compile(
    r",?\s*(?:(?:[^\W\d_]+ ){0,3}[^\W\d_]*[)\]:]|(?![a-zß-ÿа-яёіїєґąćęłńóśźżčěřšůžăâîșțığşőű])[^\W\d_])"
)
"""What stands behind it where it orders names: a bracket, a colon, a capital."""
_MARKS = ("place", "pictured", "gesture", "media", "depicts")
MAX_WORDS = 60
MIN_WORDS = 5
_SHORTEST_UNFINISHED = 8
_SENTENCES = 2
_MOST_SENTENCES = 3
_CREDITED_WORDS = 120
_PLACED_WORDS = 40
_LONGEST_LABEL = 40
_DEPICTED_WORDS = 25
_BESIDE_WORDS = 40
_OWNER_WORDS = 6
_CHANCE, _DOUBTFUL_CHANCE = 0.05, 0.35
"""Lines beside credits are captions where it is less likely than this that such lines stand there by chance."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("CAP002", "caption", Options)
def caption(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Captions that their words, their credits or the credits beside them give away."""
    glued = {r.copy.start if r.tail else r.copy.start - 1: r.tail for r in document.repeats if r.form == "glued"}
    credited = {credit.block: credit for credit in document.credits if not credit.whole_line}
    sole = frozenset(credit.block for credit in document.credits if credit.whole_line)
    copies = frozenset(i for repeat in document.repeats for i in repeat.copy)
    beside = _beside_credits(document)
    gallery = _is_gallery(document, credited)
    text = document.article.text
    plain = folded(text)
    days = [found.start() for pattern in (_DATED, _OF_FILE) for found in pattern.finditer(text)]
    for place, block in enumerate(document.blocks):
        listed = block.kind == "item" and place in credited and names_agency(text[slice(*credited[place].span)])
        if not (block.kind in ("text", "quote") or listed) or not block.sentences:
            continue
        first = block.sentences.start
        if first in glued:
            start, end = document.sentences[first].body
            tail = glued[first]
            yield from _glued_caption(document, place, Span(start, _left(text, tail.start) if tail else end), copies)
        elif place in credited:
            yield from _credited(document, place, credited[place], gallery)
        elif place in beside:
            mark, safety = beside[place]
            yield _finding(document, block, mark, safety)
        elif label := caption_label(text[block.body.start : block.body.start + _LONGEST_LABEL], document.lang):
            yield from _labelled(document, block, label)
        elif text.startswith("©", block.body.start) and place not in sole and _owned(document, place):
            yield _finding(document, block, "the owner of its picture", Safety.LIKELY)
        elif days and any(block.body.start <= day < block.body.end for day in days) and _dated(document, place, copies):
            yield _finding(document, block, "its day in full", Safety.LIKELY)
        elif text.endswith((")", "]"), *block.body) and _sourced(document, place, copies):
            yield _finding(document, block, "the picture, and its source", Safety.LIKELY)
        elif MIN_WORDS <= length(block.key) <= MAX_WORDS and len(spoken(document, block)) == 1:
            yield from _line(document, place, copies) if may_bear(plain, block.body, document.lang, *_MARKS) else ()


def _finding(document: Document, block: Block, mark: str, safety: Safety) -> Finding:
    message = f"a caption ({mark})" if safety is Safety.LIKELY else f"possibly a caption ({mark})"
    return Finding("CAP002", spoken_span(document, block), message, safety, (cut(document, whole(document, block)),))


def _glued_caption(document: Document, place: int, body: Span, copies: frozenset[int]) -> Iterator[Finding]:
    words = document.article.text[body.start : body.end]
    mark = caption_mark(words, document.lang, *GLUED_MARKS)
    if not mark and credit_at_end(words, 0, len(words)):
        mark = "its credit"
    if mark and not _taken_up(document, place, copies):
        message, safety = f"a caption ({mark}) with a sentence of the article glued on", Safety.LIKELY
    else:
        message, safety = "possibly a caption: a sentence that stands again on its own is glued to it", Safety.DISPLAY
    yield Finding("CAP002", body, message, safety, (cut(document, body),))


def _credited(document: Document, place: int, credit: Credit, gallery: bool) -> Iterator[Finding]:
    """A line that ends in a photo credit."""
    text, block = document.article.text, document.blocks[place]
    sentences = len(spoken(document, block))
    if sentences > _MOST_SENTENCES or length(block.key) > _CREDITED_WORDS or block.body.start == credit.span.start:
        return
    unsure = sentences > _SENTENCES or gallery or _led_up_to(document, place)
    mark = f"its credit: {text[credit.span.start : credit.span.end].strip(' |/–—-')}"
    yield _finding(document, block, mark, min(credit.safety, Safety.DOUBTFUL if unsure else Safety.LIKELY))


def _labelled(document: Document, block: Block, label: str) -> Iterator[Finding]:
    """A line with the label of a caption in front."""
    sentences = len(spoken(document, block))
    if sentences <= _MOST_SENTENCES and length(block.key) <= _CREDITED_WORDS and not _ends_in_colon(document, block):
        safety = Safety.LIKELY if sentences <= _SENTENCES else Safety.DOUBTFUL
        yield _finding(document, block, f"its label: {label}", safety)


def _dated(document: Document, place: int, copies: frozenset[int]) -> bool:
    """Does a line begin as agencies do below an older picture, or tell a scene with its day in full: who stands where,
    or what goes on, and no hour?"""
    block = document.blocks[place]
    sentences = spoken(document, block)
    body = document.sentences[sentences[0]].body
    words, lang = document.article.text[slice(*body)], document.lang
    if len(sentences) > _MOST_SENTENCES or not MIN_WORDS <= length(block.key) <= _CREDITED_WORDS:
        return False
    if _OF_FILE.match(words):
        return True
    day = _DATED.search(words)
    return (
        day is not None
        and words.count(" ", 0, day.start()) >= MIN_WORDS
        and _NO_SCENE.search(words) is None
        and bool(_SCENE.match(words) or stands(words, lang) or caption_mark(words, lang, "place", "gesture", "weak"))
        and not quoted(words)
        and not _led_up_to(document, place)
        and not _taken_up(document, place, copies)
    )


def _sourced(document: Document, place: int, copies: frozenset[int]) -> bool:
    """Does a line speak of a picture, and end in its source in brackets: "This image shows the bay. (Source: NPA)"?"""
    words, lang = document.article.text[slice(*document.blocks[place].body)], document.lang
    source = _source(lang).search(words)
    if not source or length(document.blocks[place].key) > MAX_WORDS or _led_up_to(document, place):
        return False
    said = words[: source.start()]
    several = len(spoken(document, document.blocks[place])) > _MOST_SENTENCES
    return (
        bool(caption_mark(said, lang, "pictured", "media")) and not several and not _taken_up(document, place, copies)
    )


@cache
def _source(lang: str) -> re.Pattern[str]:
    return re.compile(
        rf"\s[(\[]{any_of(words_for(lang, 'bylines', 'source'))}\s?[:：]\s?[^()\[\]]{{2,40}}[)\]]$", re.IGNORECASE
    )


def _owned(document: Document, place: int) -> bool:
    """Does a line that begins with © name the owner of a picture: no year, no legal words, a paragraph below it?"""
    block = document.blocks[place]
    words = document.article.text[slice(*block.body)]
    lone = document.shape == "lines" and len(spoken(document, block)) == 1 and length(block.key) <= _PLACED_WORDS
    below = islice(document.blocks, place + 1, None)
    return (
        lone
        and not _GLUED.search(words)
        and not any(map(str.isdigit, words if not finished(words) else "".join(words.split()[:_OWNER_WORDS])))
        and all(cue.family != "legal" for cue in document.cues[place])
        and any(prose(line, line) for line in (document.article.text[slice(*other.body)] for other in below))
    )


def _line(document: Document, place: int, copies: frozenset[int]) -> Iterator[Finding]:
    text, block = document.article.text, document.blocks[place]
    body = spoken_span(document, block)
    words = text[body.start : body.end]
    mark = caption_mark(words, document.lang, *_MARKS)
    if not mark:
        return
    placed = caption_mark(words, document.lang, "place")
    pictured = placed or caption_mark(words, document.lang, "pictured") or _agency_manner(words, document.lang)
    depicted = caption_marks(document.lang, "depicts").match(words.replace("’", "'")) is not None
    gesture = caption_mark(words, document.lang, "gesture")
    nameless = unnamed(words, document.lang)
    unfinished = not finished(words) and length(block.key) >= _SHORTEST_UNFINISHED
    first = place == next(i for i, b in enumerate(document.blocks) if b.key)
    leads = _led_up_to(document, place) or words.endswith(LEADS_UP) or _taken_up(document, place, copies)
    listed = unfinished or not cased(words) or _lists(words, document.lang)
    if placed and listed and length(block.key) <= _PLACED_WORDS and not quoted(words):
        safety = Safety.DOUBTFUL if leads or (first and not unfinished) else Safety.LIKELY
    elif depicted and length(block.key) <= _DEPICTED_WORDS and not _NO_SCENE.search(words):
        told = finished(words) and (document.lang != "en" or _TELLS.search(words) is not None)
        safety = Safety.DOUBTFUL if leads or told else Safety.LIKELY
    elif (pictured and (unfinished or gesture)) or (gesture and nameless and unfinished):
        safety = Safety.DOUBTFUL if first or leads else Safety.LIKELY
    elif pictured or (gesture and (nameless or unfinished)):
        safety = Safety.DOUBTFUL
    elif gesture:
        return
    else:
        safety = Safety.DISPLAY
    if not document.in_lines and finished(words):
        safety = min(safety, Safety.DOUBTFUL)
    yield _finding(document, block, pictured or gesture or mark, safety)


def _lists(words: str, lang: str) -> bool:
    """Is it more than an order in a sentence? Then a bracket, a colon or a name stands beside it.

    >>> _lists("From left to right, Ida Lund and Bo Berg.", "en"), _lists("From left to right, all agree.", "en")
    (True, False)
    """
    for found in caption_marks(lang, "place").finditer(folded(words)):
        start, end = found.span()
        told = _ORDER.fullmatch(words, start, end) is None or words.startswith("pictured", start)
        if (
            told
            or _LISTED.match(words, end)
            or (words[:start].endswith((", ", "(")) and end >= len(words.rstrip(".)")))
        ):
            return True
    return False


def _agency_manner(words: str, lang: str) -> str:
    """What agencies write in captions only: where somebody stands, and the day in full."""
    if stands(words, lang):
        return "where somebody stands"
    return "its date" if _DATED.search(words) else ""


def _is_gallery(document: Document, credited: dict[int, Credit]) -> bool:
    """Do more paragraphs end in a credit than not?"""
    if not credited:
        return False
    text = document.article.text
    paragraphs = sum(
        length(block.key) >= MIN_WORDS and finished(text[slice(*block.body)])
        for place, block in enumerate(document.blocks)
        if place not in credited
    )
    return len(credited) > paragraphs


def _beside_credits(document: Document) -> dict[int, tuple[str, Safety]]:
    """Lines that stand beside photo credits, and are of a shape that hardly any other line of the article has."""
    credits = {credit.block: credit for credit in document.credits if credit.whole_line}
    if not credits:
        return {}
    lines = [place for place, block in enumerate(document.blocks) if block.key]
    title = key(document.article.title or "")
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for before, place in pairwise(lines):
        block = document.blocks[before]
        if place in credits and before not in credits and before != lines[0] and block.key not in title:
            shape = _shape(document, block)
            if shape and not _led_up_to(document, before):
                found[shape][before] = place
    if not found:
        return {}
    lead = document.sentences[document.lead].block if document.lead >= 0 else 0
    taken = set(credits).union(*found.values())
    others = Counter(
        _shape(document, document.blocks[place]) for place in lines if place >= lead and place not in taken
    )
    result: dict[int, tuple[str, Safety]] = {}
    for shape, pairs in found.items():
        share = (others[shape] + 1) / (others.total() + 2)
        chance = share ** len({document.blocks[place].key for place in pairs})
        words = [length(document.blocks[place].key) for place in pairs]
        long = sum(words) >= _SHORTEST_UNFINISHED * len(words)
        sure = chance <= _CHANCE and len(pairs) > 1 and (shape != "open" or long)
        alone = len(pairs) == 1 and shape == "sentence"
        if chance <= _DOUBTFUL_CHANCE and not alone:
            for place, credit in pairs.items():
                mark = f"the credit behind it: {document.article.text[slice(*credits[credit].span)].strip()}"
                result[place] = (mark, Safety.LIKELY if sure else Safety.DOUBTFUL)
    return result


def _shape(document: Document, block: Block) -> str:
    """What a line looks like that may be a caption: "sentence", "words" or "open"; other lines: nothing."""
    start, end = block.body
    most = _BESIDE_WORDS if len(spoken(document, block)) == 1 else _BESIDE_WORDS // 2
    if len(spoken(document, block)) > _SENTENCES or not 1 < length(block.key) <= most or block.kind != "text":
        return ""
    words = document.article.text[start:end]
    if quoted(words) or words.endswith(LEADS_UP + ASKS):
        return ""
    if finished(words):
        return "sentence" if length(block.key) > MIN_WORDS else "words"
    return "" if _titled(words) else "open"


def _titled(words: str) -> bool:
    """Is it too short for a caption, or are all its longer words capitalised?"""
    short = len(words.split()) < MIN_WORDS
    return width(words) < SUBHEADING_WIDTH and cased(words) and (short or in_title_case(words.partition(" ")[2]))


def _led_up_to(document: Document, place: int) -> bool:
    """Does the line before it end in a colon?"""
    before = document.blocks[place - 1].body.end if place else 0
    return document.article.text[max(0, before - 3) : before].rstrip('"“”„«»').endswith(LEADS_UP)


def _ends_in_colon(document: Document, block: Block) -> bool:
    return document.article.text[block.body.end - 1 : block.body.end] in LEADS_UP


def _taken_up(document: Document, place: int, copies: frozenset[int]) -> bool:
    """Does the next paragraph that stays refer to this line with its first word?"""
    for block in islice(document.blocks, place + 1, None):
        if block.key and not copies.issuperset(block.sentences):
            words = document.article.text[block.body.start : block.body.start + 40]
            return caption_marks(document.lang, "refers").match(words) is not None
    return False


def _left(text: str, at: int) -> int:
    """The end of the words before a position."""
    while at and text[at - 1].isspace():
        at -= 1
    return at
