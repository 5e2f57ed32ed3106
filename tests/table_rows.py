"""What the tests of tables share: a table and its rows from a file's bytes, and the values in them."""

from __future__ import annotations

import io

from dedupe.io.encoding import codec_for
from dedupe.io.format import Raw
from dedupe.io.formats import table
from dedupe.io.formats.table import Table, cells
from dedupe.io.record import USUAL_FIELDS, Fields


def table_of(
    data: bytes, name: str = "a.csv", fields: Fields = USUAL_FIELDS, encoding: str | None = None
) -> tuple[Table, list[bytes]]:
    """A table and all its rows, from a file's bytes."""
    codec = codec_for(data[:4], encoding)
    file = io.BufferedReader(io.BytesIO(data[len(codec.bom) :]))
    kind, rows = table.opened(Raw(name, file, "csv", codec, fields))
    return kind, list(rows)


def values(kind: Table, rows: list[bytes]) -> list[list[str]]:
    return [[cell.value for cell in cells(row.decode(kind.codec.name), kind.delimiter)] for row in rows]
