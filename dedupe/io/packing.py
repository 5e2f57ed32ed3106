"""Compressed files: gzip and Zstandard, told by their first bytes when they are read, by their suffix when written."""

from __future__ import annotations

import gzip
import importlib
import io
import zlib
from typing import IO, Any, cast

from dedupe.errors import InputError

_MAGIC = {".gz": b"\x1f\x8b\x08", ".zst": b"\x28\xb5\x2f\xfd"}
_LEVEL = 6
_AT_ONCE = 1 << 16
_WINDOW = 1 << 31  # what `zstd --long=31` asks for


def bare(name: str) -> str:
    """A file's name without the suffix of a compressed file.

    >>> bare("news.jsonl.zst"), bare("news.jsonl")
    ('news.jsonl', 'news.jsonl')
    """
    suffix = packing_of(name)
    return name[: -len(suffix)] if suffix else name


def packing_of(name: str) -> str:
    """The suffix that says how a file is compressed, or nothing."""
    return next((suffix for suffix in _MAGIC if name.lower().endswith(suffix)), "")


def unpacked(file: io.BufferedReader, name: str) -> tuple[io.BufferedReader, str]:
    """A file's content, and the suffix of the way it is compressed, by its first bytes, else by its name."""
    head = file.peek(4)
    told = next((suffix for suffix, magic in _MAGIC.items() if head.startswith(magic)), packing_of(name))
    if told == ".gz":
        return cast("io.BufferedReader", gzip.GzipFile(fileobj=file)), told
    if told == ".zst":
        return io.BufferedReader(_Zstandard(file)), told
    return file, told


def check(name: str) -> None:
    """InputError when what it takes to write a file of this name is not installed."""
    if packing_of(name) == ".zst":
        _zstandard()


def packed(file: IO[bytes], name: str) -> IO[bytes]:
    """A file to write to, compressed as its name says; closing it closes the file. The same bytes every time."""
    suffix = packing_of(name)
    if suffix == ".gz":
        return cast("IO[bytes]", _Gzip("", "wb", _LEVEL, file, mtime=0))
    if suffix == ".zst":
        return io.BufferedWriter(_zstandard().ZstdCompressor(_LEVEL).stream_writer(file))
    return file


class _Gzip(gzip.GzipFile):
    """Closes the file below too."""

    def close(self) -> None:
        under: Any = self.fileobj
        super().close()
        if under is not None:
            under.close()


class _Zstandard(io.RawIOBase):
    """What a Zstandard file of one or more frames holds; EOFError where one is cut off."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._new = _zstandard().ZstdDecompressor(max_window_size=_WINDOW).decompressobj
        self._frame: Any = None
        self._given = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            self._given = self._given or self._file.read1(_AT_ONCE)
            if not self._given:
                if self._frame:
                    raise EOFError("it ends in the middle of a frame")
                return 0
            self._frame = self._frame or self._new()
            try:
                self._ready = memoryview(self._frame.decompress(self._given))
            except _zstandard().ZstdError as error:
                raise zlib.error(str(error)) from None
            self._given = self._frame.unused_data
            if self._frame.eof:
                self._frame = None
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size


def _zstandard() -> Any:
    try:
        return importlib.import_module("zstandard")
    except ModuleNotFoundError:
        raise InputError('a .zst file needs zstandard: pip install "dedupe-news[zst]"') from None
