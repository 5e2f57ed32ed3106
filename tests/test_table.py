"""Tables: rows told apart and put together byte for byte, of which only the cell of the text ever changes."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import MagicMock

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from roundtrip import jsonl_of, undone
from table_rows import table_of, values

from dedupe.errors import InputError
from dedupe.io.encoding import Codec
from dedupe.io.format import Raw
from dedupe.io.formats import table
from dedupe.io.formats.table import Table, TableRecord, cells
from dedupe.io.record import USUAL_FIELDS, Fields, Reject

UTF8 = Codec("utf-8")


def record(row: str, header: str = "id,text\n") -> Any:
    """The record, or what stands for it, in the first row below the header."""
    kind, rows = table_of(f"{header}{row}".encode())
    assert len(rows) == 2
    return kind.record(rows[1], 1)


# --- telling rows and cells apart


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("1,Snow fell.\n", "Snow fell."),
        ("1,Snow fell.", "Snow fell."),
        ('1,"Snow, and ""much"" of it."\r\n', 'Snow, and "much" of it.'),
        ('1,"Snow.\r\n\r\nRain.\n"\n', "Snow.\r\n\r\nRain.\n"),
        ('1,a 5" pipe burst "again"\n', 'a 5" pipe burst "again"'),
        ('1, "Snow."\n', ' "Snow."'),
        ("1,  Snow.  \n", "  Snow.  "),
        ("1,Snow\0fell.\n", "Snow\0fell."),
        ('"1","Snow\0""fell""\r."\n', 'Snow\0"fell"\r.'),
        ('1,"""Snow."""', '"Snow."'),
        ("1,Snow;fell\tin | Varn.\n", "Snow;fell\tin | Varn."),
        ("1,Snow\u2028fell\x0b\x1c\x85.\n", "Snow\u2028fell\x0b\x1c\x85."),
    ],
)
def test_the_text_of_a_row(row: str, text: str) -> None:
    found = record(row)
    assert isinstance(found, TableRecord)
    assert (found.text, found.article.text, found.article.id) == (text, text, "1")
    assert found.with_text(text) == found.raw == row.encode()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,Snow, and rain.\n", "3 cells where the header has 2: is there a ',' in a text without quotes?"),
        ("1\n", "1 cell where the header has 2: is there a line break in a text without quotes?"),
        ('1,"Snow" fell.\n', "cell 2 begins with a quote and does not end with one; quotes inside are doubled"),
        ('1,"Snow \\"fell\\" here."\n', "quotes inside are doubled"),
        ('1,"Snow.\n2,Rain.\n', "cell 2 begins with a quote and does not end with one"),
        ('"1" ,Snow.\n', "cell 1 begins with a quote and does not end with one"),
        ("1,Snow\rfell.\n", "cell 2 has a line break and no quotes around it"),
        ("1,Sn\udce9.\n", "not utf-8: byte 0xE9 at offset 4"),
    ],
)
def test_a_broken_row_is_rejected_with_its_bytes(row: str, reason: str) -> None:
    data = row.encode(errors="surrogateescape")
    kind, rows = table_of(b"id,text\n" + data)
    found = kind.record(rows[1], 1)
    assert isinstance(found, Reject)
    assert reason in found.reason
    assert (found.line, found.raw) == (2, data)


@pytest.mark.parametrize("row", ["\n", "\r\n", "  \n", '1,""\n', "1,\n", '1," \n "\n'])
def test_a_row_without_text_passes(row: str) -> None:
    found = record(row)
    assert found is None if not row.strip() else (found.article, found.raw) == (None, row.encode())


@pytest.mark.parametrize("strange", [["1", "Rain."], csv.Error("strange")])
def test_a_row_that_csv_reads_otherwise_is_rejected(monkeypatch: pytest.MonkeyPatch, strange: Any) -> None:
    kind, rows = table_of(b"id,text\n1,Snow.\n")
    monkeypatch.setattr(table, "_reader", MagicMock(**{"return_value.__next__.side_effect": [strange]}))
    found = kind.record(rows[1], 1)
    assert isinstance(found, Reject)
    assert found.reason == "its cells cannot be told apart"


@settings(max_examples=500)
@given(st.text(st.sampled_from('a,";\t\r\n \0'), max_size=12), st.sampled_from(",;\t"))
def test_the_scanner_reads_what_csv_reads(row: str, delimiter: str) -> None:
    assume(row.rstrip("\r\n"))
    try:
        wanted = list(csv.reader([row.replace("\0", "\1")], delimiter=delimiter, strict=True))
    except csv.Error:
        with pytest.raises(ValueError, match="cell"):
            cells(row, delimiter)
        return
    found = cells(row, delimiter)
    assert [[cell.value.replace("\0", "\1") for cell in found]] == wanted
    for cell in found:
        written = row[cell.start : cell.end]
        assert written == (table._quoted(cell.value) if cell.quoted else cell.value)


@pytest.mark.parametrize(
    ("name", "header", "fields", "delimiter"),
    [
        ("a.csv", "id,text", Fields(), ","),
        ("a.csv", "id;text", Fields(), ";"),
        ("a.csv", "id\ttext", Fields(), "\t"),
        ("a.csv", "id|text", Fields(), "|"),
        ("a.csv", "text", Fields(), ","),
        ("a.csv", "text;tags, all, many", Fields(), ";"),
        ("a.csv", '"text";"tags, all, many"', Fields(), ";"),
        ("a.csv", " id ; text ", Fields(), ";"),
        ("a.csv", "Artikel;Ort, Land", Fields(text="Artikel"), ";"),
        ("a.csv", "Artikel;Ort, Land", Fields(), ","),
        ("a.csv", "nummer|artikel|ort", Fields(), "|"),
        ("a.tsv", "artikel\tort, land, welt", Fields(), "\t"),
        ("a.TSV.gz", "text", Fields(), "\t"),
        ("a.tsv", "id,text", Fields(), ","),
        ("-", "id;text", Fields(), ";"),
    ],
)
def test_the_delimiter_is_told_by_the_header(name: str, header: str, fields: Fields, delimiter: str) -> None:
    assert table_of(f"{header}\n".encode(), name, fields)[0].delimiter == delimiter


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("id,text\n", ("id", "text")),
        (' id , "text"\r\n', ("id", '"text"')),
        ('"id","the\ntext"\n', ("id", "the\ntext")),
        ("\ufeff\ufeffid,text", ("id", "text")),
        ("id,,text\n", ("id", "", "text")),
        ("x" * 200_000 + ",text\n", ("x" * 200_000, "text")),
    ],
)
def test_the_columns_that_a_header_names(header: str, columns: tuple[str, ...]) -> None:
    assert table_of(header.encode())[0].columns == columns


@pytest.mark.parametrize(
    "header", ["\nid,text\n", ",,\n", "  \n", '"id,text\n1,Snow.\n', '"id"x,text\n', "id,t\udce9\n"]
)
def test_a_header_that_names_no_columns(header: str) -> None:
    with pytest.raises(InputError, match=r"^a\.csv: the first line must name the columns"):
        table_of(header.encode(errors="surrogateescape"))


def test_of_columns_with_the_same_name_the_first_counts() -> None:
    found = record("1,2,Snow.,Rain.\n", "id,id,text,text\n")
    assert (found.article.id, found.text) == ("1", "Snow.")
    assert found.with_text("Sun.") == b"1,2,Sun.,Rain.\n"


def test_the_parts_of_an_article_stand_in_the_usual_columns() -> None:
    header = "id,headline,url,date,language,text,content\n"
    found = record("7,Snow in Varn,https://www.varn.example/7,2024-02-01,en,,Snow fell.\n", header)
    article = found.article
    assert (article.id, article.title, article.url, article.site, article.published, article.lang, article.text) == (
        "7", "Snow in Varn", "https://www.varn.example/7", "varn.example", "2024-02-01", "en", "Snow fell."
    )  # fmt: skip
    assert found.restorable(True) == {"field": "content", "csv": "bare"}


def test_a_long_article_is_read() -> None:
    text = 'Snow fell, and ""more"".\n' * 200_000
    assert len(record(f'1,"{text}"\n').text) > 4_000_000


def test_a_quote_that_never_closes_stops_and_names_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_MOST", 1 << 20)
    data = b'id,text\n1,Snow.\n2,"Rain.\n' + b"3,Sun over Varn.\n" * 100_000
    codec = Codec("utf-8")
    _, rows = table.opened(Raw("a.csv", io.BufferedReader(io.BytesIO(data)), "csv", codec, USUAL_FIELDS))
    assert next(rows) + next(rows) == b"id,text\n1,Snow.\n"
    with pytest.raises(InputError, match=r"^a\.csv: row 3 has a quote that is not closed within 1 MB"):
        next(rows)


def test_one_line_may_be_longer_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_MOST", 100)
    _, rows = table_of(b'id,text\n1,"' + b"x" * 1000 + b'"\n2,Rain.\n')
    assert len(rows) == 3


def test_rows_appear_without_delay() -> None:
    class Trickle(io.RawIOBase):
        given: ClassVar = [b"id,text\n", b'1,"Snow.\n', b'Rain."\n', b"2,Sun.\n"]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            data = self.given.pop(0)
            buffer[: len(data)] = data
            return len(data)

    stream = Trickle()
    _, rows = table.opened(Raw("-", io.BufferedReader(stream), "csv", UTF8, USUAL_FIELDS))
    assert next(rows) == b"id,text\n"
    assert next(rows) == b'1,"Snow.\nRain."\n'
    assert stream.given == [b"2,Sun.\n"]


# --- writing


@pytest.mark.parametrize(
    ("row", "text", "written"),
    [
        ("1,Snow.\n", "Rain.", "1,Rain.\n"),
        ("1,Snow.\r\n", "", "1,\r\n"),
        ("1,Snow.", "Snow, rain.", '1,"Snow, rain."'),
        ("1,Snow.\n", 'the "sun"', '1,the "sun"\n'),
        ("1,Snow.\n", '"Sun" it says', '1,"""Sun"" it says"\n'),
        ("1,Snow.\n", "Snow\nrain", '1,"Snow\nrain"\n'),
        ("1,Snow.\n", "Snow\rrain", '1,"Snow\rrain"\n'),
        ('1,"Snow."\n', "Rain.", '1,"Rain."\n'),
        ('"1","Snow ""fell""."\r\n', 'It "rained".', '"1","It ""rained""."\r\n'),
    ],
)
def test_a_cell_is_quoted_where_it_was_or_must_be(row: str, text: str, written: str) -> None:
    assert record(row).with_text(text) == written.encode()


