"""Open an input: what format it has, how it is encoded and compressed, and its records one by one."""

from __future__ import annotations

import codecs
import difflib
import gzip
import io
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from dedupe.errors import InputError, nearest
from dedupe.io import format as formats
from dedupe.io.encoding import Codec, codec_for
from dedupe.io.format import Format, Raw
from dedupe.io.formats.jsonl import BLANK, members
from dedupe.io.packing import packing_of, unpacked
from dedupe.io.places import is_address, opened_at
from dedupe.io.record import TEXT_FIELDS, USUAL_FIELDS, Fields, Record, Reject
from dedupe.report.position import clip

_SEEN = 200  # names of fields kept for messages
_NAME = 40
_FIRST = 1 << 20
_ARRAY = re.compile(r'\s*(?:\[\s*)+(?:$|\{|"(?:[^"\\]|\\.)*"\s*(?:[,\]]|$))')
_OBJECT = re.compile(r'\s*\{\s*(?:$|"(?:[^"\\]|\\.)*"\s*:)')


class Reading(NamedTuple):
    """How inputs are read: the fields, and the format and encoding where they are not to be found out."""

    fields: Fields = USUAL_FIELDS
    format: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An opened input: its format, and its pieces one by one.

    `position` tells how many bytes of the input, as it is stored, were read. `disguised` is set where it is compressed
    though its name does not say so.
    """

    format: Format
    pieces: Iterator[bytes]
    fields: Fields
    position: Callable[[], int]
    disguised: bool = False

    @property
    def name(self) -> str:
        """The input's name."""
        return self.format.source

    def records(self) -> Iterator[Record | Reject | bytes]:
        """The records; those that cannot be read as Reject; pieces without record as they are.

        An article's `ordinal` is the number of its piece, counted from 0 over all pieces, so that it stays true when
        others are rejected. InputError when a text file does not decode, when no record at all has a text field, or
        when none has a field that was named.
        """
        seen = Seen(self.fields)
        for ordinal, raw in enumerate(self.pieces):
            record = self.format.record(raw, ordinal)
            if record is not None and not isinstance(record, Reject):
                seen.add(record.fields)
            yield raw if record is None else record
        seen.check(self.name)


class Seen:
    """The names of the fields of an input's records."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._wanted = {*fields, *TEXT_FIELDS}
        self._names: dict[str, None] = {}

    def add(self, names: Iterable[str]) -> None:
        """The fields of one record, or of many."""
        for name in names:
            if len(self._names) < _SEEN or name in self._wanted:
                self._names[name] = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def check(self, source: str) -> None:
        """InputError when no record had a text field, or none a field that was named."""
        for part, name in self._fields._asdict().items():
            if name and self._names and name not in self._names:
                option = f"--{part}-field" if part in {"text", "id"} else f"{part} in [fields]"
                hint = nearest(name, self._names)
                raise InputError(f"{option}: no record of {source} has a field {name!r}{hint}{self._list()}")
        if self._names and not self._fields.text and self._names.keys().isdisjoint(TEXT_FIELDS):
            raise InputError(
                f"no record of {source} has a text ({', '.join(TEXT_FIELDS)}){self._list()}; "
                "say which one holds it with --text-field NAME"
            )

    def _list(self) -> str:
        names = sorted(clip(name, _NAME) for name in self._names)
        return f"; its fields: {', '.join(names[:20])}{', …' if len(names) > 20 else ''}"


@contextmanager
def opened(name: str, reading: Reading = Reading(), copy: str | None = None) -> Iterator[Source]:  # noqa: B008
    """Open a file, or standard input as `-`, or the file that is a `copy` of it.

    InputError when it is missing, a folder, damaged or of no known format; OSError without permission.
    """
    try:
        if copy:
            with Path(copy).open("rb") as file:
                yield _source(file, name, reading)
        elif name == "-":
            yield _source(cast("io.BufferedReader", sys.stdin.buffer), name, reading)
        elif is_address(name):
            with opened_at(name) as file:
                yield _source(file, name, reading)
        elif Path(name).is_dir():
            next(Path(name).iterdir(), None)  # without permission that is what is wrong
            raise InputError(f"{name} is a folder: name its files, e.g. {name.rstrip('/')}/*.txt")
        else:
            with Path(name).open("rb") as file:
                yield _source(file, name, reading)
    except FileNotFoundError as error:
        if error.filename != name:
            raise
        raise InputError(f"{name} does not exist: check the name{_neighbour(name)}") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{name} is damaged ({error}): fetch it again, or repair it") from None


def _neighbour(name: str) -> str:
    """A hint that names the file in the same folder whose name is nearly this one."""
    wanted = Path(name)
    known = {path.name.lower(): path.name for path in wanted.parent.iterdir()} if wanted.parent.is_dir() else {}
    close = difflib.get_close_matches(wanted.name.lower(), known, n=1, cutoff=0.75)
    return f"; did you mean {known[close[0]]!r}?" if close else ""


def _source(file: io.BufferedReader, name: str, reading: Reading) -> Source:
    chosen = formats.format_of(name, reading.format)
    stream, packing = unpacked(file, name)
    head = stream.read(4)
    codec = codec_for(head, reading.encoding)
    if chosen is None or formats.is_text(chosen):
        head = head[len(codec.bom) :]
    if chosen in (None, "jsonl"):
        head = _first(stream, head)
        chosen = _format_in(head, codec, name, chosen)
    raw = Raw(name, io.BufferedReader(_Again(head, stream)), chosen, codec, reading.fields)
    kind, pieces = formats.opened(raw)
    position = file.tell if file.seekable() else lambda: 0
    return Source(kind, pieces, reading.fields, position, packing != packing_of(name))


def _first(stream: IO[bytes], head: bytes) -> bytes:
    """What an input begins with, up to the end of its first line with words, or a good part of it."""
    while len(head) < _FIRST:
        line = stream.readline(_FIRST)
        head += line
        if not line or (line.endswith(b"\n") and head.strip(BLANK)):
            break
    return head


def _format_in(head: bytes, codec: Codec, name: str, told: str | None) -> str:
    """The format that an input's beginning tells. InputError where a file of that name has it not."""
    text = codecs.getincrementaldecoder(codec.name)("replace").decode(head)
    first = next((line for line in text.split("\n") if line.strip(" \t\r\0")), "")
    array = _ARRAY.match(first) is not None
    if told and not array:
        return told
    try:
        members(first)
    except (ValueError, RecursionError):
        if told:
            raise InputError(f"{name}: this looks like a JSON array: call it .json, or say --format json") from None
        return "json" if array or _OBJECT.match(first) else "txt"
    return "jsonl"


class _Again(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, stream: io.BufferedReader) -> None:
        self._head = memoryview(head)
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head[: len(buffer)] or self._stream.read1(len(buffer))
        self._head = self._head[len(data) :]
        buffer[: len(data)] = data
        return len(data)
