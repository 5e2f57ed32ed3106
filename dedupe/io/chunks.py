"""Inputs as chunks of raw pieces, which go to workers as they are, and the records in such a chunk."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from dedupe.errors import InputError
from dedupe.io.format import Format
from dedupe.io.record import Record, Reject
from dedupe.io.source import Reading, Source, opened

_BYTES = 4 << 20


class Input(NamedTuple):
    """An input's name, and the file that holds a copy of it if it is standard input."""

    name: str
    copy: str | None = None


class Chunk(NamedTuple):
    """Some pieces of an input, the first of them number `first`, counted from 0.

    `read` says how many bytes of the input, as it is stored, were read for it.
    """

    format: Format
    first: int
    pieces: list[bytes]
    read: int

    def split(self) -> Iterator[Chunk]:
        """The same piece by piece."""
        for place, piece in enumerate(self.pieces):
            yield Chunk(self.format, self.first + place, [piece], self.read if place == 0 else 0)


def chunks_of(source: Source, size: int = _BYTES) -> Iterator[Chunk]:
    """An input in chunks of some `size` bytes, at least one piece each."""
    first, pieces, taken, read = 0, [], 0, 0
    for piece in source.pieces:
        pieces.append(piece)
        taken += len(piece)
        if taken >= size:
            now = source.position()
            yield Chunk(source.format, first, pieces, now - read)
            first, pieces, taken, read = first + len(pieces), [], 0, now
    if pieces:
        yield Chunk(source.format, first, pieces, source.position() - read)


def chunks(inputs: Sequence[Input], reading: Reading) -> Iterator[Chunk]:
    """The inputs in chunks of some 4 MB. InputError as `opened`."""
    for name, copy in inputs:
        with opened(name, reading, copy) as source:
            yield from chunks_of(source)


def records(chunk: Chunk) -> Iterator[Record | Reject | bytes]:
    """The records of a chunk, and its pieces without record as they are. InputError when a text does not decode."""
    for ordinal, raw in enumerate(chunk.pieces, chunk.first):
        record = chunk.format.record(raw, ordinal)
        yield raw if record is None else record


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
