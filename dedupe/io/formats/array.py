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
        if lead.end() == len(text) or lead[1] == "]":
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
        wanted = {"[": ",", ",": ","} if self._begun else {"[": "[", ",": "[", "]": "[]"}
        if lead[1] and wanted.get(lead[1], lead[1]) != lead[1]:
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
    decoder = codecs.getincrementaldecoder(raw.codec.name)(_errors(raw.codec))
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
            end = None
            if sign == "," and depth == 1 and is_array:
                end = token.start()
            elif sign in "]}":
                depth -= 1
                if depth == 0:
                    end = token.start() if is_array else token.end()
                    closed = is_array
            if end is not None:
                yield _encoded(text[start:end], raw.codec)
                start = end
            if depth < 0 or closed:
                break
        if depth < 0:
            raise _broken(raw.name, done + at, text[at - 1 : at - 1 + _SHOWN])
        if closed:
            break
        data = raw.file.read(max(_AT_ONCE, len(text) - start))
        done, text, at, start = done + start, text[start:], at - start, 0
        try:
            text += decoder.decode(data, final=not data)
        except UnicodeDecodeError:
            raise InputError(f"{raw.name} is not {raw.codec.name}: say which encoding it has with --encoding") from None
        if not data:
            if depth or (text[at : at + 1] == '"'):
                raise _broken(raw.name, done + len(text), "the end of the file")
            break
    rest = text[start:] + decoder.decode(raw.file.read(), final=True)
    if closed and rest[1:].strip():
        raise _broken(raw.name, done + start + 2, rest[1:].strip()[:_SHOWN])
    if rest:
        yield _encoded(rest, raw.codec)


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
