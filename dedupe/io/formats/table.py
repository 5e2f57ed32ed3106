"""Tables as text, CSV and TSV: an article a row, of which only the cell of the text is ever replaced."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import IO, Any, ClassVar, NamedTuple

from dedupe.errors import InputError
from dedupe.io.encoding import Codec
from dedupe.io.format import PlainSink, Raw, suffix_of
from dedupe.io.formats.jsonl import lines, literal
from dedupe.io.record import MARK_FIELD, TEXT_FIELDS, USUAL, USUAL_FIELDS, Fields, Reject, article_from
from dedupe.model import Article

_LONE = re.compile(r"\r(?!\r*\n|\Z)")  # as lines end on old Macs
_MOST = 16 << 20
_LONGEST = (1 << 31) - 1  # the most that csv takes on every system


class Cell(NamedTuple):
    """A cell: its value, and where it stands in its row, quotes included."""

    value: str
    start: int
    end: int
    quoted: bool


def cells(row: str, delimiter: str) -> list[Cell]:
    r"""The cells of a row, with or without its line break.

    ValueError (its message is the reason) when it is no row of a table.

    >>> cells('7,"Snow, ""much"" of it"\r\n', ",")[1]
    Cell(value='Snow, "much" of it', start=2, end=24, quoted=True)
    """
    body, mark = row.rstrip("\r\n"), re.escape(delimiter)
    cell = re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"|(?:[^"\r\n{mark}][^\r\n{mark}]*)?)(?={mark}|\Z)')
    found: list[Cell] = []
    at = 0
    while at <= len(body):
        match = cell.match(body, at)
        if match is None:
            raise ValueError(
                f"cell {len(found) + 1} begins with a quote and does not end with one; quotes inside are doubled"
                if body[at] == '"'
                else f"cell {len(found) + 1} has a line break and no quotes around it"
            )
        inside: str | None = match[1]
        value = match[0] if inside is None else inside.replace('""', '"')
        found.append(Cell(value, at, match.end(), inside is not None))
        at = match.end() + 1
    with suppress(csv.Error):
        if next(_reader([row], delimiter)) == [_plain(cell.value) for cell in found]:
            return found
    raise ValueError("its cells cannot be told apart")


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A row of a table. `field` names the column of the text ("" without one)."""

    raw: bytes
    row: str
    article: Article | None
    codec: Codec
    delimiter: str
    fields: Mapping[str, Cell]
    field: str

    @property
    def text(self) -> str | None:
        """The text, blank or not; None where no column is one of texts."""
        return self.fields[self.field].value if self.field else None

    def with_text(self, text: str) -> bytes:
        """The row's bytes with another text, in quotes where the old one was or where it must be."""
        return self._with(text, self.fields[self.field].quoted or self._needs_quotes(text))

    def marked(self, text: str, marks: list[dict[str, Any]]) -> bytes:  # noqa: ARG002
        """The row's bytes with one more cell, which holds the marks as JSON or nothing."""
        written = literal(marks, "utf-8" if self.codec.name == "utf-8" else "ascii") if marks else ""
        return self.codec.encode(_longer(self.row, self.delimiter, _quoted(written) if written else ""))

    def restorable(self, changed: bool) -> dict[str, str]:
        """The column's name unless it is "text"; of a changed row whether the cell was quoted or bare."""
        named = {} if self.field == TEXT_FIELDS[0] else {"field": self.field}
        return named | ({"csv": "quoted" if self.fields[self.field].quoted else "bare"} if changed else {})

    def restored(self, text: str, entry: Mapping[str, Any]) -> bytes:
        """The row's bytes with the text that it had, in the manner that the plan line says."""
        quoted = {"quoted": True, "bare": False}[entry["csv"]]
        if not quoted and self._needs_quotes(text):
            raise ValueError("such a text cannot stand without quotes")
        return self._with(text, quoted)

    def _with(self, text: str, quoted: bool) -> bytes:
        _, start, end, _ = self.fields[self.field]
        return self.codec.encode(f"{self.row[:start]}{_quoted(text) if quoted else text}{self.row[end:]}")

    def _needs_quotes(self, text: str) -> bool:
        lost = len(self.fields) == 1 and _is_blank(text, self.delimiter)
        return lost or text.startswith('"') or any(sign in text for sign in f"{self.delimiter}\r\n")


