"""What an input consists of: records that hold an article and can be written back with another text.

A text file is one record. In JSONL each line is one; only the literal of its text is ever replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from dedupe.errors import InputError
from dedupe.io.encoding import Codec
from dedupe.model import Article, Markup

TEXT_FIELDS = ("text", "content", "body", "articleBody", "maintext")
"""Where a JSONL record's text is looked for, in this order, unless a field is named."""
PUBLISHED_FIELDS = ("published", "datePublished", "date_publish", "publish_date", "published_at", "pubDate", "date")
"""Where the date of publication is looked for, in this order."""
MARK_FIELD = "dedupe"
"""The field that marked output adds to a JSONL record."""

_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=lambda _: None)
_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Record(Protocol):
    """One record of an input: an article, or one that has no text (`article` is None)."""

    @property
    def raw(self) -> bytes:
        """The bytes as they were read, with their line break, without byte order mark."""

    @property
    def article(self) -> Article | None:
        """The article, or None when the record has no text."""

    @property
    def fields(self) -> Mapping[str, Any]:
        """The record's fields; empty for a text file."""

    def with_text(self, text: str) -> bytes:
        """The record's bytes with another text; InputError when it cannot be written so that it reads back."""

    def marked(self, text: str, marks: list[dict[str, Any]]) -> bytes:
        """The record's bytes with marks: in a text file the text with marks in it, in JSONL a field of its own."""

    def restorable(self, changed: bool) -> dict[str, str]:
        """What a plan line must hold, besides the text, to bring back the exact bytes."""


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A text file: one article."""

    raw: bytes
    article: Article
    codec: Codec

    @property
    def fields(self) -> Mapping[str, Any]:
        """None: a text file has no fields."""
        return {}

    def with_text(self, text: str) -> bytes:
        """The file's bytes with another text."""
        return self.codec.encode(text)

    def marked(self, text: str, marks: list[dict[str, Any]]) -> bytes:  # noqa: ARG002
        """The file's bytes with marks in the text."""
        return self.codec.encode(text)

    def restorable(self, changed: bool) -> dict[str, str]:  # noqa: ARG002
        """Nothing: the text is all there is."""
        return {}


def text_record(raw: bytes, codec: Codec, source: str, markup: Markup) -> TextRecord:
    """The one record of a text file, from its bytes without byte order mark; InputError when they do not decode."""
    try:
        text = raw.decode(codec.name)
    except UnicodeDecodeError as error:
        at = len(codec.bom) + error.start
        raise InputError(
            f"{source} is not {codec.name} (byte 0x{raw[error.start]:02X} at offset {at}): "
            "say which encoding it has, e.g. --encoding cp1252"
        ) from None
    if not _reversible(text, raw, codec):
        raise InputError(f"{source} cannot be written back in {codec.name} byte for byte: convert it to UTF-8 first")
    return TextRecord(raw, Article(text, markup=markup, source=source), codec)


class Member(NamedTuple):
    """A field of a JSON object: its value (numbers as str), and where the value's literal stands in the line."""

    value: Any
    start: int
    end: int
    kind: str


def members(line: str) -> dict[str, Member]:
    """The fields of the JSON object in a line; of a doubled field the last counts, as everywhere in Python.

    ValueError when the line holds no such object, or more.

    >>> members('{"id": 7, "text": "Snow fell."}')["text"]
    Member(value='Snow fell.', start=18, end=30, kind='"')
    """
    at = _skip(line, 0)
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
        return self.with_field(MARK_FIELD, marks)

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

    def _literal(self) -> str:
        _, start, end, _ = self.fields[self.field]
        return self.line[start:end]

    def _style(self) -> str:
        text, written = self.fields[self.field].value, self._literal()
        return next((style for style in ("ascii", "utf-8") if literal(text, style) == written), "")


def json_record(
    raw: bytes, codec: Codec, source: str, ordinal: int, text_field: str | None = None, id_field: str | None = None
) -> JsonRecord:
    """The record in a line of a JSONL file. ValueError (its message is the reason) when the line cannot be read."""
    try:
        line = raw.decode(codec.name)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"not {codec.name}: byte 0x{raw[error.start]:02X} at offset {error.start} of the line; "
            "is the file in another encoding? say it with --encoding"
        ) from None
    if not _reversible(line, raw, codec):
        raise ValueError(f"cannot be written back in {codec.name} byte for byte")
    try:
        fields = members(line)
    except RecursionError:
        raise ValueError("broken JSON: nested too deep to read") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"broken JSON: {error.msg} at character {error.pos + 1} of the line") from None
    names = (text_field,) if text_field else TEXT_FIELDS
    strings = [name for name in names if name in fields and fields[name].kind == '"']
    field = next((name for name in strings if fields[name].value.strip()), strings[0] if strings else "")
    if not field or not fields[field].value.strip():
        return JsonRecord(raw, line, None, codec, fields, field)
    url = _plain(fields, "url")
    article = Article(
        fields[field].value,
        id=_plain(fields, id_field or "id"),
        title=_plain(fields, "title", "headline"),
        url=url,
        site=_plain(fields, "site") or host_of(url),
        published=_plain(fields, *PUBLISHED_FIELDS),
        lang=_plain(fields, "lang", "inLanguage"),
        source=source,
        ordinal=ordinal,
    )
    return JsonRecord(raw, line, article, codec, fields, field)


def _reversible(text: str, raw: bytes, codec: Codec) -> bool:
    """Do the bytes come back from the text? In UTF-8 and UTF-16 they always do."""
    return codec.name in {"utf-8", "utf-16-le", "utf-16-be"} or text.encode(codec.name, "replace") == raw


def _plain(fields: Mapping[str, Member], *names: str) -> str | None:
    """The value of the first of these fields that holds a number or a string that is not empty."""
    values = (fields[name].value for name in names if name in fields)
    return next((value for value in values if value and isinstance(value, str)), None)


def host_of(url: str | None) -> str | None:
    """The URL's host without "www.", which stands for its registered domain."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
