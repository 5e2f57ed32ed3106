"""Write files so that they appear whole or not at all, and never over an input."""

from __future__ import annotations

import gzip
import io
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, cast

from dedupe.errors import InputError


class _Staged(NamedTuple):
    file: IO[bytes]
    temporary: Path
    target: Path
    kept: Path | None


class _Nowhere(io.BytesIO):
    """What is written here is forgotten."""

    def write(self, data: Any) -> int:
        """Take the bytes and do nothing."""
        return len(data)


class Outputs:
    """The files of one run. Each is written beside its place under another name; leaving the block puts all in place.

    When the block ends in an error nothing appears and nothing that was there has changed. With `dry` all checks are
    made and nothing is written. `inputs` are the files that no output may replace.
    """

    def __init__(self, inputs: Iterable[str] = (), dry: bool = False) -> None:
        self._inputs = [Path(name) for name in inputs if name != "-"]
        self._dry = dry
        self._taken: set[Path] = set()
        self._folders: set[Path] = set()
        self._packed: list[IO[bytes]] = []
        self._staged: list[_Staged] = []
        self._stale: list[Path] = []
        self._made: list[Path] = []

    def __enter__(self) -> Outputs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for file in self._packed:
                file.close()
            if kind is None:
                self._put_in_place()
        finally:
            for staged in self._staged:
                staged.file.close()
                staged.temporary.unlink(missing_ok=True)
            if kind is not None:
                for folder in self._made:
                    with suppress(OSError):
                        folder.rmdir()

    def folder(self, name: str) -> Path:
        """A folder for outputs, made when it is missing. InputError when it cannot be one."""
        path = Path(name)
        if path.exists() and not path.is_dir():
            raise InputError(f"{name} is a file: several inputs need -o FOLDER")
        if not path.parent.is_dir():
            raise InputError(f"{name}: the folder {path.parent} does not exist: create it, or name another")
        if not self._dry and not path.exists():
            path.mkdir()
            self._made.append(path)
        self._folders.add(path)
        return path

    def open(self, name: str | Path) -> IO[bytes]:
        """A file to write to; a suffix .gz means compressed.

        InputError when its folder is missing, when it is an input, or when it is written twice.
        """
        path = Path(name)
        if not path.parent.is_dir() and path.parent not in self._folders:
            raise InputError(f"{name}: the folder {path.parent} does not exist: create it, or name another")
        if path.exists() and not path.is_file():
            raise InputError(f"{name} is {'a folder' if path.is_dir() else 'no ordinary file'}: name a file")
        for given in self._inputs:
            if path.exists() and given.exists() and path.samefile(given):
                raise InputError(f"{name} is an input and would be overwritten: name another (`clean` has --in-place)")
        target = path.resolve()
        self._take(name, target)
        return self._stage(target, None)

    def replace(self, name: str) -> IO[bytes]:
        """A file that takes an input's place; the input is kept as NAME.orig. InputError when that exists already."""
        target = Path(name).resolve()
        kept = target.with_name(f"{target.name}.orig")
        if os.path.lexists(kept):
            raise InputError(f"{kept.name} exists beside {name} and may be the only original: move it away first")
        self._take(name, target)
        self._take(name, kept)
        return self._stage(target, kept)

    def remove(self, path: Path) -> None:
        """Remove what an earlier run left, once all is put in place."""
        self._stale.append(path)

    def _take(self, name: str | Path, target: Path) -> None:
        if target in self._taken:
            raise InputError(f"{name} would be written twice: give each output a name of its own")
        self._taken.add(target)

    def _stage(self, target: Path, kept: Path | None) -> IO[bytes]:
        if self._dry:
            return _Nowhere()
        temporary = target.with_name(f".dedupe-{os.getpid()}-{len(self._staged)}.part")
        file = temporary.open("xb")
        self._staged.append(_Staged(file, temporary, target, kept))
        if target.exists():
            shutil.copymode(target, temporary)
        if target.name.lower().endswith(".gz"):
            self._packed.append(cast("IO[bytes]", gzip.GzipFile("", "wb", 6, file, mtime=0)))
            return self._packed[-1]
        return file

    def _put_in_place(self) -> None:
        for staged in self._staged:
            staged.file.close()
        for staged in self._staged:
            if staged.kept:
                _keep(staged.target, staged.kept)
            staged.temporary.replace(staged.target)
        if not self._dry:
            for path in self._stale:
                if path.resolve() not in self._taken:
                    path.unlink(missing_ok=True)


def _keep(original: Path, kept: Path) -> None:
    try:
        kept.hardlink_to(original)
    except FileExistsError:
        raise InputError(f"{kept} has just appeared: move it away first; nothing was replaced") from None
    except OSError:
        shutil.copy2(original, kept)
