"""Find what stands twice in a document: equal runs of sentences, alike sentences, blocks contained in another block.

All in linear time: equal keys by a dictionary, likely pairs by the rare shingles they share, and rapidfuzz compares
only those pairs. What a match means, and which copy stays, is decided in `dedupe.repeats`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from operator import itemgetter
from typing import Literal

from dedupe.dateline import after_dateline
from dedupe.model import Block, Document, Sentence, Span
from dedupe.normalise import cased_tokens, key, length
from dedupe.similarity import Comparison, compare, hedges
from dedupe.traits import SHORT_LINE, truncated

RARE = 6
"""A shingle of three words that stands in more segments than this says nothing about a pair."""
NEAR_LIMIT = 2_000_000
"""Near repeats are looked for in texts up to this many characters; equal sentences always."""
_COPIES = 16
_CANDIDATES = 5
_RATIO, _CONTAINMENT = 65, 0.9
_MIN_WORDS = 4
_SEPARATORS = "|–—-•·»›~/"
_SITE_NAME_WORDS = 6
Shingle = tuple[str, str, str]
Shared = dict[int, list[Shingle]]
"""By place those of its shingles, each once and in order, that stand in the text a second time."""


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
    if block.kind in ("code", "table"):
        return False
    text, (start, end) = document.article.text, block.body
    return not text.startswith(("!", "[", "<"), start) or _NOT_READ.fullmatch(text, start, end) is None


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


def places_at(segments: Sequence[Block] | Sequence[Sentence], positions: Iterable[int]) -> list[int]:
    """The places of the blocks or sentences that hold one of these positions of the text, in order."""
    starts = [segment.span.start for segment in segments]
    return sorted({bisect_right(starts, position) - 1 for position in positions})


def keys(document: Document, shared: Iterable[int] = ()) -> list[str]:
    """The keys of the sentences by which they are compared; asides and what nobody reads have none.

    In the blocks that share words with others a dateline does not count, but the same words behind two datelines are
    said of two places.
    """
    unread = {place for place, block in enumerate(document.blocks) if not read(document, block)}
    found = ["" if s.aside or s.block in unread else s.key for s in document.sentences]
    text = document.article.text
    behind: dict[str, list[int]] = defaultdict(list)
    for first in (document.blocks[place].sentences.start for place in shared):
        if found[first] and dated(document, first):
            behind[key(text[_behind(document, first) : document.sentences[first].body.end])].append(first)
    for words, places in behind.items():
        if len(places) == 1:
            found[places[0]] = words
    return found


def dated(document: Document, i: int) -> bool:
    """Does a sentence begin its paragraph with a dateline?"""
    return _behind(document, i) > document.sentences[i].body.start


def _behind(document: Document, i: int) -> int:
    """Where a sentence begins, behind its dateline if it has one."""
    sentence, text = document.sentences[i], document.article.text
    start, end = sentence.body
    begin = after_dateline(text, start) if start == document.blocks[sentence.block].body.start else start
    return begin if begin < end else start


def runs(keys: Sequence[str]) -> Iterator[Run]:
    """Maximal stretches of sentences that equal an earlier stretch, left to right, without overlap."""
    copies = Counter(keys)
    seen: dict[str, list[int]] = defaultdict(list)
    at = 0
    while at < len(keys):
        key = keys[at]
        if copies[key] == 1 or not key:
            at += 1
            continue
        best, size = -1, 0
        for start in seen[key]:
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


def _words(key: str) -> list[str]:
    """The words of a key, if they are enough for a judgement."""
    return key.split() if key and length(key) >= _MIN_WORDS else []


def _shingles(words: Sequence[str]) -> Iterator[Shingle]:
    return zip(words, words[1:], words[2:], strict=False)


def shared(document: Document) -> Shared:
    """The shared shingles of the blocks that have some; none in a text longer than NEAR_LIMIT."""
    if len(document.article.text) > NEAR_LIMIT:
        return {}
    keyed = ((place, _words(block.key)) for place, block in enumerate(document.blocks))
    said = {place: list(_shingles(words)) for place, words in keyed if words}
    counts = Counter(chain.from_iterable(said.values()))
    twice = {shingle for shingle, count in counts.items() if count > 1}
    found = ((place, list(dict.fromkeys(filter(twice.__contains__, shingles)))) for place, shingles in said.items())
    return {place: again for place, again in found if again}


def _by_sentence(document: Document, keys: Sequence[str], blocks: Shared) -> Shared:
    """The shared shingles of the sentences, from those of their blocks."""
    found: Shared = {}
    for block, known in blocks.items():
        places = document.blocks[block].sentences
        if len(places) == 1:
            found[places.start] = known
            continue
        some = set(known)
        for place in places:
            found[place] = list(dict.fromkeys(filter(some.__contains__, _shingles(_words(keys[place])))))
    return found


def _pairs(keys: Sequence[str], shared: Shared | None = None) -> Iterator[tuple[int, int]]:
    """Pairs of places (earlier first) whose keys share rare shingles, for each place the few that share most."""
    if shared is None:
        shared = {place: list(dict.fromkeys(_shingles(_words(key)))) for place, key in enumerate(keys)}
    postings: dict[Shingle, list[int]] = defaultdict(list)
    for place, shingles in shared.items():
        for shingle in shingles if keys[place] else ():
            places = postings[shingle]
            if len(places) <= RARE:
                places.append(place)
    counts: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for places in postings.values():
        if 1 < len(places) <= RARE:
            for earlier, later in combinations(places, 2):
                counts[later][earlier] += 1
    for later in sorted(counts):
        most = sorted(counts[later].items(), key=itemgetter(1), reverse=True)[:_CANDIDATES]
        for earlier, count in sorted(most):
            least = min(keys[earlier].count(" "), keys[later].count(" ")) - 1
            if keys[earlier] != keys[later] and count >= max(1, least // 4):
                yield earlier, later


def alike(document: Document, keys: Sequence[str], shared: Shared) -> Iterator[Alike]:
    """Pairs of sentences worth a judgement, by the rare shingles that they share."""
    text, sentences = document.article.text, document.sentences
    for earlier, later in _pairs(keys, _by_sentence(document, keys, shared)):
        if not _may_be_alike(keys[earlier], keys[later]):
            continue
        pair = (earlier, later)
        starts = [_behind(document, i) for i in pair]
        if all(start > sentences[i].body.start for start, i in zip(starts, pair, strict=True)):
            starts = [sentences[i].body.start for i in pair]
        a, b = (cased_tokens(text[start : sentences[i].body.end]) for start, i in zip(starts, pair, strict=True))
        first_longer = len(a) > len(b)
        found = compare(b, a) if first_longer else compare(a, b)
        if found.ratio >= _RATIO or found.containment >= _CONTAINMENT:
            yield Alike(*((later, earlier) if first_longer else (earlier, later)), found)


def _may_be_alike(a: str, b: str) -> bool:
    """Is there any sense in comparing two keys word by word?"""
    from rapidfuzz.distance import Indel, LCSseq

    if Indel.normalized_similarity(a, b) * 100 >= _RATIO:
        return True
    words, others = a.split(), b.split()
    return LCSseq.similarity(words, others) / min(len(words), len(others)) >= _CONTAINMENT


def contained(document: Document, shared: Shared) -> Iterator[Contained]:
    """Blocks contained in another block; a last word that an ellipsis cut short may be a part of a word."""
    text, blocks = document.article.text, document.blocks
    likely = {place: shingles for place, shingles in shared.items() if read(document, blocks[place])}
    for earlier, later in _pairs([block.key for block in blocks], likely):
        inner, outer = (earlier, later) if len(blocks[earlier].key) < len(blocks[later].key) else (later, earlier)
        if blocks[inner].key not in blocks[outer].key:
            continue
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
