"""Parquet: all but the text stays as it was, undo brings the table back, and articles are those of JSONL."""

from __future__ import annotations

import base64
import gzip
import json
import pickle
import sys
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shell import ARTICLE, CLEAN, DIRTY, Shell, put
from shell import shell as shell

from dedupe.cli import main
from dedupe.errors import InputError
from dedupe.io.record import Fields
from dedupe.io.source import Reading, opened

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

TEXTS = [ARTICLE, DIRTY, CLEAN, "", " \n", None, "Brücke offen. 🌉\n\nFoto: Jan Uhl/Kurier Arwel", "a\0b\u2028c\\\"'"]
TEXT_TYPES = [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
if hasattr(pa, "string_view"):
    TEXT_TYPES.append(pa.string_view())
INTS = st.integers(-(2**31), 2**31 - 1)
KINDS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "int8": (pa.int8(), st.integers(-128, 127)),
    "uint64": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "double": (pa.float64(), st.floats()),
    "float": (pa.float32(), st.floats(width=32)),
    "decimal": (pa.decimal128(20, 4), st.decimals(-(10**15), 10**15, places=4)),
    "bool": (pa.bool_(), st.booleans()),
    "seconds": (pa.timestamp("s"), INTS),
    "millis": (pa.timestamp("ms", tz="Europe/Oslo"), INTS),
    "micros": (pa.timestamp("us", tz="+05:30"), INTS),
    "nanos": (pa.timestamp("ns"), INTS),
    "date": (pa.date32(), st.integers(-100_000, 5_000_000)),
    "time": (pa.time64("ns"), st.integers(0, 10**12)),
    "duration": (pa.duration("us"), INTS),
    "binary": (pa.binary(), st.binary(max_size=5)),
    "fixed": (pa.binary(3), st.binary(min_size=3, max_size=3)),
    "list": (pa.list_(pa.int64()), st.lists(st.none() | INTS, max_size=3)),
    "nested": (
        pa.list_(pa.struct([("text", pa.string()), ("tags", pa.list_(pa.string()))])),
        st.lists(st.fixed_dictionaries({"text": st.text(max_size=3), "tags": st.lists(st.just("x"), max_size=2)})),
    ),
    "map": (pa.map_(pa.string(), pa.int32()), st.lists(st.tuples(st.just("k"), INTS), max_size=1)),
    "category": (pa.dictionary(pa.int8(), pa.string()), st.sampled_from(["north", "south"])),
    "null": (pa.null(), st.none()),
    "large": (pa.large_string(), st.text(max_size=3)),
    "text.html": (pa.string(), st.text(max_size=3)),
}


