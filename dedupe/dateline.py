"""The dateline with which a report begins: where it was written, and which agency sent it."""

from __future__ import annotations

import re

_PLACE = r"[^\W\d_a-z][\w.’'-]+(?:[ /][^\W\d_a-z][\w.’'-]*){0,3}(?:, [^\W\d_][\w. ]{1,20}?)?"
_DATELINE = re.compile(
    rf"(?:{_PLACE} ?\([^()\d]{{2,20}}\)\s?[–—-]{{1,2}}|(?=[^\W\d_]{{4}})(?![^ ,–—]*[a-z]){_PLACE} ?[–—])"
    r"\s*(?=[\"“„«]?(?![a-zß-ÿа-я])[^\W\d_])"
)


def after_dateline(text: str, start: int = 0) -> int:
    """Where the report begins behind the dateline at `start`; `start` where there is none.

    >>> text = "TRENK, Calif. (AP) — The bridge is open."
    >>> text[after_dateline(text):], after_dateline("Trenk – a town on the Lahr – votes.")
    ('The bridge is open.', 0)
    """
    found = _DATELINE.match(text, start)
    return found.end() if found else start
