"""Web archives, WARC and WET: each page in them becomes a line of JSONL.

A piece is such a line already; where the article must first be taken out of HTML, which is work for a worker, it holds
the record of the archive instead of a text.
"""

from __future__ import annotations

import importlib
import io
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, ClassVar

from dedupe.errors import InputError
from dedupe.io.encoding import Codec, codec_for
from dedupe.io.format import PlainSink, Raw
from dedupe.io.formats.jsonl import JsonRecord, json_record
from dedupe.io.formats.page import extracted
from dedupe.io.record import USUAL_FIELDS, Fields, Reject

_HTML = {"text/html", "application/xhtml+xml"}
_PACKED = "warc"
_DECODED = ("all", "content", "transfer", "none")


@dataclass(frozen=True, slots=True)
class Archive:
    """How a web archive is read."""

    source: str
    fields: Fields = USUAL_FIELDS
    name: ClassVar[str] = "warc"
    written: ClassVar[str] = "jsonl"
    whole: ClassVar[bool] = False
    codec: ClassVar[Codec] = Codec("utf-8")

    def record(self, raw: bytes, ordinal: int) -> JsonRecord | Reject:
        """The record that a page becomes; its text is null where the page has no article."""
        entry = json.loads(raw)
        packed = entry.pop(_PACKED, None)
        if packed is not None:
            try:
                raw = _line(entry | _article(b64decode(packed)))
            except ValueError as error:
                return Reject(self.source, ordinal + 1, str(error), _line(entry | {"text": None}))
        return json_record(raw, self.codec, self.source, ordinal, self.fields)

    def sink(self, file: IO[bytes], marked: bool = False) -> PlainSink:  # noqa: ARG002
        """Where the output's lines go."""
        return PlainSink(file)


def opened(raw: Raw) -> tuple[Archive, Iterator[bytes]]:
    """A web archive and its pages: text (WET), and HTML that was answered with status 200.

    InputError, when they are taken, where it is damaged, or without fastwarc.
    """
    return Archive(raw.name, raw.fields), _pieces(raw)


def _pieces(raw: Raw) -> Iterator[bytes]:
    warc = _fastwarc()
    kinds = warc.WarcRecordType
    try:
        for record in warc.ArchiveIterator(_Forward(raw.file), kinds.conversion | kinds.response | kinds.resource):
            piece = _piece(record)
            if piece is not None:
                yield piece
    except OSError as error:
        raise InputError(f"{raw.name} is damaged, or no web archive ({error}): fetch it again, or repair it") from None


class _Forward:
    """A stream that goes forward only, with what fastwarc asks of one."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._at = 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self._at += len(data)
        return data

    def tell(self) -> int:
        """How many bytes were read."""
        return self._at


def _piece(record: Any) -> bytes | None:
    """The line for a record of an archive; None where that is no page. EOFError where it is cut off."""
    size = record.content_length
    if record.headers.get("Content-Length") is None:
        raise EOFError("it ends in the middle of a record")
    kind = record.http_content_type if record.is_http else record.headers.get("Content-Type")
    kind = (kind or "").partition(";")[0].strip().lower()
    is_text = kind == "text/plain" and record.headers.get("WARC-Type") == "conversion"
    is_page = kind in _HTML and (not record.is_http or record.http_headers.status_code == 200)
    if not (is_text or is_page):
        return None
    record.freeze()
    if record.content_length < size:
        raise EOFError("it ends in the middle of a record")
    entry = {
        "id": record.record_id,
        "url": (record.headers.get("WARC-Target-URI") or "").strip("<>") or None,
        "crawled": record.headers.get("WARC-Date"),
    }
    if is_text:
        return _line(entry | {"text": record.reader.read().decode("utf-8", "replace")})
    packed = io.BytesIO()
    record.write(packed)
    return _line(entry | {_PACKED: b64encode(packed.getvalue()).decode("ascii")})


def _article(packed: bytes) -> dict[str, str | None]:
    """What the record of a page adds to its line. ValueError where the page cannot be read."""
    page, content_type = _body(packed)
    found = extracted(page, codec_for(page[:4]), content_type)
    if found is None:
        return {"text": None}
    known = {"title": found.title, "published": found.published}
    return {**{name: value for name, value in known.items() if value}, "text": found.text}


def _body(packed: bytes) -> tuple[bytes, str | None]:
    """A page and its content type: decoded as its headers say, as far as they are true."""
    for decoded in _DECODED:
        with suppress(OSError):
            record = next(iter(_fastwarc().ArchiveIterator(io.BytesIO(packed), auto_decode=decoded)))
            headers = record.http_headers if record.is_http else record.headers
            return record.reader.read(), headers.get("Content-Type")
    raise ValueError("fastwarc cannot read the page")


def _line(entry: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(entry, ensure_ascii=False)}\n".encode()


def _fastwarc() -> Any:
    try:
        return importlib.import_module("fastwarc.warc")
    except ModuleNotFoundError:
        raise InputError('a web archive needs fastwarc: pip install "dedupe-news[warc]"') from None
