"""Parquet files: a record a row, of which only the cell of the text is ever replaced.

A piece is a view of a row: a line of JSON with the columns that an article is made of. What is written takes the texts
from the pieces and all else from the input, row group by row group.
"""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar

from dedupe.errors import InputError
from dedupe.io.encoding import Codec
from dedupe.io.format import Raw
from dedupe.io.formats.jsonl import JsonRecord, json_record
from dedupe.io.packing import packing_of
from dedupe.io.places import filesystem, is_address
from dedupe.io.record import MARK_FIELD, USUAL, Fields
from dedupe.io.source import Seen

_AT_ONCE = 256  # rows
_STRINGS = {"string", "large_string", "string_view"}


@dataclass(frozen=True, slots=True)
class Parquet:
    """How a Parquet file is read."""

    source: str
    fields: Fields
    name: ClassVar[str] = "parquet"
    written: ClassVar[str] = "parquet"
    whole: ClassVar[bool] = False
    codec: ClassVar[Codec] = Codec("utf-8")

    def record(self, raw: bytes, ordinal: int) -> JsonRecord:
        """The record in the view of a row."""
        return json_record(raw, self.codec, self.source, ordinal, self.fields)

    def sink(self, file: IO[bytes], marked: bool = False) -> ParquetSink:
        """Where the views of the rows go.

        InputError where there is no place for marks, or a column that would not stay as it is.
        """
        with _table(self.source) as table:
            metadata, schema = table.metadata, table.schema_arrow
        if marked and MARK_FIELD in schema.names:
            raise InputError(f"{self.source} has a column {MARK_FIELD!r} already: remove or rename it for --mark")
        _check_kinds(self.source, metadata, schema)
        texts = _texts(schema, self.fields)
        return ParquetSink(self.source, texts, marked, metadata, _writer(file, schema, metadata, marked))


class ParquetSink:
    """Takes the views of all rows, in order, and writes each row group when the last of its rows is there.

    InputError where a row group cannot be written as it was.
    """

    def __init__(self, source: str, texts: list[str], marked: bool, metadata: Any, writer: Any) -> None:
        self._source = source
        self._texts = texts
        self._marked = marked
        self._metadata = metadata
        self._writer = writer
        self._int96 = _int96(metadata)
        self._rows: list[dict[str, Any]] = []
        self._groups = 0

    def write(self, piece: bytes) -> None:
        """Take the view of the next row."""
        row = json.loads(piece)
        self._rows.append({name: row.get(name) for name in (*self._texts, MARK_FIELD)})
        self._write_groups()

    def finish(self) -> None:
        """All rows are there. InputError when some are missing."""
        self._write_groups()
        if self._rows or self._groups < self._metadata.num_row_groups:
            raise InputError(f"rows of {self._source} are missing: nothing was written")
        self._writer.close()

    def _write_groups(self) -> None:
        while self._groups < self._metadata.num_row_groups:
            count = self._metadata.row_group(self._groups).num_rows
            if count > len(self._rows):
                return
            group = self._read()
            if self._int96:
                self._check_times()
            self._writer.write_table(self._filled(group, self._rows[:count]), row_group_size=count or 1)
            self._rows = self._rows[count:]
            self._groups += 1

    def _read(self, columns: list[str] | None = None, unit: str = "ns") -> Any:
        """The next row group; the unit is that of times in the form INT96."""
        with _table(self._source, self._metadata, unit) as table:
            return table.read_row_group(self._groups, columns=columns)

    def _check_times(self) -> None:
        """InputError where times of the form INT96 do not fit the nanoseconds in which they are read."""
        times = self._read(self._int96, "us")
        if not self._read(self._int96).cast(times.schema, safe=False).equals(times):
            raise InputError(
                f"{self._source} has times before 1677 or after 2262 in the old form INT96, which cannot be written "
                "again: write it anew with timestamps in microseconds"
            )

    def _filled(self, group: Any, rows: list[dict[str, Any]]) -> Any:
        """A row group with the texts of these rows, and with their marks."""
        pyarrow = _library()
        for name in self._texts:
            place = group.schema.get_field_index(name)
            texts = [row[name] for row in rows]
            if texts != group.column(place).to_pylist():
                field = group.schema.field(place)
                group = group.set_column(place, field, pyarrow.array(texts, type=field.type))
        if self._marked:
            marks = [row[MARK_FIELD] and json.dumps(row[MARK_FIELD], ensure_ascii=False) for row in rows]
            group = group.append_column(MARK_FIELD, pyarrow.array(marks, type=pyarrow.string()))
        return group


def opened(raw: Raw) -> tuple[Parquet, Iterator[bytes]]:
    """A Parquet file and the views of its rows.

    InputError for standard input, where the columns that are named are not there, or hold no strings.
    """
    if raw.name == "-":
        raise InputError("Parquet cannot be read from standard input: name a file")
    if packing_of(raw.name):
        raise InputError(f"{raw.name}: a Parquet file is compressed inside: unpack it first")
    with _table(raw.name) as table:
        columns = _columns(raw, table.schema_arrow)
    return Parquet(raw.name, raw.fields), _views(raw, columns)


