"""Folders, patterns and addresses: which files are taken, where their outputs go, and how they all come back."""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from shell import CLEAN, DIRTY, REPEAT, Shell, jsonl, names, put
from shell import shell as shell

from dedupe.io.places import places

ROOT = Path(__file__).parents[1]
FILES = {
    "a.txt": DIRTY,
    "b c/x [1].md": DIRTY,
    "b c/a.txt": f"{REPEAT}\n\nThe ferry waits.\n\n{REPEAT}\n",
    "b c/d/a.txt": f"The gate of Varn is shut. layers\n\n{REPEAT}\n",
    "news.jsonl": jsonl(DIRTY, CLEAN) + "{broken\n" + jsonl(DIRTY),
    "list.json": json.dumps([{"text": DIRTY}, {"text": CLEAN}], indent=1),
    "packed.jsonl.gz": gzip.compress(jsonl(DIRTY, DIRTY).encode()),
    "empty.jsonl": "",
}


def folder(top: str, files: dict[str, str | bytes] = FILES) -> dict[str, bytes]:
    for name, content in files.items():
        Path(top, name).parent.mkdir(parents=True, exist_ok=True)
        put(str(Path(top, name)), content)
    return held(top)


def held(top: str) -> dict[str, bytes]:
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in Path(top).rglob("*") if path.is_file()}


# --- which files


def test_a_folder_keeps_its_structure_and_comes_back(dedupe: Shell) -> None:
    before = folder("news")
    folder("news", {".hidden.txt": DIRTY, ".git/x.txt": DIRTY, "x.rejects.jsonl": "{}", "a.txt.orig": DIRTY})
    folder("news", {"photo.jpg": b"\xff", "b c/x.bz2": b"BZh"})
    code, _, err = dedupe("clean", "news", "-o", "out", "--report", "p.jsonl")
    assert code == 3
    assert "rejected: news/news.jsonl, line 3" in err
    assert err.endswith("2 files of other kinds left out\n")
    after = held("out")
    assert set(after) == {*FILES, "news.jsonl.rejects.jsonl"}
    assert after["a.txt"] == after["b c/x [1].md"] == CLEAN.encode()
    assert gzip.decompress(after["packed.jsonl.gz"]).decode() == jsonl(CLEAN, CLEAN)
    code, _, err = dedupe("undo", "out", "--report", "p.jsonl", "-o", "back/")
    assert (code, err) == (
        0,
        "10 records of 7 files restored to back/; 1 file that the plan does not name left out\n",
    )
    back = held("back")
    assert gzip.decompress(back.pop("packed.jsonl.gz")) == gzip.decompress(before["packed.jsonl.gz"])
    assert back == {name: content for name, content in before.items() if name in back}
    assert set(before) - set(back) == {"packed.jsonl.gz", "empty.jsonl"}


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("news/**/*.jsonl", ["empty.jsonl", "news.jsonl"]),
        ("news/**/*.txt", ["a.txt", "b c/a.txt", "b c/d/a.txt"]),
        ("news/b*/*.txt", ["b c/a.txt"]),
        ("*/a.txt", ["news/a.txt"]),
        ("news/b c", ["a.txt", "d/a.txt", "x [1].md"]),
        ("news/b c/x [1].md", ["x [1].md"]),
        ("news/b c/x [[]1].md", ["x [1].md"]),
        ("news/[an]*", ["a.txt", "news.jsonl"]),
    ],
)
@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.usefixtures("dedupe")
def test_patterns(pattern: str, taken: list[str], absolute: bool) -> None:
    folder("news")
    found = places([str(Path.cwd() / pattern) if absolute else pattern])
    assert [place.inside for place in found.found] == taken
    assert all(Path(place.name).is_file() for place in found.found)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.usefixtures("dedupe")
def test_links_to_files_are_taken_and_links_to_folders_not() -> None:
    folder("news", {"a.txt": DIRTY, "sub/b.txt": DIRTY})
    folder("far", {"c.txt": DIRTY})
    Path("news/loop").symlink_to("..")
    Path("news/far").symlink_to(Path("far").resolve())
    Path("news/d.txt").symlink_to(Path("far/c.txt").resolve())
    Path("news/gone.txt").symlink_to("nowhere.txt")
    for name in ("news", "news/**/*.txt", "news/**"):
        assert [place.inside for place in places([name]).found] == ["a.txt", "d.txt", "sub/b.txt"]


