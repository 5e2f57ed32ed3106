"""Inputs as chunks of raw lines, which go to workers as they are, and the articles in such a chunk."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from dedupe.errors import InputError
from dedupe.io.encoding import Codec
from dedupe.io.record import JsonRecord, TextRecord, json_record, text_record
from dedupe.io.source import Format, Reject, opened

_BYTES = 4 << 20
_BLANK = b" \t\r\n\0"


class Fields(NamedTuple):
    """How an input is read: the names of fields, the format and encoding, each None where it is to be found out."""

    text: str | None = None
    id: str | None = None
    format: str | None = None
    encoding: str | None = None


class Input(NamedTuple):
    """An input's name, and the file that holds a copy of it if it is standard input."""

    name: str
    copy: str | None = None


class Chunk(NamedTuple):
    """Some lines of an input, the first of them number `first`, counted from 0; of a text file its one article."""

    source: str
    format: Format
    codec: Codec
    first: int
    lines: list[bytes]


def chunks(inputs: Sequence[Input], fields: Fields) -> Iterator[Chunk]:
    """The inputs in chunks of some 4 MB. InputError as `opened`."""
    for name, copy in inputs:
        with opened(name, fields.format, fields.encoding, copy) as source:
            if source.format != "jsonl":
                yield Chunk(source.name, source.format, source.codec, 0, [b"".join(source.lines)])
                continue
            first, lines, size = 0, [], 0
            for line in source.lines:
                lines.append(line)
                size += len(line)
                if size >= _BYTES:
                    yield Chunk(source.name, source.format, source.codec, first, lines)
                    first, lines, size = first + len(lines), [], 0
            if lines:
                yield Chunk(source.name, source.format, source.codec, first, lines)


def records(chunk: Chunk, fields: Fields) -> Iterator[JsonRecord | TextRecord | Reject]:
    """The records of a chunk, without blank lines. InputError when a text file does not decode."""
    if chunk.format != "jsonl":
        yield text_record(chunk.lines[0], chunk.codec, chunk.source, "markdown" if chunk.format == "md" else "plain")
        return
    for ordinal, raw in enumerate(chunk.lines, chunk.first):
        if raw.strip(_BLANK):
            try:
                yield json_record(raw, chunk.codec, chunk.source, ordinal, fields.text, fields.id)
            except ValueError as error:
                yield Reject(chunk.source, ordinal + 1, str(error), raw)


@contextmanager
def readable_twice(names: Iterable[str]) -> Iterator[list[Input]]:
    """The inputs, standard input copied into a file of its own, so that each can be read again."""
    names = list(names)
    with tempfile.NamedTemporaryFile(prefix="dedupe-") as copy:
        if "-" in names:
            shutil.copyfileobj(sys.stdin.buffer, copy)
            copy.flush()
            if not copy.tell():
                raise InputError("standard input is empty: name files, or pipe records in")
        yield [Input(name, copy.name if name == "-" else None) for name in names]
