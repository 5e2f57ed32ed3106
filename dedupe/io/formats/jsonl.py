"""JSONL: a record a line, of which only the literal of the text is ever replaced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, ClassVar, NamedTuple

from dedupe.errors import InputError
from dedupe.io.encoding import Codec
from dedupe.io.format import PlainSink, Raw
from dedupe.io.record import MARK_FIELD, TEXT_FIELDS, USUAL_FIELDS, Fields, Reject, article_from
from dedupe.model import Article

_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=lambda _: None)
_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
BLANK = b" \t\r\n\0"
"""What a blank line consists of, in any encoding."""


class Member(NamedTuple):
    """A field of a JSON object: its value (numbers as str), and where the value's literal stands in the line."""

    value: Any
    start: int
    end: int
    kind: str


def members(line: str, start: int = 0) -> dict[str, Member]:
    """The fields of the JSON object in a line from `start` on; of a doubled field the last counts, as in all of Python.

    ValueError when the line holds no such object, or more.

    >>> members('{"id": 7, "text": "Snow fell."}')["text"]
    Member(value='Snow fell.', start=18, end=30, kind='"')
    """
    at = _skip(line, start)
    if line[at : at + 1] != "{":
        _DECODER.raw_decode(line, at)
        raise ValueError("a record must be a JSON object {…}")
    found: dict[str, Member] = {}
    at = _skip(line, at + 1)
    if line[at : at + 1] != "}":
        while True:
            if line[at : at + 1] != '"':
                raise json.JSONDecodeError("Expecting a field name in double quotes", line, at)
            name, at = _DECODER.raw_decode(line, at)
            at = _skip(line, at)
            if line[at : at + 1] != ":":
                raise json.JSONDecodeError("Expecting ':'", line, at)
            start = _skip(line, at + 1)
            value, end = _DECODER.raw_decode(line, start)
            found[name] = Member(value, start, end, line[start])
            at = _skip(line, end)
            if line[at : at + 1] != ",":
                break
            at = _skip(line, at + 1)
        if line[at : at + 1] != "}":
            raise json.JSONDecodeError("Expecting ',' or '}'", line, at)
    at = _skip(line, at + 1)
    if at != len(line):
        raise json.JSONDecodeError("Extra data", line, at)
    return found


def _skip(line: str, at: int) -> int:
    space = _SPACE.match(line, at)
    return space.end() if space else at


def literal(value: Any, style: str) -> str:
    """A value as JSON in one line: style "ascii" escapes all but ASCII, "utf-8" only what it must.

    >>> literal("é", "ascii"), literal("é", "utf-8")
    ('"\\\\u00e9"', '"é"')
    """
    written = json.dumps(value, ensure_ascii=style == "ascii")
    return _SURROGATE.sub(lambda m: f"\\u{ord(m[0]):04x}", written)


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """A line of a JSONL file. `field` names the field that holds the text ("" without one)."""

    raw: bytes
    line: str
    article: Article | None
    codec: Codec
    fields: Mapping[str, Member]
    field: str

    @property
    def text(self) -> str | None:
        """The text, blank or not; None where no field holds one."""
        return self.fields[self.field].value if self.field else None

    def with_text(self, text: str) -> bytes:
        """The line's bytes with another text, written in the manner of the old one; nothing else differs."""
        written = literal(text, self._style() or "utf-8")
        try:
            written.encode(self.codec.name)
        except UnicodeEncodeError:
            written = literal(text, "ascii")
        if json.loads(written) != text:
            raise InputError("the text has halves of a character side by side that JSON would join")
        return self.with_literal(written)

    def with_literal(self, written: str) -> bytes:
        """The line's bytes with the literal of the text replaced."""
        _, start, end, _ = self.fields[self.field]
        return self.codec.encode(self.line[:start] + written + self.line[end:])

    def marked(self, text: str, marks: list[dict[str, Any]]) -> bytes:  # noqa: ARG002
        """The line's bytes with the marks as its last field; InputError when it has a field of that name."""
        return self.with_field(MARK_FIELD, marks) if marks else self.raw

    def with_field(self, name: str, value: Any) -> bytes:
        """The record's bytes with one more field, its last; InputError when it has a field of that name."""
        if name in self.fields:
            raise InputError(f"the record has a field {name!r} already: remove or rename it to mark the record")
        end = max(member.end for member in self.fields.values())
        entry = literal(value, self._style() or "utf-8" if self.codec.name == "utf-8" else "ascii")
        return self.codec.encode(f'{self.line[:end]}, "{name}": {entry}{self.line[end:]}')

    def restorable(self, changed: bool) -> dict[str, str]:
        """The field's name unless it is "text"; of a changed record the literal's style, or itself if it has none."""
        named = {} if self.field == TEXT_FIELDS[0] else {"field": self.field}
        if not changed:
            return named
        style = self._style()
        return named | ({"json": style} if style else {"raw": self._literal()})

    def restored(self, text: str, entry: Mapping[str, Any]) -> bytes:
        """The line's bytes with the text that it had, in the manner that the plan line says."""
        written = entry["raw"] if "raw" in entry else literal(text, entry["json"])
        if json.loads(written, strict=False) != text:
            raise ValueError("the literal is of another text")
        return self.with_literal(written)

    def _literal(self) -> str:
        _, start, end, _ = self.fields[self.field]
        return self.line[start:end]

    def _style(self) -> str:
        text, written = self.fields[self.field].value, self._literal()
        return next((style for style in ("ascii", "utf-8") if literal(text, style) == written), "")


