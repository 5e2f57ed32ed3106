"""A caption: the text under a picture, without the picture.

What it does
------------
Looks for the marks of a caption in a line of one sentence, and in the sentence in front of a glued repeat (see
REP007): a photo credit at its end, words said of pictures ("pictured", "(left)", "file photo"), what people do in
pictures ("holds up", "looks on"). A credit is enough; a word said of pictures needs a gesture or a missing full stop
beside it; a gesture needs a missing full stop and somebody unnamed ("A docker"). The first line of a text, a line
that leads up to a list or quotation with a colon, and one that the next paragraph takes up ("He ...", "They ...") are
left alone.

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
A sentence of the article that describes a picture, such as an evidence photo in a court report, on a line of its own
and without a full stop. Captions without any mark are not found.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from dedupe.captions import GLUED_MARKS, caption_mark, caption_marks, may_bear
from dedupe.credits import credit_at_end
from dedupe.matching import spoken, spoken_span
from dedupe.model import Document, Finding, Safety, Span
from dedupe.normalise import folded, length
from dedupe.repeats import whole
from dedupe.rule import cut, rule
from dedupe.traits import finished

_UNNAMED = re.compile(
    r"(?:an?|two|three|four|five|some|ein|eine|zwei|un|une|des|deux|una|unos|dos|um|uma|dois|due|een|twee)\s",
    re.IGNORECASE,
)
_MARKS = ("pictured", "gesture", "media")
_COLON = (":", "：")
MAX_WORDS = 60
MIN_WORDS = 5
_SHORTEST_UNFINISHED = 8


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("CAP002", "caption", Options)
def caption(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Captions that their words give away."""
    glued = {r.copy.start if r.tail else r.copy.start - 1: r.tail for r in document.repeats if r.form == "glued"}
    credited = {credit.block for credit in document.credits if not credit.whole_line}
    copies = frozenset(i for repeat in document.repeats for i in repeat.copy)
    text = document.article.text
    plain = folded(text)
    for place, block in enumerate(document.blocks):
        if block.kind not in ("text", "quote") or not block.sentences:
            continue
        first = block.sentences.start
        if first in glued:
            start, end = document.sentences[first].body
            tail = glued[first]
            yield from _glued_caption(document, place, Span(start, _left(text, tail.start) if tail else end), copies)
        elif MIN_WORDS <= length(block.key) <= MAX_WORDS and len(spoken(document, block)) == 1:
            marked = place in credited or may_bear(plain, block.body, document.lang, *_MARKS)
            yield from _line(document, place, place in credited, copies) if marked else ()


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


def _line(document: Document, place: int, credited: bool, copies: frozenset[int]) -> Iterator[Finding]:
    text, block = document.article.text, document.blocks[place]
    body = spoken_span(document, block)
    words = text[body.start : body.end]
    mark = caption_mark(words, document.lang, *_MARKS)
    if not mark and not credited:
        return
    pictured, gesture = caption_mark(words, document.lang, "pictured"), caption_mark(words, document.lang, "gesture")
    mark = pictured or gesture or ("its credit" if credited else mark)
    unnamed = _UNNAMED.match(words) is not None
    unfinished = not finished(words) and length(block.key) >= _SHORTEST_UNFINISHED
    before = document.blocks[place - 1].body.end if place else 0
    led_up_to = text[max(0, before - 3) : before].rstrip('"“”„«»').endswith(_COLON)
    first = place == next(i for i, b in enumerate(document.blocks) if b.key)
    prose = first or led_up_to or words.endswith(_COLON) or _taken_up(document, place, copies)
    if credited or (pictured and (unfinished or gesture)) or (gesture and unnamed and unfinished):
        safety = Safety.DOUBTFUL if prose else Safety.LIKELY
    elif pictured or (gesture and (unnamed or unfinished)):
        safety = Safety.DOUBTFUL
    elif gesture:
        return
    else:
        safety = Safety.DISPLAY
    message = f"a caption ({mark})" if safety is Safety.LIKELY else f"possibly a caption ({mark})"
    yield Finding("CAP002", body, message, safety, (cut(document, whole(document, block)),))


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
