"""Two sentences with no space between them: `closed on Sunday.Police say`.

What it does
------------
Puts one space between a sentence and the next where a scraper lost it with a line break or a tag. No word and no
quotation mark changes, odd ones neither: a mark between the two sentences stays with the one to which the marks around
it give it, else with the first. A heading glued to its paragraph (`BackgroundThe company`) is only reported.

Why it matters
--------------
Glued sentences are one sentence to every program: a repeat of the second is not found.

Example
-------
`The bridge closed on Sunday.Police say nobody was hurt.` becomes
`The bridge closed on Sunday. Police say nobody was hurt.`

Known false alarms
------------------
Names with a full stop inside (`Node.js`, `St.Gallen`, `J.R.R. Tolkien`, `example.com`) are told apart by the length of
their parts, by lists, and by standing in the text twice. A product's name such as `Acme.Cloud` that stands there once,
in the middle of a sentence, gets a space.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.language import FUNCTION_WORDS
from dedupe.matching import places_at
from dedupe.model import Block, Document, Finding, Safety, Span
from dedupe.normalise import UNSPACED
from dedupe.rule import replace, rule

_QUOTES = "\"'“”„‟‘’‚«»‹›"
_LETTER = rf"[^\W\d_{UNSPACED}]"
_SEAM = re.compile(
    rf"(?P<left>(?<![^\W\d_]){_LETTER}+|(?<![\d.,])\d[\d.,]*[%°]?)"
    rf"(?P<marks>[.!?؟۔।](?!\.)[{_QUOTES})\]]*(?:\[\d{{1,3}}\])*[(\[{_QUOTES}]?|[)\]][{_QUOTES}])"
    rf"(?P<right>{_LETTER}+)"
)
_JOINT = re.compile(rf"[.!?؟۔।)\]][{_QUOTES}()\[\]\d]*{_LETTER}")
_LONG_NUMBER = re.compile(r"\d{3}$|\d[.,]\d+$|[%°]$")
_NAME = re.compile(r"[@/\\_=]|www\.|\w\.\w+\.\w")
_HEADING = re.compile(
    r"(?P<heading>(?:[^\W\d_]+ ){0,5}[^\W\d_]{3,}[^\W\d_A-Z])(?P<starter>[^\W\d_a-z][a-z]{1,4}) [a-z]"
)
_GLUED = re.compile(r"[A-Z\xaa-\u1fff\u2070-\U0010ffff](?<=[a-z\xaa-\u1fff\u2070-\U0010ffff].)[a-z]{1,4} [a-z]")
"""Each heading glued to its paragraph holds this, and little else does."""
_NEAR = 400
"""How many characters of a block on each side tell whether a mark opens or closes."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("TXT005", "glued-sentences", Options)
def glued_sentences(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Seams where one sentence follows the other without a space."""
    text = document.article.text
    joints = (match.start() for pattern in (_JOINT, _GLUED) for match in pattern.finditer(text))
    for place in places_at(document.blocks, joints):
        block = document.blocks[place]
        if block.kind in ("code", "table"):
            continue
        starts = {document.sentences[i].body.start for i in block.sentences}
        for match in _SEAM.finditer(text, *block.body) if _JOINT.search(text, *block.body) else ():
            if _two_sentences(text, match, starts):
                at = _place(text, match, block)
                span = Span(match.start(), match.end())
                message = (
                    f"two sentences with no space between them: “{text[span.start : at]}” and “{text[at : span.end]}”"
                )
                yield Finding(
                    "TXT005", span, message, Safety.LIKELY, (replace(document, Span(at, at), " "),), priority=-10
                )
        glued = _HEADING.match(text, *block.body)
        if (
            glued
            and glued["starter"][0].isupper()
            and glued["starter"].lower() in FUNCTION_WORDS.get(document.lang, ())
        ):
            message = f"a heading glued to its paragraph? “{glued['heading']}” and “{glued['starter']}”"
            yield Finding("TXT005", Span(glued.start(), glued.end("starter")), message, Safety.DISPLAY)


def _two_sentences(text: str, match: re.Match[str], starts: set[int]) -> bool:
    left, marks, right = match["left"], match["marks"], match["right"]
    if left[0].isdigit() and marks[0] == "." and not _LONG_NUMBER.search(left):
        return False  # 3.Liga
    if marks == "." and len(left) <= 3 and left.istitle():
        return False  # Fig.Two
    if right.isupper() and len(right) > 1 and not left.islower():
        return False  # Paint.NET
    if marks[0] in ")]":
        if not (right[0].isupper() and right[1:].islower() and re.match(r"[ ,]", text[match.end() : match.end() + 1])):
            return False
    elif not any(place in starts for place in range(match.start("marks") + 1, match.end("marks") + 1)):
        return False
    chunk = text[_chunk_start(text, match.start()) : _chunk_end(text, match.end())]
    if _NAME.search(chunk):
        return False
    return marks[0] != "." or len(marks) > 1 or text.count(match.group()) == 1


def _chunk_start(text: str, at: int) -> int:
    """Where the stretch without white space around a place begins, forty characters back at most."""
    found = re.search(r"\S{0,40}$", text[max(0, at - 40) : at])
    return at - len(found.group()) if found else at


def _chunk_end(text: str, at: int) -> int:
    found = re.compile(r"\S{0,40}").match(text, at)
    return found.end() if found else at


def _place(text: str, match: re.Match[str], block: Block) -> int:
    """Where the space goes: closing marks stay with the first sentence, opening ones go with the second."""
    open_marks = _balance(text[max(block.body.start, match.start() - _NEAR) : match.start("marks")])
    closes_next = _first_role(text[match.start("right") : min(block.body.end, match.end() + _NEAR)]) == "close"
    marks = match["marks"]
    at = match.start("marks") + 1
    for offset, mark in enumerate(marks[1:], 1):
        if mark in "([„‚" and not re.match(r"\[\d+\]", marks[offset:]):
            break
        if mark in _QUOTES:
            if not open_marks and (closes_next or (mark in "“«‘" and offset == len(marks) - 1 and len(marks) > 2)):
                break
            open_marks = max(0, open_marks - 1)
        at = match.start("marks") + offset + 1
    return at


def _balance(text: str) -> int:
    """How many quotations are open at the end of a text."""
    count = 0
    for role in _roles(text):
        count = count + 1 if role == "open" else max(0, count - 1)
    return count


def _first_role(text: str) -> str:
    return next(_roles(text), "")


def _roles(text: str) -> Iterator[str]:
    """For each quotation mark whether it opens or closes, told by the white space around it; apostrophes are none."""
    for found in re.finditer(rf"[{_QUOTES}]", text):
        before, after = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
        if (not before or before.isspace() or before in "([—–") and after and not after.isspace():
            yield "open"
        elif before and not before.isspace() and not after.isalnum():
            yield "close"
