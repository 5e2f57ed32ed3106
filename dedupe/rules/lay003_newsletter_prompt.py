"""Newsletter prompts: lines that ask for an address or a subscription.

What it does
------------
Looks for the wordings of `layout/LANG.toml` under `newsletter`, as lines and as sentences of a paragraph. A prompt of
several lines (heading, explanation, button) goes line by line: each line needs a wording of its own.

Why it matters
--------------
A prompt stands in the middle of many articles, and talks to the reader in whole sentences that look like prose.

Example
-------
    The bridge closes in May.
    Sign up for our daily newsletter
    The council votes on Tuesday.

The second line goes.

Known false alarms
------------------
A paragraph in which the paper itself asks for a subscription as a part of its text. What is said in quotation marks,
and a sentence inside a long paragraph between others, goes at level strict only.

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


@rule("LAY003", "newsletter-prompt", Options)
def newsletter_prompt(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Lines and sentences that ask to subscribe."""
    yield from findings(document, "LAY003", "a newsletter prompt", "newsletter")