@pytest.mark.parametrize("name", ["news", "news/**/*.txt", "news/*"])
def test_an_output_inside_the_input_is_no_input(dedupe: Shell, name: str) -> None:
    folder("news", {"a.txt": DIRTY, "b.txt": DIRTY})
    for _ in range(2):
        assert dedupe("clean", name, "-o", "news/out").code == 0
        assert held("news/out") == {"a.txt": CLEAN.encode(), "b.txt": CLEAN.encode()}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("clean", "bare", "-o", "out"), "bare: there is no file that can be read; supported are .txt"),
        (("clean", "none/*.txt", "-o", "out"), "none/*.txt: there is no file that can be read"),
        (("clean", "news"), "several inputs need -o FOLDER"),
        (("clean", "news", "-o", "news"), "news/a.txt is an input and would be overwritten"),
        (("clean", "news", "news/sub", "-o", "out"), "out/a.txt would be written twice"),
        (("clean", "news", "sub", "-o", "out"), "out/a.txt would be written twice: give each output a name of its own"),
        (("clean", "news", "-o", "one.txt"), "one.txt is a file"),
        (("clean", "news", "-o", "no/such"), "the folder no does not exist"),
        (("clean", "news", "-o", "out", "--report", "news/a.txt"), "by its suffix"),
        (("undo", "news", "--report", "p.jsonl"), "news holds several files: say with -o FOLDER"),
        (("undo", "news", "--report", "p.jsonl", "-o", "news"), "news/a.txt is an input"),
    ],
)
def test_a_folder_is_refused_in_one_line(dedupe: Shell, arguments: tuple[str, ...], says: str) -> None:
    folder("news", {"a.txt": DIRTY, "sub/a.txt": DIRTY})
    folder("sub", {"a.txt": DIRTY})
    put("one.txt", DIRTY)
    Path("bare").mkdir()
    dedupe("clean", "news", "--report", "p.jsonl")
    before = names()
    code, out, err = dedupe(*arguments)
    assert (code, out, err.count("\n")) == (2, b"", 1)
    assert says in err
    assert names() == before
    assert not Path("out").exists()


def test_a_folder_in_place_keeps_its_originals(dedupe: Shell) -> None:
    before = folder("news")
    assert dedupe("clean", "news", "--in-place", "--report", "p.jsonl").code == 3
    assert {name.removesuffix(".orig"): content for name, content in held("news").items() if ".orig" in name} == before
    assert Path("news/b c/x [1].md").read_text() == CLEAN
    code, _, err = dedupe("clean", "news", "--in-place")
    assert (code, "exists beside" in err) == (2, True)
    assert dedupe("undo", "news", "--report", "p.jsonl", "-o", "back").code == 0
    assert Path("back/b c/d/a.txt").read_bytes() == before["b c/d/a.txt"]
    assert Path("back/news.jsonl").read_bytes() == before["news.jsonl"]


# --- one that cannot be read


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_one_that_cannot_be_read_is_told_and_the_others_are_cleaned(dedupe: Shell, jobs: str) -> None:
    folder("news", {"a.txt": DIRTY, "b.txt": "Øst".encode("latin-1"), "c.txt": DIRTY, "d/e.jsonl": jsonl(DIRTY)})
    folder("news", {"n.jsonl": '{"name": "Ida"}\n', "t.jsonl.gz": gzip.compress(jsonl(DIRTY).encode())[:-9]})
    folder("out", {"b.txt": "of an earlier run"})
    code, _, err = dedupe("clean", "news", "-o", "out", "--report", "p.jsonl", "--jobs", jobs)
    assert code == 3
    assert "rejected: news/b.txt: is not utf-8 (byte 0xD8 at offset 0): say which encoding it has, e.g." in err
    assert "rejected: news/n.jsonl: no record of news/n.jsonl has a text" in err
    assert "rejected: news/t.jsonl.gz: is damaged" in err
    assert "3 rejected" in err
    clean = CLEAN.encode()
    assert held("out") == {
        "a.txt": clean,
        "b.txt": b"of an earlier run",
        "c.txt": clean,
        "d/e.jsonl": jsonl(CLEAN).encode(),
    }
    code, _, err = dedupe("undo", "out", "--report", "p.jsonl", "-o", "back")
    assert (code, "3 records of 3 files restored" in err) == (0, True)


def test_where_none_can_be_read_nothing_is_written(dedupe: Shell) -> None:
    folder("news", {"a.jsonl": jsonl(DIRTY), "b.jsonl": jsonl(DIRTY)})
    put("p.jsonl", "of yesterday")
    code, _, err = dedupe("clean", "news", "-o", "out", "--report", "p.jsonl", "--text-field", "boddy")
    assert (code, "has a field 'boddy'" in err, Path("out").exists()) == (2, True, False)
    assert Path("p.jsonl").read_text() == "of yesterday"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions")
def test_one_without_permission_is_told(dedupe: Shell) -> None:
    folder("news", {"a.txt": DIRTY, "b.txt": DIRTY})
    Path("news/b.txt").chmod(0)
    code, _, err = dedupe("clean", "news", "-o", "out")
    assert (code, "rejected: news/b.txt: Permission denied" in err, set(held("out"))) == (3, True, {"a.txt"})


