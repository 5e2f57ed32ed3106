"""Which files the inputs name: files, folders, patterns and addresses such as s3://bucket/news.jsonl."""

from __future__ import annotations

import glob
import importlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISREG
from typing import Any, NamedTuple

from dedupe.errors import InputError
from dedupe.io.format import SUFFIXES, SUPPORTED, suffix_of
from dedupe.io.packing import bare, packing_of

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_OWN = (".rejects.jsonl", ".dropped.jsonl", ".orig", ".part")
_BECOMES = {"html": ".txt", "warc": ".jsonl"}


class Place(NamedTuple):
    """An input's name, and where it stands inside the folder or pattern that named it.

    It is `shut` where it is a folder that cannot be listed, in which there may be inputs.
    """

    name: str
    inside: str
    shut: bool = False

    def output(self, format: str | None) -> str:
        """Where its output stands inside the output's folder: the same place, with the suffix of what is written."""
        stem, packing = bare(self.inside), packing_of(self.inside)
        suffix = _BECOMES.get(format or SUFFIXES.get(suffix_of(self.inside), ""))
        if suffix is None:
            return self.inside
        return f"{PurePosixPath(stem).with_suffix(suffix)}{packing}"


class Places(NamedTuple):
    """The inputs, whether folders or patterns named them, and how many files of other kinds stood there too."""

    found: list[Place]
    many: bool
    left: int


def is_address(name: str) -> bool:
    """Is it the address of something that is not simply a file here?"""
    return _ADDRESS.match(name) is not None


def places(names: Iterable[str], output: str | None = None, format: str | None = None) -> Places:
    """The files that are named, those of a folder or pattern in the order of their names.

    From folders and patterns only what can be read is taken, or with `format` everything; never hidden files, what
    `output` holds where it lies inside, or what stands beside outputs. Folders that are links are not entered; one that
    cannot be listed stands for what is in it. InputError where there is none.
    """
    found: list[Place] = []
    many, left = False, 0
    for name in names:
        inside = _inside(name)
        if inside is None:
            found.append(Place(name, name.rstrip("/").rpartition("/")[2] or name))
            continue
        many = True
        held = _held(output, name)
        there = [place for place in inside if not _is_own(place, held)]
        readable = [place for place in there if format or place.shut or suffix_of(place.name) in SUFFIXES]
        if not readable:
            raise InputError(f"{name}: there is no file that can be read; supported are {SUPPORTED}")
        found += readable
        left += len(there) - len(readable)
    return Places(found, many, left)


def _inside(name: str) -> list[Place] | None:
    """The files of a folder or pattern; None for a single file."""
    if is_address(name):
        return _remote(name)
    path = Path(name)
    if _is(S_ISDIR, path):
        return sorted(_below(path), key=lambda place: Path(place.name))
    if not glob.has_magic(name) or os.path.lexists(name):
        return None
    base = _fixed(name)
    matching = sorted(glob.glob(name, recursive=True))  # noqa: PTH207, a pattern may be absolute
    files = (Path(file) for file in matching if Path(file).is_file())
    found = [Place(str(file), file.relative_to(base).as_posix()) for file in files]
    return [place for place in found if not _is_linked(base, place.inside.rpartition("/")[0])]


def _below(folder: Path) -> Iterator[Place]:
    """The files in a folder and its folders, and those of these that cannot be listed."""
    shut: list[OSError] = []
    for base, _, names in os.walk(folder, onerror=shut.append):
        for file in (Path(base, name) for name in names):
            if _is(S_ISREG, file):
                yield Place(str(file), file.relative_to(folder).as_posix())
    for error in shut:
        inner = Path(error.filename)
        yield Place(str(inner), "/".join(inner.relative_to(folder).parts), shut=True)


def _is(kind: Callable[[int], bool], path: Path) -> bool:
    """Is it a file, or a folder? What cannot be asked for want of permission is a file, and opening it tells why."""
    try:
        return kind(path.stat().st_mode)
    except PermissionError:
        return kind is S_ISREG
    except (OSError, ValueError):
        return False


def _is_linked(base: str, folder: str) -> bool:
    """Does a link stand on the way from a base to a folder in it?"""
    return bool(folder) and (Path(base, folder).is_symlink() or _is_linked(base, folder.rpartition("/")[0]))


def _remote(name: str) -> list[Place] | None:
    system, path = filesystem(name)
    with reaching(name):
        if glob.has_magic(path):
            base, files = _fixed(path), system.glob(path, detail=True)
        elif name.endswith("/") or system.isdir(path):
            base, files = path.rstrip("/"), system.find(path, detail=True)
        else:
            return None
    there = sorted(file for file, told in files.items() if told["type"] == "file")
    return [Place(system.unstrip_protocol(file), file[len(base) :].strip("/")) for file in there]


def _fixed(pattern: str) -> str:
    """The part of a pattern, in whole folders, before its first wildcard."""
    parts = pattern.split("/")
    first = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    return "/".join(parts[:first]) or ("/" if pattern.startswith("/") else "")


def _held(output: str | None, name: str) -> str | None:
    """The output where it lies inside the folder or pattern of that name: a path, or an address as files have it."""
    if output is None or is_address(output) != is_address(name):
        return None
    base = _fixed(name) if glob.has_magic(name) and not Path(name).exists() else name
    if not is_address(output):
        inner, outer = Path(output).resolve(), Path(base).resolve()
        return str(inner) if outer in inner.parents else None
    system, place = filesystem(output)
    return system.unstrip_protocol(place) if place.startswith(f"{filesystem(base)[1]}/") else None


def _is_own(place: Place, held: str | None) -> bool:
    if any(part.startswith(".") for part in place.inside.split("/")) or place.name.lower().endswith(_OWN):
        return True
    if held is None:
        return False
    if is_address(held):
        return place.name.startswith(f"{held}/")
    return Path(held) in Path(place.name).resolve().parents


def opened_at(address: str) -> io.BufferedReader:
    """The file at an address. InputError where it is not there, or cannot be reached."""
    system, path = filesystem(address)
    with reaching(address):
        return io.BufferedReader(system.open(path, "rb"))


@contextmanager
def reaching(address: str) -> Iterator[None]:
    """InputError with what the service says, whatever kind of error it has for it, where it does not do as asked."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{address} does not exist: check the address") from None
    except Exception as error:
        said = (str(error) or type(error).__name__).strip().splitlines()[0].rstrip(".")
        raise InputError(f"{address}: {said}: check the address, the network and your credentials") from None


def renamed(system: Any, old: str, new: str) -> None:
    """Give a file another name. What fsspec has for systems without a way of their own takes names for patterns."""
    general: Any = importlib.import_module("fsspec.spec").AbstractFileSystem
    if type(system).mv is not general.mv:
        system.mv(old, new)
        return
    system.cp_file(old, new)
    system.rm_file(old)


def filesystem(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path there. InputError when what it needs is not installed."""
    try:
        fsspec = importlib.import_module("fsspec.core")
    except ModuleNotFoundError:
        raise InputError(f'{address} needs fsspec: pip install "dedupe-news[remote]"') from None
    try:
        found: tuple[Any, str] = fsspec.url_to_fs(address)
    except ImportError as error:
        raise InputError(f"{address}: {error}") from None
    except ValueError as error:
        raise InputError(f"{address}: {error}; check the address") from None
    return found