@dataclass(frozen=True, slots=True)
class Table:
    """How a table is read. Of columns with the same name the first counts."""

    source: str
    codec: Codec
    delimiter: str
    columns: tuple[str, ...]
    fields: Fields = USUAL_FIELDS
    name: ClassVar[str] = "csv"
    written: ClassVar[str] = "csv"
    whole: ClassVar[bool] = False

    def record(self, raw: bytes, ordinal: int) -> TableRecord | Reject | None:
        """The record in a row; None for the header and blank lines."""
        if ordinal == 0:
            return None
        try:
            row = self.codec.decode(raw)
            return None if _is_blank(row, self.delimiter) else self._record(raw, row, ordinal)
        except ValueError as error:
            return Reject(self.source, ordinal + 1, str(error), raw)

    def _record(self, raw: bytes, row: str, ordinal: int) -> TableRecord:
        found = cells(row, self.delimiter)
        if len(found) != len(self.columns):
            cause = repr(self.delimiter) if len(found) > len(self.columns) else "line break"
            raise ValueError(
                f"{len(found)} cell{'s' * (len(found) != 1)} where the header has {len(self.columns)}: "
                f"is there a {cause} in a text without quotes?"
            )
        named = dict(zip(reversed(self.columns), reversed(found), strict=True))
        texts = [name for name in self.fields.of("text") if name in named]
        field = next((name for name in texts if named[name].value.strip()), texts[0] if texts else "")
        if not field or not named[field].value.strip():
            return TableRecord(raw, row, None, self.codec, self.delimiter, named, field)
        article = article_from(named[field].value, partial(_first, named), self.fields, self.source, ordinal)
        return TableRecord(raw, row, article, self.codec, self.delimiter, named, field)

    def sink(self, file: IO[bytes], marked: bool = False) -> PlainSink:
        """Where the output's rows go. InputError when they are to be marked and have a column of that name."""
        if not marked:
            return PlainSink(file, self.codec.bom)
        if MARK_FIELD in self.columns:
            raise InputError(
                f"{self.source} has a column {MARK_FIELD!r} already: remove or rename it to mark the articles"
            )
        return _MarkedSink(file, self)


def _first(cells: Mapping[str, Cell], names: Sequence[str]) -> str | None:
    """The value of the first of these columns that is not empty."""
    return next((cells[name].value for name in names if name in cells and cells[name].value), None)


class _MarkedSink(PlainSink):
    """Rows with one more column, which the header, the first of them, names."""

    def __init__(self, file: IO[bytes], table: Table) -> None:
        super().__init__(file, table.codec.bom)
        self._table = table
        self._begun = False

    def write(self, piece: bytes) -> None:
        """Take the next row."""
        if not self._begun:
            codec = self._table.codec
            piece = codec.encode(_longer(codec.decode(piece), self._table.delimiter, MARK_FIELD))
            self._begun = True
        super().write(piece)


def opened(raw: Raw) -> tuple[Table, Iterator[bytes]]:
    """A table and its rows, the header first.

    InputError when the header cannot be read, and when rows are taken of which one does not end.
    """
    codec, physical = raw.codec, lines(raw.file, raw.codec)
    first = next(physical, b"")
    if not first:
        return Table(raw.name, codec, ",", (), raw.fields), iter(())
    head, *lone = _LONE.split(first.decode(codec.name, "replace"), 1)
    physical = lines(io.BytesIO(first + b"".join(physical)), codec, "\r") if lone else chain([first], physical)
    delimiter = _delimiter(head.rstrip("\r\n"), raw)
    pieces = _rows(raw, physical, delimiter)
    header = next(pieces)
    try:
        row = codec.decode(header)
        columns = tuple(cell.value.strip("\ufeff \t\r\n\0") for cell in cells(row, delimiter)) if row.strip() else ()
    except ValueError as error:
        raise InputError(f"{raw.name}: the first line must name the columns: {error}") from None
    if not any(columns):
        raise InputError(f"{raw.name}: the first line must name the columns, and it is blank: remove it")
    return Table(raw.name, codec, delimiter, columns, raw.fields), chain([header], pieces)


def _delimiter(head: str, raw: Raw) -> str:
    """What stands between the cells, by the columns that the header's first line then names.

    Of the fields that are named only that of the text counts, which undo knows from the plan.
    """
    tabs = suffix_of(raw.name) == ".tsv"
    if tabs and "\t" in head:
        return "\t"
    known = {raw.fields.text, *chain(*USUAL.values())}

    def fit(delimiter: str) -> tuple[int, int]:
        columns = [name.strip() for name in next(_reader([head], delimiter, strict=False), [])]
        return len(known.intersection(columns)), len(columns)

    return max("\t,;|" if tabs else ",;\t|", key=fit)


def _rows(raw: Raw, physical: Iterator[bytes], delimiter: str) -> Iterator[bytes]:
    """Rows of one or more lines, also those that are broken, each as soon as its last line is there."""
    row: list[bytes] = []
    number, size = 1, 0

    def texts() -> Iterator[str]:
        nonlocal size
        for line in physical:
            if size > _MOST:
                raise InputError(
                    f"{raw.name}: row {number:,} has a quote that is not closed within {_MOST >> 20} MB: "
                    "close it, or double it where it belongs to the text"
                )
            row.append(line)
            size += len(line)
            yield line.decode(raw.codec.name, "replace")

    reader = _reader(texts(), delimiter)
    while True:
        with suppress(csv.Error, StopIteration):
            next(reader)
        if not row:
            return
        yield b"".join(row)
        row.clear()
        number, size = number + 1, 0


def _reader(rows: Iterable[str], delimiter: str, strict: bool = True) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST)
    return csv.reader(map(_plain, rows), delimiter=delimiter, strict=strict)


def _plain(text: str) -> str:
    """The text without NUL, which csv took only from Python 3.11 on."""
    return text.replace("\0", "\1")


def _is_blank(text: str, delimiter: str) -> bool:
    return delimiter not in text and not text.strip(" \t\r\n\0")


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _longer(row: str, delimiter: str, cell: str) -> str:
    """The row with one more cell at its end."""
    body = row.rstrip("\r\n")
    return f"{body}{delimiter}{cell}{row[len(body) :]}"
