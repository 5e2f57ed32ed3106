"""Bytes in, bytes out: encodings, records, outputs. What is not cleaned stays as it was; what is can be taken back."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from dedupe.errors import InputError, UndoError
from dedupe.io.encoding import Codec, codec_for
from dedupe.io.format import check_output, format_of
from dedupe.io.formats.jsonl import json_record, members
from dedupe.io.output import Outputs
from dedupe.io.record import Fields, Reject
from dedupe.io.restore import source_for
from dedupe.io.source import Reading, opened
from dedupe.model import Article

UTF8 = Codec("utf-8")


# --- encodings


@pytest.mark.parametrize(
    ("head", "encoding", "codec"),
    [
        (b"Snow", None, Codec("utf-8")),
        (b"", None, Codec("utf-8")),
        (b"\xef\xbb\xbfS", None, Codec("utf-8", b"\xef\xbb\xbf")),
        (b"\xff\xfeS\0", None, Codec("utf-16-le", b"\xff\xfe")),
        (b"\xfe\xff\0S", None, Codec("utf-16-be", b"\xfe\xff")),
        (b"\xff\xfeS\0", "UTF-16", Codec("utf-16-le", b"\xff\xfe")),
        (b"\xef\xbb\xbfS", "utf-8-sig", Codec("utf-8", b"\xef\xbb\xbf")),
        (b"S\0n\0", "utf-16-le", Codec("utf-16-le")),
        (b"\xef\xbb\xbfS", "windows-1252", Codec("cp1252")),
    ],
)
def test_codec_is_told_by_the_byte_order_mark_or_the_option(head: bytes, encoding: str | None, codec: Codec) -> None:
    assert codec_for(head, encoding) == codec


@pytest.mark.parametrize(
    ("encoding", "says"),
    [("cp1552", "cp1252"), ("rot13", "unknown encoding"), ("utf-16", "utf-16-le or utf-16-be"), ("\0", "unknown")],
)
def test_a_wrong_encoding_is_named(encoding: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        codec_for(b"Snow", encoding)


# --- formats


@pytest.mark.parametrize(
    ("name", "given", "format"),
    [
        ("a.txt", None, "txt"),
        ("a.TXT.GZ", None, "txt"),
        ("a.md", None, "md"),
        ("a.jsonl.gz", None, "jsonl"),
        ("-", None, None),
        ("-", "md", "md"),
        ("a.strange", "jsonl", "jsonl"),
    ],
)
def test_format_of_a_name(name: str, given: str | None, format: str | None) -> None:
    assert format_of(name, given) == format


@pytest.mark.parametrize(("name", "given"), [("a.xml", None), ("a", None), ("a.pdf", None), ("a.txt", "jsonlines")])
def test_an_unsupported_format_names_what_is_supported(name: str, given: str | None) -> None:
    with pytest.raises(InputError, match="jsonl"):
        format_of(name, given)


@pytest.mark.parametrize(
    ("name", "format"), [("a.csv", "jsonl"), ("a.txt", "jsonl"), ("a.jsonl", "txt"), ("a.bz2", "txt")]
)
def test_an_output_may_not_promise_another_format(name: str, format: str) -> None:
    with pytest.raises(InputError, match="is written as"):
        check_output(name, format)


# --- records


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "Snow fell."}',
        ' \t{ "a" :\t[1, {"text": "no"}] ,"text":"Snow fell." } \r\n',
        '{"text": "no", "n": NaN, "text": "Snow fell.", "big": 12345678901234567890123, "x": -Infinity}',
        '{"te\\u0078t": "Snow\\u0020fell.", "": null}',
        '{"text": "Snow fell.", "odd": "a\tb\x00c"}',
        '{"n": ' + "9" * 5000 + ', "text": "Snow fell."}',
    ],
    ids=["plain", "spaces", "doubled", "escapes", "control", "digits"],
)
def test_members_finds_the_literal_that_counts(line: str) -> None:
    text = members(line)["text"]
    assert text.value == "Snow fell."
    assert json.loads(line[text.start : text.end]) == "Snow fell."
    assert "Snow" in line[text.start : text.end]


@pytest.mark.parametrize(
    "line",
    ["", "[]", "7", '"text"', "{", '{"a" 1}', '{"a": 1,}', '{"a": 1} {}', "{a: 1}", '{"a": }', '{"a": 1 "b": 2}'],
)
def test_members_refuses_what_is_no_object(line: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|Extra data"):
        members(line)


def test_a_record_becomes_an_article() -> None:
    line = (
        '{"id": 7, "content": "Snow fell.", "title": "Snow", "url": "https://www.velm.example:80/a", '
        '"published": 2024, "lang": ["en"], "text": null}'
    )
    article = json_record(line.encode(), UTF8, "a.jsonl", 4).article
    assert article == Article(
        "Snow fell.",
        id="7",
        title="Snow",
        url="https://www.velm.example:80/a",
        site="velm.example",
        published="2024",
        source="a.jsonl",
        ordinal=4,
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"headline": "Snow", "datePublished": "2024-01-02", "inLanguage": "de"}, ("Snow", "2024-01-02", "de")),
        ({"headline": "No", "title": "Snow", "inLanguage": "no", "lang": "de"}, ("Snow", None, "de")),
        ({"headline": "Snow", "title": "", "lang": None, "inLanguage": {"name": "German"}}, ("Snow", None, None)),
    ],
)
def test_the_fields_of_schema_org_stand_in(fields: dict[str, object], told: tuple[str | None, ...]) -> None:
    record = {"articleBody": "Snow fell."} | fields
    article = json_record(json.dumps(record).encode(), UTF8, "a.jsonl", 0).article
    assert article is not None
    assert (article.title, article.published, article.lang) == told


@pytest.mark.parametrize("url", ["http://[broken", "velm", ""])
def test_a_strange_url_has_no_site(url: str) -> None:
    article = json_record(json.dumps({"text": "Snow.", "url": url}).encode(), UTF8, "a", 0).article
    assert article is not None
    assert article.site is None


@pytest.mark.parametrize(
    "line", ['{"text": ""}', '{"text": null}', '{"text": 7}', '{"text": " \\n"}', "{}", '{"title": "x"}']
)
def test_a_record_without_text_has_no_article(line: str) -> None:
    assert json_record(line.encode(), UTF8, "a.jsonl", 0).article is None


@pytest.mark.parametrize(
    ("raw", "new", "restorable"),
    [
        (b'{"text":"caf\\u00e9 no"}', b'{"text":"caf\\u00e9"}', {"json": "ascii"}),
        ('{"text":"café no"}'.encode(), '{"text":"café"}'.encode(), {"json": "utf-8"}),
        (b'{"body":"caf\\u00E9 no"}', '{"body":"café"}'.encode(), {"field": "body", "raw": '"caf\\u00E9 no"'}),
    ],
)
def test_a_text_is_written_in_the_style_it_had(raw: bytes, new: bytes, restorable: dict[str, str]) -> None:
    record = json_record(raw, UTF8, "a.jsonl", 0)
    assert record.with_text("café") == new
    assert record.restorable(changed=True) == restorable
    assert set(record.restorable(changed=False)) <= {"field"}


def test_an_encoding_without_the_character_gets_an_escape() -> None:
    record = json_record('{"a": "é", "text": "é"}'.encode("latin-1"), Codec("iso8859-1"), "a", 0)
    assert record.with_text("é…") == '{"a": "é", "text": "\\u00e9\\u2026"}'.encode("latin-1")


def test_halves_that_json_would_join_are_refused() -> None:
    record = json_record(b'{"text": "\\ud83d-\\ude00"}', UTF8, "a", 0)
    with pytest.raises(InputError, match="halves"):
        record.with_text("\ud83d\ude00")


# --- sources


def test_records_of_a_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"text": "Snow."}\r\n\n{broken\n{"text": null}\n[1]\n{"text": "\xff"}\n{"text": "Rain."}'
    )
    with opened(str(path)) as source:
        records = list(source.records())
    assert source.format.codec.bom == b"\xef\xbb\xbf"
    kinds = [
        r.reason if isinstance(r, Reject) else r if isinstance(r, bytes) else r.article and r.article.text
        for r in records
    ]
    assert kinds[:2] == ["Snow.", b"\n"]
    assert [str(kinds[i])[:11] for i in (2, 4, 5)] == ["broken JSON", "a record mu", "not utf-8: "]
    assert (kinds[3], kinds[6]) == (None, "Rain.")
    assert [r.line for r in records if isinstance(r, Reject)] == [3, 5, 6]
    assert records[6].article.ordinal == 6  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (b'{"txt": "a", "id": 1}\n', {}, r"txt.*--text-field"),
        (b'{"text": "a", "bdy": "b"}\n', {"text": "body"}, "bdy"),
        (b'{"text": "a", "key": 1}\n', {"id": "kye"}, "key"),
    ],
)
def test_a_missing_field_names_those_there_are(
    tmp_path: Path, content: bytes, options: dict[str, str], says: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with opened(str(path), Reading(Fields(**options))) as source, pytest.raises(InputError, match=says):
        list(source.records())


@pytest.mark.parametrize("content", [b"", b"\n \n", b'{"text": null}\n', b"{broken\n"])
def test_without_a_readable_text_field_there_is_nothing_to_complain_about(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with opened(str(path)) as source:
        list(source.records())


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_lines_of_any_encoding(tmp_path: Path, encoding: str, newline: str) -> None:
    lines = [f'{{"text": "Ĩ Ċ 港口 {i}"}}{newline}' for i in range(3)]
    path = tmp_path / "a.jsonl"
    path.write_bytes("".join(("\ufeff", *lines)).encode(encoding))
    with opened(str(path)) as source:
        assert [line.decode(encoding) for line in source.pieces] == lines


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.txt", None, "does not exist"),
        ("a.txt", b"caf\xe9", "0xE9 at offset 3.*--encoding"),
        ("a.txt", b"\xff\xfea", "offset 2"),
        ("a.txt.gz", b"no gzip", "damaged"),
        ("a.jsonl.gz", gzip.compress(b'{"text": "Snow."}\n' * 99)[:-9], "damaged"),
        ("a.docx", b"", "supported"),
    ],
)
def test_what_cannot_be_opened_says_why(tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=says), opened(str(tmp_path / name)) as source:
        list(source.records())


# --- outputs


def test_outputs_appear_together_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), Outputs() as outputs:
        outputs.open(tmp_path / "new.txt").write(b"new")
        outputs.open(tmp_path / "old.txt").write(b"new")
        raise KeyboardInterrupt
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("old.txt", b"old")]
    with Outputs() as outputs:
        outputs.open(tmp_path / "old.txt").write(b"new")
        assert (tmp_path / "old.txt").read_bytes() == b"old"
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("old.txt", b"new")]


def test_compressed_output_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("a.txt.gz", "b.txt.gz"):
        with Outputs() as outputs:
            outputs.open(tmp_path / name).write(b"Snow fell.")
    first, second = ((tmp_path / name).read_bytes() for name in ("a.txt.gz", "b.txt.gz"))
    assert first == second
    assert gzip.decompress(first) == b"Snow fell."


def test_replace_keeps_the_original(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with Outputs([str(path)]) as outputs:
        outputs.replace(str(path)).write(b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "a.txt.orig").read_bytes() == b"old"
    with pytest.raises(InputError, match=r"a\.txt\.orig exists"), Outputs([str(path)]) as outputs:
        outputs.replace(str(path))


def test_no_output_over_an_input(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    (tmp_path / "soft.txt").symlink_to(path)
    (tmp_path / "hard.txt").hardlink_to(path)
    for name in ("a.txt", "soft.txt", "hard.txt", "../" + tmp_path.name + "/a.txt"):
        with pytest.raises(InputError, match="is an input"), Outputs([str(path)]) as outputs:
            outputs.open(tmp_path / name)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(("name", "says"), [("no/a.txt", "does not exist"), (".", "is a folder"), ("b.txt", "twice")])
def test_an_output_that_cannot_be(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(InputError, match=says), Outputs() as outputs:
        outputs.open(tmp_path / "b.txt")
        outputs.open(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_an_output_goes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_bytes(b"old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    with Outputs() as outputs:
        outputs.open(tmp_path / "link.txt").write(b"new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_bytes() == b"new"


# --- which input a plan is of


@pytest.mark.parametrize(
    ("cleaned", "sources", "chosen"),
    [
        ("out.txt", ["a.txt"], "a.txt"),
        ("out/a.txt", ["in/a.txt", "in/b.txt"], "in/a.txt"),
        ("x/a.txt", ["x/a.txt", "y/a.txt"], "x/a.txt"),
        ("a.jsonl.gz", ["in/a.jsonl", "b.jsonl"], "in/a.jsonl"),
        ("a.txt", [], None),
    ],
)
def test_source_for(cleaned: str, sources: list[str], chosen: str | None) -> None:
    assert source_for(cleaned, sources) == chosen


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        (["x/a.txt", "y/a.txt", "b.txt"], r"may be any of x/a\.txt, y/a\.txt in this plan"),
        (["c.txt", "b.txt"], r"out/a\.txt is not in this plan; it holds b\.txt, c\.txt"),
    ],
)
def test_source_for_asks_when_it_cannot_tell(sources: list[str], says: str) -> None:
    with pytest.raises(UndoError, match=says):
        source_for("out/a.txt", sources)


def test_an_empty_field_does_not_hide_a_full_one() -> None:
    record = json_record(b'{"text": "", "content": "Snow fell."}\n', UTF8, "a.jsonl", 0)
    assert record.article and record.article.text == "Snow fell."
