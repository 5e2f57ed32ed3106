"""The words that give a caption away."""

from __future__ import annotations

import re
from functools import cache

from dedupe.wordings import any_of, wordings

_NO_SPACES = r"\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"

GLUED_MARKS = ("pictured", "gesture", "weak", "media")
"""What gives a sentence away as a caption that a repeat is glued to."""


@cache
def caption_marks(lang: str, *kinds: str) -> re.Pattern[str]:
    """All wordings of these kinds, of one language if there is a table for it; they begin and end where words do."""
    tables = wordings("captions")
    chosen = [tables[lang]] if lang in tables else tables.values()
    words = {word for table in chosen for kind in kinds for word in table[kind]}
    return re.compile(rf"(?:(?<!\w)|(?=[{_NO_SPACES}])){any_of(words)}(?:(?!\w)|(?<=[{_NO_SPACES}]))", re.IGNORECASE)


def caption_mark(words: str, lang: str, *kinds: str) -> str:
    """The first wording of these kinds that stands in the words, in quotation marks; or nothing.

    >>> caption_mark("A crane driver, pictured yesterday, waves.", "en", "pictured")
    '“pictured”'
    """
    found = caption_marks(lang, *kinds).search(words.replace("’", "'"))
    return f"“{found[0].strip(' ,')}”" if found else ""