def test_the_only_cell_of_a_row_never_becomes_a_blank_line() -> None:
    assert record("Snow.\n", "text\n").with_text("") == b'""\n'


def test_a_character_that_the_encoding_lacks() -> None:
    kind, rows = table_of("id,text\n1,Schneefälle\n".encode("cp1252"), encoding="cp1252")
    found = kind.record(rows[1], 1)
    assert isinstance(found, TableRecord)
    assert found.with_text("Föhn") == "1,Föhn\n".encode("cp1252")
    with pytest.raises(InputError, match=r"cp1252 has no character U\+6771"):
        found.with_text("東")


@pytest.mark.parametrize("entry", [{}, {"csv": "raw"}, {"csv": None}, {"csv": "bare"}])
def test_a_plan_that_does_not_say_how_the_cell_was_written(entry: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        record("1,Snow.\n").restored("Snow, rain.", entry)


# --- properties

CHARACTERS = st.one_of(
    st.sampled_from("✂ \n\r\t\",;|'\\é\u2028\x00\U0001f600"), st.characters(exclude_categories=["Cs"])
)
CELLS = st.text(CHARACTERS, max_size=8)


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, str, list[list[str]]]:
    """A table as csv.writer writes it: the file, its delimiter and line break, and its rows of cells."""
    delimiter, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    header = draw(st.permutations(["id", "text", "url", "note"]))
    rows = [header, *draw(st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=5))]
    file = io.StringIO(newline="")
    for_csv = [[cell.replace("\0", "\ue000") for cell in row] for row in rows]  # of NUL it wrote nothing before 3.11
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(for_csv)
    written = file.getvalue().replace("\ue000", "\0")
    if draw(st.booleans()):
        written = written.removesuffix(end)
    return written, delimiter, end, rows


