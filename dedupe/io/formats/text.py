"""Text files, plain or Markdown: one article each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, ClassVar

from dedupe.errors import InputError
from dedupe.io.encoding import Codec
from dedupe.io.format import PlainSink, Raw
from dedupe.model import Article, Markup


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

    @property
    def text(self) -> str:
        """The whole file."""
        return self.article.text

    def with_text(self, text: str) -> bytes:
        """The file's bytes with another text."""
        return self.codec.encode(text)

    def marked(self, text: str, marks: list[dict[str, Any]]) -> bytes:
        """The file's bytes with marks in the text."""
        return self.codec.encode(text) if marks else self.raw

    def restorable(self, changed: bool) -> dict[str, str]:  # noqa: ARG002
        """Nothing: the text is all there is."""
        return {}

    def restored(self, text: str, entry: Mapping[str, Any]) -> bytes:  # noqa: ARG002
        """The file's bytes with the text that it had."""
        return self.with_text(text)


@dataclass(frozen=True, slots=True)
class Text:
    """How a text file is read."""

    source: str
    name: str
    codec: Codec
    markup: Markup

    whole: ClassVar[bool] = True

    @property
    def written(self) -> str:
        """The output's format."""
        return self.name

    def record(self, raw: bytes, ordinal: int = 0) -> TextRecord:  # noqa: ARG002
        """The one record, from the file's bytes without byte order mark; InputError when they do not decode."""
        try:
            text = raw.decode(self.codec.name)
        except UnicodeDecodeError as error:
            at = len(self.codec.bom) + error.start
            raise InputError(
                f"{self.source} is not {self.codec.name} (byte 0x{raw[error.start]:02X} at offset {at}): "
                "say which encoding it has, e.g. --encoding cp1252"
            ) from None
        if not self.codec.reversible(text, raw):
            raise InputError(
                f"{self.source} cannot be written back in {self.codec.name} byte for byte: convert it to UTF-8 first"
            )
        return TextRecord(raw, Article(text, markup=self.markup, source=self.source), self.codec)

    def sink(self, file: IO[bytes], marked: bool = False) -> PlainSink:  # noqa: ARG002
        """Where the output goes."""
        return PlainSink(file, self.codec.bom)


def opened(raw: Raw) -> tuple[Text, Iterator[bytes]]:
    """The file as its one piece."""
    return Text(raw.name, raw.format, raw.codec, "markdown" if raw.format == "md" else "plain"), _all(raw.file)


def _all(file: IO[bytes]) -> Iterator[bytes]:
    yield file.read()
