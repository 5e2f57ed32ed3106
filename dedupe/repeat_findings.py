"""What the rules about repeats ask of a repeat, and the finding that they make of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from dedupe.dateline import after_dateline
from dedupe.matching import beginning, spoken
from dedupe.model import BlockKind, Document, Finding, Repeat, Safety, Sentence, Span, Witness
from dedupe.normalise import key, length
from dedupe.repeats import extent, has_children, parts
from dedupe.rule import cut
from dedupe.traits import LEADS_UP, SHORT_LINE, SUBHEADING_WIDTH, finished, prose, quoted, shouted, truncated, width

_SPEAKER = re.compile(r"[^\W\d_][\w. ]{0,24}:\s")
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"))
_GAP = 40
_LONG = 20_000  # in a longer block the balance is not worth its time: doubtful
_HEADING_WORDS = 12
_QUESTION_WORDS = 25
_LABEL_WIDTH = 40
_SECTION = 10
_LABELLED_WORDS = 25
_NEIGHBOURS = 2
_SOMEWHAT = 0.15
"""Entries share so many of their words, in their order; a caption and the paragraph it is glued to do not."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the copy of a repeat looks like.

    words        how many it has (a character of an unspaced script counts half; none in an address of the web)
    display      it stands in quotation marks or in capitals
    on_purpose   such things repeat on purpose: questions, list items, lines of verse or of a menu, rows of numbers,
                 lead-ins to a list, headings, a heading that a sentence takes up,
                 what stands under two different names
    alone        it fills a block
    inset        it fills a block, and the witness stands inside a longer paragraph
    adjacent     the witness stands next to it
    led_up_to    the line before it ends with a colon
    begins_witness  the witness begins a block
    heads        it is short, has no full stop, and the witness stands in the section below: a sub-heading
    lead         it is the first paragraph of prose, which no likeness alone may take
    prose_share  the share (0 to 1) of its words in finished sentences of lines longer than a line of verse
    """

    words: float
    finished: bool
    truncated: bool
    display: bool
    on_purpose: bool
    alone: bool
    inset: bool
    adjacent: bool
    led_up_to: bool
    begins_witness: bool
    heads: bool
    lead: bool
    prose_share: float


def looks(document: Document, repeat: Repeat, least: float = 0) -> Look | None:
    """Look at the copy that would go; None where it has fewer words than `least`."""
    text = document.article.text
    span = extent(document, repeat)
    words = text[span.start : span.end]
    total = 0 if "://" in words else length(key(words))
    if total < least:
        return None
    sentences = [document.sentences[i] for i in repeat.copy]
    block = document.blocks[sentences[0].block]
    in_prose = sum(length(s.key) for s in sentences if prose(beginning(document, s.block), text[slice(*s.body)]))
    alone = document.in_lines and spoken(document, block) == repeat.copy and not repeat.tail
    numeric = _numeric(sentences, finished(words) and document.in_lines)
    on_purpose = (
        _asked_again(document, repeat, sentences)
        or block.kind in ("table", "code")
        or (block.kind == "item" and _kind_at(document, repeat) == "item")
        or words.rstrip().endswith(LEADS_UP)
        or numeric
        or (repeat.form == "sentence" and _answers(document, repeat))
        or (repeat.form in ("sentence", "glued") and not repeat.tail and _end_alike(document, repeat))
        or (not document.in_lines and _headings(words))
        or (repeat.form in ("sentence", "block") and total < _LABELLED_WORDS and _labelled(document, repeat))
        or (alone and _among_short_lines(document, sentences[0].block))
        or (repeat.form == "sentence" and total < _HEADING_WORDS and _heading_and_sentence(document, repeat))
    )
    return Look(
        words=total,
        finished=finished(words),
        truncated=truncated(words),
        display=quoted(words) or (shouted(words) and not numeric),
        on_purpose=on_purpose,
        alone=alone,
        inset=alone and not repeat.in_title and _in_paragraph(document, repeat.witness),
        adjacent=not repeat.in_title and _adjacent(text, span, repeat.witness),
        led_up_to=text[max(0, span.start - _GAP) : span.start].rstrip(" \t\r\n“”„«»\"'").endswith(LEADS_UP),
        begins_witness=document.in_lines and _begins_block(document, repeat),
        heads=alone and _heads(document, repeat, words),
        lead=repeat.copy.start == document.lead and after_dateline(text, repeat.witness.start) == repeat.witness.start,
        prose_share=in_prose / total if total else 0.0,
    )


def _adjacent(text: str, a: Span, b: Span) -> bool:
    """Is there nothing but some white space between two spans?"""
    start, end = min(a.end, b.end), max(a.start, b.start)
    return end - start <= _GAP and not text[start:end].strip()


def _asked_again(document: Document, repeat: Repeat, sentences: list[Sentence]) -> bool:
    """A question of an interview: both copies begin a block. A question in capitals or quotation marks is display."""
    text = document.article.text
    if 2 * sum(s.key.endswith("?") for s in sentences) < len(sentences) or length(sentences[0].key) >= _QUESTION_WORDS:
        return False
    if not document.in_lines:
        return True
    copy, witness = (text[a:b] for a, b in (extent(document, repeat), repeat.witness))
    if (shouted(copy) and not shouted(witness)) or (quoted(copy) and not quoted(witness)):
        return False
    return repeat.in_title or _begins_block(document, repeat) or repeat.copies > 2


def _answers(document: Document, repeat: Repeat) -> bool:
    """Is it an answer of an interview: right below a question, or behind the name of who speaks, in both places?"""
    text = document.article.text
    copy, witness = (_line_at(document, at) for at in (extent(document, repeat).start, repeat.witness.start))
    if _SPEAKER.match(text, document.blocks[copy].body.start) and _SPEAKER.match(
        text, document.blocks[witness].body.start
    ):
        return True
    above = [document.blocks[place - 1] for place in (copy, witness) if place]
    return len(above) == 2 and all(block.key.endswith("?") for block in above)


def _end_alike(document: Document, repeat: Repeat) -> bool:
    """Do both copies end paragraphs, one not far below the other, whose other sentences are somewhat alike too: entries
    that close with the same words, as death notices do?"""
    blocks = [document.sentences[repeat.copy.start].block, _line_at(document, repeat.witness.start)]
    first, second = (document.blocks[place] for place in sorted(blocks))
    ends = (extent(document, repeat).end, repeat.witness.end)
    if abs(blocks[0] - blocks[1]) > _NEIGHBOURS or {first.body.end, second.body.end} != set(ends):
        return False
    before = [
        [word for i in spoken(document, block)[:-1] for word in document.sentences[i].key.split()]
        for block in (first, second)
    ]
    if not all(before):
        return False
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(*before) >= _SOMEWHAT


def _in_paragraph(document: Document, witness: Span) -> bool:
    """Does the witness stand beside other sentences of its block?"""
    block = document.blocks[_line_at(document, witness.start)]
    return len(spoken(document, block)) > 1 and (witness.start > block.body.start or witness.end < block.body.end)


def _line_at(document: Document, at: int) -> int:
    """The place of the block that holds a position."""
    return bisect_right(document.blocks, at, key=lambda block: block.span.start) - 1


def _begins_block(document: Document, repeat: Repeat) -> bool:
    block = document.blocks[_line_at(document, repeat.witness.start)]
    return not repeat.in_title and block.body.start == repeat.witness.start


def _heads(document: Document, repeat: Repeat, words: str) -> bool:
    """Is it one of several sub-headings, and do the paragraphs below take its words up?"""
    place = document.sentences[repeat.copy.start].block
    section = document.blocks[place + 1 : place + 1 + _SECTION]
    below = bool(section) and section[0].span.start <= repeat.witness.start < section[-1].span.end
    return below and not finished(words) and width(words) < SUBHEADING_WIDTH and document.sub_headed


def _kind_at(document: Document, repeat: Repeat) -> BlockKind | None:
    """The kind of the block that the witness stands in."""
    if repeat.in_title:
        return None
    return document.blocks[_line_at(document, repeat.witness.start)].kind


def _numeric(sentences: list[Sentence], prose: bool) -> bool:
    """A row of scores, prices or measures: at least three numbers, and many for its words."""
    tokens = [token for s in sentences for token in s.key.split()]
    numbers = sum(token[0].isdigit() for token in tokens)
    return numbers >= 3 and (3 if prose else 8) * numbers >= len(tokens)


def _headings(words: str) -> bool:
    """Headings, menu entries and names run together: more than two of five words begin with a capital."""
    letters = [word[0] for word in words.split() if word[0].isalpha()]
    return 5 * sum(map(str.isupper, letters)) > 2 * len(letters) and not shouted(words)


def _heading_and_sentence(document: Document, repeat: Repeat) -> bool:
    """Is one copy finished like a sentence and the other not, though neither is display?"""
    text = document.article.text
    copy, witness = (text[a:b] for a, b in (extent(document, repeat), repeat.witness))
    return finished(copy) != finished(witness) and not quoted(copy) and not shouted(copy)


def _among_short_lines(document: Document, place: int) -> bool:
    """Is it a line of verse, of a list or of a menu: short, among short lines that are mostly unfinished?"""
    near = range(max(0, place - _NEIGHBOURS), place + 1 + _NEIGHBOURS)
    own = beginning(document, place)
    lines = [beginning(document, i) for i in near if i != place and i < len(document.blocks)]
    if width(own) >= SHORT_LINE * 1.5 or any(width(line) >= SHORT_LINE for line in lines):
        return False
    return 2 * sum(map(finished, lines)) <= len(lines)


def _labelled(document: Document, repeat: Repeat) -> bool:
    """Does each copy begin a paragraph behind a short line of its own: a name, a place, a prize?"""
    starts = (extent(document, repeat).start, repeat.witness.start)
    places = [_line_at(document, at) for at in starts]
    if (
        repeat.in_title
        or 0 in places
        or any(document.blocks[p].body.start != at for p, at in zip(places, starts, strict=True))
    ):
        return False
    labels = [document.blocks[place - 1] for place in places]
    words = [b for b in labels if b.key and not document.sentences[b.sentences.start].aside]
    lines = [beginning(document, place - 1) for place in places]
    short = all(width(line) < _LABEL_WIDTH and not finished(line) for line in lines)
    return short and len(words) == len({b.key for b in labels}) == 2


def finding_for(
    document: Document, code: str, repeat: Repeat, message: str, safety: Safety, priority: int = 0
) -> Finding:
    """The finding that cuts the copy; doubtful where the cut would tear quotation marks or a list apart."""
    text = document.article.text
    spans = [repeat.tail] if repeat.tail else parts(document, repeat.copy)
    blocks = {document.sentences[i].block for i in repeat.copy}
    torn = any(_tears(text, span, document.blocks[_line_at(document, span.start)].body) for span in spans)
    if torn or any(has_children(document, document.blocks[place]) for place in blocks):
        safety = min(safety, Safety.DOUBTFUL)
    return Finding(
        code,
        extent(document, repeat),
        message,
        safety,
        tuple(cut(document, span) for span in spans),
        Witness(document.article.id, repeat.witness, round(repeat.score, 3), "title" if repeat.in_title else "text"),
        priority,
    )


def _tears(text: str, cut: Span, block: Span) -> bool:
    """Would the rest of the block keep one half of a pair of brackets, quotation marks or stars?"""
    if _balanced(text[slice(*cut)]):
        return False
    if block.end - block.start > _LONG:
        return True
    rest = text[block.start : cut.start] + text[cut.end : block.end]
    return _balanced(text[slice(*block)]) and not _balanced(rest)


def _balanced(words: str) -> bool:
    halves = any(words.count(opening) != words.count(closing) for opening, closing in _PAIRS)
    return not halves and words.count('"') % 2 == 0 and words.count("**") % 2 == 0
