"""Compressed files: gzip and Zstandard, told by their first bytes when they are read, by their suffix when written."""

from __future__ import annotations

import gzip
import importlib
import io
import zlib
from typing import IO, Any, cast

from dedupe.errors import InputError

_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SUFFIXES = (".gz", ".zst")
_LEVEL = 6
_AT_ONCE = 1 << 16


def bare(name: str) -> str:
    """A file's name without the suffix of a compressed file.

    >>> bare("news.jsonl.zst"), bare("news.jsonl")
    ('news.jsonl', 'news.jsonl')
    """
    suffix = packing_of(name)
    return name[: -len(suffix)] if suffix else name


def packing_of(name: str) -> str:
    """The suffix that says how a file is compressed, or nothing."""
    return next((suffix for suffix in _SUFFIXES if name.lower().endswith(suffix)), "")


def unpacked(file: io.BufferedReader, name: str) -> tuple[io.BufferedReader, str]:
    """A file's content, and the suffix of the way it is compressed, by its name or its first bytes."""
    head = file.peek(len(_ZSTD))
    suffix = packing_of(name)
    if suffix == ".gz" or head.startswith(_GZIP):
        return cast("io.BufferedReader", gzip.GzipFile(fileobj=file)), ".gz"
    if suffix == ".zst" or head.startswith(_ZSTD):
        return io.BufferedReader(_Zstandard(file)), ".zst"
    return file, ""


def packed(file: IO[bytes], name: str) -> IO[bytes]:
    """A file to write to, compressed as its name says; closing it closes the file. The same bytes every time."""
    suffix = packing_of(name)
    if suffix == ".gz":
        return cast("IO[bytes]", _Gzip("", "wb", _LEVEL, file, mtime=0))
    if suffix == ".zst":
        return cast("IO[bytes]", _zstandard().ZstdCompressor(_LEVEL).stream_writer(file))
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
        self._new = _zstandard().ZstdDecompressor().decompressobj
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
