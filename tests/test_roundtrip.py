"""Clean, then undo: the exact bytes come back, whatever the records look like; what did not change was copied raw."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from roundtrip import jsonl_of, undone

from dedupe.io.formats.jsonl import literal

ODD = "\r\n".join(
    (
        '{"id": 1, "text": "Snow✂ fell.", "nan": NaN, "big": 12345678901234567890123, "x": 1.0e+05}',
        '{ "text" : "\\u0053now\\/✂ \\ud800 fell.\\u00E9" ,"odd":"\\ud83d" }  ',
        '{"text": "no✂", "text": "Snow✂ \\u2028fell.", "a": [1,  2]}',
        '{"content": "Snow✂ \x00\tfell.", "text": null}',
        "",
        "{broken ✂",
        '{"text": "Unchanged."   , "\\u0061": 1}',
        '{"id": 1, "text": "boom✂"}',
        '["text✂"]',
        '{"title": "without text ✂"}',
        '{"text": "caf\\u00e9✂ \\u0053"}',
    )
)


@pytest.mark.parametrize("final", ["", "\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_odd_records_come_back_byte_for_byte(tmp_path: Path, encoding: str, final: str) -> None:
    bom = "\ufeff" if encoding.startswith("utf-16") else ""
    original = (bom + ODD + final).encode(encoding)
    (tmp_path / "a.jsonl").write_bytes(original)
    code, cleaned = jsonl_of(tmp_path / "a.jsonl", tmp_path / "out.jsonl")
    assert code == 3
    lines = cleaned.decode(encoding).removeprefix("\ufeff").split("\n")
    assert lines[0] == '{"id": 1, "text": " fell.", "nan": NaN, "big": 12345678901234567890123, "x": 1.0e+05}\r'
    assert lines[1] == '{ "text" : " \\ud800 fell.é" ,"odd":"\\ud83d" }  \r'
    assert lines[2].startswith('{"text": "no✂", "text": " \u2028fell.", "a": [1,  2]}')
    assert lines[3] == '{"content": " \\u0000\\tfell.", "text": null}\r'
    assert lines[4:7] == ["\r", '{"text": "Unchanged."   , "\\u0061": 1}\r', '{"id": 1, "text": "boom✂"}\r']
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()]
    assert [(r["line"], r["source"]) for r in rejects] == [
        (6, str(tmp_path / "a.jsonl")),
        (9, str(tmp_path / "a.jsonl")),
    ]
    assert undone(tmp_path / "out.jsonl") == original


def characters() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from('✂ \n\t"\\/é\u2028\x00\ud800\U0001f600'), st.characters())


@st.composite
def literals(draw: st.DrawFn) -> str:
    """A JSON string written in one of many manners."""
    text = "".join(draw(st.lists(characters(), max_size=8)))
    manner = draw(st.sampled_from(["ascii", "utf-8", "odd"]))
    if manner != "odd":
        return literal(text, manner)
    manners = [lambda c: literal(c, "ascii"), lambda c: literal(c, "utf-8"), lambda c: f'"\\u{ord(c) & 0xFFFF:04X}"']
    return '"' + "".join(draw(st.sampled_from(manners))(c)[1:-1] for c in text) + '"'


@st.composite
def record_lines(draw: st.DrawFn) -> str:
    """A line of JSONL: an object with a text in odd spacing and company, or something broken or blank."""
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return draw(st.sampled_from(["", " ", "{", "[]", '{"text": "✂"', "nul", '{"text": "✂"} x', "\x00"]))
    space = st.sampled_from(["", "", " ", "\t ", "\r"])
    values = st.one_of(
        literals(), st.sampled_from(["NaN", "-0", "1e999", "9" * 23, "null", '{"text": "✂"}', "[ ]", "true"])
    )
    names = st.sampled_from(['"text"', '"text"', '"content"', '"id"', '"title"', '"te\\u0078t"', '"é"', '""'])
    fields = [(draw(names), draw(values)) for _ in range(draw(st.integers(0, 3)))]
    fields.insert(draw(st.integers(0, len(fields))), ('"text"', draw(literals())))
    inside = ",".join(f"{draw(space)}{n}{draw(space)}:{draw(space)}{v}{draw(space)}" for n, v in fields)
    return f"{draw(space)}{{{inside}}}{draw(space)}"


@settings(max_examples=120)
@given(
    lines=st.lists(record_lines(), max_size=5),
    newline=st.sampled_from(["\n", "\r\n"]),
    final=st.booleans(),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le"]),
)
@example(['{"text": "a✂"}', "{"], "\n", False, "utf-8-sig")
@example(["{", "{", '{"text": "a✂"}'], "\r\n", True, "utf-8")
def test_clean_then_undo_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], newline: str, final: bool, codec: str
) -> None:
    folder = tmp_path_factory.mktemp("io")
    content = newline.join(lines) + newline * final
    original = (("\ufeff" if codec == "utf-16-le" else "") + content).encode(codec, "surrogatepass")
    (folder / "a.jsonl").write_bytes(original)
    code, cleaned = jsonl_of(folder / "a.jsonl", folder / "out.jsonl")
    assert code in (0, 3)
    assert undone(folder / "out.jsonl") == original
    kept = cleaned.decode(codec, "surrogatepass").removeprefix("\ufeff").split("\n")
    for line in content.split("\n"):
        if "✂" not in line and "\\u2702" not in line and line.strip().startswith('{"'):
            parsed = json.loads(line, strict=False)
            assert not isinstance(parsed, dict) or line in kept


@given(st.text(characters(), max_size=60), st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"]))
@settings(max_examples=40)
def test_a_text_comes_back_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, text: str, codec: str) -> None:
    folder = tmp_path_factory.mktemp("io")
    bom = "\ufeff" if codec.startswith("utf-16") else ""
    original = (bom + text).encode(codec, "ignore")
    (folder / "a.txt").write_bytes(original)
    code, cleaned = jsonl_of(folder / "a.txt", folder / "out.txt")
    assert code == 0
    assert "✂" not in cleaned.decode(codec)
    assert undone(folder / "out.txt") == original


def test_a_line_of_50_mb(tmp_path: Path) -> None:
    original = b'{"id": 1, "html": "' + b"x" * 50_000_000 + b'", "text": "Snow\\u2702 fell."}'
    (tmp_path / "a.jsonl").write_bytes(original)
    code, cleaned = jsonl_of(tmp_path / "a.jsonl", tmp_path / "out.jsonl")
    assert (code, len(cleaned)) == (0, len(original) - len(b"Snow\\u2702"))
    assert undone(tmp_path / "out.jsonl") == original


def test_the_plan_line_of_each_article(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1, "text": "Snow✂ fell."}\n{\n{"id": 1, "text": "Rain."}\n{"text": ""}\n')
    code, _ = jsonl_of(tmp_path / "a.jsonl", tmp_path / "out.jsonl")
    plans = [json.loads(line) for line in (tmp_path / "out.jsonl.plan.jsonl").read_text().splitlines()]
    assert code == 3
    assert [(p["article"], p["ordinal"], len(p["edits"]), p.get("json")) for p in plans] == [
        ("1", 0, 1, "utf-8"),
        ("1", 2, 0, None),
    ]


def test_stale_rejects_go_with_the_output_they_belonged_to(tmp_path: Path) -> None:
    source, rejects = tmp_path / "a.jsonl", tmp_path / "out.jsonl.rejects.jsonl"
    for content, code, there in ((b'{"text": "Snow."}\n{', 3, True), (b'{"text": "Snow."}\n', 0, False)):
        source.write_bytes(content)
        assert jsonl_of(source, tmp_path / "out.jsonl")[0] == code
        assert rejects.exists() is there
        assert undone(tmp_path / "out.jsonl") == content
