"""Bytes <-> text: UTF-8 with or without BOM, UTF-16 with BOM, anything else by name."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from dedupe.errors import InputError, nearest

_COMMON = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "cp1251",
    "cp1250",
    "latin-1",
    "shift_jis",
    "gb18030",
    "big5",
    "euc-kr",
)
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Codec:
    """How a file turns text into bytes: the encoding's name, and the byte order mark that stands before the text."""

    name: str
    bom: bytes = b""

    def encode(self, text: str) -> bytes:
        """The bytes of a text, without the byte order mark; InputError when the encoding lacks a character."""
        try:
            return text.encode(self.name)
        except UnicodeEncodeError as error:
            character = f"U+{ord(text[error.start]):04X}"
            raise InputError(f"{self.name} has no character {character}: convert the file to UTF-8 first") from None

    def decode(self, raw: bytes) -> str:
        """The text of these bytes. ValueError (its message is the reason) when it would not bring them back."""
        try:
            text = raw.decode(self.name)
        except UnicodeDecodeError as error:
            raise ValueError(
                f"not {self.name}: byte 0x{raw[error.start]:02X} at offset {error.start} of the line; "
                "is the file in another encoding? say it with --encoding"
            ) from None
        if not self.reversible(text, raw):
            raise ValueError(f"cannot be written back in {self.name} byte for byte")
        return text

    def reversible(self, text: str, raw: bytes) -> bool:
        """Do the bytes come back from the text that they were decoded to? In UTF-8 and UTF-16 they always do."""
        return self.name in {"utf-8", "utf-16-le", "utf-16-be"} or text.encode(self.name, "replace") == raw


def codec_for(head: bytes, encoding: str | None = None) -> Codec:
    """The codec of a file that begins with these bytes (its first four, or all): by its byte order mark, else UTF-8.

    `encoding` names another one; InputError when it is unknown, or a UTF-16 or UTF-32 whose byte order nothing tells.

    >>> codec_for(b"plain"), codec_for(b"\\xff\\xfeA\\x00")
    (Codec(name='utf-8', bom=b''), Codec(name='utf-16-le', bom=b'\\xff\\xfe'))
    """
    name = _known(encoding) if encoding else "utf-8"
    names = {"utf-16": ("utf-16-le", "utf-16-be"), "utf-32": ("utf-32-le", "utf-32-be")}.get(name, (name,))
    for candidate in names if encoding else ("utf-8", "utf-16-le", "utf-16-be"):
        try:
            bom = _BOM.encode(candidate)
        except UnicodeEncodeError:
            continue
        if candidate.startswith("utf") and head.startswith(bom):
            return Codec(candidate, bom)
    if len(names) > 1 and head:
        raise InputError(f"no byte order mark tells which {name} this is: say --encoding {' or '.join(names)}")
    return Codec(names[0])


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        "\n".encode(name)
    except (LookupError, ValueError):
        hint = nearest(encoding, _COMMON)
        raise InputError(f"unknown encoding {encoding!r}{hint}; Python's names are known, e.g. cp1252") from None
    return "utf-8" if name == "utf-8-sig" else name
