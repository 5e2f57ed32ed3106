"""Find what stands twice in a document: equal runs of sentences, alike sentences, blocks contained in another block.

All in linear time: equal keys by a dictionary, likely pairs by the rare shingles they share, and rapidfuzz compares
only those pairs. What a match means, and which copy stays, is decided in `dedupe.repeats`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dedupe.model import Block, Document, Span
from dedupe.normalise import cased_tokens, length
from dedupe.similarity import Comparison, compare, hedges
from dedupe.traits import SHORT_LINE, truncated

RARE = 6
"""A shingle of three words that stands in more segments than this says nothing about a pair."""
NEAR_LIMIT = 2_000_000
"""Near repeats are looked for in texts up to this many characters; equal sentences always."""
_COPIES = 16
_CANDIDATES = 5
_MIN_WORDS = 4
_SEPARATORS = "|–—-•·»›~/"
_SITE_NAME_WORDS = 6


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive sentences that stand twice with equal keys: places in `Document.sentences`, earlier copy first."""

    first: range
    again: range


@dataclass(frozen=True, slots=True)
class Alike:
    """Two different sentences that share most of their words (places in `Document.sentences`), and how they compare."""

    shorter: int
    longer: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Contained:
    """A block whose words stand, one after the other, inside another block: places in `Document.blocks`.

    `witness` is the span of the sentences of `outer` that hold those words, `head` the words of the first of them
    before the match, `capital` tells whether the match begins with a capital there,
    `joint` what else `outer` holds.
    """

    inner: int
    outer: int
    witness: Span
    head: tuple[str, ...]
    capital: bool
    joint: Literal["label", "remark", ""]


_NOT_READ = re.compile(r"!\[[^\]]*\]\([^)]*\)|\[!\[.*|<!--.*-->|\[\^[^\]]+\]:.*", re.DOTALL)


def read(document: Document, block: Block) -> bool:
    """Is it text that a reader reads: no code, no table, no picture, comment or footnote of Markdown?"""
    body = document.article.text[block.body.start : block.body.end]
    return block.kind not in ("code", "table") and _NOT_READ.fullmatch(body) is None


def spoken(document: Document, block: Block) -> range:
    """The sentences of a block without the aside at its end."""
    places = block.sentences
    return places[:-1] if len(places) > 1 and document.sentences[places[-1]].aside else places


def spoken_span(document: Document, block: Block) -> Span:
    """The body of a block without the aside at its end."""
    places = spoken(document, block)
    return Span(block.body.start, document.sentences[places[-1]].body.end) if places else block.body


def beginning(document: Document, place: int) -> str:
    """The first characters of a block: enough to see whether it is a short line."""
    start, end = document.blocks[place].body
    return document.article.text[start : min(end, start + 4 * SHORT_LINE)]


def keys(document: Document) -> list[str]:
    """The keys of the sentences by which they are compared; asides and what nobody reads have none."""
    unread = {place for place, block in enumerate(document.blocks) if not read(document, block)}
    return ["" if s.aside or s.block in unread else s.key for s in document.sentences]


def runs(keys: Sequence[str]) -> Iterator[Run]:
    """Maximal stretches of sentences that equal an earlier stretch, left to right, without overlap."""
    seen: dict[str, list[int]] = defaultdict(list)
    at = 0
    while at < len(keys):
        key = keys[at]
        best, size = -1, 0
        for start in seen[key] if key else ():
            reach = _reach(keys, start, at)
            if reach > size:
                best, size = start, reach
        if size:
            yield Run(range(best, best + size), range(at, at + size))
        for i in range(at, at + max(1, size)):
            places = seen[keys[i]]
            if len(places) < _COPIES:
                places.append(i)
        at += max(1, size)


def _reach(keys: Sequence[str], first: int, again: int) -> int:
    size = 0
    while first + size < again and again + size < len(keys) and keys[first + size] == keys[again + size] != "":
        size += 1
    return size


