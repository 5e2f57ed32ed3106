"""Inputs that cannot be read among others that can: each is told, the others go on, and nothing is lost in silence."""

from __future__ import annotations

import gzip
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from shell import CLEAN, DIRTY, Shell, jsonl, names, put
from shell import shell as shell

from dedupe import gather
from dedupe.io.chunks import parts

STORY = " ".join(f"On day {day} the ferry Halda brought {day * 7} lorries to the quay of Varn." for day in range(9))
WINTER = " ".join(f"In week {week} the ice of the Arvel was {week * 3} inches thick at the mill." for week in range(9))
LONGER = f"{WINTER} {STORY}"
GOOD = {
    "a.jsonl": "".join(json.dumps({"id": id, "text": text}) + "\n" for id, text in (("a1", STORY), ("a2", DIRTY))),
    "c.jsonl": "".join(json.dumps({"id": id, "text": text}) + "\n" for id, text in (("c1", LONGER), ("c2", DIRTY))),
}
RECORDS = jsonl(*(f"The bridge {n} of Varn is open again since Monday, {n * 31} carts came. layers" for n in range(60)))
WARC = b"WARC/1.1\r\nWARC-Type: conversion\r\nContent-Type: text/plain\r\nContent-Length: 90\r\n\r\nFerries sail"
UNREAD: dict[str, tuple[bytes | None, str]] = {
    "missing.jsonl": (None, "does not exist: check the name"),
    "start.jsonl.gz": (gzip.compress(RECORDS.encode())[:12], "is damaged"),
    "bytes.jsonl.gz": (b"\x1f\x8b\x08 no gzip at all", "is damaged"),
    "latin.txt": ("Øst".encode("latin-1"), "is not utf-8 (byte 0xD8 at offset 0): say which encoding it has"),
    "people.jsonl": (b'{"name": "Ida"}\n', "no record of people.jsonl has a text"),
    "people.csv": (b"name,age\nIda,7\n", "no record of people.csv has a text"),
    "open.json": (b'[{"text": "Rain fell."}', "is broken"),
    "no.pdf": (b"%PDF-1.4", "cannot read .pdf"),
    "no.parquet": (b"PAR1 and no more", "is no Parquet file, or damaged"),
    "cut.warc.gz": (gzip.compress(WARC), "is damaged"),
}
LIBRARIES = {"no.parquet": "pyarrow", "cut.warc.gz": "fastwarc"}
OUT = {
    "clean": ("-o", "out"),
    "scan": (),
    "duplicates": ("-o", "groups.jsonl", "--pairs", "pairs.jsonl", "--articles", "marked.jsonl"),
    "index": (),
}
COMMANDS = list(OUT)


def lay(*unread: str) -> None:
    """The good inputs, and some that cannot be read."""
    for good, content in GOOD.items():
        put(good, content)
    for name in unread:
        if name in LIBRARIES:
            pytest.importorskip(LIBRARIES[name])
        content = UNREAD[name][0]
        if content is not None:
            put(name, content)


def ran(dedupe: Shell, command: str, *inputs: str, more: tuple[str, ...] = ()) -> tuple[int, str, dict[str, Any]]:
    """The exit code, what was told, and all that came of the inputs."""
    before = names()
    verb = ("index", "add", "seen.db") if command == "index" else (command,)
    code, out, err = dedupe(*verb, *inputs, *OUT[command], *more)
    came = {name: Path(name).read_bytes() for name in names() - before if not name.startswith("seen.db")}
    held = [line for line in dedupe("index", "info", "seen.db").out.splitlines() if b"articles" in line]
    for name in names() - before:
        Path(name).unlink()
    return code, err, {"out": out, "index": held, **came}


def told(err: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith("rejected: ")]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("name", UNREAD)
@pytest.mark.parametrize("command", COMMANDS)
def test_one_is_told_and_all_comes_of_the_others(dedupe: Shell, command: str, name: str, place: int) -> None:
    good = list(GOOD)
    lay(name)
    code, err, came = ran(dedupe, command, *good[:place], name, *good[place:])
    assert code == 3
    assert len(told(err)) == 1
    assert told(err)[0].startswith(f"rejected: {name}: {UNREAD[name][1]}")
    alone, _, expected = ran(dedupe, command, *good)
    assert (alone in {0, 1}, came) == (True, expected)


