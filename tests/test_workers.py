"""Work in processes: the same bytes for any number of them, and what one record does to its process harms no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from shell import CLEAN, DIRTY, REPEAT, Shell, put
from shell import shell as shell

from dedupe.errors import DedupeError, InputError
from dedupe.parallel import WorkerError, Workers

ROOT = Path(__file__).parents[1]
posix = pytest.mark.skipif(os.name != "posix", reason="signals")


def first(state: str, task: int) -> str:
    """A task that takes longer the smaller it is, and ends its process where it is 13."""
    if task == 13:
        os._exit(9)
    time.sleep(0.02 / (1 + task % 5))
    return f"{state}{task}"


def length(state: None, task: bytes) -> int:  # noqa: ARG001
    time.sleep(0.05)
    return len(task)


def angry(state: Any, task: int) -> int:  # noqa: ARG001
    if task == 7:
        raise InputError(f"no {task}")
    return task


def hello() -> str:
    return "hello "


def refuses() -> str:
    raise InputError("seen.db was made by another version")


def dies() -> str:
    os._exit(1)


# --- Workers


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_answers_come_in_order_and_tasks_are_taken_as_they_are_needed(jobs: int) -> None:
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for taken in count(1):
            yield 100 + taken

    with Workers(jobs, hello) as workers:
        for number, answer in enumerate(islice(workers.map(first, tasks()), 30), 1):
            assert answer == f"hello {100 + number}"
            assert taken - number <= 3 * jobs
        assert list(workers.map(first, range(3))) == ["hello 0", "hello 1", "hello 2"]
        assert list(workers.map(first, ())) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_comes_where_its_task_stands(jobs: int) -> None:
    came = []
    with Workers(jobs) as workers:
        with pytest.raises(InputError, match="no 7"):
            came.extend(workers.map(angry, range(20)))
        assert list(workers.map(angry, range(5))) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_cannot_be_prepared_is_said_once(jobs: int, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="another version"), Workers(jobs, refuses) as workers:
        list(workers.map(first, range(9), lambda _: iter(["lost"])))
    assert capfd.readouterr().err == ""


def test_processes_that_cannot_start_are_no_fault_of_a_task() -> None:
    with pytest.raises(DedupeError, match="cannot be started here: run again with --jobs 1"), Workers(2, dies) as made:
        list(made.map(first, range(9), lambda _: iter(["lost"])))


@pytest.mark.parametrize("jobs", [2, 3])
def test_a_task_that_ends_its_process_is_lost_alone(jobs: int) -> None:
    with Workers(jobs, hello) as workers:
        answers = list(workers.map(first, range(30), lambda task: iter([f"lost {task}", "and told"])))
        assert answers == [
            *(f"hello {n}" for n in range(13)),
            "lost 13",
            "and told",
            *(f"hello {n}" for n in range(14, 30)),
        ]
        with pytest.raises(WorkerError, match="fewer --jobs"):
            list(workers.map(first, range(30)))
        assert list(workers.map(first, [1])) == ["hello 1"]


@posix
def test_a_process_killed_from_outside_changes_no_answer() -> None:
    tasks = [bytes(300_000 + n) for n in range(30)]
    with Workers(2) as workers:
        answers = []
        for number, answer in enumerate(workers.map(length, tasks)):
            answers.append(answer)
            if number in {3, 20}:
                os.kill(children()[-1], signal.SIGKILL)
    assert answers == [len(task) for task in tasks]


@posix
def test_an_error_ends_the_processes_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(InputError), Workers(2) as workers:
        for _ in workers.map(length, [bytes(300_000)] * 100):
            raise InputError("stop")
    assert time.monotonic() - began < 10
    assert not children()


def children() -> list[int]:
    """The worker processes of this one that still run."""
    command = ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())]
    listed = subprocess.run(command, capture_output=True, text=True)
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "spawn_main" in line]


def deadly(state: Any, task: int) -> int:  # noqa: ARG001
    time.sleep(0.01)
    if task % 3 == 1:
        os._exit(9)
    return task


@pytest.mark.parametrize("jobs", [2, 3])
def test_many_tasks_that_end_their_processes_are_lost_one_by_one(jobs: int) -> None:
    with Workers(jobs) as workers:
        answers = list(workers.map(deadly, range(7), lambda task: iter([-task])))
    assert answers == [0, -1, 2, 3, -4, 5, 6]


# --- the command

POISON = "Quaggleton"
ANGER = "Vexmere"
RECORDS = [
    {"id": "a1", "text": DIRTY},
    {"id": "a2", "title": "The bridge", "text": CLEAN},
    {"id": "a3", "headline": "No text"},
    {"id": "a4", "text": f"{REPEAT}\n\nThe lorries wait no longer.\n\n{REPEAT}\n", "n": 1.50},
    {"id": "a5", "text": "In Østervik the ferries sail again – at last.\n\nPhoto: Ida Holm/Varn Press\n" * 4},
]
LINES = b"".join(
    line
    for number in range(12)
    for line in (
        *(json.dumps(record | {"n": number}, ensure_ascii=number % 2 == 0).encode() + b"\n" for record in RECORDS),
        b"\n" if number % 3 else b"{broken\n",
    )
)
REPORTS = ("--report", "plan.jsonl", "--report", "all.diff", "--report", "page.html")


def cleaned(dedupe: Shell, out: str, *options: str) -> tuple[int, str, dict[str, bytes]]:
    code, _, err = dedupe("clean", "news.jsonl", "more", "-o", out, *REPORTS, *options)
    written = {str(path.relative_to(out)): path.read_bytes() for path in sorted(Path(out).rglob("*")) if path.is_file()}
    return code, err, written | {name: Path(name).read_bytes() for name in REPORTS[1::2]}


@pytest.mark.parametrize("size", [1, 900, 1 << 18])
@pytest.mark.parametrize("jobs", ["2", "3"])
def test_the_number_of_processes_changes_no_byte(
    dedupe: Shell, monkeypatch: pytest.MonkeyPatch, size: int, jobs: str
) -> None:
    put("news.jsonl", LINES)
    Path("more").mkdir()
    put("more/a.json", json.dumps(RECORDS, indent=1))
    put("more/b.md", DIRTY)
    once = cleaned(dedupe, "out", "--jobs", "1")
    assert once[0] == 3
    assert "4 rejected" in once[1]
    assert set(once[2]) == {"news.jsonl", "news.jsonl.rejects.jsonl", "a.json", "b.md", *REPORTS[1::2]}
    monkeypatch.setattr("dedupe.cleaning.CHUNK", size)
    assert cleaned(dedupe, "again", "--jobs", jobs) == once


def test_the_files_of_a_folder_are_cleaned_side_by_side_and_come_in_order(dedupe: Shell) -> None:
    for number in range(30):
        put_in("news", f"{number:02d}/a.txt", f"{DIRTY}{number} boats came.\n")
    put_in("news", "05/empty.txt", "")
    put_in("news", "06/none.jsonl", "")
    put_in("news", "07/b.txt", b"caf\xe9")
    put_in("news", "08/c.jsonl", "".join(json.dumps({"id": n, "text": DIRTY}) + "\n" for n in range(9)))
    put_in("news", "09/d.jsonl", json.dumps({"words": DIRTY}) + "\n")
    runs = []
    for jobs in ("1", "2", "3"):
        run = dedupe("clean", "news", "-o", f"out{jobs}", "--report", "p.jsonl", "--report", "p.diff", "--jobs", jobs)
        files = {str(path.relative_to(f"out{jobs}")): path.read_bytes() for path in Path(f"out{jobs}").rglob("*.*")}
        runs.append((run, files, Path("p.jsonl").read_bytes(), Path("p.diff").read_bytes()))
    assert runs[0] == runs[1] == runs[2]
    run, files, plans, _ = runs[0]
    assert run.code == 3
    assert "rejected: news/07/b.txt: is not utf-8" in run.err
    assert "rejected: news/09/d.jsonl: " in run.err
    assert len(files) == 33
    assert files["05/empty.txt"] == files["06/none.jsonl"] == b""
    assert files["29/a.txt"] == f"{CLEAN}29 boats came.\n".encode()
    sources = [json.loads(line)["source"] for line in plans.splitlines()]
    assert sources == sorted(sources)
    assert len(sources) == 30 + 1 + 9


def put_in(folder: str, name: str, content: str | bytes) -> None:
    path = Path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    put(str(path), content)


@pytest.fixture
def patched(tmp_path: Path) -> partial[subprocess.CompletedProcess[bytes]]:
    """The command in a process of its own, where a word ends the process that detects it, and another is an error."""
    (tmp_path / "patch").mkdir()
    (tmp_path / "patch" / "sitecustomize.py").write_text(
        "import os, dedupe.detect as module\n"
        "real = module.detect\n"
        "def detect(document, rules):\n"
        f"    if {POISON!r} in document.article.text:\n"
        "        os._exit(9)\n"
        f"    if {ANGER!r} in document.article.text:\n"
        f"        raise ZeroDivisionError('by {ANGER}')\n"
        "    return real(document, rules)\n"
        "module.detect = detect\n"
    )
    path = os.pathsep.join([str(tmp_path / "patch"), str(ROOT)])
    return partial(
        subprocess.run, cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}, capture_output=True, timeout=120
    )


def test_a_record_that_ends_its_process_passes_and_is_told(
    patched: partial[subprocess.CompletedProcess[bytes]], tmp_path: Path
) -> None:
    dedupe = [sys.executable, "-m", "dedupe"]
    bad = {POISON: [3, 40], ANGER: [20]}
    lines = [json.dumps(record).encode() + b"\n" for record in RECORDS[:2] * 30]
    expected = [json.dumps({**RECORDS[number % 2], "text": CLEAN}).encode() + b"\n" for number in range(60)]
    for word, numbers in bad.items():
        for number in numbers:
            lines[number] = expected[number] = json.dumps({"text": f"{DIRTY}{word} sank."}).encode() + b"\n"
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines))
    done = patched([*dedupe, "clean", "a.jsonl", "-o", "b.jsonl", "--report", "p.jsonl", "--jobs", "2"])
    assert (tmp_path / "b.jsonl").read_bytes() == b"".join(expected)
    err = done.stderr.decode()
    assert done.returncode == 3, err
    for number in (4, 41):
        assert f"failed (clean): a.jsonl, line {number}: a worker process was ended from outside" in err
    assert f"failed (clean): a.jsonl, line 21: ZeroDivisionError: by {ANGER}; left unchanged" in err
    assert "60 records: 28 changed, 29 unchanged, 3 failed" in err
    assert "Traceback" not in err
    undone = patched([*dedupe, "undo", "b.jsonl", "--report", "p.jsonl"])
    assert undone.stdout == b"".join(lines), undone.stderr


def test_an_index_that_cannot_be_opened_is_one_line(dedupe: Shell) -> None:
    put("a.jsonl", LINES)
    put("seen.db", "no index\n" * 400)
    code, _, err = dedupe("clean", "a.jsonl", "--index", "seen.db", "-o", "b.jsonl", "--jobs", "2")
    assert (code, err.count("\n")) == (2, 1)
    assert "seen.db" in err
    assert not Path("b.jsonl").exists()
