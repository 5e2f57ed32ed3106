"""Labels that stand before or behind a sentence with no stop between them, as in a page that has lost its lines.

"News Sport Weather Log in The bridge is open again." Menus, share bars and credits are capitals and numbers, a sentence
is mostly small letters. Which words belong to which is the likeliest way through two states (Viterbi 1967); a change of
state costs so much that only a run of several labels is set off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby

from dedupe.language import FUNCTION_WORDS
from dedupe.traits import finished
from dedupe.wordings import wordings

_CHANGE = 5.0
"""How many times less likely, as a logarithm, a change is than none."""
_EDGE = 5.0
"""And that a text begins with labels, or that they end with a full stop."""
_FEWEST = 8
"""In fewer words nobody can tell labels from a sentence."""
_SMALL, _LOWER, _CAPITAL, _NUMBER, _ADDRESS, _SEPARATOR, _COMMA = 1.3, 1.0, -1.3, -1.3, -2.0, -1.3, 1.3
"""How much likelier each kind of word is in a sentence than in a label, as a logarithm; counted over the lines of pages
in four languages."""
_NOUN = -0.7
"""The same of a capital where nouns have one."""
_NAMES = 6
"""So many words before the first one in small letters may be the sentence's own: a name, an office."""
_MARKS = "\"'“”„‘’«»()[]{}<>.,;:!?…-–—*_"
_OPENING = "\"'“„‘«([{"
_ENDS = ".:|)]!?”»"
"""Marks behind which labels end."""
_SEPARATORS = frozenset("|›»•>·/×→▸►")
_DASHES = frozenset("-–—")
_WORD = re.compile(r"\S+")
_PARTS = re.compile(r"\s+[|•·»–—-]\s+")
_TITLE_WORDS = 3
_DATELINE = re.compile(
    r"(?<!\S)(?P<place>(?:[^\W\d_a-z]{2,}[ ’'.-]{1,2}){0,3}[^\W\d_a-z]{3,})"
    r"(?:, [^\W\d_][\w.]*(?: [^\W\d_][\w.]*){0,2})?"
    r"(?: \([^()\d]{2,30}\) ?(?:[–—―]|--?)| ?(?:[–—―]|--)) (?=\S)"
)
"""How a report begins: "TRENK, Calif. (AP) — "."""


def changes(text: str, lang: str, title: str = "") -> list[int]:
    """Where labels end and a sentence begins, or the other way round, and where the title begins and ends among labels.

    Places in code points, in order. Behind a dateline ("TRENK, Calif. (AP) — ") all is a sentence.

    >>> text = "News Sport Weather Travel Log In Subscribe Now The bridge is open again, as the council had said."
    >>> [text[place:][:10] for place in changes(text, "en")]
    ['The bridge']
    """
    begun = next((match.start() for match in _DATELINE.finditer(text) if match["place"].isupper()), len(text))
    return sorted({*_changes(text[:begun], lang, title), begun} - {0, len(text)})


def _changes(text: str, lang: str, title: str) -> set[int]:
    """The same of a text without a dateline, in no order."""
    found = set(_around(text, title))
    words = list(_words(text))
    if len(words) < _FEWEST:
        return found
    small = FUNCTION_WORDS.get(lang, frozenset())
    capital = _NOUN if lang == "de" else _CAPITAL
    said = [text[start:end] for start, end in words]
    evidence = [_evidence(word, small, capital) for word in said]
    for first, last in _runs(_states(evidence, finished(text))) if max(evidence) > 0 else ():
        if first and _goes_on(said[first - 1], small):
            continue
        found.add(words[first][0])
        begin = _begin(text, words, last, small, found) if last < len(words) else 0
        if begin and not _goes_on(said[begin - 1], small):
            found.add(words[begin][0])
    return found


def joints(text: str) -> Iterator[int]:
    """Where a space was lost between two words: "TimesAmericans"."""
    return (start for start, _ in _words(text) if start and text[start - 1].isalnum())


