"""What language a text is in, by its script and its small words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain

from dedupe.wordings import wordings

FUNCTION_WORDS = {
    language: frozenset(words.casefold().split()) for language, words in wordings("function_words").items()
}
"""Small words of a language: they tell it from others, and with a capital they begin a sentence rather than a name."""

_LANGUAGES_OF = {
    word: [lang for lang, small in FUNCTION_WORDS.items() if word in small]
    for word in frozenset().union(*FUNCTION_WORDS.values())
}

_SCRIPTS = {
    "ja": "\u3040-\u30ff",
    "ko": "\uac00-\ud7af\u1100-\u11ff",
    "zh": "\u3400-\u4dbf\u4e00-\u9fff",
    "ru": "\u0400-\u04ff",
    "ar": "\u0600-\u06ff",
    "he": "\u0590-\u05ff",
    "el": "\u0370-\u03ff",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "ta": "\u0b80-\u0bff",
    "th": "\u0e00-\u0e7f",
    "ka": "\u10a0-\u10ff",
    "hy": "\u0530-\u058f",
    "am": "\u1200-\u137f",
}
_SCRIPT = re.compile("|".join(f"(?P<{lang}>[{characters}]+)" for lang, characters in _SCRIPTS.items()))
_SCRIPTED = re.compile(f"[{''.join(_SCRIPTS.values())}]+")
_CYRILLIC = {"uk": re.compile("[іїєґІЇЄҐ]"), "sr": re.compile("[јљњђћџЈЉЊЂЋЏ]")}
"""Letters that one language written in Cyrillic has and Russian and Bulgarian have not."""
_WORDS = re.compile(r"[^\W\d_]+")
_SAMPLED = 1_000


def guess_language(text: str) -> str:
    """The likely language code of a text, by its script and its small words; "en" when nothing tells.

    >>> guess_language("Die Brücke ist seit Montag wieder offen, und der Verkehr fließt.")
    'de'
    """
    counts: dict[str, int] = {}
    sample = _sample(text)
    for found in _SCRIPT.finditer("".join(_SCRIPTED.findall(sample))):
        counts[found.lastgroup or ""] = counts.get(found.lastgroup or "", 0) + found.end() - found.start()
    script = max(counts, key=lambda lang: counts[lang], default="")
    if script == "zh" and counts.get("ja", 0) * 10 > counts["zh"]:
        script = "ja"
    if script and counts[script] * 3 > sum(map(str.isalpha, sample)):
        if script == "ru":
            letters = (lang for lang, own in _CYRILLIC.items() if own.search(sample))
            return next(letters, _by_small_words(sample, ("ru", "bg")))
        return "fa" if script == "ar" and re.search("[پچژگ]", sample) else script
    return _by_small_words(sample, FUNCTION_WORDS)


def _by_small_words(sample: str, languages: Iterable[str]) -> str:
    """The language whose small words stand there most; the first among equals."""
    words = _WORDS.findall(sample.casefold().replace("i\u0307", "i"))
    small = filter(_LANGUAGES_OF.__contains__, words)
    scores = Counter(chain.from_iterable(map(_LANGUAGES_OF.__getitem__, small)))
    return max(languages, key=scores.__getitem__)


def _sample(text: str) -> str:
    """Some 3,000 characters: the beginning of a page dump is its menus, which may be in another language."""
    if len(text) <= 3 * _SAMPLED:
        return text
    starts = (0, len(text) // 3, 2 * len(text) // 3)
    return "\n".join(text[start : start + _SAMPLED] for start in starts)