# --- undo of folders


def test_a_folder_is_undone_wholly_or_not_at_all(dedupe: Shell) -> None:
    folder("news", {"a.txt": DIRTY, "b/a.txt": DIRTY, "c.jsonl": jsonl(DIRTY)})
    dedupe("clean", "news", "-o", "out", "--report", "p.jsonl")
    assert dedupe("undo", "out/a.txt", "--report", "p.jsonl").out == DIRTY.encode()
    put("out/c.jsonl", jsonl("Edited."))
    code, _, err = dedupe("undo", "out", "--report", "p.jsonl", "-o", "back")
    assert (code, "1 record of out/c.jsonl cannot be undone" in err, Path("back").exists()) == (2, True, False)
    Path("out/c.jsonl").unlink()
    code, _, err = dedupe("undo", "out", "--report", "p.jsonl", "-o", "back")
    assert (code, Path("back").exists()) == (2, False)
    assert "1 of the plan's 3 files are not in out, news/c.jsonl for one" in err
    assert dedupe("undo", "out/b", "--report", "p.jsonl", "-o", "back").code == 2


def test_namesakes_of_two_folders_come_back_to_their_own(dedupe: Shell) -> None:
    before = {
        f"{folder}/{n}/index.txt": f"{REPEAT}\n\nGate {n} of {folder}.\n\n{REPEAT}\n" for folder in "xy" for n in "12"
    }
    folder("news", before)
    dedupe("clean", "news/x", "-o", "x", "--report", "x.jsonl")
    dedupe("clean", "news", "-o", "out", "--report", "p.jsonl")
    assert dedupe("undo", "out", "--report", "p.jsonl", "-o", "back").code == 0
    assert held("back") == {name: text.encode() for name, text in before.items()}
    for plan in ("x.jsonl", "p.jsonl"):
        assert dedupe("undo", "x/2/index.txt", "--report", plan).out.decode() == before["x/2/index.txt"]


# --- many


