"""How alike are two sentences, and what forbids to call them a repeat?

Scorers alone are not safe: "30 dead" and "3 dead" are 96 % alike. So after rapidfuzz a guard looks at each place
where the two differ: a number, a name or a negation that differs makes two sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dedupe.traits import shouted
from dedupe.wordings import wordings

_ENDINGS = {"", "s", "es", "'s", "d", "ed", "ing", "e", "en", "n"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare` found: ratio 0 to 100, containment 0 to 1, gaps as in `dedupe.model.Repeat`."""

    ratio: float
    containment: float
    gaps: int
    differs: str
    prefix: bool


def compare(shorter: Sequence[str], longer: Sequence[str]) -> Comparison:
    """Compare two sentences, given as tokens with their capitals, the one with fewer tokens first.

    `differs` is "number", "negation", "name" or "word" where such a thing is replaced, or missing before the end of the
    shorter one; what only the end of the longer one has makes no difference (a teaser lacks the end of its sentence).

    >>> compare("He left the town on Monday".split(), "He left the old town on Monday".split()).differs
    ''
    >>> compare("He saw 3 dead men there".split(), "He saw 30 dead men there".split()).differs
    'number'
    """
    from rapidfuzz.distance import Indel

    a, b = [t.lower() for t in shorter], [t.lower() for t in longer]
    names = _names(shorter) | _names(longer)
    has_case = any(t[:1].islower() for t in longer)
    same, differs, gaps, prefix = 0, "", 0, False
    regions: list[tuple[list[int], list[int]]] = []
    fresh = True
    for op in Indel.opcodes(a, b):
        if op.tag == "equal":
            same += op.src_end - op.src_start
            fresh = True
            continue
        if fresh:
            regions.append(([], []))
            fresh = False
        regions[-1][0].extend(range(op.src_start, op.src_end))
        regions[-1][1].extend(range(op.dest_start, op.dest_end))
    for in_a, in_b in regions:
        if not in_a and in_b[-1] == len(b) - 1:
            prefix = True
            differs = differs or ("word" if [b[i] for i in in_b] == ["?"] else "")
            continue
        gaps += 1
        differs = differs or _difference([a[i] for i in in_a], [b[i] for i in in_b], names, has_case)
    whole = not regions or (prefix and len(regions) == 1)
    return Comparison(
        Indel.normalized_similarity(" ".join(a), " ".join(b)) * 100, same / max(1, len(a)), gaps, differs, whole
    )


def _difference(a: list[str], b: list[str], names: frozenset[str], has_case: bool) -> str:
    """What a place where a stands in one sentence and b in the other is about; "" when it does not matter."""
    both = [*a, *b]
    if any(any(map(str.isdigit, token)) or not any(map(str.isalpha, token)) for token in both if token != "?"):
        return "number"
    if not (a and b) and not _meaning("ordinal").isdisjoint(both):
        return "number"
    if any(map(negates, both)):
        return "negation"
    if "".join(a) == "".join(b) or (len(a) != len(b) and _letters(a) == _letters(b)):
        return ""
    if names.intersection(both):
        return "name"
    if not has_case or (a and b and not (len(a) == len(b) and all(map(_same_stem, a, b)))):
        return "word"
    return "word" if "?" in both or any(map(hedges, both)) else ""


def _letters(tokens: Sequence[str]) -> str:
    """Words without the spaces and apostrophes that a link inside one puts there or takes ("Trenk 's")."""
    return "".join(tokens).replace("'", "")


@lru_cache(maxsize=2)
def _meaning(kind: str) -> frozenset[str]:
    return frozenset(word.lower() for words in wordings("meaning")[kind].values() for word in words)


def negates(token: str) -> bool:
    """Does a folded word turn a sentence into its opposite?"""
    return token in _meaning("negation") or token.endswith("n't")


def hedges(token: str) -> bool:
    """Does a word make what is said less sure, or true under a condition only?"""
    return token.lower() in _meaning("hedge")


def _same_stem(a: str, b: str) -> bool:
    """Are these two forms of one word ("reporting", "reported")?"""
    common = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return common >= 4 and {a[common:], b[common:]} <= _ENDINGS


def _names(tokens: Sequence[str]) -> frozenset[str]:
    """Words with a capital inside a sentence that is not all capitals; its first word says nothing."""
    if shouted(" ".join(tokens)):
        return frozenset()
    return frozenset(t.lower() for t in tokens[1:] if t[:1].isupper())
