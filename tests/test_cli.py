"""`dedupe clean`: what it prints, what it writes and where."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from shell import ARTICLE, CLEAN, DIRTY, REPEAT, Shell, jsonl, names, put
from shell import shell as shell

from dedupe.model import Article, Neighbour
from dedupe.pipeline import Cleaner, Result

# --- clean: one text


def test_a_text_goes_to_standard_output_and_the_summary_to_standard_error(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    code, out, err = dedupe("clean", "a.txt")
    assert (code, out.decode()) == (0, CLEAN)
    assert "line 1, column 27: LAY001 stray-token: applied" in err
    assert "cut “ layers”" in err
    assert "1 finding: 1 applied, 0 held back; 7 of 33 characters removed" in err
    assert "\x1b" not in err
    assert names() == {"a.txt"}


def test_what_is_held_back_says_why(dedupe: Shell) -> None:
    put("dedupe.toml", 'allow = ["layers"]\n')
    code, out, err = dedupe("clean", "-", stdin=DIRTY.encode())
    assert (code, out.decode()) == (0, DIRTY)
    assert "LAY001 stray-token: held back (suppressed)" in err
    assert "the configuration allows 'layers'" in err
    assert "1 finding: 0 applied, 1 held back" in err
    assert dedupe("scan", stdin=DIRTY.encode())[:2] == (0, b"")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"No final newline.",
        b"Snow fell.\r\nRain came.\r\n",
        b"\xef\xbb\xbfSnow fell.\n",
        "\ufeffSnow fell.\r\n".encode("utf-16-le"),
        "\ufeffSnow fell.\n".encode("utf-16-be"),
        b"\n\n \n",
        "Die Fähre fährt wieder.\nПаром снова ходит.\n渡轮恢复了。\n".encode(),
    ],
    ids=["empty", "no newline", "crlf", "bom", "utf-16-le", "utf-16-be", "blank", "languages"],
)
def test_a_clean_text_comes_out_as_it_went_in(dedupe: Shell, content: bytes) -> None:
    put("a.txt", content)
    assert dedupe("clean", "a.txt")[:2] == (0, content)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.txt.gz"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_is_cleaned_and_comes_back(dedupe: Shell, name: str, codec: str) -> None:
    pack = gzip.compress if name.endswith(".gz") else bytes
    original = ARTICLE.encode(codec)
    put(name, pack(original))
    assert dedupe("clean", name, "-o", "out.txt", "--report", "plan.jsonl").code == 0
    cleaned = Path("out.txt").read_bytes().decode(codec)
    assert cleaned == ARTICLE[: -len(f"\r\n{REPEAT}\r\n")]
    assert dedupe("undo", "out.txt", "--report", "plan.jsonl") == (
        0,
        original,
        "1 record restored to standard output\n",
    )
    assert dedupe("undo", "out.txt", "--report", "plan.jsonl", "-o", "back.txt.gz").code == 0
    assert gzip.decompress(Path("back.txt.gz").read_bytes()) == original


def test_a_nul_byte_passes(dedupe: Shell) -> None:
    put("a.txt", f"Snow fell on Velm.\0\n{DIRTY}")
    assert dedupe("clean", "a.txt", "--select", "LAY001").out.decode() == f"Snow fell on Velm.\0\n{CLEAN}"


def test_another_encoding_is_read_and_written(dedupe: Shell) -> None:
    original = f"Die Fähre fährt.\n\n{DIRTY}".encode("cp1252")
    put("a.txt", original)
    code, _, err = dedupe("clean", "a.txt")
    assert code == 2
    assert "0xE4 at offset 5" in err
    assert "--encoding" in err
    assert dedupe("clean", "a.txt", "--encoding", "cp1252", "-o", "b.txt", "--report", "p.jsonl").code == 0
    assert Path("b.txt").read_bytes() == f"Die Fähre fährt.\n\n{CLEAN}".encode("cp1252")
    assert dedupe("undo", "b.txt", "--report", "p.jsonl", "--encoding", "cp1252").out == original


def test_markdown_is_told_by_its_suffix(dedupe: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = Cleaner.clean
    monkeypatch.setattr(Cleaner, "clean", lambda self, article, _: seen.append(article.markup) or real(self, article))
    put("a.md", DIRTY)
    dedupe("clean", "a.md")
    dedupe("clean", "-", "--format", "md", stdin=DIRTY.encode())
    dedupe("clean", "-", stdin=DIRTY.encode())
    assert seen == ["markdown", "markdown", "plain"]


@pytest.mark.parametrize("page", ["<!DOCTYPE html><p>Snow</p>", " <html>", "<p>Snow</p>" * 9])
def test_a_page_gets_a_hint_and_goes_on(dedupe: Shell, page: str) -> None:
    put("a.txt", page)
    code, _, err = dedupe("clean", "a.txt")
    assert code == 0
    assert "looks like HTML" in err.splitlines()[-1]


@pytest.mark.parametrize(
    "content",
    [
        f'[\n  {{"text": "{DIRTY[:-1]}"}}\n]',
        f'\n \n[ {{"text": "Snow."}}, {{"text": "{DIRTY[:-1]}"}}]\n',
        f'\ufeff{{\n  "text": "Snow."\n}}\n{{\n  "text": "{DIRTY[:-1]}"\n}}\n',
        f'{{"text": "{DIRTY[:-1]}",\n"id": 1}}',
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_json_over_several_lines_is_known(dedupe: Shell, content: str, codec: str) -> None:
    raw = content.encode(codec) if codec == "utf-8" else content.removeprefix("\ufeff").encode(codec)
    code, out, _ = dedupe("clean", stdin=raw)
    assert (code, out.decode(codec)) == (0, raw.decode(codec).replace(DIRTY[:-1], CLEAN[:-1]))
    assert dedupe("scan", stdin=raw).code == 1


@pytest.mark.parametrize("content", ['["Snow.", "Rain."]', '[[\n"Snow."]]'])
def test_elements_that_are_no_records_are_rejected(dedupe: Shell, content: str) -> None:
    code, out, err = dedupe("clean", stdin=content.encode())
    assert (code, out.strip()) == (3, b"[]")
    assert '"raw": ' in err


@pytest.mark.parametrize(
    "start",
    ["[Photo] Snow fell.", "[[Image]] Snow.", "[1] Snow fell.", "[…] Snow.", '["Snow" – red.]', "{Snow}", "{{x}}"],
)
def test_an_article_may_begin_with_a_bracket(dedupe: Shell, start: str) -> None:
    assert dedupe("clean", stdin=f"{start}\nRain came to Velm.\n".encode()).code == 0


def test_a_jsonl_file_with_a_json_array_says_what_to_do(dedupe: Shell) -> None:
    put("a.jsonl", '[\n{"text": "Snow."}\n]\n')
    code, out, err = dedupe("clean", "a.jsonl")
    assert (code, out) == (2, b"")
    assert "a.jsonl: this looks like a JSON array: call it .json, or say --format json" in err
    assert dedupe("clean", "a.jsonl", "--format", "json").code == 0


def test_a_file_without_a_record_gets_a_hint(dedupe: Shell) -> None:
    for content in (DIRTY * 2, '{\n"text": "Snow."\n}\n'):
        code, _, err = dedupe("clean", "--format", "jsonl", stdin=content.encode())
        assert code == 3
        assert "no line is a record: is it a .txt" in err
    assert "no line is a record" not in dedupe("clean", "--format", "jsonl", stdin=b"{\n{}\n").err


@pytest.mark.parametrize("content", [DIRTY, jsonl(DIRTY, CLEAN)], ids=["txt", "jsonl"])
def test_gzip_is_told_by_its_bytes(dedupe: Shell, content: str) -> None:
    name = "a.jsonl" if content.startswith("{") else "a.txt"
    packed, cleaned = gzip.compress(content.encode()), content.replace(" layers", "").encode()
    put(name, packed)
    assert dedupe("clean", name, "--report", "p.jsonl").out == cleaned
    assert dedupe("clean", stdin=packed).out == cleaned
    assert dedupe("scan", name).code == 1
    dedupe("clean", name, "-o", f"o-{name}.gz")
    assert gzip.decompress(Path(f"o-{name}.gz").read_bytes()) == cleaned
    put(f"packed-{name}", gzip.compress(cleaned))
    assert dedupe("undo", f"packed-{name}", "--report", "p.jsonl").out == content.encode()
    code, _, err = dedupe("clean", name, "--in-place")
    assert code == 2
    assert f"rename it to {name}.gz" in err
    assert Path(name).read_bytes() == packed


# --- clean: what is written where


def test_diff_replaces_the_text(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    assert (
        "-The bridge is open again. layers\n+The bridge is open again.\n"
        in dedupe("clean", "a.txt", "--diff").out.decode()
    )
    put("a.jsonl", jsonl(DIRTY, CLEAN, DIRTY))
    assert dedupe("clean", "a.jsonl", "--diff").out.decode().count("@@ -1 +1 @@") == 2


def test_reports_by_suffix(dedupe: Shell) -> None:
    put("a.jsonl", jsonl(DIRTY, CLEAN))
    code, out, _ = dedupe("clean", "a.jsonl", "--report", "p.jsonl", "--report", "p.diff", "--report", "p.jsonl.gz")
    assert (code, out.decode()) == (0, jsonl(CLEAN, CLEAN))
    assert [json.loads(line)["ordinal"] for line in Path("p.jsonl").read_text().splitlines()] == [0, 1]
    assert gzip.decompress(Path("p.jsonl.gz").read_bytes()) == Path("p.jsonl").read_bytes()
    assert Path("p.diff").read_text().count("@@") == 2


@pytest.mark.parametrize(
    "options", [(), ("--diff",), ("--mark",), ("-o", "b.jsonl"), ("--in-place",), ("--report", "p.jsonl")]
)
def test_a_dry_run_writes_nothing(dedupe: Shell, options: tuple[str, ...]) -> None:
    put("a.jsonl", f"{jsonl(DIRTY)}{{broken\n")
    code, out, err = dedupe("clean", "a.jsonl", "--dry-run", *options)
    assert code == 3
    assert b"layers" in out if options == ("--diff",) else out == b""
    assert "nothing was written" in err
    assert "1 would change" in err
    assert names() == {"a.jsonl"}


@pytest.mark.parametrize(
    ("options", "would"),
    [
        (("--dry-run",), True),
        (("--dry-run", "-o", "b"), True),
        (("--diff",), True),
        (("--mark",), True),
        (("--mark", "-o", "b"), True),
        ((), False),
        (("-o", "b"), False),
        (("--diff", "-o", "b"), False),
        (("--in-place",), False),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_what_is_only_shown_is_said_in_the_conditional(
    dedupe: Shell, name: str, options: tuple[str, ...], would: bool
) -> None:
    put(name, DIRTY if name == "a.txt" else jsonl(DIRTY))
    err = dedupe("clean", name, *options).err
    assert ("would remove 7 of 33 characters (21.2 %)" in err) is would
    assert ("7 of 33 characters removed (21.2 %)" in err) is not would
    assert ("would be applied" in err) is would
    assert ("1 would change, 0 would not" in err) is (would and name == "a.jsonl")
    assert ("    would cut" in err) is (would and name == "a.txt")


def test_mark_keeps_the_text(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    put("a.jsonl", jsonl(DIRTY, CLEAN) + '{"dedupe": 1, "text": "The bridge is open again. layers"}\n')
    marked = "The bridge is open again.{-- layers--}{>>LAY001 stray-token<<}\n"
    assert dedupe("clean", "a.txt", "--mark").out.decode() == marked
    code, out, err = dedupe("clean", "a.jsonl", "--mark")
    first, second, third = out.decode().splitlines()
    assert code == 3
    assert "field 'dedupe' already" in err
    record = json.loads(first)
    assert list(record) == ["id", "text", "dedupe"]
    assert record["text"] == DIRTY
    assert [(m["code"], m["before"], m["after"]) for m in record["dedupe"]] == [("LAY001", " layers", "")]
    assert second == json.dumps({"id": "1", "text": CLEAN})
    assert third == '{"dedupe": 1, "text": "The bridge is open again. layers"}'


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_marked_output_is_not_undone(dedupe: Shell, name: str) -> None:
    put(name, DIRTY if name == "a.txt" else jsonl(DIRTY))
    dedupe("clean", name, "--mark", "-o", f"m-{name}", "--report", "p.jsonl")
    code, out, err = dedupe("undo", f"m-{name}", "--report", "p.jsonl")
    assert (code, out) == (2, b"")
    assert "--mark" in err


def test_in_place_keeps_the_original(dedupe: Shell) -> None:
    for name, content in (("a.txt", DIRTY), ("b.jsonl", f"{jsonl(DIRTY)}{{broken\n")):
        put(name, content)
    assert dedupe("clean", "a.txt", "b.jsonl", "--in-place", "--report", "p.jsonl").code == 3
    assert Path("a.txt").read_text() == CLEAN
    assert Path("b.jsonl").read_text() == jsonl(CLEAN)
    assert Path("a.txt.orig").read_text() == DIRTY
    assert names() == {"a.txt", "a.txt.orig", "b.jsonl", "b.jsonl.orig", "b.jsonl.rejects.jsonl", "p.jsonl"}
    for name in ("a.txt", "b.jsonl"):
        assert dedupe("undo", name, "--report", "p.jsonl").out == Path(f"{name}.orig").read_bytes()
        code, _, err = dedupe("clean", name, "--in-place")
        assert code == 2
        assert ".orig exists" in err or "rejects.jsonl is left" in err


def test_several_inputs_go_to_a_folder_and_come_back(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    put("b.jsonl", f"{{broken\n{jsonl(DIRTY, CLEAN)}")
    put("c.jsonl.gz", gzip.compress(jsonl(CLEAN, DIRTY).encode()))
    inputs = ("a.txt", "b.jsonl", "c.jsonl.gz")
    assert dedupe("clean", *inputs, "-o", "out", "--report", "p.jsonl").code == 3
    assert Path("out/a.txt").read_text() == CLEAN
    assert Path("out/b.jsonl").read_text() == jsonl(CLEAN, CLEAN)
    assert gzip.decompress(Path("out/c.jsonl.gz").read_bytes()).decode() == jsonl(CLEAN, CLEAN)
    assert Path("out/b.jsonl.rejects.jsonl").exists()
    for name in inputs:
        back = dedupe("undo", f"out/{name}", "--report", "p.jsonl").out
        original = Path(name).read_bytes()
        assert back == (gzip.decompress(original) if name.endswith(".gz") else original)


def test_one_input_goes_into_a_folder_that_is_there(dedupe: Shell) -> None:
    put("a.txt", DIRTY)
    Path("out").mkdir()
    assert dedupe("clean", "a.txt", "-o", "out").code == 0
    assert Path("out/a.txt").read_text() == CLEAN


# --- clean: JSONL


def test_jsonl_streams_and_only_the_text_changes(dedupe: Shell) -> None:
    dirty = '{"n": 12345678901234567890123, "text":"The bridge is open again. layers", "x": NaN}\r\n'
    plain = ' { "text" : "Caf\\u00e9 Velm is open.", "s":"\\ud800" } \n'
    code, out, err = dedupe("clean", "-", stdin=(dirty + plain).encode())
    assert code == 0
    assert out.decode() == dirty.replace(" layers", "") + plain
    assert "2 records: 1 changed, 1 unchanged" in err
    assert "LAY001 stray-token" in err


def test_standard_input_is_told_apart(dedupe: Shell) -> None:
    assert dedupe("clean", stdin=b"\n" + jsonl(DIRTY).encode()).out == b"\n" + jsonl(CLEAN).encode()
    assert dedupe("clean", stdin=DIRTY.encode()).out == CLEAN.encode()
    assert dedupe("clean", stdin=b"").out == b""
    assert dedupe("clean", "-", "--format", "txt", stdin=b'{"text": "Snow."}\n').out == b'{"text": "Snow."}\n'


@pytest.mark.parametrize("where", ["out", "report", "stderr"])
def test_broken_lines_are_kept_apart(dedupe: Shell, where: str) -> None:
    good, bad = jsonl(DIRTY).encode(), [b"{broken\r\n", b"[1]\n", b'{"text": "\xff"}']
    put("a.jsonl", bad[0] + good + bad[1] + b"\n" + bad[2])
    options = {"out": ("-o", "o.jsonl"), "report": ("--report", "p.jsonl"), "stderr": ()}[where]
    code, out, err = dedupe("clean", "a.jsonl", *options)
    assert code == 3
    assert "3 rejected" in err
    written = Path("o.jsonl").read_bytes() if where == "out" else out
    assert written == jsonl(CLEAN).encode() + b"\n"
    rejects = {"out": Path("o.jsonl.rejects.jsonl"), "report": Path("p.jsonl.rejects.jsonl")}.get(where)
    lines = rejects.read_text() if rejects else "\n".join(line for line in err.splitlines() if line.startswith("{"))
    entries = [json.loads(line) for line in lines.splitlines()]
    assert [(e["source"], e["line"]) for e in entries] == [("a.jsonl", 1), ("a.jsonl", 3), ("a.jsonl", 5)]
    assert [e["reason"][:9] for e in entries] == ["broken JS", "a record ", "not utf-8"]
    if where == "report":
        put("o.jsonl", out)
        assert dedupe("undo", "o.jsonl", "--report", "p.jsonl").out == Path("a.jsonl").read_bytes()


def test_fields_can_be_named(dedupe: Shell) -> None:
    put("a.jsonl", '{"key": 7, "lead": "The bridge is open again. layers", "text": 1}\n')
    options = ("--text-field", "lead", "--id-field", "key", "-o", "o.jsonl", "--report", "p.jsonl")
    assert dedupe("clean", "a.jsonl", *options).code == 0
    assert json.loads(Path("p.jsonl").read_text())["article"] == "7"
    assert dedupe("undo", "o.jsonl", "--report", "p.jsonl").out == Path("a.jsonl").read_bytes()


def test_a_missing_text_field_writes_nothing(dedupe: Shell) -> None:
    put("a.jsonl", '{"id": 1, "lead": "Snow."}\n')
    for options, says in (((), "its fields: id, lead"), (("--text-field", "laed"), "did you mean 'lead'")):
        code, _, err = dedupe("clean", "a.jsonl", "-o", "o.jsonl", *options)
        assert code == 2
        assert says in err
    assert names() == {"a.jsonl"}


def test_one_failure_does_not_harm_the_rest(dedupe: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Cleaner.clean

    def fragile(self: Cleaner, article: Article, neighbours: tuple[Neighbour, ...]) -> Result:
        if "boom" in article.text:
            raise ZeroDivisionError("boom")
        return real(self, article, neighbours)

    monkeypatch.setattr(Cleaner, "clean", fragile)
    put("a.jsonl", jsonl(DIRTY, "boom layers", DIRTY))
    code, out, err = dedupe("clean", "a.jsonl", "--report", "p.jsonl")
    assert (code, out.decode()) == (3, jsonl(CLEAN, "boom layers", CLEAN))
    assert "failed (clean): a.jsonl, line 2: ZeroDivisionError: boom; left unchanged" in err
    put("a.txt", "boom")
    assert dedupe("clean", "a.txt")[:2] == (3, b"boom")
    assert dedupe("scan", "a.jsonl").code == 3
