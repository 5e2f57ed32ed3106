"""What a format is: how the pieces of an input are told apart, read as records, and written.

A piece is the least that is read and written whole: a text file, a line of JSONL, an element of a JSON array, a row of
a table. Formats are plain data (dataclasses) and travel to workers with the pieces; each stands in a module of
`dedupe.io.formats`, with a function `opened(Raw) -> (Format, pieces)`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import IO, Any, NamedTuple, Protocol

from dedupe.errors import InputError, nearest
from dedupe.io.encoding import Codec
from dedupe.io.packing import bare, packing_of
from dedupe.io.record import Fields, Record, Reject

_MODULES = {
    "txt": "text",
    "md": "text",
    "jsonl": "jsonl",
    "json": "array",
    "csv": "table",
    "parquet": "parquet",
    "html": "page",
    "warc": "archive",
}
FORMATS = tuple(_MODULES)
SUFFIXES = {
    ".txt": "txt",
    ".md": "md",
    ".markdown": "md",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".html": "html",
    ".htm": "html",
    ".warc": "warc",
    ".wet": "warc",
}
SUPPORTED = ".txt, .md, .jsonl, .json, .csv, .parquet, .html and .warc, most of them also with .gz or .zst"
_OTHERS = {".xml", ".pdf", ".docx", ".bz2", ".xz", ".zip"}
_ALIKE = {"md": "txt", "txt": "txt"}


class Sink(Protocol):
    """Where the pieces of an output go, in order."""

    def write(self, piece: bytes) -> None:
        """Take the next piece."""

    def finish(self) -> None:
        """All pieces are there: write what must come last."""


class Format(Protocol):
    """How one input is read and written."""

    @property
    def source(self) -> str:
        """The input's name."""

    @property
    def name(self) -> str:
        """The format's name, one of FORMATS."""

    @property
    def written(self) -> str:
        """The format of what is written: the input's own, where that can be written."""

    @property
    def whole(self) -> bool:
        """Is the input one article, without records?"""

    @property
    def codec(self) -> Codec:
        """The encoding of the output."""

    def record(self, raw: bytes, ordinal: int) -> Record | Reject | None:
        """The record in a piece; None where it holds none, such as a blank line. InputError where all must stop."""

    def sink(self, file: IO[bytes], marked: bool = False) -> Sink:
        """Where the output's pieces go; with `marked` they are those of `Record.marked`."""


class Raw(NamedTuple):
    """An input as it was opened: unpacked, and behind its byte order mark where the format is one of text."""

    name: str
    file: IO[bytes]
    format: str
    codec: Codec
    fields: Fields


class PlainSink:
    """Pieces one after another."""

    def __init__(self, file: IO[bytes], head: bytes = b"") -> None:
        self._file = file
        file.write(head)

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        self._file.write(piece)

    def finish(self) -> None:
        """Nothing comes last."""


def opened(raw: Raw) -> tuple[Format, Iterator[bytes]]:
    """The format of an input, made ready, and its pieces."""
    module: Any = importlib.import_module(f"dedupe.io.formats.{_MODULES[raw.format]}")
    return module.opened(raw)  # type: ignore[no-any-return]


def is_text(format: str) -> bool:
    """Is it a format of text, whose encoding and line ends we read ourselves?"""
    return format not in {"parquet", "html", "warc"}


def format_of(name: str, given: str | None = None) -> str | None:
    """The format that `--format` or a file's suffix says; None where the content must tell (`-`).

    InputError for a format or suffix that is not supported.

    >>> format_of("news.jsonl.gz"), format_of("-")
    ('jsonl', None)
    """
    if given is not None:
        if given not in FORMATS:
            raise InputError(f"unknown format {given!r}{nearest(given, FORMATS)}; choose from {', '.join(FORMATS)}")
        return given
    if name == "-":
        return None
    suffix = suffix_of(name)
    if suffix not in SUFFIXES:
        raise InputError(
            f"{name}: cannot read {suffix or 'a file without suffix'}; supported are {SUPPORTED} "
            f"(--format {'|'.join(FORMATS)} reads any file as one of them)"
        )
    return SUFFIXES[suffix]


def suffix_of(name: str) -> str:
    """A file's suffix in small letters, without .gz or .zst.

    >>> suffix_of("News.JSONL.gz"), suffix_of("archive")
    ('.jsonl', '')
    """
    last = bare(name).rpartition("/")[2].lower()
    stem, dot, suffix = last.rpartition(".")
    return f"{dot}{suffix}" if stem else ""


def check_output(name: str, format: str) -> None:
    """InputError when a file name promises another format than the one that will be written."""
    if format == "parquet" and packing_of(name):
        raise InputError(f"{name}: a Parquet file is compressed inside: name the output {bare(name)}")
    suffix = suffix_of(name)
    promised = SUFFIXES.get(suffix)
    if suffix in _OTHERS or (promised is not None and _ALIKE.get(promised, promised) != _ALIKE.get(format, format)):
        packed = "" if format == "parquet" else f" (or .{format}.gz)"
        raise InputError(f"{name}: the output is written as .{format}{packed}: name it so")
