"""What the tests of the command line share: a shell in this process, files, and articles with known damage."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from dedupe.cli import main

DIRTY = "The bridge is open again. layers\n"
CLEAN = "The bridge is open again.\n"
REPEAT = (
    "Mayor Orla Fenwick said on Monday that the council had spent 3 million crowns on the new deck and the railings."
)
ARTICLE = f"Ferries sail again.\r\n\r\n{REPEAT}\r\n\r\nThe lorries wait no longer.\r\n\r\n{REPEAT}\r\n"


class Run(NamedTuple):
    code: int
    out: bytes
    err: str


class Shell:
    """Runs the command in this process, in a folder of its own."""

    def __init__(self, capture: pytest.CaptureFixture[bytes], patch: pytest.MonkeyPatch) -> None:
        self._capture = capture
        self._patch = patch

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Run:
        self._patch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin))))
        self._capture.readouterr()
        code = main(arguments)
        out, err = self._capture.readouterr()
        return Run(code, out, err.decode())


@pytest.fixture(name="dedupe")
def shell(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(capsysbinary, monkeypatch)


def put(name: str, content: str | bytes) -> Path:
    """A file in the working folder."""
    path = Path(name)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def jsonl(*texts: str) -> str:
    return "".join(json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(texts))


def names() -> set[str]:
    """What stands in the working folder, deep."""
    return {str(Path(folder, name)) for folder, _, files in os.walk(".") for name in files}
