"""JSON files: an array of records, or records one after another, over as many lines as they like.

A piece is a record with the bracket or comma and the spaces before it, so that all of them stay as they were.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, ClassVar

from dedupe.errors import InputError
from dedupe.io.encoding import Codec
from dedupe.io.format import Raw
from dedupe.io.formats.jsonl import JsonRecord, json_record
from dedupe.io.record import USUAL_FIELDS, Fields, Reject

_AT_ONCE = 1 << 16
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},]', re.DOTALL)
_LEAD = re.compile(r"\s*([\[,\]]?)\s*")
_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Array:
    """How a JSON file is read."""

    source: str
    codec: Codec
    fields: Fields = USUAL_FIELDS
    name: ClassVar[str] = "json"
    written: ClassVar[str] = "json"
    whole: ClassVar[bool] = False

    def record(self, raw: bytes, ordinal: int) -> JsonRecord | Reject | None:
        """The record in a piece; None for the brackets of an array."""
        text = _decoded(raw, self.codec)
        lead = _lead(text)
        if lead[1] == "]" or (lead.end() == len(text) and lead[1] != ","):
            return None
        try:
            return json_record(raw, self.codec, self.source, ordinal, self.fields, lead.end())
        except ValueError as error:
            return Reject(self.source, ordinal + 1, str(error), raw)

    def sink(self, file: IO[bytes], marked: bool = False) -> ArraySink:  # noqa: ARG002
        """Where the output's pieces go."""
        return ArraySink(file, self.codec)


class ArraySink:
    """Pieces one after another; where some were left out, brackets and commas still stand as they must."""

    def __init__(self, file: IO[bytes], codec: Codec) -> None:
        self._file = file
        self._codec = codec
        self._begun = False
        file.write(codec.bom)

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        text = _decoded(piece, self._codec)
        lead = _lead(text)
        opening = "" if lead.end() == len(text) else ","
        wanted = {"[": opening} if self._begun else {",": "[", "]": "[]"}
        if lead[1] in wanted:
            text = f"{text[: lead.start(1)]}{wanted[lead[1]]}{text[lead.end(1) :]}"
            piece = _encoded(text, self._codec)
        self._begun = self._begun or lead[1] != ""
        self._file.write(piece)

    def finish(self) -> None:
        """The last bracket was a piece."""


def opened(raw: Raw) -> tuple[Array, Iterator[bytes]]:
    """A JSON file and its pieces. InputError, when they are taken, where brackets or quotes do not close."""
    return Array(raw.name, raw.codec, raw.fields), _pieces(raw)


def _pieces(raw: Raw) -> Iterator[bytes]:
    content = _Content(raw)
    text, start, at, depth, is_array, closed = "", 0, 0, 0, False, False
    done = 0
    while True:
        for token in _TOKEN.finditer(text, at):
            sign = token[0]
            at = token.end()
            if sign == '"':
                at = token.start()
                break
            if len(sign) > 1:
                continue
            if sign in "[{":
                is_array = is_array or (depth == 0 and sign == "[")
                depth += 1
                continue
            depth -= sign != ","
            if depth < 0 or (depth == 0 and sign == ","):
                raise _broken(raw.name, done + at, text[at - 1 : at - 1 + _SHOWN])
            closed = is_array and depth == 0
            if (depth == 1 and is_array) if sign == "," else depth == 0:
                end = token.start() if is_array else token.end()
                yield content.piece(text[start:end])
                start = end
            if closed:
                break
        if closed:
            break
        more = content.more(max(_AT_ONCE, len(text) - start))
        done, text, at, start = done + start, text[start:] + more, at - start, 0
        if not more:
            if depth or text[at : at + 1] == '"':
                raise _broken(raw.name, done + len(text), "the end of the file")
            break
    rest = text[start:] + "".join(iter(content.more, ""))
    if closed and (more := rest[1:].lstrip()):
        raise _broken(raw.name, done + start + len(rest) - len(more) + 1, more[:_SHOWN])
    if rest:
        yield content.piece(rest)


class _Content:
    """A file's text as it is read, of whose parts, in order, it has the bytes.

    InputError where the bytes are no text, or the text would not bring them back.
    """

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(raw.codec.name)(_errors(raw.codec))
        self._bytes = bytearray()

    def more(self, size: int = _AT_ONCE) -> str:
        """The text of the next `size` bytes or more; nothing at the end."""
        while data := self._raw.file.read(size):
            self._bytes += data
            if text := self._decoded(data):
                return text
        return self._decoded(b"", final=True)

    def _decoded(self, data: bytes, final: bool = False) -> str:
        try:
            return self._decoder.decode(data, final)
        except UnicodeDecodeError:
            name = self._raw.codec.name
            raise InputError(f"{self._raw.name} is not {name}: say which encoding it has with --encoding") from None

    def piece(self, text: str) -> bytes:
        """The bytes of the next part of the text."""
        encoded = _encoded(text, self._raw.codec)
        if not self._bytes.startswith(encoded):
            name = self._raw.codec.name
            raise InputError(f"{self._raw.name} cannot be written back in {name} byte for byte: convert it to UTF-8")
        del self._bytes[: len(encoded)]
        return encoded


def _broken(name: str, place: int, found: str) -> InputError:
    return InputError(
        f"{name} is broken JSON: at character {place:,} stands {found!r}: "
        "repair it, or say --format jsonl where each line is a record of its own"
    )


def _lead(text: str) -> re.Match[str]:
    lead = _LEAD.match(text)
    assert lead is not None
    return lead


def _errors(codec: Codec) -> str:
    """How bytes that are no text pass through, so that they are told with the record where they stand."""
    return "surrogatepass" if codec.name.startswith("utf-16") or codec.name.startswith("utf-32") else "surrogateescape"


def _decoded(raw: bytes, codec: Codec) -> str:
    return raw.decode(codec.name, _errors(codec))


def _encoded(text: str, codec: Codec) -> bytes:
    return text.encode(codec.name, _errors(codec))
