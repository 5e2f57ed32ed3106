"""Open an input: what format it has, how it is encoded, and its records one by one."""

from __future__ import annotations

import difflib
import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Literal, cast

from dedupe.errors import InputError, nearest
from dedupe.io.encoding import Codec, codec_for
from dedupe.io.record import TEXT_FIELDS, Record, json_record, members, text_record

Format = Literal["txt", "md", "jsonl"]
FORMATS: tuple[Format, ...] = ("txt", "md", "jsonl")
_SUFFIXES: dict[str, Format] = {".txt": "txt", ".md": "md", ".markdown": "md", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_OTHERS = {".json", ".csv", ".tsv", ".parquet", ".html", ".htm", ".xml", ".pdf", ".docx", ".zst", ".bz2", ".xz", ".zip"}
SUPPORTED = ".txt, .md and .jsonl, each also with .gz"
_SEEN = 200  # names of fields kept for messages
_BLANK = b" \t\r\n\0"
_GZIP = b"\x1f\x8b\x08"
_ARRAY = re.compile(r'\s*(?:\[\s*)+(?:$|\{|"(?:[^"\\]|\\.)*"\s*(?:[,\]]|$))')
_OBJECT = re.compile(r'\s*\{\s*(?:$|"(?:[^"\\]|\\.)*"\s*:)')
_ONE_A_LINE = (
    "make it one record a line (jq -c '.[]' for an array, jq -c . for indented records; Scrapy: -O items.jsonl)"
)


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that could not be read. `line` counts from 1; `raw` holds its bytes with the line break."""

    source: str
    line: int
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Source:
    """An opened input. `lines` gives its bytes after the byte order mark, line by line with line breaks.

    `disguised` is set where it is compressed though its name does not end in .gz.
    """

    name: str
    format: Format
    codec: Codec
    lines: Iterator[bytes]
    disguised: bool = False

    def records(self, text_field: str | None = None, id_field: str | None = None) -> Iterator[Record | Reject | bytes]:
        """The records; lines that cannot be read as Reject; blank lines of JSONL as they are.

        A JSONL article's `ordinal` is the number of its line, counted from 0 over all lines, so that it stays true when
        other lines are rejected. InputError when a text file does not decode, when no record at all has a text field,
        or when none has the field that was named.
        """
        if self.format != "jsonl":
            yield text_record(
                b"".join(self.lines), self.codec, self.name, "markdown" if self.format == "md" else "plain"
            )
            return
        seen: dict[str, None] = {}
        wanted = {text_field, id_field, *TEXT_FIELDS}
        for ordinal, raw in enumerate(self.lines):
            if not raw.strip(_BLANK):
                yield raw
                continue
            try:
                record = json_record(raw, self.codec, self.name, ordinal, text_field, id_field)
            except ValueError as error:
                yield Reject(self.name, ordinal + 1, str(error), raw)
                continue
            seen.update((name, None) for name in record.fields if len(seen) < _SEEN or name in wanted)
            yield record
        check_fields(self.name, seen, text_field, id_field)


def check_fields(source: str, seen: dict[str, None], text_field: str | None, id_field: str | None) -> None:
    """InputError when no record had a text field, or none the field that was named; `seen` are those of all records."""
    for option, name in (("--text-field", text_field), ("--id-field", id_field)):
        if name and seen and name not in seen:
            raise InputError(f"{option}: no record of {source} has a field {name!r}{nearest(name, seen)}{_list(seen)}")
    if seen and not text_field and seen.keys().isdisjoint(TEXT_FIELDS):
        raise InputError(
            f"no record of {source} has a text ({', '.join(TEXT_FIELDS)}){_list(seen)}; "
            "say which one holds it with --text-field NAME"
        )


def _list(seen: dict[str, None]) -> str:
    names = sorted(seen)
    return f"; its fields: {', '.join(names[:20])}{', …' if len(names) > 20 else ''}"


def format_of(name: str, given: str | None = None) -> Format | None:
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
    if suffix == ".json":
        raise InputError(f"{name}: cannot read .json: {_ONE_A_LINE}, or say --format jsonl where it is so already")
    if suffix not in _SUFFIXES:
        raise InputError(
            f"{name}: cannot read {suffix or 'a file without suffix'}; supported are {SUPPORTED} "
            f"(--format {'|'.join(FORMATS)} reads any file as one of them)"
        )
    return _SUFFIXES[suffix]


def suffix_of(name: str) -> str:
    """A file's suffix in small letters, without .gz."""
    return Path(name.lower().removesuffix(".gz")).suffix


def check_output(name: str, format: Format) -> None:
    """InputError when a file name promises another format than the one that will be written."""
    suffix = suffix_of(name)
    promised = _SUFFIXES.get(suffix)
    if suffix in _OTHERS or (promised is not None and (promised == "jsonl") != (format == "jsonl")):
        raise InputError(f"{name}: the output has the format of the input, .{format} (or .{format}.gz): name it so")


@contextmanager
def opened(
    name: str, format: str | None = None, encoding: str | None = None, copy: str | None = None
) -> Iterator[Source]:
    """Open a file, or standard input as `-`, or the file that is a `copy` of it.

    InputError when it is missing, a folder, damaged or of no known format.
    """
    try:
        if copy:
            with Path(copy).open("rb") as file:
                yield _source(file, name, format, encoding)
        elif name == "-":
            yield _source(cast("io.BufferedReader", sys.stdin.buffer), name, format, encoding)
        elif Path(name).is_dir():
            raise InputError(f"{name} is a folder: name its files, e.g. {name.rstrip('/')}/*.txt")
        else:
            with Path(name).open("rb") as file:
                yield _source(file, name, format, encoding)
    except FileNotFoundError as error:
        if error.filename != name:
            raise
        if "*" in name or "?" in name:
            raise InputError(f"{name}: the pattern matched no file, or was quoted: the shell must expand it") from None
        raise InputError(f"{name} does not exist: check the name{_neighbour(name)}") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{name} is damaged ({error}): fetch it again or repair it with gzip") from None


def _neighbour(name: str) -> str:
    """A hint that names the file in the same folder whose name is nearly this one."""
    wanted = Path(name)
    known = {path.name.lower(): path.name for path in wanted.parent.iterdir()} if wanted.parent.is_dir() else {}
    close = difflib.get_close_matches(wanted.name.lower(), known, n=1, cutoff=0.75)
    return f"; did you mean {known[close[0]]!r}?" if close else ""


def _source(file: io.BufferedReader, name: str, format: str | None, encoding: str | None) -> Source:
    chosen = format_of(name, format)
    named = name.lower().endswith(".gz")
    packed = named or file.peek(len(_GZIP)).startswith(_GZIP)
    stream = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file
    head = stream.read(4)
    codec = codec_for(head, encoding)
    lines = _lines(stream, head[len(codec.bom) :], codec)
    if chosen in (None, "jsonl"):
        first = []
        for line in lines:
            first.append(line)
            if line.strip(_BLANK):
                break
        chosen = _format_in(first[-1] if first else b"", codec, name, chosen)
        lines = chain(first, lines)
    return Source(name, chosen, codec, lines, packed and not named)


def _format_in(line: bytes, codec: Codec, name: str, told: Format | None) -> Format:
    """The format that an input's first line with words tells. InputError where it is JSON, but no record a line."""
    text = line.decode(codec.name, "replace")
    array = _ARRAY.match(text) is not None
    if told and not array:
        return told
    try:
        members(text)
    except (ValueError, RecursionError):
        if array or _OBJECT.match(text):
            place = "" if name == "-" else f"{name}: "
            raise InputError(
                f"{place}this looks like a JSON array or indented JSON: {_ONE_A_LINE}, or say `clean --format txt`"
            ) from None
        return "txt"
    return "jsonl"


def _lines(stream: IO[bytes], head: bytes, codec: Codec) -> Iterator[bytes]:
    """Lines with their line feeds. Encodings whose line feed has several bytes are read whole."""
    newline = codec.newline
    if len(newline) == 1:
        *whole, rest = (head + stream.readline()).split(newline)
        yield from (line + newline for line in whole)
        if rest:
            yield rest
        yield from stream
        return
    data, start, at = head + stream.read(), 0, -1
    while (at := data.find(newline, at + 1)) >= 0:
        if at % len(newline) == 0:
            yield data[start : at + len(newline)]
            start = at + len(newline)
    if start < len(data):
        yield data[start:]
