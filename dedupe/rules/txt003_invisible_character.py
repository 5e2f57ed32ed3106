"""Characters that take no room and say nothing: soft hyphens, zero-width spaces, stray control characters.

What it does
------------
Takes out soft hyphens, zero-width characters, word joiners, byte order marks inside the text, direction marks, stray
variation selectors and control characters, exactly where they stand: nothing that a reader sees changes. One finding
for each kind in a sentence.

Why it matters
--------------
A word with a soft hyphen inside is another word to every program: a search does not find it, and a repeated sentence is
not recognised as one.

Example
-------
`gov[U+00AD]ern[U+00AD]ment` becomes `government`.

Known false alarms
------------------
Some of these characters are spelling. Joiners stay beside Arabic, Indic and similar letters and between emoji;
direction marks stay in a paragraph with right-to-left letters; variation selectors stay behind emoji, symbols and
ideographs; zero-width spaces stay beside Thai, Khmer, Lao, Burmese, Tibetan and CJK letters, where they part words.
Between a small letter and a capital, and behind a full stop, a zero-width character may be all that is left of a space:
there it is only reported.

Options
-------
None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.matching import places_at
from dedupe.model import Document, Finding, Safety, Span
from dedupe.normalise import UNSPACED
from dedupe.rule import replace, rule

_KINDS = {
    "soft hyphen": "\u00ad",
    "zero-width space": "\u200b\ufeff\u180e",
    "zero-width joiner": "\u200c\u200d\u034f",
    "word joiner": "\u2060-\u2064",
    "direction mark": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f",
    "variation selector": "\ufe00-\ufe0f",
    "control character": "\x00-\x08\x0e-\x1b\x7f",
}
_INVISIBLE = re.compile(f"[{''.join(_KINDS.values())}]")
_RUN = re.compile(f"{_INVISIBLE.pattern}+")
_KIND_OF = [(name, re.compile(f"[{members}]")) for name, members in _KINDS.items()]
# Arabic, Syriac, Thaana, N'Ko; the scripts of India and Sri Lanka; Tibetan, Burmese, Khmer, Mongolian; Arabic forms.
_JOINING = re.compile(
    "[\u0600-\u07ff\u0840-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1cd0-\u1cff\ua8e0-\ua8ff\ufb50-\ufdff\ufe70-\ufefc]"
)
_WORD_PARTING = re.compile(f"[{UNSPACED}\u0f00-\u0fff\u1800-\u18af\u1a20-\u1aaf\ua980-\ua9df]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("TXT003", "invisible-character", Options)
def invisible_character(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Invisible characters, one finding for each kind in a sentence."""
    text = document.article.text
    found = [character.start() for character in _INVISIBLE.finditer(text)]
    for place in places_at(document.sentences, found) if found else ():
        sentence = document.sentences[place]
        right_to_left = _RIGHT_TO_LEFT.search(text, *document.blocks[sentence.block].span) is not None
        cuts: dict[str, list[int]] = {}
        doubtful: dict[str, list[int]] = {}
        for run in _RUN.finditer(text, *sentence.span):
            before, after = text[max(0, run.start() - 1) : run.start()], text[run.end() : run.end() + 1]
            for at in range(*run.span()):
                name = next(name for name, kind in _KIND_OF if kind.match(text[at]))
                if not _means_something(name, before, after, right_to_left):
                    (doubtful if _may_part_words(name, before, after) else cuts).setdefault(name, []).append(at)
        for name, places in cuts.items():
            edits = tuple(replace(document, Span(at, at + 1), "") for at in places)
            yield Finding("TXT003", _around(places), _message(name, len(places)), Safety.SAFE, edits)
        for name, places in doubtful.items():
            message = f"{_message(name, len(places))}; perhaps a space was lost here"
            yield Finding("TXT003", _around(places), message, Safety.DISPLAY)


def _means_something(name: str, before: str, after: str, right_to_left: bool) -> bool:
    beside = before + after
    if name == "soft hyphen":
        return after in ("\n", "\r")
    if name == "zero-width joiner":
        return _JOINING.search(beside) is not None or any(unicodedata.category(c) in ("So", "Sk") for c in beside)
    if name == "direction mark":
        return right_to_left
    if name == "variation selector":
        return before != "" and not (before.isspace() or (before.isalpha() and not _WORD_PARTING.match(before)))
    if name == "control character":
        return False
    return _WORD_PARTING.search(beside) is not None


def _may_part_words(name: str, before: str, after: str) -> bool:
    return (
        name in ("zero-width space", "control character")
        and after.isupper()
        and (before.islower() or before in (*".!?…:;,",))
    )


def _around(places: list[int]) -> Span:
    return Span(places[0], places[-1] + 1)


def _message(name: str, count: int) -> str:
    return f"an invisible {name}" if count == 1 else f"{count} invisible {name}s"
