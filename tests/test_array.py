"""JSON files: any array or row of objects is told apart byte for byte, cleaned, left valid, and brought back."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from roundtrip import jsonl_of, undone
from shell import CLEAN, DIRTY, Shell, put
from shell import shell as shell

from dedupe.errors import InputError
from dedupe.io.encoding import codec_for
from dedupe.io.format import Raw
from dedupe.io.formats import array
from dedupe.io.formats.array import Array
from dedupe.io.formats.jsonl import JsonRecord
from dedupe.io.record import USUAL_FIELDS, Reject

CODECS = ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"]


def array_of(data: bytes, encoding: str | None = None) -> tuple[Array, list[bytes]]:
    """A JSON file and all its pieces, from its bytes."""
    codec = codec_for(data[:4], encoding)
    file = io.BufferedReader(io.BytesIO(data[len(codec.bom) :]))
    kind, pieces = array.opened(Raw("a.json", file, "json", codec, USUAL_FIELDS))
    return kind, list(pieces)


def encoded(content: str, codec: str) -> bytes:
    return (("\ufeff" if codec.startswith("utf-16") else "") + content).encode(codec)


TEXTS = st.text(
    st.one_of(st.sampled_from('✂ []{},:"\\\n\t\x00é\u2028\U0001f600'), st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.builds(lambda text, others: {"text": text} | others, TEXTS, st.dictionaries(TEXTS, VALUES, max_size=3))


@st.composite
def written(draw: st.DrawFn, elements: st.SearchStrategy[Any]) -> tuple[str, list[Any]]:
    """An array as json.dumps writes it, in one of its many manners, with spaces around."""
    values = draw(st.lists(elements, max_size=4))
    content = json.dumps(
        values,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 2, "\t"])),
        separators=draw(st.sampled_from([None, (",", ":"), (" , ", " : "), ("\r\n,\t", ":\n")])),
    )
    space = st.sampled_from(["", "\n", " \r\n\t"])
    return draw(space) + content + draw(space), values


@settings(max_examples=150)
@given(written(RECORDS | VALUES), st.sampled_from(CODECS), st.sampled_from([1, 2, 7, 1 << 16]))
@example(("[]", []), "utf-16-le", 1)
@example(("[ ]\n", []), "utf-8", 1)
def test_any_array_is_told_apart(given_: tuple[str, list[Any]], codec: str, at_once: int) -> None:
    content, values = given_
    with patch.object(array, "_AT_ONCE", at_once):
        kind, pieces = array_of(encoded(content, codec))
    assert kind.codec.bom + b"".join(pieces) == encoded(content, codec)
    found = [kind.record(piece, n) for n, piece in enumerate(pieces)]
    assert found.pop() is None
    if not values:
        assert found == [None]
        return
    assert len(found) == len(values)
    for record, value in zip(found, values, strict=True):
        if isinstance(value, dict):
            assert isinstance(record, JsonRecord)
            literals = {name: record.line[member.start : member.end] for name, member in record.fields.items()}
            assert {name: json.loads(literal) for name, literal in literals.items()} == value
        else:
            assert isinstance(record, Reject)
            assert "object" in record.reason


@settings(max_examples=100)
@given(written(RECORDS | VALUES), st.sampled_from(CODECS))
@example(('[1,\n{"text": "a✂"}, 2]', [1, {"text": "a✂"}, 2]), "utf-8")
@example(("\n[1, 2 ]\n", [1, 2]), "utf-8-sig")
@example(('[{"text": "✂"}, [], {}]', [{"text": "✂"}, [], {}]), "utf-16-be")
def test_what_is_cleaned_is_valid_and_undo_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, given_: tuple[str, list[Any]], codec: str
) -> None:
    content, values = given_
    folder = tmp_path_factory.mktemp("array")
    (folder / "a.json").write_bytes(encoded(content, codec))
    assume(not any(isinstance(value, dict) for value in values) or any("text" in value for value in objects(values)))
    code, cleaned = jsonl_of(folder / "a.json", folder / "out.json")
    assert code == (0 if len(objects(values)) == len(values) else 3)
    left = json.loads(cleaned.decode(codec).removeprefix("\ufeff"))
    assert [value | {"text": 0} for value in left] == [value | {"text": 0} for value in objects(values)]
    assert not any("✂" in value["text"] for value in left if isinstance(value.get("text"), str))
    assert undone(folder / "out.json") == encoded(content, codec)


def objects(values: list[Any]) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)]


@settings(max_examples=80)
@given(
    st.lists(
        st.tuples(RECORDS, st.sampled_from(["", "\n", " \r\n\n"]), st.sampled_from([None, 1])), min_size=1, max_size=4
    ),
    st.sampled_from(CODECS),
    st.sampled_from([1, 1 << 16]),
)
def test_objects_one_after_another(
    tmp_path_factory: pytest.TempPathFactory, given_: list[tuple[Any, str, int | None]], codec: str, at_once: int
) -> None:
    data = encoded("".join(json.dumps(value, indent=indent) + space for value, space, indent in given_), codec)
    with patch.object(array, "_AT_ONCE", at_once):
        kind, pieces = array_of(data)
    assert kind.codec.bom + b"".join(pieces) == data
    records = [kind.record(piece, n) for n, piece in enumerate(pieces)]
    assert [record.text for record in records if record is not None] == [value["text"] for value, *_ in given_]
    folder = tmp_path_factory.mktemp("objects")
    (folder / "a.json").write_bytes(data)
    assert jsonl_of(folder / "a.json", folder / "out.json")[0] == 0
    assert undone(folder / "out.json") == data


@pytest.mark.parametrize(
    ("content", "left", "rejected"),
    [
        ('[1, {"text": "a✂"}]', '[ {"text": ""}]', [1]),
        ('[{"text": "a✂"}, null ]', '[{"text": ""}]', [2]),
        ('[{"text": "a✂"}, 5, {"text": "b"}\n]\n', '[{"text": ""}, {"text": "b"}\n]\n', [2]),
        ("[1, [2], 3]", "[]", [1, 2, 3]),
        ('[{"text": "a✂"},]', '[{"text": ""}]', [2]),
        ("[1,]", "[]", [1, 2]),
        ('[{"text": "a"} {"text": "b"}]', "[]", [1]),
        ('{"text": "a✂"}\n{"text" "b"}\n{"text": "c"}', '{"text": ""}\n{"text": "c"}', [2]),
        ('{"text": "a✂"} oops', '{"text": ""}', [2]),
        ('[{"text": "a✂", "x": tru}, {"text": "b"}]', '[ {"text": "b"}]', [1]),
    ],
)
def test_what_is_left_is_valid_and_the_rest_comes_back(
    tmp_path: Path, content: str, left: str, rejected: list[int]
) -> None:
    (tmp_path / "a.json").write_text(content)
    code, cleaned = jsonl_of(tmp_path / "a.json", tmp_path / "out.json")
    assert (code, cleaned.decode()) == (3, left)
    rejects = (tmp_path / "out.json.rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in rejects] == rejected
    assert undone(tmp_path / "out.json") == content.encode()


@pytest.mark.parametrize(
    ("content", "place", "found"),
    [
        ('[{"text": "a"}', 14, "the end of the file"),
        ('[{"text": "a}]', 14, "the end of the file"),
        ('{"text": "a"', 12, "the end of the file"),
        ('"open', 5, "the end of the file"),
        ('[{"text": "a"}] [1]', 17, "[1]"),
        ('[{"text": "a"}]]', 16, "]"),
        ('{"text": "a"}}', 14, "}"),
        ('{"text": "a"}, {"text": "b"}', 14, ', {"text": "b"}'),
        ("]", 1, "]"),
    ],
)
@pytest.mark.parametrize("at_once", [1, 1 << 16])
def test_broken_json_gives_one_clear_line(content: str, place: int, found: str, at_once: int) -> None:
    with patch.object(array, "_AT_ONCE", at_once), pytest.raises(InputError) as error:
        array_of(content.encode())
    shown = found if at_once > 1 else found[0]
    assert str(error.value).startswith(f"a.json is broken JSON: at character {place} stands '{shown}")
    assert str(error.value).endswith("repair it, or say --format jsonl where each line is a record of its own")


@pytest.mark.parametrize(
    ("data", "encoding", "says"),
    [
        (encoded('[{"text": "a"}]', "utf-16-le") + b"\n", None, "is not utf-16-le: say which encoding"),
        (encoded('[{"text": "a"}', "utf-16-le") + b"\n", None, "is not utf-16-le: say which encoding"),
        (b'[{"text": "\xfa\x54"}]', "cp932", "cannot be written back in cp932 byte for byte: convert it to UTF-8"),
        (b'{"text": "a"}\n{"text": "\xfa\x54"}', "cp932", "cannot be written back in cp932 byte for byte"),
    ],
)
def test_an_encoding_that_does_not_fit(data: bytes, encoding: str | None, says: str) -> None:
    with pytest.raises(InputError, match=f"^a.json {says}"):
        array_of(data, encoding)


def test_bytes_that_are_no_text_are_rejected_with_their_record(dedupe: Shell) -> None:
    data = f'[{{"text": "caf\udce9"}}, {{"text": "{DIRTY.strip()}"}}]'.encode(errors="surrogateescape")
    put("a.json", data)
    code, _, err = dedupe("clean", "a.json", "-o", "o.json", "--report", "p.jsonl")
    assert code == 3
    assert "a.json, line 1: not utf-8: byte 0xE9" in err
    assert json.loads(Path("o.json").read_text()) == [{"text": CLEAN.strip()}]
    assert dedupe("undo", "o.json", "--report", "p.jsonl").out == data
