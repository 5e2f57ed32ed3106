"""Which lines of a text are the article: by the article as a person marked it, by labels, by marked segments, or by
what several extractors took for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from dedupe.model import Block, Document, Sentence
from dedupe.normalise import key

Labels = list[bool | None]
"""For each line whether it is article text; None where nobody knows."""

_SHINGLE = 4
_SHORT_CONTEXT = 6
"""A line too short for a shingle is article when as many of the words around it are."""
_VOTERS = 3
"""Fewer extractors cannot tell a line for all."""


def by_gold(lines: Sequence[Block] | Sequence[Sentence], gold: str) -> Labels:
    """The lines whose words stand in the article that a person marked, in its order: a copy outside it is none."""
    words = [line.key.split() for line in lines]
    flat = [word for line in words for word in line]
    found = _aligned(flat, key(gold).split())
    shingles = Counter(_shingles(key(gold).split()))
    gold_lines = {key(line) for line in gold.splitlines()}
    labels: Labels = []
    at = 0
    for line in words:
        end = at + len(line)
        hits = sum(found[at:end])
        if len(line) >= _SHINGLE:
            known = sum(shingle in shingles for shingle in _shingles(line))
            labels.append(2 * hits >= len(line) and known >= 0.4 * (len(line) - _SHINGLE + 1))
        else:
            around = sum(found[max(0, at - _SHORT_CONTEXT) : at]) + sum(found[end : end + _SHORT_CONTEXT])
            labels.append(0 < len(line) == hits and (" ".join(line) in gold_lines or around >= _SHORT_CONTEXT))
        at = end
    return labels


def by_line_labels(document: Document, labels: str) -> Labels:
    """Labels given for the lines of the raw text, a character each: "1" article, "T" headline (unknown), else not."""
    text = document.article.text
    breaks = [found.end() for found in re.finditer("\n", text)]
    result: Labels = []
    number = 0
    for line in document.blocks:
        while number < len(breaks) and breaks[number] <= line.body.start:
            number += 1
        label = labels[number] if number < len(labels) else "0"
        result.append(None if label == "T" else label == "1")
    return result


def by_segments(document: Document, wanted: Sequence[str], unwanted: Sequence[str]) -> Labels:
    """Lines that hold a segment which a person marked; all others are unknown."""
    text = document.article.text
    result: Labels = []
    for line in document.blocks:
        words = text[line.body.start : line.body.end]
        if any(segment in words for segment in wanted):
            result.append(True)
        else:
            result.append(False if any(segment in words for segment in unwanted) else None)
    return result


def by_votes(document: Document, outputs: Sequence[str]) -> Labels:
    """Lines that none of several stricter extractors took for the article are not, those that all but one took at least
    are; all others are unknown. (A silver standard: of the lines that people marked 97 and 92 in 100 agree.)"""
    if len(outputs) < _VOTERS:
        return [None] * len(document.blocks)
    said = (by_gold(document.blocks, output) for output in outputs)
    votes = [sum(map(bool, line)) for line in zip(*said, strict=True)]
    return [None if 0 < count < len(outputs) - 1 else count > 0 for count in votes]


def _shingles(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)]


def _aligned(words: list[str], gold: list[str]) -> list[bool]:
    """Which words belong to a longest common subsequence with the article's."""
    from rapidfuzz.distance import LCSseq

    found = [False] * len(words)
    if words and gold:
        for operation in LCSseq.opcodes(words, gold):
            if operation.tag == "equal":
                for place in range(operation.src_start, operation.src_end):
                    found[place] = True
    return found