def is_plain_table(written: str, delimiter: str, rows: list[list[str]]) -> bool:
    """Does Python read the table that it wrote? Before 3.13 it left line breaks of another kind without quotes."""
    try:
        physical = io.StringIO(written.replace("\0", "\1"), newline="")
        return list(csv.reader(physical, delimiter=delimiter, strict=True)) == [
            [cell.replace("\0", "\1") for cell in row] for row in rows
        ]
    except csv.Error:
        return False


@settings(max_examples=200)
@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"]))
@example(('id;text\r1;"a\nb"\r', ";", "\r", [["id", "text"], ["1", "a\nb"]]), "utf-16-le")
def test_any_table_is_read_to_the_same_cells(written: tuple[str, str, str, list[list[str]]], codec: str) -> None:
    content, delimiter, _, rows = written
    assume(is_plain_table(content, delimiter, rows))
    data = (("\ufeff" if codec.startswith("utf-16") else "") + content).encode(codec)
    kind, pieces = table_of(data)
    assert kind.delimiter == delimiter
    assert values(kind, pieces) == rows
    assert kind.codec.bom + b"".join(pieces) == data


@settings(max_examples=300)
@given(
    st.text(st.sampled_from('✂a,";\t\r\n \0é'), max_size=60),
    st.sampled_from(["id,text\n", "text;id\r\n", "id\ttext\r"]),
    st.sampled_from(["utf-8", "utf-16-le", "cp1252", "shift_jis"]),
)
def test_whatever_it_holds_the_rows_are_the_file(content: str, header: str, codec: str) -> None:
    if header.endswith("\r"):
        content = content.replace("\n", "")
    data = f"{header}{content}".encode(codec, "ignore")
    kind, rows = table_of(data, encoding=codec)
    assert b"".join(rows) == data
    kept = [row for n, row in enumerate(rows) if not isinstance(kind.record(row, n), Reject)]
    assert table_of(b"".join(kept), encoding=codec)[1] == kept


