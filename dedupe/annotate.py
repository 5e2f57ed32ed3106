"""Segments -> Document: what the rules may know, found once and laid beside the text as plain fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dedupe.credits import credits
from dedupe.cues import cues
from dedupe.matching import beginning
from dedupe.model import Block, Document, Neighbour, Sentence, Span
from dedupe.normalise import key
from dedupe.repeats import repeats
from dedupe.stray_tokens import ends_a_sentence, tokens_at_end, with_tokens
from dedupe.traits import SUBHEADING_WIDTH, finished, prose, width

if TYPE_CHECKING:
    from dedupe.lines.model import LineModel


def annotate(document: Document, model: LineModel | None = None, neighbours: tuple[Neighbour, ...] = ()) -> Document:
    """The document with its repeats, photo credits and wordings of layout, what the model says of its lines, and the
    neighbours that an index has found.

    A credit or stray token at the end of a line becomes a sentence of its own and no part of its block's key, so that
    a sentence repeats with and without it.
    """
    text = document.article.text
    found = tuple(credits(document))
    tokens = tuple(with_tokens(text[slice(*block.body)] for block in document.blocks))
    starts = {place: _stray(document, place) for place in tokens} | {own.block: own.span.start for own in found}
    document = _with_asides(replace(document, credits=found, with_tokens=tokens), starts)
    document = replace(
        document,
        lead=_lead(document),
        sub_headed=_sub_headed(document),
        repeats=repeats(document),
        cues=tuple(cues(document)),
        neighbours=neighbours,
    )
    return replace(document, line_scores=model.judged(document)) if model else document


def _lead(document: Document) -> int:
    text = document.article.text
    for i, sentence in enumerate(document.sentences):
        if prose(beginning(document, sentence.block), text[slice(*sentence.body)]):
            return i
    return -1


def _sub_headed(document: Document) -> bool:
    """Do two short lines without a full stop stand between paragraphs?"""
    text = document.article.text
    lines = [text[slice(*block.body)] for block in document.blocks if block.key]
    wide = [width(line) >= SUBHEADING_WIDTH for line in lines]
    between = [n for n in range(1, len(lines) - 1) if wide[n - 1] and not wide[n] and wide[n + 1]]
    return sum(finished(lines[n - 1]) and not finished(lines[n]) and finished(lines[n + 1]) for n in between) >= 2


def _with_asides(document: Document, starts: dict[int, int]) -> Document:
    """The document with what begins at these places of its blocks split off."""
    text = document.article.text
    blocks: list[Block] = []
    sentences: list[Sentence] = []
    for number, block in enumerate(document.blocks):
        first = len(sentences)
        start = starts.get(number, block.body.end)
        if start >= block.body.end and len(block.sentences) == 1 and first == block.sentences.start:
            blocks.append(block)
            sentences.append(document.sentences[first])
            continue
        own = document.sentences[block.sentences.start : block.sentences.stop]
        if start < block.body.end:
            own = _split_off(text, own, start)
        spoken = " ".join([s.key for s in own if s.key and not s.aside]) or block.key
        sentences += own
        places = range(first, len(sentences))
        same = places == block.sentences and spoken == block.key
        blocks.append(block if same else block._replace(key=spoken, sentences=places))
    return replace(document, blocks=tuple(blocks), sentences=tuple(sentences))


def _stray(document: Document, place: int) -> int:
    """Where stray tokens behind the last sentence of a block begin; its end where there are none."""
    text, block = document.article.text, document.blocks[place]
    start, end = block.body
    if block.kind in ("code", "table"):
        return end
    tail = tokens_at_end(text, start, end)
    return tail if start < tail < end and ends_a_sentence(text[start:tail].rstrip()) else end


def _split_off(text: str, sentences: Sequence[Sentence], start: int) -> tuple[Sentence, ...]:
    """The sentences of a block, what begins at `start` as the last one."""
    whole = [s for s in sentences if s.span.end <= start]
    torn = next((s for s in sentences if s.body.start < start < s.span.end), None)
    if torn:
        body = Span(torn.body.start, torn.body.start + len(text[torn.body.start : min(start, torn.body.end)].rstrip()))
        whole.append(torn._replace(span=Span(torn.span.start, start), body=body, key=key(text[slice(*body)])))
    first = whole[-1].span.end if whole else sentences[0].span.start
    end = sentences[-1].body.end
    body = Span(end - len(text[start:end].lstrip()), end)
    last = Sentence(Span(first, sentences[-1].span.end), body, key(text[slice(*body)]), sentences[0].block, aside=True)
    return (*whole, last)