def _columns(raw: Raw, schema: Any) -> list[str]:
    """The columns that an article is made of, and that of the marks."""
    seen = Seen(raw.fields)
    seen.add(schema.names)
    seen.check(raw.name)
    wanted = {MARK_FIELD, *(name for part in USUAL for name in raw.fields.of(part))}
    columns = [name for name in schema.names if name in wanted]
    for name in columns:
        if columns.count(name) > 1:
            raise InputError(f"{raw.name} has two columns {name!r}: rename one of them")
    kinds = {name: schema.field(name).type for name in raw.fields.of("text") if name in columns}
    if kinds and not any(_is_string(kind) or str(kind) == "null" for kind in kinds.values()):
        name, kind = next(iter(kinds.items()))
        raise InputError(f"{raw.name}: the column {name!r} is of the type {kind}: cast it to string first")
    return columns


def _texts(schema: Any, fields: Fields) -> list[str]:
    """The columns that may hold a text."""
    return [name for name in fields.of("text") if name in schema.names and _is_string(schema.field(name).type)]


def _is_string(kind: Any) -> bool:
    return str(getattr(kind, "value_type", kind) if str(kind).startswith("dictionary") else kind) in _STRINGS


def _views(raw: Raw, columns: list[str]) -> Iterator[bytes]:
    first = 1
    texts = raw.fields.of("text")
    with _table(raw.name) as table:
        groups = range(table.num_row_groups)  # one at a time: together they stay in memory to the end
        for batch in (batch for group in groups for batch in table.iter_batches(_AT_ONCE, [group], columns)):
            try:
                values = [_plain(batch.column(batch.schema.get_field_index(name)), name in texts) for name in columns]
            except UnicodeDecodeError:
                raise InputError(
                    f"{raw.name} has a string that is not UTF-8 in one of the rows {first:,} to "
                    f"{first + batch.num_rows - 1:,}: write it anew with valid strings"
                ) from None
            for row in zip(*values, strict=True):
                yield f"{json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)}\n".encode()
            first += batch.num_rows


def _plain(column: Any, text: bool) -> list[str | None]:
    """The values of a column as strings, unless it is for texts: numbers and dates too; None for what is no string."""
    pyarrow = _library()
    types = pyarrow.types
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if _is_string(kind):
        return column.to_pylist()  # type: ignore[no-any-return]
    if text:
        return [None] * len(column)
    if types.is_date(kind):
        return column.cast(pyarrow.string()).to_pylist()  # type: ignore[no-any-return]
    if types.is_timestamp(kind):
        times = column.cast(pyarrow.timestamp(kind.unit)).cast(pyarrow.string()).to_pylist()
        return [time and f"{time.replace(' ', 'T')}{'Z' if kind.tz else ''}" for time in times]
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return [None if value is None or value != value else str(value) for value in column.to_pylist()]
    return [None] * len(column)


def _check_kinds(source: str, metadata: Any, schema: Any) -> None:
    """InputError where a column would be written as one of another type."""
    file = io.BytesIO()
    _writer(file, schema, metadata, marked=False).close()
    written = _kinds(_library("pyarrow.parquet").read_metadata(file))
    for (path, kind), (_, other) in zip(_kinds(metadata), written, strict=True):
        if kind != other:
            raise InputError(
                f"{source}: the type of the column {path!r} ({kind}) cannot be written again: cast it, or leave it out"
            )


def _kinds(metadata: Any) -> list[tuple[str, str]]:
    """The stored columns and their types; that of whole numbers goes without saying."""
    leaves = [metadata.schema.column(number) for number in range(metadata.num_columns)]
    kinds = [leaf.physical_type if leaf.physical_type == "INT96" else leaf.logical_type.type for leaf in leaves]
    return [(leaf.path, "NONE" if kind == "INT" else kind) for leaf, kind in zip(leaves, kinds, strict=True)]


def _int96(metadata: Any) -> list[str]:
    """The columns with times in a form that writers of today no longer use."""
    return [path for path, kind in _kinds(metadata) if kind == "INT96"]


def _writer(file: IO[bytes], schema: Any, metadata: Any, marked: bool) -> Any:
    """A writer of the same columns, each compressed as it was, and one for marks."""
    pyarrow = _library()
    chunks = [metadata.row_group(0).column(n) for n in range(metadata.num_columns)] if metadata.num_row_groups else []
    codecs = {chunk.path_in_schema: chunk.compression.replace("UNCOMPRESSED", "NONE") for chunk in chunks}
    if marked:
        schema = schema.append(pyarrow.field(MARK_FIELD, pyarrow.string()))

    class Writer(_library("pyarrow.parquet").ParquetWriter):  # type: ignore[misc]
        def __del__(self) -> None:
            """What is given up must not write an end to a file that is closed."""

    return Writer(
        file,
        schema,
        compression=codecs or "snappy",
        version="2.6",
        use_compliant_nested_type=False,
        use_deprecated_int96_timestamps=bool(_int96(metadata)),
    )


@contextmanager
def _table(source: str, metadata: Any = None, unit: str = "ns") -> Iterator[Any]:
    """The Parquet file opened. InputError when it is none, or damaged."""
    parquet, pyarrow = _library("pyarrow.parquet"), _library()
    try:
        with _file(source) as file:
            yield parquet.ParquetFile(file, metadata=metadata, coerce_int96_timestamp_unit=unit)
    except (pyarrow.ArrowException, OSError) as error:
        if getattr(error, "errno", None):
            raise
        reason = str(error).partition("\n")[0]
        raise InputError(f"{source} is no Parquet file, or damaged ({reason}): fetch it again, or repair it") from None


def _file(source: str) -> Any:
    if is_address(source):
        system, path = filesystem(source)
        return system.open(path, "rb")
    return Path(source).open("rb")


def _library(name: str = "pyarrow") -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise InputError('a .parquet file needs pyarrow: pip install "dedupe-news[parquet]"') from None