@st.composite
def files(draw: st.DrawFn) -> tuple[list[Any], dict[str, Any]]:
    """The row groups of a file, and how it is written."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), unique=True, max_size=6))
    kind = draw(st.sampled_from(TEXT_TYPES))
    names = draw(st.permutations(["text", *kinds]))
    metadata = draw(st.sampled_from([None, {"pandas": '{"columns": []}', "huggingface": '{"info": {}}'}]))
    nullable = draw(st.booleans())
    fields = [
        pa.field(name, kind if name == "text" else KINDS[name][0], nullable or name not in ("int8", "map"), {"a": name})
        for name in names
    ]
    schema = pa.schema(fields, metadata)
    groups = []
    for size in draw(st.lists(st.integers(0, 4), max_size=3)):
        columns = []
        for field in fields:
            values = st.sampled_from(TEXTS) if field.name == "text" else KINDS[field.name][1]
            values = values | st.none() if field.nullable else values
            columns.append(pa.array(draw(st.lists(values, min_size=size, max_size=size)), type=field.type))
        groups.append(pa.Table.from_arrays(columns, schema=schema))
    exact = {name for name in kinds if name in ("nanos", "time", "duration")}
    manner = {
        "compression": draw(st.sampled_from(["snappy", "none", "gzip", {"text": "zstd"}])),
        "use_dictionary": draw(st.booleans()),
        "version": draw(st.sampled_from(["2.6"] if exact else ["1.0", "2.6"])),
        "use_compliant_nested_type": draw(st.booleans()),
    }
    return [schema, *groups], manner


def write(name: str | Path, schema: Any, *groups: Any, **manner: Any) -> Any:
    """A file with these row groups, as it is read."""
    with pq.ParquetWriter(name, schema, **manner) as writer:
        for group in groups:
            writer.write_table(group, row_group_size=max(1, len(group)))
    return pq.ParquetFile(name)


def table(**columns: Any) -> Any:
    return pa.table(columns)


def put_table(name: str, group: Any, **manner: Any) -> None:
    write(name, group.schema, group, **manner).close()


def same(column: Any, other: Any) -> bool:
    """Are the values of two columns the same? Two that are no number are."""
    if pa.types.is_floating(column.type):
        column, other = column.cast(pa.string()), other.cast(pa.string())
    return bool(column.equals(other))


def shape(name: str | Path) -> Any:
    """All but the values: the schema with all its metadata, and each row group's rows and compression."""
    with pq.ParquetFile(name) as file:
        data, stored = file.metadata, str(file.schema).partition("\n")[2]
        groups = [data.row_group(number) for number in range(data.num_row_groups)]
        codecs = [[group.column(number).compression for number in range(group.num_columns)] for group in groups]
        schema = file.schema_arrow
        return stored, schema, str(schema), schema.metadata, [group.num_rows for group in groups], codecs


