"""Inputs as chunks of raw pieces, which go to workers as they are, and the records in such a chunk.

Of several inputs one that cannot be read stops none of the others.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from dedupe.errors import InputError
from dedupe.io.format import Format
from dedupe.io.record import Fields, Record, Reject
from dedupe.io.source import Reading, Seen, Source, opened

if TYPE_CHECKING:
    from dedupe.report.summary import Tally

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


class Part(NamedTuple):
    """A chunk of the input of that number."""

    input: int
    source: Source
    chunk: Chunk


class Unread(NamedTuple):
    """The input of that number cannot be read, or no further."""

    input: int
    error: InputError

    @property
    def seen(self) -> Iterable[str]:
        """No fields."""
        return ()


def parts(inputs: Sequence[Input], reading: Reading, size: int = _BYTES) -> Iterator[Part | Unread]:
    """All inputs one after another in chunks of some `size` bytes; at least one of each, which may be empty."""
    for number, (name, copy) in enumerate(inputs):
        begun = False
        try:
            with opened(name, reading, copy) as source:
                for chunk in chunks_of(source, size):
                    begun = True
                    yield Part(number, source, chunk)
                if not begun:
                    yield Part(number, source, Chunk(source.format, 0, [], 0))
        except InputError as error:
            yield Unread(number, error)
        except OSError as error:
            said = error.strerror or error
            yield Unread(number, InputError(f"{name}: {said}; check the place and its permissions"))


class Unreadable:
    """The inputs of a run that cannot be read, which are told with what became of the others."""

    def __init__(self, names: Sequence[str], tally: Tally) -> None:
        self._names = names
        self._tally = tally
        self._numbers: set[int] = set()
        self._first: InputError | None = None

    def add(self, number: int, error: InputError) -> None:
        """Tell one. InputError, with what is wrong with the first, when by now none of all inputs can be read."""
        self._numbers.add(number)
        self._first = self._first or error
        if len(self._names) == 1:
            raise error
        if len(self._numbers) == len(self._names):
            raise InputError(f"{self._first}; of {len(self._names):,} inputs none can be read") from None
        self._tally.unreadable(self._names[number], str(error))

    def __contains__(self, number: int) -> bool:
        return number in self._numbers

    def check(self) -> None:
        """InputError, that of the first, when there is any."""
        if self._first:
            raise self._first


class Answer(Protocol):
    """What became of a chunk: the number of its input, the fields of its records, and why it cannot be read."""

    @property
    def input(self) -> int: ...
    @property
    def seen(self) -> Iterable[str]: ...
    @property
    def error(self) -> InputError | None: ...


AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


def checked(answers: Iterable[AnyAnswer], names: Sequence[str], fields: Fields) -> Iterator[AnyAnswer | Unread]:
    """The answers to the chunks of inputs of these names, in order; those of an input end with its first error.

    It is one too where no record of an input has the fields that are looked for.
    """
    for number, answered in groupby(answers, key=lambda answer: answer.input):
        seen = Seen(fields)
        for answer in answered:
            yield answer
            if answer.error:
                break
            seen.add(answer.seen)
        else:
            try:
                seen.check(names[number])
            except InputError as error:
                yield Unread(number, error)


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