def test_that_comparison_sees_something(dedupe: Shell) -> None:
    lay()
    cleaned, found, marked, remembered = (ran(dedupe, command, *GOOD)[2] for command in COMMANDS)
    assert json.dumps(CLEAN).encode()[:-1] in cleaned["out/a.jsonl"]
    assert (b"a.jsonl:2:" in found["out"], b"c.jsonl:2:" in found["out"]) == (True, True)
    assert [line["id"] for line in map(json.loads, marked["marked.jsonl"].splitlines()) if "duplicate_of" in line] == [
        "a1",
        "c2",
    ]
    assert b'"spans"' in marked["pairs.jsonl"]
    assert remembered["index"] == [b"articles   4"]


def test_all_commands_use_the_same_words(dedupe: Shell) -> None:
    unread = UNREAD.keys() - LIBRARIES
    lay(*unread)
    lines = [told(ran(dedupe, command, *GOOD, *unread)[1]) for command in COMMANDS]
    assert lines == [lines[0]] * len(COMMANDS)
    assert len(lines[0]) == len(unread)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions")
@pytest.mark.parametrize("command", COMMANDS)
def test_one_without_permission_is_told(dedupe: Shell, command: str) -> None:
    lay("latin.txt")
    Path("latin.txt").chmod(0)
    code, err, came = ran(dedupe, command, "a.jsonl", "latin.txt", "c.jsonl")
    line = "rejected: latin.txt: Permission denied; check the place and its permissions"
    assert (code, told(err), came) == (3, [line], ran(dedupe, command, *GOOD)[2])
    code, err, _ = ran(dedupe, command, "latin.txt")
    assert (code, err) == (2, "dedupe: latin.txt: Permission denied; check the place and its permissions\n")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions")