@settings(max_examples=80)
@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16-be"]))
def test_clean_then_undo_gives_the_same_bytes_and_touches_no_other_cell(
    tmp_path_factory: pytest.TempPathFactory, written: tuple[str, str, str, list[list[str]]], codec: str
) -> None:
    content, delimiter, _, rows = written
    folder = tmp_path_factory.mktemp("table")
    data = (("\ufeff" if codec == "utf-16-be" else "") + content).encode(codec)
    (folder / "a.csv").write_bytes(data)
    code, cleaned = jsonl_of(folder / "a.csv", folder / "out.csv")
    assert code in (0, 3)
    assert undone(folder / "out.csv") == data
    if is_plain_table(content, delimiter, rows):
        assert code == 0
        kind, before = table_of(data)
        _, after = table_of(cleaned)
        place = rows[0].index("text")
        assert [without(row, kind, place) for row in after] == [without(row, kind, place) for row in before]
        texts = [re.sub(r"[^ ✂]*✂", "", row[place]) if n else row[place] for n, row in enumerate(rows)]
        assert [row[place] for row in values(kind, after)] == texts


def without(row: bytes, kind: Table, place: int) -> str:
    """A row without the cell of its text."""
    text = row.decode(kind.codec.name)
    cell = cells(text, kind.delimiter)[place]
    return text[: cell.start] + text[cell.end :]


ODD = (
    "id,text,note\r\n"
    '1,"Snow✂ ""fell"".",a 5" pipe\r\n'
    "\r\n"
    "2,Snow✂ fell, with a comma,\r\n"
    '"3",Snow✂ fell.,"x\r\ny"\r\n'
    '4,"Snow✂\r\n\r\nfell.\r\n",\r\n'
    "5,boom✂,\r\n"
    '6,"Snow" ✂,\r\n'
    '7, Snow "✂" fell✂ ,\r\n'
    '8,a✂"Snow",\r\n'
    "9,,✂\r\n"
    "10,✂,last"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le"])
@pytest.mark.parametrize("final", ["", "\r\n", "\r\n\r\n", '\r\n11,"open✂\r\n'])
def test_odd_rows_come_back_byte_for_byte(tmp_path: Path, encoding: str, final: str) -> None:
    original = (("\ufeff" if encoding.startswith("utf-16") else "") + ODD + final).encode(encoding)
    (tmp_path / "a.csv").write_bytes(original)
    code, cleaned = jsonl_of(tmp_path / "a.csv", tmp_path / "out.csv")
    assert code == 3
    assert cleaned.decode(encoding).removeprefix("\ufeff").removesuffix(final if "open" not in final else "\r\n") == (
        "id,text,note\r\n"
        '1," ""fell"".",a 5" pipe\r\n'
        "\r\n"
        '"3", fell.,"x\r\ny"\r\n'
        '4,"\r\n\r\nfell.\r\n",\r\n'
        "5,boom✂,\r\n"
        '7, Snow "  ,\r\n'
        '8,"""Snow""",\r\n'
        "9,,✂\r\n"
        "10,,last"
    )
    rejects = [json.loads(line)["line"] for line in (tmp_path / "out.csv.rejects.jsonl").read_text().splitlines()]
    assert rejects == [4, 8] + [13] * ("open" in final)
    assert undone(tmp_path / "out.csv") == original


def test_line_ends_that_were_translated_twice_are_line_ends() -> None:
    kind, rows = table_of(b"id,text\r\r\n1,Snow.\r\r\n")
    assert values(kind, rows) == [["id", "text"], ["1", "Snow."]]
