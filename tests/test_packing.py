"""gzip and Zstandard, in and out: what is told by first bytes or names, several frames, and files that are damaged."""

from __future__ import annotations

import gzip
import io
import itertools
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shell import CLEAN, DIRTY, Shell, jsonl, names, put
from shell import shell as shell

from dedupe.io.packing import bare, packed, packing_of, unpacked

zstandard = pytest.importorskip("zstandard")

CONTENT = jsonl(DIRTY, CLEAN, DIRTY)
CLEANED = jsonl(CLEAN, CLEAN, CLEAN)


def zst(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def unzst(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()


PACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zst}
UNPACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.decompress, ".zst": unzst}


def read(data: bytes, name: str) -> bytes:
    return unpacked(io.BufferedReader(io.BytesIO(data)), name)[0].read()


@pytest.mark.parametrize(
    ("name", "suffix", "rest"),
    [
        ("a.jsonl.gz", ".gz", "a.jsonl"),
        ("A.JSONL.ZST", ".zst", "A.JSONL"),
        ("a.gzip", "", "a.gzip"),
        ("s3://b/a.csv.zst", ".zst", "s3://b/a.csv"),
        ("-", "", "-"),
    ],
)
def test_a_name_says_how_a_file_is_compressed(name: str, suffix: str, rest: str) -> None:
    assert (packing_of(name), bare(name)) == (suffix, rest)


@settings(max_examples=100)
@given(
    st.lists(st.binary(max_size=200), max_size=4),
    st.sampled_from([".gz", ".zst"]),
    st.sampled_from(["", ".gz", ".zst"]),
)
def test_any_frames_are_read_as_one_whatever_the_name(parts: list[bytes], packing: str, told: str) -> None:
    data = b"".join(map(PACK[packing], parts))
    assert read(data, f"a.txt{told}") == b"".join(parts)


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
def test_what_is_written_is_read_and_is_the_same_every_time(tmp_path: Path, packing: str) -> None:
    data = random.Random(6).randbytes(300_000) + bytes(300_000)
    for name in ("a", "b"):
        with packed((tmp_path / name).open("wb"), f"x{packing}") as file:
            for start in range(0, len(data), 70_000):
                file.write(data[start : start + 70_000])
        assert UNPACK[packing]((tmp_path / name).read_bytes()) == data
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert read((tmp_path / "a").read_bytes(), "-") == data


def test_zstandard_of_other_tools_is_read() -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=28, write_content_size=False)
    file = io.BytesIO()
    with zstandard.ZstdCompressor(compression_params=wide).stream_writer(file, closefd=False) as writer:
        writer.write(b"Snow fell.")
    skipped = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
    assert read(skipped + file.getvalue() + skipped + zst(b" Rain came."), "a.txt.zst") == b"Snow fell. Rain came."


@pytest.mark.parametrize(("given", "wanted"), list(itertools.product(PACK, PACK)))
def test_clean_and_undo(dedupe: Shell, given: str, wanted: str) -> None:
    source, out = f"a.jsonl{given}", f"o.jsonl{wanted}"
    put(source, PACK[given](CONTENT.encode()))
    assert dedupe("clean", source, "-o", out, "--report", f"p.jsonl{wanted}").code == 0
    assert UNPACK[wanted](Path(out).read_bytes()).decode() == CLEANED
    assert dedupe("undo", out, "--report", f"p.jsonl{wanted}", "-o", f"b.jsonl{given}").code == 0
    assert UNPACK[given](Path(f"b.jsonl{given}").read_bytes()).decode() == CONTENT


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_standard_input_and_several_frames(dedupe: Shell, packing: str) -> None:
    lines = CONTENT.encode().splitlines(keepends=True)
    data = b"".join(PACK[packing](part) for part in (lines[0][:20], lines[0][20:] + lines[1], b"", lines[2]))
    code, out, _ = dedupe("clean", stdin=data)
    assert (code, out.decode()) == (0, CLEANED)


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_in_place(dedupe: Shell, packing: str) -> None:
    original = PACK[packing](CONTENT.encode())
    put(f"a.jsonl{packing}", original)
    assert dedupe("clean", f"a.jsonl{packing}", "--in-place").code == 0
    assert UNPACK[packing](Path(f"a.jsonl{packing}").read_bytes()).decode() == CLEANED
    assert Path(f"a.jsonl{packing}.orig").read_bytes() == original


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_name_that_hides_how_a_file_is_compressed(dedupe: Shell, name: str) -> None:
    put(name, zst(CONTENT.encode()))
    assert dedupe("clean", name, "-o", "o.jsonl").code == 0
    assert Path("o.jsonl").read_text() == CLEANED
    code, _, err = dedupe("clean", name, "--in-place")
    assert code == 2
    assert f"{name} is compressed, which its name hides" in err
    assert names() == {name, "o.jsonl"}


LONG = "".join(jsonl(f"Snow fell on {random.Random(n).random()}. layers") for n in range(3000)).encode()


@pytest.mark.parametrize(
    "damaged",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data[:5],
        lambda data: data[: len(data) // 2] + b"\xff\xff\xff\xff" + data[len(data) // 2 + 4 :],
        lambda data: data + b"more",
        lambda data: b"Snow" + data,
    ],
    ids=["its last byte", "half of it", "all but its head", "some of it changed", "more behind it", "more before it"],
)
@pytest.mark.parametrize("packing", [".gz", ".zst"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_damaged_file_gives_one_line_and_no_output(
    dedupe: Shell, damaged: Callable[[bytes], bytes], packing: str, jobs: str
) -> None:
    name = f"a.jsonl{packing}"
    put(name, damaged(PACK[packing](LONG)))
    code, out, err = dedupe("clean", name, "-o", f"o.jsonl{packing}", "--report", "p.jsonl", "--jobs", jobs)
    assert (code, out, names()) == (2, b"", {name})
    assert err.startswith(f"dedupe: {name} is damaged (")
    assert err.count("\n") == 1


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_undo_of_a_damaged_output_or_plan_writes_nothing(dedupe: Shell, packing: str) -> None:
    out, plan = f"o.jsonl{packing}", f"p.jsonl{packing}"
    put("a.jsonl", CONTENT)
    dedupe("clean", "a.jsonl", "-o", out, "--report", plan)
    for name, says in ((out, f"dedupe: {out} is damaged ("), (plan, f"dedupe: cannot read {plan}: ")):
        whole = Path(name).read_bytes()
        put(name, whole[:-3])
        code, _, err = dedupe("undo", out, "--report", plan, "-o", "b.jsonl")
        assert (code, err.startswith(says), err.count("\n")) == (2, True, 1), err
        put(name, whole)
    assert not Path("b.jsonl").exists()


@pytest.mark.parametrize(
    ("source", "out"), [("a.jsonl.zst", "o.jsonl"), ("a.jsonl", "o.jsonl.zst"), ("b.jsonl", "o.jsonl")]
)
def test_without_zstandard_it_says_what_to_install(
    dedupe: Shell, monkeypatch: pytest.MonkeyPatch, source: str, out: str
) -> None:
    put("a.jsonl", CONTENT)
    put("a.jsonl.zst", zst(CONTENT.encode()))
    put("b.jsonl", zst(CONTENT.encode()))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    code, _, err = dedupe("clean", source, "-o", out)
    assert (code, err) == (2, 'dedupe: a .zst file needs zstandard: pip install "dedupe-news[zst]"\n')
    assert names() == {"a.jsonl", "a.jsonl.zst", "b.jsonl"}