@pytest.mark.skipif(sys.platform == "win32", reason="ulimit")
def test_thousands_of_files_need_few_handles(tmp_path: Path) -> None:
    for number in range(700):
        content = f'{{"text": "Gate {number} of Varn is open. layers"}}\n{{broken\n'
        (tmp_path / "news").mkdir(exist_ok=True)
        (tmp_path / "news" / f"{number}.jsonl").write_text(content)
    run = f"ulimit -n 64 && {sys.executable} -m dedupe"
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    for command, code in (
        ("clean news -o out --report p.jsonl --jobs 1", 3),
        ("undo out --report p.jsonl -o back", 0),
        ("clean news --in-place --jobs 1", 3),
    ):
        done = subprocess.run(
            ["sh", "-c", f"{run} {command}"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
    assert (tmp_path / "back" / "7.jsonl").read_bytes() == (tmp_path / "news" / "7.jsonl.orig").read_bytes()
    assert len(list((tmp_path / "back").iterdir())) == 700


# --- addresses


@pytest.fixture
def store() -> Iterator[Store]:
    """A server as S3 is, with a bucket "varn"; moto is one."""
    for library in ("moto", "flask", "flask_cors", "s3fs"):
        pytest.importorskip(library)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        store = Store(f"http://127.0.0.1:{port}")
        for _ in range(300):
            with suppress(OSError):
                store.ask("PUT", "varn")
                break
            time.sleep(0.1)
        yield store
        server.terminate()


class Store:
    """A store of objects, and the command that reads and writes there."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, method: str, place: str, data: bytes | None = None) -> bytes:
        request = urllib.request.Request(
            f"{self.address}/{place}", data, {"Content-Type": "application/octet-stream"}, method=method
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def names(self) -> set[str]:
        return set(re.findall("<Key>(.*?)</Key>", self.ask("GET", "varn").decode()))

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        known = {"AWS_ENDPOINT_URL": self.address, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
        return subprocess.run(
            [sys.executable, "-m", "dedupe", *arguments],
            env=os.environ | known | {"PYTHONPATH": str(ROOT), "AWS_EC2_METADATA_DISABLED": "true"} | environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )


@pytest.mark.usefixtures("dedupe")
def test_a_store_of_objects_is_read_and_written(store: Store) -> None:
    for name, content in {**FILES, "photo.jpg": b"\xff", ".hidden.txt": b"x"}.items():
        store.ask("PUT", f"varn/news/{quote(name)}", content.encode() if isinstance(content, str) else content or b" ")
    assert store("clean", "s3://varn/news/a.txt").stdout == CLEAN
    done = store("clean", "s3://varn/news", "-o", "s3://varn/news/out", "--report", "s3://varn/p.jsonl", "--jobs", "2")
    assert done.returncode == 3, done.stderr
    assert done.stderr.endswith("1 file of other kinds left out\n")
    new = {f"news/out/{name}" for name in (*FILES, "news.jsonl.rejects.jsonl")} | {"p.jsonl"}
    assert store.names() == {f"news/{name}" for name in (*FILES, "photo.jpg", ".hidden.txt")} | new
    assert store("clean", "s3://varn/news/out/b c/x [[]1].md", "-o", "one").returncode == 0
    assert held("one") == {"x [1].md": CLEAN.encode()}
    again = store("clean", "s3://varn/news", "-o", "s3://varn/news/out", "--report", "s3://varn/p.jsonl")
    assert (again.returncode, again.stderr) == (3, done.stderr)
    undone = store("undo", "s3://varn/news/out/b c/d/a.txt", "--report", "s3://varn/p.jsonl", "-o", "back.txt")
    assert undone.returncode == 0, undone.stderr
    assert Path("back.txt").read_text() == FILES["b c/d/a.txt"]
    assert store("clean", "s3://varn/news/**/*.txt", "-o", "here").returncode == 0
    assert set(held("here")) == {"a.txt", "b c/a.txt", "b c/d/a.txt", "out/a.txt", "out/b c/a.txt", "out/b c/d/a.txt"}


@pytest.mark.usefixtures("dedupe")
def test_what_a_store_refuses_is_one_line_and_nothing_is_written(store: Store) -> None:
    put("a.txt", DIRTY)
    cut = gzip.compress(jsonl(*[f"{REPEAT} {number} layers" for number in range(4000)]).encode())[:-20]
    store.ask("PUT", "varn/cut.jsonl.gz", cut)
    store.ask("PUT", "varn/a.txt", DIRTY.encode())
    for arguments, says in (
        (("clean", "s3://varn/no.txt"), "s3://varn/no.txt does not exist: check the address"),
        (("clean", "s3://varn/none/"), "s3://varn/none/: there is no file that can be read"),
        (("clean", "s3://nowhere/a.txt"), "s3://nowhere/a.txt does not exist"),
        (("clean", "a.txt", "-o", "s3://nowhere/a.txt", "--report", "s3://varn/p.jsonl"), "s3://nowhere/a.txt"),
        (("clean", "s3://varn/a.txt", "-o", "s3://varn/a.txt"), "is an input and would be overwritten"),
        (("clean", "s3://varn/a.txt", "--in-place"), "--in-place needs files here"),
        (("clean", "s3://varn/cut.jsonl.gz", "-o", "s3://varn/b.jsonl", "--level", "safe"), "is damaged"),
        (("undo", "a.txt", "--report", "s3://varn/p.jsonl"), "s3://varn/p.jsonl does not exist"),
    ):
        done = store(*arguments)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
        assert says in done.stderr
    for environment in ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"}, {"AWS_ACCESS_KEY_ID": ""}):
        done = store("clean", "s3://varn/a.txt", **environment)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert "check the address, the network and your credentials" in done.stderr
    assert store.names() == {"a.txt", "cut.jsonl.gz"}


def test_a_library_that_is_missing_is_named(dedupe: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fsspec")
    code, _, err = dedupe("clean", "snow://varn/a.txt")
    assert (code, err) == (2, "dedupe: snow://varn/a.txt: Protocol not known: snow; check the address\n")
    monkeypatch.setitem(sys.modules, "s3fs", None)
    code, _, err = dedupe("clean", "s3://varn/a.txt")
    assert (code, err) == (2, "dedupe: s3://varn/a.txt: Install s3fs to access S3\n")
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    code, _, err = dedupe("clean", "s3://varn/a.txt")
    assert (code, err) == (2, 'dedupe: s3://varn/a.txt needs fsspec: pip install "dedupe-news[remote]"\n')


def test_a_file_system_gets_its_folders(dedupe: Shell) -> None:
    memory = pytest.importorskip("fsspec").filesystem("memory")
    before = folder("news")
    assert dedupe("clean", "news", "-o", "memory://far/off", "--report", "p.jsonl").code == 3
    assert memory.cat("/far/off/a.txt").decode() == CLEAN
    assert dedupe("clean", "memory://far", "-o", "memory://far/off/again").code == 0
    assert memory.cat("/far/off/again/off/a.txt").decode() == CLEAN
    memory.rm("/far/off/again", recursive=True)
    code, _, err = dedupe("undo", "memory://far/off", "--report", "p.jsonl", "-o", "back")
    assert (code, "news.jsonl cannot be undone" in err) == (2, True)
    Path("p.jsonl.rejects.jsonl").write_bytes(memory.cat("/far/off/news.jsonl.rejects.jsonl"))
    assert dedupe("undo", "memory://far/off/news.jsonl", "--report", "p.jsonl").out == before["news.jsonl"]
    memory.rm("/far", recursive=True)