def _goes_on(word: str, small: frozenset[str]) -> bool:
    """Does the sentence go on behind a word?"""
    return word.lstrip(_OPENING) in small or word.endswith(",")


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Where each word begins and ends; one that was glued of two ("TimesAmericans") is two."""
    for word in _WORD.finditer(text):
        start, end = word.span()
        if not word[0][1:].islower() and word[0].strip(_MARKS) not in _services():
            for at in range(start + 2, end - 1):
                if text[at].isupper() and text[at + 1].isalpha() and _joint(text, start, at):
                    yield start, at
                    start = at
        yield start, end


@cache
def _services() -> frozenset[str]:
    """Names that are written with a capital inside: "LinkedIn"."""
    return frozenset(wordings("layout/common")["share"]["weak"])


def _joint(text: str, start: int, at: int) -> bool:
    """Was a space lost before this capital?"""
    before = text[at - 1]
    return (before.islower() and at - start >= 3) or before.isdigit() or before in _ENDS


def _evidence(word: str, small: frozenset[str], capital: float) -> float:
    """How much more a word looks like a sentence's than like a label's."""
    core = word.strip(_MARKS)
    if not core:
        return _SEPARATOR if word in _SEPARATORS else 0.0
    comma = _COMMA if word[-1] == "," else 0.0
    if core.islower():
        if not core.isalpha() and ("@" in core or "/" in core or "." in core):
            return _ADDRESS
        return comma + (_SMALL if core in small else _LOWER)
    if any(map(str.isupper, core)):
        return comma + capital
    return comma + _NUMBER if any(map(str.isdigit, core)) else 0.0


def _states(said: Sequence[float], stopped: bool) -> list[bool]:
    """For each word whether it belongs to a sentence; `stopped`: the last one is followed by a full stop."""
    label, sentence = -_EDGE, said[0]
    came = [(False, True)]
    for one in said[1:]:
        came.append((sentence - _CHANGE > label, sentence >= label - _CHANGE))
        label, sentence = max(label, sentence - _CHANGE), max(sentence, label - _CHANGE) + one
    state = sentence >= label - (_EDGE if stopped else 0)
    states = []
    for before in reversed(came):
        states.append(state)
        state = before[state]
    return states[::-1]


def _runs(states: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """The runs of labels: [first, last)."""
    last = 0
    for sentence, run in groupby(states):
        first, last = last, last + len(list(run))
        if not sentence:
            yield first, last


def _begin(text: str, words: Sequence[tuple[int, int]], n: int, small: frozenset[str], cuts: set[int]) -> int:
    """Which word begins the sentence whose first word in small letters is this one: a small word with a capital, or
    else a few words before it are its own, up to a number or a mark."""
    first = n
    while first > max(0, n - _NAMES) and words[first][0] not in cuts:
        start, end = words[first - 1]
        word = text[start:end].lstrip(_OPENING)
        if words[first][0] == end or word[-1:] in _ENDS or not word.strip(_MARKS) or any(map(str.isdigit, word)):
            break
        first -= 1
        if word[:1].isupper() and word.casefold() in small:
            break
    return first


def _around(text: str, title: str) -> Iterator[int]:
    """Where the title begins and ends among labels: white space stands on both sides, and no sentence goes on there."""
    pattern = _pattern(title)
    for match in pattern.finditer(text) if pattern else ():
        start, end = match.span()
        if not (text[max(0, start - 1) : start] or " ").isspace() or not text[end : end + 1].isspace():
            continue
        before, after = text[max(0, start - 40) : start].split()[-1:], _WORD.search(text, end)
        if any(map(_joins, before)) or (after and _joins(after[0])):
            continue
        if before and after and match[0].upper() == match[0].lower():
            continue
        if start:
            yield start
        if after:
            yield after.start()


def _joins(word: str) -> bool:
    """Does a sentence go on with this word beside the title: one in small letters, or a mark that separates nothing?"""
    core = word.strip(_MARKS)
    return core[:1].islower() or word.endswith(",") or not (core or word in _SEPARATORS or word in _DASHES)


@lru_cache(maxsize=16)
def _pattern(title: str) -> re.Pattern[str] | None:
    """The words of a title, whatever stands between them; without the name of the site, if it is set off."""
    longest = max(_PARTS.split(title), key=len)
    words = re.findall(r"\w+", longest)
    if len(words) < _TITLE_WORDS:
        return None
    apart = r"\W{1,5}"
    end = re.escape(longest.rstrip()[-1]) if longest.rstrip()[-1] in "?!.…" else ""
    return re.compile(rf"(?<!\w){apart.join(words)}(?!\w){end}", re.IGNORECASE)
