"""Write files so that they appear whole or not at all, and never over an input."""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

from dedupe.errors import OutputError
from dedupe.io.packing import check, packed
from dedupe.io.places import filesystem, is_address, reaching, renamed

_HOST = re.sub(r"[^a-z0-9]", "", socket.gethostname().lower())
_PART = re.compile(rf"\.dedupe-{_HOST}-(\d+)-\d+\.part")


class _Staged(NamedTuple):
    temporary: Path
    target: Path
    kept: Path | None


class _Sent(NamedTuple):
    temporary: Path
    address: str


class _Nowhere(io.BytesIO):
    """What is written here is forgotten."""

    def write(self, data: Any) -> int:
        """Take the bytes and do nothing."""
        return len(data)


class Outputs:
    """The files of one run. Each is written beside its place under another name; leaving the block puts all in place.

    When the block ends in an error nothing appears and nothing that was there has changed. What is for an address is
    written here first, then sent there under another name and renamed. With `dry` all checks are made and nothing is
    written. `inputs` are the files that no output may replace. What a killed run left behind goes with the next one.
    """

    def __init__(self, inputs: Iterable[str] = (), dry: bool = False) -> None:
        given = [name for name in inputs if name != "-"]
        self._inputs = {(path.st_dev, path.st_ino) for name in given if (path := _stat(name))}
        self._addresses = {name for name in given if is_address(name)}
        self._dry = dry
        self._taken: set[Path | str] = set()
        self._swept: set[Path] = set()
        self._folders: set[Path] = set()
        self._staged: dict[IO[bytes], _Staged] = {}
        self._sent: dict[IO[bytes], _Sent] = {}
        self._stale: list[Path] = []
        self._made: list[Path] = []

    def __enter__(self) -> Outputs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._put_in_place()
        finally:
            for file, temporary in self._written():
                with suppress(Exception):  # what is compressed may not close well when it is not whole
                    file.close()
                temporary.unlink(missing_ok=True)
            if kind is not None:
                for folder in reversed(self._made):
                    with suppress(OSError):
                        folder.rmdir()

    def inside(self, folder: str, place: str) -> str:
        """The name of an output inside a folder; the folder, and those that `place` names in it, are made.

        OutputError when it cannot be one.
        """
        if is_address(folder):
            return f"{folder.rstrip('/')}/{place}"
        top = Path(folder)
        if top.exists() and not top.is_dir():
            raise OutputError(f"{folder} is a file: several inputs need -o FOLDER")
        if not top.parent.is_dir():
            raise OutputError(f"{folder}: the folder {top.parent} does not exist: create it, or name another")
        path = top / place
        for parent in (top, *reversed([above for above in path.parents if top in above.parents])):
            if not self._dry and not parent.exists():
                parent.mkdir()
                self._made.append(parent)
            self._folders.add(parent)
        return str(path)

    def open(self, name: str | Path) -> IO[bytes]:
        """A file to write to; a suffix .gz or .zst means compressed. Closing it early keeps few files open.

        OutputError when its folder is missing, when it is an input, or when it is written twice.
        """
        if isinstance(name, str) and is_address(name):
            return self._send(name)
        path = Path(name)
        if not path.parent.is_dir() and path.parent not in self._folders:
            raise OutputError(f"{name}: the folder {path.parent} does not exist: create it, or name another")
        if path.exists() and not path.is_file():
            raise OutputError(f"{name} is {'a folder' if path.is_dir() else 'no ordinary file'}: name a file")
        there = _stat(name)
        if there and (there.st_dev, there.st_ino) in self._inputs:
            raise OutputError(f"{name} is an input and would be overwritten: name another (`clean` has --in-place)")
        target = path.resolve()
        self._take(name, target)
        return self._stage(target, None)

    def replace(self, name: str) -> IO[bytes]:
        """A file that takes an input's place; the input is kept as NAME.orig. OutputError when that exists already."""
        target = Path(name).resolve()
        kept = target.with_name(f"{target.name}.orig")
        if os.path.lexists(kept):
            raise OutputError(f"{kept.name} exists beside {name} and may be the only original: move it away first")
        self._take(name, target)
        self._take(name, kept)
        return self._stage(target, kept)

    def withdraw(self, file: IO[bytes]) -> None:
        """Let nothing come of a file that was opened; what stands in its place stays."""
        written: _Staged | _Sent | None = self._staged.pop(file, None) or self._sent.pop(file, None)
        if written:
            with suppress(Exception):
                file.close()
            written.temporary.unlink()

    def remove(self, path: Path) -> None:
        """Remove what an earlier run left, once all is put in place."""
        self._stale.append(path)

    def _send(self, address: str) -> IO[bytes]:
        if address in self._addresses:
            raise OutputError(f"{address} is an input and would be overwritten: name another")
        self._take(address, address)
        filesystem(address)
        if self._dry:
            return _Nowhere()
        handle, name = tempfile.mkstemp(prefix="dedupe-")
        file = packed(os.fdopen(handle, "wb"), address)
        self._sent[file] = _Sent(Path(name), address)
        return file

    def _take(self, name: str | Path, target: Path | str) -> None:
        check(str(name))
        if target in self._taken:
            raise OutputError(f"{name} would be written twice: give each output a name of its own")
        self._taken.add(target)

    def _stage(self, target: Path, kept: Path | None) -> IO[bytes]:
        if self._dry:
            return _Nowhere()
        self._sweep(target.parent)
        temporary = target.with_name(f".dedupe-{_HOST}-{os.getpid()}-{len(self._taken)}.part")
        file = packed(temporary.open("xb"), target.name)
        self._staged[file] = _Staged(temporary, target, kept)
        if target.exists():
            shutil.copymode(target, temporary)
        return file

    def _sweep(self, folder: Path) -> None:
        """Remove what runs on this machine left that were killed."""
        if folder in self._swept:
            return
        self._swept.add(folder)
        for path in folder.iterdir():
            part = _PART.fullmatch(path.name)
            if part and not _is_alive(int(part[1])):
                path.unlink(missing_ok=True)

    def _written(self) -> list[tuple[IO[bytes], Path]]:
        staged = [(file, staged.temporary) for file, staged in self._staged.items()]
        return staged + [(file, sent.temporary) for file, sent in self._sent.items()]

    def _put_in_place(self) -> None:
        for file, _ in self._written():
            file.close()
        self._deliver()
        for staged in self._staged.values():
            if staged.kept:
                _keep(staged.target, staged.kept)
            staged.temporary.replace(staged.target)
        if not self._dry:
            for path in self._stale:
                if path.resolve() not in self._taken:
                    path.unlink(missing_ok=True)

    def _deliver(self) -> None:
        """Send what is for addresses, all of it before any has its name."""
        under_way = []
        try:
            for sent in self._sent.values():
                system, place = filesystem(sent.address)
                with reaching(sent.address):
                    if place.startswith("/"):  # what begins otherwise is a store of objects, without folders
                        system.makedirs(place.rpartition("/")[0] or "/", exist_ok=True)
                    system.put_file(str(sent.temporary), f"{place}.part")
                under_way.append((system, place, sent.address))
            while under_way:
                system, place, address = under_way[0]
                with reaching(address):
                    renamed(system, f"{place}.part", place)
                under_way.pop(0)
        finally:
            for system, place, _ in under_way:
                with suppress(Exception):
                    system.rm_file(f"{place}.part")


def _keep(original: Path, kept: Path) -> None:
    try:
        kept.hardlink_to(original)
    except FileExistsError:
        raise OutputError(f"{kept} has just appeared: move it away first; nothing was replaced") from None
    except OSError:
        shutil.copy2(original, kept)


def _stat(name: str | Path) -> os.stat_result | None:
    try:
        return os.stat(name)  # noqa: PTH116
    except OSError:
        return None


def _is_alive(process: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 is no question
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
