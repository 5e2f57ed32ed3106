"""Cookie banners and paywalls.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `consent`, as lines and as sentences of a paragraph.

Why it matters
--------------
The notice stands before the first sentence, or in the place of the last ones, and speaks in full sentences.

Example
-------
    We use cookies to improve your experience. By continuing you accept our cookie policy.
    Accept all cookies
    The ferry to the island sails again on Monday, the harbour master said in the afternoon.

The first two lines go.

Known false alarms
------------------
A report on cookies that quotes a banner without quotation marks. Quoted sentences, and sentences inside a long
paragraph between others, go at level strict only.

Options
-------
None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.layout import findings
from dedupe.model import Document, Finding
from dedupe.rule import rule


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY009", "cookie-or-paywall", Options)
def cookie_or_paywall(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Consent banners and paywalls."""
    yield from findings(document, "LAY009", "a cookie or paywall notice", "consent")