@pytest.mark.parametrize(
    ("mode", "inputs", "shut"),
    [
        (0o000, ["shut/n.jsonl"], "shut/n.jsonl"),
        (0o000, ["shut"], "shut"),
        (0o000, ["news"], "news/shut"),
        (0o600, ["news"], "news/shut/n.jsonl"),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_without_permission_is_told(
    dedupe: Shell, command: str, mode: int, inputs: list[str], shut: str
) -> None:
    lay()
    folder = Path(shut if shut.endswith("shut") else Path(shut).parent)
    folder.mkdir(parents=True)
    (folder / "n.jsonl").write_text(jsonl(DIRTY))
    folder.chmod(mode)
    try:
        code, err, came = ran(dedupe, command, *GOOD, *inputs)
        alone = dedupe("scan", *inputs)
    finally:
        folder.chmod(0o700)
    line = f"{shut}: Permission denied; check the place and its permissions"
    assert (code, told(err), came) == (3, [f"rejected: {line}"], ran(dedupe, command, *GOOD)[2])
    assert (alone.code, alone.err) == (2, f"dedupe: {line}\n")


@pytest.mark.parametrize("inputs", [["missing.jsonl"], ["missing.jsonl", "latin.txt"], ["only"], ["only/*.jsonl"]])
@pytest.mark.parametrize("command", COMMANDS)
def test_where_none_can_be_read_nothing_comes_of_it(dedupe: Shell, command: str, inputs: list[str]) -> None:
    lay("latin.txt")
    Path("only").mkdir()
    put("only/people.jsonl", UNREAD["people.jsonl"][0] or b"")
    code, err, came = ran(dedupe, command, *inputs)
    says = "missing.jsonl does not exist: check the name" if "missing.jsonl" in inputs else "no record of only/people"
    assert (code, err.startswith(f"dedupe: {says}"), len(err.splitlines())) == (2, True, 1)
    assert ("; of 2 inputs none can be read" in err) == (len(inputs) == 2)
    assert came == {"out": b"", "index": [b"articles   0"] if command == "index" else []}


@pytest.mark.parametrize("inputs", ["empty", "none*.jsonl"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_or_pattern_without_files_stays_an_error(dedupe: Shell, command: str, inputs: str) -> None:
    lay()
    Path("empty").mkdir()
    code, err, _ = ran(dedupe, command, "a.jsonl", inputs)
    assert (code, f"dedupe: {inputs}: there is no file that can be read" in err) == (2, True)


@pytest.mark.parametrize("command", ["scan", "duplicates", "index"])
def test_standard_input_that_is_damaged_is_an_error(dedupe: Shell, command: str) -> None:
    verb = ("index", "add", "seen.db") if command == "index" else (command,)
    code, out, err = dedupe(*verb, "-", stdin=gzip.compress(RECORDS.encode())[:12])
    assert (code, out) == (2, b"")
    assert err.startswith("dedupe: - is damaged")


# --- one that breaks in the middle


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file whose first records can be read, in chunks that are smaller than it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dedupe.cleaning.CHUNK", 500)
    monkeypatch.setattr("dedupe.gather.parts", partial(parts, size=500))
    lay()
    put("middle.jsonl.gz", gzip.compress(RECORDS.encode())[:-200])
    return "middle.jsonl.gz"


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("command", ["duplicates", "index"])
def test_of_one_that_breaks_nothing_is_taken(dedupe: Shell, broken: str, command: str, jobs: str) -> None:
    inputs = ["a.jsonl", broken, "c.jsonl"]
    code, err, came = ran(dedupe, command, *inputs, more=("--jobs", jobs))
    assert (code, came) == (3, ran(dedupe, command, *GOOD)[2])
    assert [line[:40] for line in told(err)] == ["rejected: middle.jsonl.gz: is damaged (C"]


def test_scan_tells_what_it_found_before(dedupe: Shell, broken: str) -> None:
    whole = dedupe("scan", *GOOD, "--format", "json")
    code, out, err = dedupe("scan", "a.jsonl", broken, "c.jsonl", "--format", "json")
    found = json.loads(out)
    assert (code, len(told(err))) == (3, 1)
    assert 0 < sum(one["file"] == broken for one in found) < 60
    assert [one for one in found if one["file"] != broken] == json.loads(whole.out)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_clean_refuses_where_articles_are_through(dedupe: Shell, broken: str, jobs: str) -> None:
    code, err, came = ran(dedupe, "clean", "a.jsonl", broken, "c.jsonl", more=("--jobs", jobs, "--report", "p.jsonl"))
    assert (code, came) == (2, {"out": b"", "index": []})
    assert err.startswith("dedupe: middle.jsonl.gz is damaged")


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("line", ["{broken\n", '{"text": null}\n'])
def test_clean_goes_on_behind_one_that_breaks_without_an_article(
    dedupe: Shell, broken: str, line: str, jobs: str
) -> None:
    bare = "".join(f'{{"id": "{n * n}", "text": null}}\n' for n in range(400))
    put("a.jsonl", bare)
    put(broken, gzip.compress("".join(f"{line[:-1]}{' ' * (n * n % 97)}\n" for n in range(900)).encode())[:-200])
    code, err, came = ran(dedupe, "clean", "a.jsonl", broken, "c.jsonl", more=("--jobs", jobs))
    assert (code, set(came)) == (3, {"out", "index", "out/a.jsonl", "out/c.jsonl"})
    assert came["out/a.jsonl"].decode() == bare
    assert told(err)[0].startswith("rejected: middle.jsonl.gz: is damaged")


# --- none goes unsaid


def test_each_is_named_however_much_else_there_is_to_tell(dedupe: Shell) -> None:
    lay()
    put("lines.jsonl", "{broken\n" * 20 + jsonl(DIRTY))
    missing = [f"missing{n}.jsonl" for n in range(12)]
    for command in COMMANDS:
        _, err, _ = ran(dedupe, command, "lines.jsonl", *missing)
        assert [line.split(": ")[1] for line in told(err)][:12] == missing
        assert "rejected: lines.jsonl, line 1: broken JSON" in err
        assert "… and 12 more of these" in err


# --- inputs that are read twice


def test_duplicates_writes_nothing_when_an_input_goes_in_between(dedupe: Shell, monkeypatch: Any) -> None:
    lay()
    first = gather.gather

    def gone(*given: Any) -> Any:
        read = first(*given)
        Path("c.jsonl").unlink()
        return read

    monkeypatch.setattr(gather, "gather", gone)
    code, err, came = ran(dedupe, "duplicates", *GOOD)
    assert (code, err.startswith("dedupe: c.jsonl does not exist")) == (2, True)
    assert came == {"out": b"", "index": []}


def test_clean_adds_and_writes_nothing_when_an_input_goes_in_between(dedupe: Shell, monkeypatch: Any) -> None:
    lay()

    def gone(*given: Any) -> Any:
        Path("c.jsonl").unlink()
        return parts(*given)

    monkeypatch.setattr(gather, "parts", gone)
    code, err, came = ran(dedupe, "clean", *GOOD, "missing.jsonl", more=("--index", "seen.db", "--add"))
    assert (code, err.startswith("dedupe: c.jsonl does not exist")) == (2, True)
    assert came == {"out": b"", "index": [b"articles   0"]}
