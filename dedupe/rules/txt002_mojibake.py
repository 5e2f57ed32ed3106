"""Letters that were read in the wrong encoding: `cafÃ©` for `café`, `donâ€™t` for `don’t`.

What it does
------------
Finds runs of characters that are UTF-8 bytes read as Windows-1252 (or Latin-1), reads them again as UTF-8, and puts the
result in their place, also where it happened twice. A run is touched only when the bytes are whole, the result is an
ordinary letter or mark, and the letters around it could not have been meant as they stand. Replacement characters (�)
are only reported: what stood there is lost.

Why it matters
--------------
Mojibake breaks words in the middle: searches miss them, and a repeated sentence looks like two.

Example
-------
`The cafÃ© wasnâ€™t open.` becomes `The café wasn’t open.`

Known false alarms
------------------
Capitals with accents before a quotation mark or an ellipsis look like mojibake (`IRMÃ…`, `PÂ»`); behind another capital
they are left alone. An article that explains mojibake and shows some would be repaired.

Options
-------
None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.model import Document, Finding, Safety, Span
from dedupe.rule import replace, rule


def _as_read(byte: int) -> str:
    """The characters as which a byte is read: that of Windows-1252, and that of Latin-1."""
    try:
        return bytes([byte]).decode("cp1252") + chr(byte)
    except UnicodeDecodeError:
        return chr(byte)


_BYTE = {character: byte for byte in range(0x80, 0x100) for character in _as_read(byte)}
_TRAIL = f"[{''.join(re.escape(_as_read(byte)) for byte in range(0x80, 0xC0))}]"
_RUN = re.compile(f"(?:[Â-ß]{_TRAIL}|[à-ï]{_TRAIL}{{2}}|[ð-ô]{_TRAIL}{{3}})+")
_RUN_BEGINS = re.compile(f"[Â-ô]{_TRAIL}")
_CONTROL = "[\x80\x82-\x84\x86-\x89\x8b\x91-\x9b]"
_WINDOWS = re.compile(f"{_CONTROL}{_CONTROL}*")  # a search is fastest for what begins with one character
_LOST = re.compile("\ufffd+")
_PUNCTUATION = "\u2010-\u2027\u2030-\u203a\u20ac\u2122\u2190-\u21ff\u2212\u2500-\u27bf\u2b00-\u2bff"
_UNMISTAKABLE = re.compile(f"[{_PUNCTUATION}\U0001f000-\U0001faff]")
_LATIN_SIGNS = " °£©®«»·½¼¾¿¡§¥¢±²³µ¹ºª¶"
# Marks that may well follow a capital with an accent in correct text.
_ORDINARY = "…“”‘’‚„‹›«»–—™•\xa0°²³¹ªº®©·"


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("TXT002", "mojibake", Options)
def mojibake(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Runs of misread characters, and lost ones."""
    text = document.article.text
    if text.isascii():
        return
    found = _RUN.finditer(text) if _RUN_BEGINS.search(text) else ()
    runs = [(match, _repaired(text, *match.span())) for match in found]
    scripts = {_script(repaired[0]) for _, repaired in runs if repaired} - {"LATIN"}
    for match, repaired in runs:
        if repaired is None and scripts:  # a word of one letter, between longer words of its script
            letter = _read_again(match.group())
            repaired = letter if letter and _script(letter[0]) in scripts else None
        if repaired is not None:
            span = Span(*match.span())
            message = (
                f"wrong encoding: “{_around(text, span, match.group())}” stands for “{_around(text, span, repaired)}”"
            )
            safety = Safety.SAFE if _UNMISTAKABLE.search(repaired) else Safety.LIKELY
            yield Finding("TXT002", span, message, safety, (replace(document, span, repaired),))
    for match in _WINDOWS.finditer(text):
        span = Span(*match.span())
        if not "Â" <= text[max(0, span.start - 1) : span.start] <= "ô":
            repaired = match.group().encode("latin-1").decode("cp1252")
            message = f"wrong encoding: a control character stands for “{repaired}”"
            yield Finding("TXT002", span, message, Safety.LIKELY, (replace(document, span, repaired),))
    for block in document.blocks if "\ufffd" in text else ():
        lost = _LOST.search(text, *block.span)
        if lost:
            message = "a character was lost (�): what stood here cannot be known from the text"
            yield Finding("TXT002", Span(*lost.span()), message, Safety.DISPLAY)


def _repaired(text: str, start: int, end: int) -> str | None:
    """What a run of misread characters stands for, or None where it may be right as it stands."""
    result = _read_again(text[start:end])
    if result is None:
        return None
    for _ in range(2):
        again = _read_again(result) if _RUN.fullmatch(result) else None
        if again is None:
            break
        result = again
    if result == "\ufeff":
        return ""
    if not all(_plausible(character) for character in result):
        return None
    if any(_UNMISTAKABLE.match(character) for character in result):
        return result
    scripts = {_script(character) for character in result}
    if len(scripts) == 1 and len(result) >= 2:
        return result
    if end - start == 3 and "\u1e00" <= result <= "\u1eff":  # Vietnamese; "mamá»—dijo" is none
        sure = text[start + 1] == "º" or text[end - 1] not in _ORDINARY
        return result if sure and (text[max(0, start - 1) : start] + text[end : end + 1]).isalpha() else None
    units = (end - start) // 2
    if scripts != {"LATIN"} or (end - start) % 2 or units != len(result):
        return None
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    lead, trail = text[start], text[start + 1]
    if after.islower() and trail in "©®°²³¹º·™":
        return result
    if before.isupper() and not trail.isalpha() and trail in _ORDINARY:
        return None
    if lead == "Â":
        return None if before.isupper() or (before in "«“„‘‚\"'" and trail in "»”’“") else result
    if result.isalpha():
        if trail in _ORDINARY:
            return result if before.islower() else None
        return result if before.isalpha() or after.isalpha() else None
    return result if result == "×" and (before.isdigit() or before.isspace()) else None


def _read_again(run: str) -> str | None:
    try:
        return bytes(_BYTE[character] for character in run).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None


def _plausible(character: str) -> bool:
    if character in _LATIN_SIGNS or character == "\xa0":
        return True
    return unicodedata.category(character)[0] in "LMN" or _UNMISTAKABLE.match(character) is not None or character == "×"


def _script(character: str) -> str:
    """The first word of the character's name ("LATIN", "CYRILLIC", "CJK"); signs of Latin-1 count as Latin."""
    return "LATIN" if character < "\u0250" else unicodedata.name(character, "?").split()[0]


def _around(text: str, span: Span, middle: str) -> str:
    """The word in which the run stands, with `middle` in its place."""
    left = re.search(r"\w{0,12}$", text[max(0, span.start - 12) : span.start])
    right = re.match(r"\w{0,12}", text[span.end : span.end + 12])
    shown = middle if len(middle) <= 40 else f"{middle[:39]}…"
    return f"{left.group() if left else ''}{shown}{right.group() if right else ''}"
