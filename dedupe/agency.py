"""The news agency that signs a text: evidence that it is wire copy, which many papers print."""

from __future__ import annotations

import re
from functools import cache

from dedupe.wordings import any_of, wordings, words_of_all

_HEAD, _TAIL = 300, 200


def agency(text: str) -> str | None:
    """The agency whose sign stands in the first or last lines of a text, as it is written there.

    It counts in brackets, alone on its line (behind "By" or "Source:" too), or between a place and a dash.

    >>> agency("VARN, May 3 (Reuters) - The ferry sailed again.")
    'Reuters'
    >>> agency("The ferry sailed again.\\n\\nAFP")
    'AFP'
    >>> agency("The AP exam in physics was harder this year.") is None
    True
    """
    parts = (text,) if len(text) <= _HEAD + _TAIL else (text[:_HEAD], text[-_TAIL:])
    return next((found[found.lastgroup or 0] for part in parts if (found := _signs().search(part))), None)


@cache
def _signs() -> re.Pattern[str]:
    known = any_of(wordings("photo_credits")["who"]["news"])
    led_by = any_of([*words_of_all("bylines", "by"), *words_of_all("bylines", "source"), "©"])
    return re.compile(
        rf"[(\[/](?P<bracket>{known})[)\]/]"
        rf"|^[ \t]*(?:{led_by}[:： \t]+)?(?P<alone>{known})[ \t.]*$"
        rf"|^[^\n.!?]{{2,60}}?[,.] ?(?P<place>{known})[ \t]*[-–—][ \t]",
        re.MULTILINE,
    )
