"""A file of lines that follows a list as it grows and is cut back: what was decided is on disk at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Generic, TypeVar

from dedupe.report.plan import dump

T = TypeVar("T")


class Log(Generic[T]):
    """The file `path` holds the first `known` entries already; what else it holds stays too."""

    def __init__(self, path: Path, line: Callable[[T], dict[str, Any]], known: int) -> None:
        self.path = path
        self._line = line
        self._known = known
        self._ends: list[int] = []
        """Where the file ended before each line that was added."""

    def follow(self, entries: Sequence[T]) -> None:
        """Make the file hold these entries: lines are added at its end, or those added last are taken off.

        OSError where that fails; then no part of a line stays in the file.
        """
        kept = len(entries) - self._known
        if kept == len(self._ends):
            return
        with self.path.open("r+b" if self.path.exists() else "w+b", buffering=0) as file:
            if kept < len(self._ends):
                file.truncate(self._ends[kept])
                del self._ends[kept:]
            start = file.seek(0, os.SEEK_END)
            rows = [dump(self._line(entry)) for entry in entries[self._known + len(self._ends) :]]
            if rows:
                rows[0] = self._separator(file, start) + rows[0]
            data = b"".join(rows)
            try:
                while data:
                    data = data[file.write(data) :]
            except OSError:
                file.truncate(start)
                raise
        self._ends += list(accumulate(map(len, rows), initial=start))[: len(rows)]

    @staticmethod
    def _separator(file: Any, end: int) -> bytes:
        """A line break where the last line of the file lacks it."""
        if not end:
            return b""
        file.seek(end - 1)
        last = file.read(1)
        file.seek(end)
        return b"" if last == b"\n" else b"\n"
