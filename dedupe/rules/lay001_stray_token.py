"""Names of icons and words of buttons that stand in the text as words, such as `layers` or `arrow_forward`.

What it does
------------
Finds the names by which icon fonts draw their pictures, and common words of buttons: behind a finished sentence at the
end of a line, alone on a line, or before a line. A name with an underscore (`expand_more`) is unmistakable and goes at
every level. An ordinary word (`layers`, `share`) goes at level standard where it stands in small letters behind a
finished sentence and the line ends with it, or alone on a line between finished paragraphs. With a capital alone on a
line ("Share") it goes at level strict only.

Why it matters
--------------
An icon font shows a picture where the page says `layers`; a scraper reads the word.

Example
-------
`The ferry sailed again on Monday. layers` becomes `The ferry sailed again on Monday.`

Known false alarms
------------------
A text in small letters throughout ("i came home. water") and lists of single words are left alone; a one-word paragraph
in small letters between finished paragraphs ("home") is not told from a button at level standard. Where the text speaks
of icons or fonts, their names are only reported.

Options
-------
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.model import Block, Document, Finding, Safety, Span
from dedupe.normalise import key, length
from dedupe.rule import cut, replace, rule
from dedupe.stray_tokens import Lexicon, ends_a_sentence, lexicon, tokens_at_end
from dedupe.traits import cased, finished

_WORD = re.compile(r"\S+")
_ABOUT_ICONS = re.compile(r"\b(?:icons?|ligatures?|fonts?|css|icônes?|iconos?|ícones?|schriftart)\b", re.IGNORECASE)
_PROSE = 6
"""A paragraph of at least this many words, finished, is prose."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("LAY001", "stray-token", Options)
def stray_token(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Icon names and words of buttons, where they stand alone."""
    text = document.article.text
    known = lexicon()
    about_icons: bool | None = None
    for number in document.with_tokens:
        if document.blocks[number].kind in ("code", "table"):
            continue
        for finding in _in_block(document, number, known):
            if finding.edits:
                if about_icons is None:
                    about_icons = _ABOUT_ICONS.search(text) is not None
                if about_icons and any(name in text[finding.span.start : finding.span.end] for name in "_-"):
                    finding = Finding("LAY001", finding.span, finding.message, Safety.DISPLAY)
            yield finding


def _in_block(document: Document, number: int, known: Lexicon) -> Iterator[Finding]:
    text = document.article.text
    block = document.blocks[number]
    start, end = block.body
    tail = tokens_at_end(text, start, end)
    if tail == start:
        yield from _alone(document, number, known)
        return
    if tail < end:
        yield from _at_end(document, number, tail, known)
    first = _WORD.match(text, start, end)
    if not first or not (first.group() in known.names or first.group() in known.interface):
        return
    rest = text[first.end() : end].lstrip()
    if not rest:
        return
    span = Span(*first.span())
    if first.group() in known.names:
        message = f"the name of an icon before the line: {first.group()}"
        with_space = Span(span.start, end - len(rest))
        yield Finding("LAY001", span, message, Safety.LIKELY, (replace(document, with_space, ""),))
    elif rest[0].isupper() and finished(rest) and length(key(rest)) >= _PROSE:
        yield Finding("LAY001", span, f"perhaps the word of a button before the line: {first.group()}", Safety.DISPLAY)


def _alone(document: Document, number: int, known: Lexicon) -> Iterator[Finding]:
    """A block of tokens and nothing else."""
    text = document.article.text
    block = document.blocks[number]
    words = text[block.body.start : block.body.end].split()
    span = block.body
    edits = (cut(document, span),)
    shown = " ".join(words)
    if any(word in known.names for word in words):
        sure = 2 * sum(word in known.names for word in words) > len(words) and not _goes_on(document, number)
        safety = Safety.SAFE if sure else Safety.DOUBTFUL
        yield Finding("LAY001", span, f"the name of an icon alone on a line: {shown}", safety, edits)
    elif block.kind != "text":
        return
    elif all(map(str.islower, words)):
        if _between_prose(document, number):
            yield Finding("LAY001", span, f"a word of a button or icon alone on a line: {shown}", Safety.LIKELY, edits)
    elif all(word.lower() in known.interface for word in words) and _between_prose(document, number):
        yield Finding("LAY001", span, f"perhaps a word of a button alone on a line: {shown}", Safety.DOUBTFUL, edits)


def _at_end(document: Document, number: int, tail: int, known: Lexicon) -> Iterator[Finding]:
    """Tokens behind a sentence at the end of a block."""
    text = document.article.text
    start, end = document.blocks[number].body
    words = text[tail:end].split()
    span = Span(tail, end)
    before = text[start:tail].rstrip()
    edits = (cut(document, span),)
    named = any(word in known.names for word in words)
    whole = ends_a_sentence(before)
    if named and not whole:
        tail = next(found.start() for found in _WORD.finditer(text, tail, end) if found.group() in known.names)
        span = Span(tail, end)
        message = f"the name of an icon at the end of a line: {text[tail:end]}"
        yield Finding("LAY001", span, message, Safety.LIKELY, (cut(document, span),))
    elif named:
        yield Finding("LAY001", span, f"the name of an icon behind the sentence: {text[tail:end]}", Safety.SAFE, edits)
    elif whole and len(words) <= 3 and _capitalised(before) and not _goes_on(document, number):
        message = f"a word of a button or icon behind the sentence: {text[tail:end]}"
        yield Finding("LAY001", span, message, Safety.LIKELY, edits)


def _capitalised(text: str) -> bool:
    """Does the text begin as sentences do, with a capital where there are any, and hold more than one word?"""
    first = next((character for character in text if character.isalpha()), "")
    return not first.islower() and length(key(text)) >= 2


def _goes_on(document: Document, number: int) -> bool:
    """Does the next block begin in the middle of a sentence?"""
    following = document.blocks[number + 1 : number + 2]
    return any(document.article.text[block.body.start : block.body.start + 1].islower() for block in following)


def _between_prose(document: Document, number: int) -> bool:
    """Are the blocks on both sides finished prose? The first and the last block have one side only."""
    neighbours = [*document.blocks[max(0, number - 1) : number], *document.blocks[number + 1 : number + 2]]
    return bool(neighbours) and all(_prose(document, block) for block in neighbours)


def _prose(document: Document, block: Block) -> bool:
    body = document.article.text[block.body.start : block.body.end]
    first = next((character for character in body if character.isalpha()), "")
    return (
        block.kind in ("text", "quote")
        and finished(body)
        and length(block.key) >= _PROSE
        and cased(body)
        and first.isupper()
    )
