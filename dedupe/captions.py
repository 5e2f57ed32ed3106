"""The words that give a caption away."""

from __future__ import annotations

import re
from functools import cache

from dedupe.language import FUNCTION_WORDS
from dedupe.normalise import WORD, Uncased, folded, folded_words
from dedupe.wordings import any_of, wordings

_LETTERS = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_NO_SPACES = rf"\W{_LETTERS}"
_UNSPACED = re.compile(f"[{_LETTERS}]")

GLUED_MARKS = ("place", "pictured", "gesture", "weak", "media")
"""What gives a sentence away as a caption that a repeat is glued to."""


def _wordings(lang: str, *kinds: str) -> set[str]:
    tables = wordings("captions")
    chosen = [tables[lang]] if lang in tables else tables.values()
    return {word for table in chosen for kind in kinds for word in table[kind]}


@cache
def _needed(lang: str, *kinds: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Words of which a text must hold one to hold a wording, and, for scripts without spaces, parts of words."""
    small = frozenset().union(*FUNCTION_WORDS.values())
    told = {max(folded_words(w), key=lambda word: (word not in small, len(word))) for w in _wordings(lang, *kinds)}
    signs = {word for word in told if _UNSPACED.search(word)}
    return frozenset(told - signs), tuple(signs)


@cache
def caption_marks(lang: str, *kinds: str) -> Uncased:
    """All wordings of these kinds, of one language if there is a table for it; they begin and end where words do."""
    words = any_of(map(folded, _wordings(lang, *kinds)))
    return Uncased(rf"(?:(?<!\w)|(?=[{_NO_SPACES}])){words}(?:(?!\w)|(?<=[{_NO_SPACES}]))")


@cache
def _labels(lang: str) -> re.Pattern[str]:
    return re.compile(rf"{any_of(_wordings(lang, 'label'))}\s*[:：]\s*(?=\S)", re.IGNORECASE)


def caption_label(words: str, lang: str) -> str:
    """What announces the words as a caption, without its colon; or nothing.

    >>> caption_label("Image caption: The old mill", "en")
    'Image caption'
    """
    found = _labels(lang).match(words) if ":" in words or "：" in words else None
    return found[0].rstrip(" :：\xa0") if found else ""


@cache
def _stands(lang: str) -> re.Pattern[str]:
    return re.compile(rf"([^\W\d_a-z])[\w.'-]*, (?i:{any_of(_wordings(lang, 'stands'))}),")


def stands(words: str, lang: str) -> bool:
    """Do the words say where somebody with a name stands?

    >>> stands("Ida Lund, second from left, waves to the crowd.", "en")
    True
    """
    return any(found[1].isupper() for found in _stands(lang).finditer(words.replace("’", "'")))


@cache
def _unnamed(lang: str) -> re.Pattern[str]:
    return re.compile(rf"{any_of(_wordings(lang, 'unnamed'))}\s", re.IGNORECASE)


def unnamed(words: str, lang: str) -> bool:
    """Do the words begin with somebody unnamed ("A docker ...")?"""
    return _unnamed(lang).match(words) is not None


def may_bear(text: str, span: tuple[int, int], lang: str, *kinds: str) -> bool:
    """May a wording of these kinds stand in this part of a folded text? Cheaper than the search for it."""
    needed, signs = _needed(lang, *kinds)
    words = WORD.findall(text, *span)
    return not needed.isdisjoint(words) or any(sign in word for sign in signs for word in words)


def caption_mark(words: str, lang: str, *kinds: str) -> str:
    """The first wording of these kinds that stands in the words, in quotation marks; or nothing.

    >>> caption_mark("A crane driver, pictured yesterday, waves.", "en", "pictured")
    '“pictured”'
    """
    if not may_bear(folded(words), (0, len(words)), lang, *kinds):
        return ""
    words = words.replace("’", "'")
    found = caption_marks(lang, *kinds).search(words)
    return f"“{words[slice(*found.span())].strip(' ,')}”" if found else ""