def json_record(
    raw: bytes, codec: Codec, source: str, ordinal: int, fields: Fields = USUAL_FIELDS, start: int = 0
) -> JsonRecord:
    """The record in a line of a JSONL file, which begins at the character `start`.

    ValueError (its message is the reason) when the line cannot be read.
    """
    line = codec.decode(raw)
    try:
        found = members(line, start)
    except RecursionError:
        raise ValueError("broken JSON: nested too deep to read") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"broken JSON: {error.msg} at character {error.pos + 1} of the line") from None
    strings = [name for name in fields.of("text") if name in found and found[name].kind == '"']
    field = next((name for name in strings if found[name].value.strip()), strings[0] if strings else "")
    if not field or not found[field].value.strip():
        return JsonRecord(raw, line, None, codec, found, field)
    article = article_from(found[field].value, partial(_plain, found), fields, source, ordinal)
    return JsonRecord(raw, line, article, codec, found, field)


def _plain(fields: Mapping[str, Member], names: Sequence[str]) -> str | None:
    """The value of the first of these fields that holds a number or a string that is not empty."""
    values = (fields[name].value for name in names if name in fields)
    return next((value for value in values if value and isinstance(value, str)), None)


@dataclass(frozen=True, slots=True)
class Jsonl:
    """How a JSONL file is read."""

    source: str
    codec: Codec
    fields: Fields = USUAL_FIELDS
    name: ClassVar[str] = "jsonl"
    written: ClassVar[str] = "jsonl"
    whole: ClassVar[bool] = False

    def record(self, raw: bytes, ordinal: int) -> JsonRecord | Reject | None:
        """The record in a line; None when the line is blank."""
        if not raw.strip(BLANK):
            return None
        try:
            return json_record(raw, self.codec, self.source, ordinal, self.fields)
        except ValueError as error:
            return Reject(self.source, ordinal + 1, str(error), raw)

    def sink(self, file: IO[bytes], marked: bool = False) -> PlainSink:  # noqa: ARG002
        """Where the output's lines go."""
        return PlainSink(file, self.codec.bom)


def opened(raw: Raw) -> tuple[Jsonl, Iterator[bytes]]:
    """A JSONL file and its lines."""
    return Jsonl(raw.name, raw.codec, raw.fields), lines(raw.file, raw.codec)


def lines(file: IO[bytes], codec: Codec, end: str = "\n") -> Iterator[bytes]:
    """Lines with the line breaks that end them. Where these are no single line feed, a file is read whole."""
    newline = end.encode(codec.name)
    if newline == b"\n":
        yield from file
        return
    data, start, at = file.read(), 0, -1
    while (at := data.find(newline, at + 1)) >= 0:
        if at % len(newline) == 0:
            yield data[start : at + len(newline)]
            start = at + len(newline)
    if start < len(data):
        yield data[start:]