@settings(max_examples=60)
@given(files())
def test_all_but_the_text_stays_and_undo_brings_the_table_back(written: tuple[list[Any], dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        a, b, c, plan, lines, cleaned = (
            f"{folder}/{name}" for name in ("a.parquet", "b.parquet", "c.parquet", "plan.jsonl", "a.jsonl", "b.jsonl")
        )
        write(a, *written[0], **written[1]).close()
        before = pq.read_table(a)
        assert main(["clean", a, "-o", b, "--report", plan, "--jobs", "1"]) == 0
        after = pq.read_table(b)
        assert shape(b) == shape(a)
        assert all(same(before[name], after[name]) for name in before.column_names if name != "text")
        texts = before["text"].to_pylist()
        Path(lines).write_text(
            "".join(f"{json.dumps({'text': text}, ensure_ascii=False)}\n" for text in texts), "utf-8"
        )
        assert main(["clean", lines, "-o", cleaned, "--report", f"{cleaned}.plan.jsonl", "--jobs", "1"]) == 0
        assert after["text"].to_pylist() == [
            json.loads(line)["text"] for line in Path(cleaned).read_bytes().splitlines()
        ]
        assert plans(plan) == plans(f"{cleaned}.plan.jsonl")
        if texts:
            assert main(["undo", b, "--report", plan, "-o", c]) == 0
            assert shape(c) == shape(a)
            back = pq.read_table(c)
            assert all(same(before[name], back[name]) for name in before.column_names)


def plans(name: str) -> list[Any]:
    """The plan lines without the name of their source."""
    entries = [json.loads(line) for line in Path(name).read_bytes().splitlines()]
    return [{**entry, "source": ""} for entry in entries]


@pytest.mark.parametrize("kind", TEXT_TYPES, ids=str)
def test_text_types(dedupe: Shell, kind: Any) -> None:
    put_table("a.parquet", table(text=pa.array([DIRTY, None, DIRTY, CLEAN], type=kind)))
    assert dedupe("clean", "a.parquet", "-o", "b.parquet").code == 0
    assert pq.ParquetFile("b.parquet").schema_arrow == pq.ParquetFile("a.parquet").schema_arrow
    assert pq.read_table("b.parquet")["text"].to_pylist() == [CLEAN, None, CLEAN, CLEAN]


def test_the_parts_of_an_article(dedupe: Shell) -> None:  # noqa: ARG001
    put_table(
        "a.parquet",
        table(
            nr=pa.array([7, None]),
            title=pa.array(["Ferries", "Snow"]).dictionary_encode(),
            content=pa.array([CLEAN, None]),
            text=pa.array([" ", DIRTY]),
            url=["https://www.varn.example/1", None],
            date=pa.array(
                [1_714_564_800_123_456_789, 253_402_300_800 * 10**6], type=pa.timestamp("ns", tz="Asia/Tokyo")
            ),
            lang=pa.array([["en"], None]),
        ),
    )
    with opened("a.parquet", Reading(Fields(id="nr"))) as source:
        assert pickle.loads(pickle.dumps(source.format)) == source.format
        first, second = (record.article for record in source.records() if not isinstance(record, bytes))  # type: ignore[union-attr]
    assert first
    assert second
    assert (first.id, first.title, first.text, first.site) == ("7", "Ferries", CLEAN, "varn.example")
    assert (first.published, first.lang) == ("2024-05-01T12:00:00.123456789Z", None)
    assert (second.id, second.title, second.text) == (None, "Snow", DIRTY)


@pytest.mark.parametrize(
    ("column", "values", "published"),
    [
        (pa.date32(), [19_844], "2024-05-01"),
        (pa.timestamp("s"), [1_714_564_800], "2024-05-01T12:00:00"),
        (pa.timestamp("us", tz="America/Lima"), [1_714_564_800_000_000], "2024-05-01T12:00:00.000000Z"),
        (pa.int64(), [20_240_501], "20240501"),
        (pa.float64(), [float("nan")], None),
        (pa.decimal128(5, 1), [Decimal("2024.5")], "2024.5"),
        (pa.bool_(), [True], None),
        (pa.binary(), [b"2024"], None),
        (pa.struct([("x", pa.int8())]), [{"x": 1}], None),
    ],
    ids=str,
)
def test_values(dedupe: Shell, column: Any, values: list[Any], published: str | None) -> None:  # noqa: ARG001
    put_table("a.parquet", table(text=[CLEAN], date=pa.array(values, type=column)))
    with opened("a.parquet") as source:
        (record,) = source.records()
    found = record.article.published if not isinstance(record, bytes) else ""  # type: ignore[union-attr]
    assert (found or "").removesuffix(".000") == (published or "")


def test_a_named_column_comes_back_too(dedupe: Shell) -> None:
    put_table("a.parquet", table(text=[CLEAN, CLEAN], tekst=[DIRTY, None]))
    assert dedupe("clean", "a.parquet", "-o", "b.parquet", "--report", "p.jsonl", "--text-field", "tekst").code == 0
    assert pq.read_table("b.parquet").to_pydict() == {"text": [CLEAN, CLEAN], "tekst": [CLEAN, None]}
    assert dedupe("undo", "b.parquet", "--report", "p.jsonl", "-o", "c.parquet").code == 0
    assert pq.read_table("c.parquet").equals(pq.read_table("a.parquet"))
    run = dedupe("undo", "b.parquet", "--report", "p.jsonl")
    assert (run.code, run.out) == (2, b"")
    assert "write it with -o OUT.parquet" in run.err


def test_a_text_that_was_edited_since_is_not_undone(dedupe: Shell) -> None:
    put_table("a.parquet", table(text=[DIRTY, DIRTY]))
    assert dedupe("clean", "a.parquet", "-o", "b.parquet", "--report", "p.jsonl").code == 0
    put_table("b.parquet", table(text=[CLEAN, "Snow fell."]))
    run = dedupe("undo", "b.parquet", "--report", "p.jsonl", "-o", "c.parquet")
    assert (run.code, Path("c.parquet").exists()) == (2, False)
    assert "1 record of b.parquet cannot be undone" in run.err


def test_each_row_has_its_text_where_it_has_it(dedupe: Shell) -> None:
    put_table("a.parquet", table(body=[None, DIRTY, " "], text=[DIRTY, None, DIRTY], content=[1, 2, 3]))
    assert dedupe("clean", "a.parquet", "-o", "b.parquet", "--report", "p.jsonl").code == 0
    after = {"body": [None, CLEAN, " "], "text": [CLEAN, None, CLEAN], "content": [1, 2, 3]}
    assert pq.read_table("b.parquet").to_pydict() == after
    assert dedupe("undo", "b.parquet", "--report", "p.jsonl", "-o", "c.parquet").code == 0
    assert pq.read_table("c.parquet").equals(pq.read_table("a.parquet"))


@pytest.mark.parametrize("empty", [[], [0], [0, 0]])
def test_nothing_in_it(dedupe: Shell, empty: list[int]) -> None:
    none = table(text=pa.array([], pa.string()))
    write("a.parquet", none.schema, *(none for _ in empty)).close()
    assert dedupe("clean", "a.parquet", "-o", "b.parquet").code == 0
    assert shape("b.parquet") == shape("a.parquet")


@pytest.mark.parametrize("text", [pa.array([None, None], pa.string()), pa.nulls(2)], ids=["string", "null"])
def test_no_text_in_it(dedupe: Shell, text: Any) -> None:
    put_table("a.parquet", table(text=text, n=[1, 2]))
    run = dedupe("clean", "a.parquet", "-o", "b.parquet")
    assert (run.code, "2 without text" in run.err) == (0, True)
    assert pq.read_table("b.parquet").equals(pq.read_table("a.parquet"))


def test_workers_write_the_same(dedupe: Shell) -> None:
    texts = [f"{text} Number {n}." if text else text for n in range(300) for text in (ARTICLE, None, CLEAN * 30)]
    group = table(text=texts, n=list(range(len(texts))))
    write("a.parquet", group.schema, group[:100], group[100:900], compression="zstd").close()
    for jobs in "12":
        assert dedupe("clean", "a.parquet", "-o", f"{jobs}.parquet", "--jobs", jobs).code == 0
    assert Path("1.parquet").read_bytes() == Path("2.parquet").read_bytes()


def test_in_place(dedupe: Shell) -> None:
    put_table("a.parquet", table(text=[DIRTY]))
    original = Path("a.parquet").read_bytes()
    assert dedupe("clean", "a.parquet", "--in-place").code == 0
    assert pq.read_table("a.parquet")["text"].to_pylist() == [CLEAN]
    assert Path("a.parquet.orig").read_bytes() == original


def test_marks(dedupe: Shell) -> None:
    put_table("a.parquet", table(text=[DIRTY, CLEAN, None], n=[1, 2, 3]).replace_schema_metadata({"x": "y"}))
    assert dedupe("clean", "a.parquet", "-o", "m.parquet", "--mark", "--report", "p.jsonl").code == 0
    marked = pq.read_table("m.parquet")
    assert marked.drop(["dedupe"]).equals(pq.read_table("a.parquet"), check_metadata=True)
    assert marked.column_names[-1] == "dedupe"
    marks = marked["dedupe"].to_pylist()
    assert [mark["before"] for mark in json.loads(marks[0])] == [" layers"]
    assert marks[1:] == [None, None]
    assert "has a column 'dedupe' already" in dedupe("clean", "m.parquet", "-o", "n.parquet", "--mark").err
    assert "--mark" in dedupe("undo", "m.parquet", "--report", "p.jsonl", "-o", "n.parquet").err
    assert not Path("n.parquet").exists()


INT96 = {"use_deprecated_int96_timestamps": True, "store_schema": False}


def test_old_timestamps(dedupe: Shell) -> None:
    times = pa.array([0, 1_714_564_800_123_456_789, None], pa.timestamp("ns"))
    put_table("a.parquet", table(text=[DIRTY, CLEAN, None], ts=times, x=[float("nan")] * 3), **INT96)
    assert dedupe("clean", "a.parquet", "-o", "b.parquet").code == 0
    assert pq.ParquetFile("b.parquet").metadata.schema.column(1).physical_type == "INT96"
    assert pq.read_table("b.parquet")["ts"].combine_chunks().equals(times)


def test_old_timestamps_that_do_not_fit(dedupe: Shell) -> None:
    times = pa.array([253_402_300_799 * 10**6], pa.timestamp("us"))
    put_table("a.parquet", table(text=[DIRTY], ts=times), **INT96)
    run = dedupe("clean", "a.parquet", "-o", "b.parquet")
    assert (run.code, Path("b.parquet").exists()) == (2, False)
    assert "INT96" in run.err
    assert dedupe("scan", "a.parquet").code == 1


@pytest.mark.parametrize("command", [["duplicates", "-o", "out.jsonl"], ["index", "add", "seen.db"]], ids=" ".join)
def test_other_commands_read_it(dedupe: Shell, command: list[str]) -> None:
    group = table(id=[1, 2, 3], text=[ARTICLE * 3, ARTICLE * 3, CLEAN * 9], date=pa.array([3, 2, 1], pa.date32()))
    put_table("a.parquet", group)
    rows = zip("123", group["text"].to_pylist(), ["1970-01-04", "1970-01-03", "1970-01-02"], strict=True)
    put("b.jsonl", "".join(json.dumps({"id": id, "text": text, "date": date}) + "\n" for id, text, date in rows))
    ran = {}
    for name in ("a.parquet", "b.jsonl"):
        first, *rest = (command[0], *command[1:])
        arguments = [first, name, *rest] if first == "duplicates" else [*command, name]
        run = dedupe(*arguments)
        ran[name] = run.code, run.out, [Path(file).read_bytes() for file in rest if file.endswith(".jsonl")]
        Path("seen.db").unlink(missing_ok=True)
    assert ran["a.parquet"] == ran["b.jsonl"]
    assert ran["a.parquet"][0] == 0


def test_an_address(dedupe: Shell) -> None:
    fsspec = pytest.importorskip("fsspec")
    put_table("a.parquet", table(text=[DIRTY]))
    with fsspec.open("memory://news/a.parquet", "wb") as file:
        file.write(Path("a.parquet").read_bytes())
    assert dedupe("clean", "memory://news/a.parquet", "-o", "b.parquet").code == 0
    assert pq.read_table("b.parquet")["text"].to_pylist() == [CLEAN]
    assert dedupe("clean", "a.parquet", "-o", "memory://news/b.parquet").code == 0
    with fsspec.open("memory://news/b.parquet", "rb") as file:
        assert file.read() == Path("b.parquet").read_bytes()


def invalid() -> Any:
    raw = pa.array([b"Snow fell.", b"Snow \xff fell."])
    return table(text=pa.Array.from_buffers(pa.string(), 2, raw.buffers()))


TABLES: dict[str, Any] = {
    "good": table(text=[DIRTY], title=["Ferries"]),
    "binary": table(text=[DIRTY.encode()]),
    "other": table(words=[DIRTY], n=[1]),
    "twice": pa.Table.from_arrays([pa.array([DIRTY]), pa.array([DIRTY])], names=["text", "text"]),
    "invalid": invalid(),
}
OUT = ["-o", "out.parquet"]
# A row with the text "Snow fell." and the interval of a month, as DuckDB writes it.
INTERVAL = (
    "UEFSMRUAFSgVKCwVAhUAFQYVBgAAAgAAAAIBCgAAAFNub3cgZmVsbC4VABUkFSQsFQIVABUGFQYAAAIAAAACAQEAAAAAAAAAAAAAABUCGTw1ABgNZHVj"
    "a2RiX3NjaGVtYRUEABUMJQIYBHRleHQlAAAVDhUYFQIYAWklKgAWAhkcGSwmABwVDBkVABkYBHRleHQVABYCFkoWSiYIPBgKU25vdyBmZWxsLhgKU25v"
    "dyBmZWxsLhYAKApTbm93IGZlbGwuGApTbm93IGZlbGwuEREAAAAmABwVDhkFGRgBaRUAFgIWRhZGJlIAABaQARYCJggWkAEAKChEdWNrREIgdmVyc2lv"
    "biB2MS41LjYgKGJ1aWxkIDA2OWNjOWY5YjUpGSwcAAAcAAAA3QAAAFBBUjE="
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["good.parquet"], "good.parquet: Parquet is nothing to print: write it with -o OUT.parquet"),
        (["good.parquet", "-o", "out.parquet.gz"], "out.parquet.gz: a Parquet file is compressed inside"),
        (["good.parquet", "-o", "out.jsonl"], "out.jsonl: the output is written as .parquet: name it so"),
        (["good.parquet", *OUT, "--text-field", "tittle"], "has a field 'tittle'; did you mean 'title'?; its fields: "),
        (["good.parquet", *OUT, "--id-field", "nr"], "--id-field: no record of good.parquet has a field 'nr'"),
        (["binary.parquet", *OUT], "the column 'text' is of the type binary: cast it to string first"),
        (["other.parquet", *OUT], "its fields: n, words; say which one holds it with --text-field NAME"),
        (["twice.parquet", *OUT], "twice.parquet has two columns 'text': rename one of them"),
        (["invalid.parquet", *OUT], "has a string that is not UTF-8 in one of the rows 1 to 2"),
        (["interval.parquet", *OUT], "interval.parquet: the type of the column 'i' ("),
        (["noise.parquet", *OUT], "noise.parquet is no Parquet file, or damaged ("),
        (["short.parquet", *OUT], "short.parquet is no Parquet file, or damaged ("),
        (["hollow.parquet", *OUT], "hollow.parquet is no Parquet file, or damaged ("),
        (["good.parquet.gz", *OUT], "good.parquet.gz: a Parquet file is compressed inside: unpack it first"),
        (["-", "--format", "parquet", *OUT], "Parquet cannot be read from standard input: name a file"),
        (
            ["good.parquet", *OUT, "--drop", "--index", "seen.db", "--add", "--report", "p.jsonl"],
            "good.parquet: --drop cannot leave out rows of a Parquet file",
        ),
    ],
)
def test_errors(dedupe: Shell, arguments: list[str], message: str) -> None:
    for name, group in TABLES.items():
        put_table(f"{name}.parquet", group)
    good = Path("good.parquet").read_bytes()
    put("interval.parquet", base64.b64decode(INTERVAL))
    put("noise.parquet", "Snow fell.")
    put("short.parquet", good[:-20])
    put("hollow.parquet", good[:8] + bytes(60) + good[68:])
    put("good.parquet.gz", gzip.compress(good))
    run = dedupe("clean", *arguments)
    assert (run.code, message in run.err) == (2, True), run.err
    assert run.err.count("\n") == 1
    assert not list(Path().glob("out*"))


def test_rows_that_are_missing_are_told(dedupe: Shell) -> None:  # noqa: ARG001
    put_table("a.parquet", table(text=[DIRTY, CLEAN]))
    with opened("a.parquet") as source, Path("b.parquet").open("wb") as file:
        sink = source.format.sink(file)
        sink.write(next(source.pieces))
        with pytest.raises(InputError, match=r"rows of a\.parquet are missing"):
            sink.finish()


def test_without_pyarrow(dedupe: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    put_table("a.parquet", table(text=[DIRTY]))
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert 'a .parquet file needs pyarrow: pip install "dedupe-news[parquet]"' in dedupe("clean", "a.parquet", *OUT).err
