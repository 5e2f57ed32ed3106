"""The command in a process of its own: pipes that stay open, readers that leave, and every way to be stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

import pytest
from shell import CLEAN, DIRTY, REPEAT, jsonl

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and ps")
TEXT = (
    f"{REPEAT}\n\n"
    + "".join(f"Gate {n} of Varn was shut for {n} days, the harbour said.\n" for n in range(150))
    + REPEAT
)
LINE = json.dumps({"text": TEXT}).encode() + b"\n"


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command, in a group of its own as a shell makes one; at the end none of its processes runs any more."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dedupe", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    )
    try:
        yield process
        until(lambda: not running(process.pid), 5)
    finally:
        for pid in running(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            with suppress(BrokenPipeError):
                pipe(stream).close()


def running(session: int) -> list[int]:
    """The processes of a session that still run."""
    command = ["ps", "-ww", "-o", "pid=,stat=", "-s", str(session)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "Z" not in line.split()[1]]


def until(true: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def sent(process: subprocess.Popen[bytes], data: bytes) -> None:
    pipe(process.stdin).write(data)
    pipe(process.stdin).flush()


# --- streams


@pytest.mark.parametrize("options", [(), ("--report", "p.jsonl"), ("--mark",), ("--report", "p.html")])
def test_each_record_comes_before_the_next_is_sent(tmp_path: Path, options: tuple[str, ...]) -> None:
    with started(tmp_path, "clean", "-", *options) as process:
        for number in range(4):
            record = {"id": number, "text": DIRTY}
            sent(process, json.dumps(record).encode() + b"\n")
            back = json.loads(pipe(process.stdout).readline())
            assert back["text"] == (DIRTY if "--mark" in options else CLEAN)
            sent(process, b"\n")
            assert pipe(process.stdout).readline() == b"\n"
        rest, err = process.communicate()
    assert (process.returncode, rest) == (0, b"")
    assert b"4 records: 4 " in err
    assert {path.name for path in tmp_path.iterdir()} == {name for name in options if name.startswith("p.")}


def test_a_broken_line_is_told_at_once(tmp_path: Path) -> None:
    with started(tmp_path, "clean", "-") as process:
        sent(process, jsonl(DIRTY).encode() + b"{broken\n" + jsonl(DIRTY).encode())
        assert pipe(process.stdout).readline() == jsonl(CLEAN).encode()
        assert pipe(process.stdout).readline() == jsonl(CLEAN).encode()
        assert json.loads(pipe(process.stderr).readline())["line"] == 2
        process.communicate()
    assert process.returncode == 3


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("source", ["-", "a.jsonl"])
def test_a_reader_that_leaves_ends_it_in_silence(tmp_path: Path, source: str, jobs: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(LINE * 150)
    with started(tmp_path, "clean", source, "--jobs", jobs) as process:
        feed = None
        if source == "-":
            feed = subprocess.Popen(
                ["cat", str(tmp_path / "a.jsonl")], stdout=pipe(process.stdin), stderr=subprocess.DEVNULL
            )
            pipe(process.stdin).close()
        assert json.loads(pipe(process.stdout).readline())["text"] != TEXT
        pipe(process.stdout).close()
        assert pipe(process.stderr).read() == b""
        assert process.wait(20) == 141
        if feed:
            feed.wait(20)


# --- stopped


ENDLESS = 3000
"""Records that no machine cleans before it is stopped."""


def big(folder: Path, records: int = 160) -> None:
    (folder / "a.jsonl").write_bytes(LINE * records)
    (folder / "out").mkdir()


def parts(folder: Path) -> list[Path]:
    return list(folder.glob("out/.dedupe-*.part"))


def half_way(folder: Path) -> None:
    """Wait until a good part of the output is there, under its other name."""
    until(lambda: any(part.stat().st_size > 300_000 for part in parts(folder)))


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("group", [False, True])
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, jobs: str, group: bool) -> None:
    big(tmp_path, ENDLESS)
    with started(
        tmp_path, "clean", "a.jsonl", "-o", "out/b.jsonl", "--report", "out/p.jsonl", "--jobs", jobs
    ) as process:
        half_way(tmp_path)
        (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
        _, err = process.communicate()
    assert (process.returncode, err) == (130, b"dedupe: stopped; no file was written\n")
    assert list((tmp_path / "out").iterdir()) == []


def test_ctrl_c_while_it_waits_for_input(tmp_path: Path) -> None:
    with started(tmp_path, "clean", "-", "-o", "out.jsonl") as process:
        sent(process, jsonl(DIRTY).encode())
        until(lambda: list(tmp_path.iterdir()))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert (process.returncode, err) == (130, b"dedupe: stopped; no file was written\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wait", [0, 0.3, 0.8])
def test_ctrl_c_while_the_processes_start_says_no_more(tmp_path: Path, wait: float) -> None:
    big(tmp_path, ENDLESS)
    with started(tmp_path, "clean", "a.jsonl", "-o", "out/b.jsonl", "--jobs", "3") as process:
        until(lambda: parts(tmp_path))
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate()
    assert (process.returncode, err) == (130, b"dedupe: stopped; no file was written\n")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("slow", [False, True])
def test_ctrl_c_in_a_pipe_leaves_whole_lines(tmp_path: Path, jobs: str, slow: bool) -> None:
    with started(tmp_path, "clean", "-", "--jobs", jobs) as process:
        feeder = subprocess.Popen(
            [sys.executable, "-c", f"import os\nwhile True: os.write(1, {LINE!r})"],
            stdout=pipe(process.stdin),
            stderr=subprocess.DEVNULL,
        )
        pipe(process.stdin).close()
        out = pipe(process.stdout)
        got = out.readline()
        if slow:
            time.sleep(1)  # the pipe is full, and what follows waits for its reader
        os.killpg(process.pid, signal.SIGINT)
        if slow:
            time.sleep(0.5)
        got += out.read()
        err = pipe(process.stderr).read()
        assert process.wait(10) == 130
        feeder.wait(10)
    assert err == b"dedupe: stopped; no file was written\n"
    cleaned = [json.loads(line)["text"] for line in got.splitlines()]
    assert got.endswith(b"\n")
    assert len({*cleaned}) == 1


@pytest.mark.parametrize(("jobs", "stop"), [("1", signal.SIGTERM), ("2", signal.SIGTERM), ("2", signal.SIGKILL)])
def test_a_killed_run_leaves_no_output_and_the_next_one_sweeps(tmp_path: Path, jobs: str, stop: signal.Signals) -> None:
    big(tmp_path)
    command = ("clean", "a.jsonl", "-o", "out/b.jsonl", "--report", "out/p.jsonl", "--jobs", jobs)
    with started(tmp_path, *command) as process:
        half_way(tmp_path)
        process.send_signal(stop)
        assert process.wait(10) == -stop
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".part"}
    with started(tmp_path, *command) as process:
        process.communicate()
    assert process.returncode == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"b.jsonl", "p.jsonl"}
    with started(tmp_path, "clean", "a.jsonl", "-o", "c.jsonl", "--report", "q.jsonl", "--jobs", "1") as process:
        process.communicate()
    assert (tmp_path / "c.jsonl").read_bytes() == (tmp_path / "out" / "b.jsonl").read_bytes()
    assert (tmp_path / "q.jsonl").read_bytes() == (tmp_path / "out" / "p.jsonl").read_bytes()


def test_a_worker_killed_from_outside_changes_no_byte(tmp_path: Path) -> None:
    big(tmp_path)
    with started(tmp_path, "clean", "a.jsonl", "-o", "b.jsonl", "--report", "p.jsonl", "--jobs", "1") as process:
        process.communicate()
    command = ("clean", "a.jsonl", "-o", "out/b.jsonl", "--report", "out/p.jsonl", "--jobs", "2")
    with started(tmp_path, *command) as process:
        half_way(tmp_path)
        os.kill(workers(process.pid)[-1], signal.SIGKILL)
        _, err = process.communicate()
    assert (process.returncode, b"failed" in err, b"Traceback" in err) == (0, False, False)
    for name in ("b.jsonl", "p.jsonl"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / name).read_bytes()


def workers(parent: int) -> list[int]:
    """The worker processes of a command."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    )
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "spawn_main" in line]
