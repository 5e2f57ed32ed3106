"""HTML pages: the article of each, taken out by trafilatura, is what is cleaned and written, as text."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import IO, Any, ClassVar, NamedTuple

from dedupe.errors import InputError
from dedupe.io.encoding import Codec
from dedupe.io.format import PlainSink, Raw
from dedupe.io.formats.text import TextRecord
from dedupe.io.record import Reject, host_of
from dedupe.model import Article


class Extracted(NamedTuple):
    """The article of a page: its text, with a line for each paragraph, and what the page says of it."""

    text: str
    title: str | None
    url: str | None
    published: str | None


def extracted(page: bytes, codec: Codec, content_type: str | None = None) -> Extracted | None:
    """The article of a page; None where trafilatura finds none.

    The encoding is the codec's unless that is UTF-8; else UTF-8 where the bytes are that, then what the HTTP header
    `content_type` or the page declares, then a guess. Tables stay, readers' comments go, and nothing is left out for
    having been seen before: what stands twice is for the rules. The date is one that the page declares, never one that
    is searched for in its text.

    InputError without trafilatura; ValueError, whose message is the reason, where it fails.
    """
    trafilatura = _trafilatura()
    try:
        found = trafilatura.bare_extraction(
            _decoded(page, codec, content_type),
            with_metadata=True,
            include_comments=False,
            deduplicate=False,
            date_extraction_params={"extensive_search": False, "original_date": True, "max_date": None},
        )
    except Exception as error:  # whatever it is, other pages must not suffer
        raise ValueError(f"trafilatura cannot read the page ({type(error).__name__}: {error})") from None
    if found is None or not (found.text or "").strip():
        return None
    return Extracted(found.text, found.title or None, found.url or None, found.date or None)


def _decoded(page: bytes, codec: Codec, content_type: str | None) -> str | bytes:
    """The page as text; its bytes where nothing tells their encoding."""
    if codec.name != "utf-8":
        return page[len(codec.bom) :].decode(codec.name, "replace")
    if not page.isascii():
        with suppress(UnicodeDecodeError):
            return page.decode("utf-8-sig")
    encoding: Any = importlib.import_module("w3lib.encoding")
    declared = encoding.http_content_type_encoding(content_type) or encoding.html_body_declared_encoding(page)
    return encoding.to_unicode(page, declared) if declared else page


@cache
def _trafilatura() -> Any:
    """The library, whose warnings about pages without article are kept from standard error."""
    try:
        importlib.import_module("w3lib")
        found = importlib.import_module("trafilatura")
    except ModuleNotFoundError as error:
        raise InputError(f'an HTML page needs {error.name}: pip install "dedupe-news[html]"') from None
    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """How an HTML page is read."""

    source: str
    encoding: Codec
    name: ClassVar[str] = "html"
    written: ClassVar[str] = "txt"
    whole: ClassVar[bool] = True
    codec: ClassVar[Codec] = Codec("utf-8")

    def record(self, raw: bytes, ordinal: int = 0) -> TextRecord | Reject:  # noqa: ARG002
        """The page's article, whose bytes are those of its text; a Reject where there is none."""
        try:
            found = extracted(raw, self.encoding)
        except ValueError as error:
            return Reject(self.source, 0, str(error), raw)
        if found is None:
            return Reject(self.source, 0, "no article was found in the page", raw)
        text, title, url, published = found
        text += "\n"
        article = Article(text, title=title, url=url, site=host_of(url), published=published, source=self.source)
        return TextRecord(self.codec.encode(text), article, self.codec)

    def sink(self, file: IO[bytes], marked: bool = False) -> PlainSink:  # noqa: ARG002
        """Where the text goes."""
        return PlainSink(file)


def opened(raw: Raw) -> tuple[Page, Iterator[bytes]]:
    """The page as its one piece."""
    return Page(raw.name, raw.codec), iter([raw.file.read()])