def _pairs(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of places (earlier first) whose keys share rare shingles, for each place the few that share most."""
    postings: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    words = [key.split() if length(key) >= _MIN_WORDS else [] for key in keys]
    for place, tokens in enumerate(words):
        for shingle in dict.fromkeys(zip(tokens, tokens[1:], tokens[2:], strict=False)):
            places = postings[shingle]
            if len(places) <= RARE:
                places.append(place)
    shared: dict[int, Counter[int]] = defaultdict(Counter)
    for places in postings.values():
        if 1 < len(places) <= RARE:
            for i, earlier in enumerate(places):
                for later in places[i + 1 :]:
                    shared[later][earlier] += 1
    for later in sorted(shared):
        for earlier, count in sorted(shared[later].most_common(_CANDIDATES)):
            least = min(len(words[earlier]), len(words[later])) - 2
            if keys[earlier] != keys[later] and count >= max(1, least // 4):
                yield earlier, later


def alike(document: Document, keys: Sequence[str]) -> Iterator[Alike]:
    """Pairs of sentences worth a judgement; none in a text longer than NEAR_LIMIT."""
    text, sentences = document.article.text, document.sentences
    if len(text) > NEAR_LIMIT:
        return
    for earlier, later in _pairs(keys):
        a, b = (cased_tokens(text[s.body.start : s.body.end]) for s in (sentences[earlier], sentences[later]))
        first_longer = len(a) > len(b)
        found = compare(b, a) if first_longer else compare(a, b)
        if found.ratio >= 65 or found.containment >= 0.9:
            yield Alike(*((later, earlier) if first_longer else (earlier, later)), found)


def contained(document: Document) -> Iterator[Contained]:
    """Blocks contained in another block; a last word that an ellipsis cut short may be a part of a word."""
    text, blocks = document.article.text, document.blocks
    if len(text) > NEAR_LIMIT:
        return
    for earlier, later in _pairs([b.key if read(document, b) else "" for b in blocks]):
        inner, outer = (earlier, later) if len(blocks[earlier].key) < len(blocks[later].key) else (later, earlier)
        short, long = spoken_span(document, blocks[inner]), spoken_span(document, blocks[outer])
        end = "" if truncated(text[short.start : short.end]) else " "
        at = f" {blocks[outer].key} ".find(f" {blocks[inner].key}{end}")
        rest = blocks[outer].key[at + len(blocks[inner].key) :]
        if at >= 0 and not (blocks[inner].key[-1].isdigit() and rest[:1] not in ("", " ")):
            inside = _sentences_at(document, blocks[outer], at, at + len(blocks[inner].key))
            first = document.sentences[inside.start]
            words = cased_tokens(text[first.body.start : blocks[outer].body.end])
            before = blocks[outer].key[:at].count(" ") - sum(
                len(document.sentences[i].key.split()) for i in range(blocks[outer].sentences.start, inside.start)
            )
            yield Contained(
                inner,
                outer,
                Span(first.body.start, document.sentences[inside.stop - 1].body.end),
                tuple(words[: max(0, before)]),
                words[max(0, before)][:1].isupper(),
                "remark" if rest == " ?" else _joint(text, short, long),
            )


def _joint(text: str, inner: Span, outer: Span) -> Literal["label", "remark", ""]:
    """How the longer line goes on from the words it shares: with a label or a site's name set off by a colon, bar or
    dash; with a remark behind a colon or dash that discusses them; or neither."""
    at = text.find(text[inner.start : inner.end], outer.start, outer.end)
    if at < 0:
        return ""
    head = text[outer.start : at].rstrip()
    tail = text[at + inner.end - inner.start : outer.end].lstrip()
    if tail and ((tail[0] in _SEPARATORS + ":" and tail.count(" ") > _SITE_NAME_WORDS) or hedges(tail.split()[0])):
        return "remark"
    set_off = (not head or head[-1] in _SEPARATORS + ":") and (not tail or tail[0] in _SEPARATORS)
    return "label" if set_off else ""


def _sentences_at(document: Document, block: Block, start: int, end: int) -> range:
    """The sentences of the block that a range of the block's key falls in."""
    at, hit = 0, []
    for i in block.sentences:
        key = document.sentences[i].key
        if at < end and start < at + len(key):
            hit.append(i)
        at += len(key) + bool(key)
    return range(hit[0], hit[-1] + 1) if hit else block.sentences
