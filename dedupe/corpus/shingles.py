"""Texts -> 64-bit hashes of their word shingles, a whole batch at once.

A word is a run of `\\w` after NFKC and lower-casing; in scripts written without spaces (`normalise.UNSPACED`) each
character is a word. A shingle is `WIDTH` words in a row; a text of fewer words has none.

The path from text to hash: a table folds each character of the Basic Multilingual Plane (NFKC, lower case, what is no
word becomes a space); the folded texts of a block stand in one array of UTF-8 bytes; words are the stretches between
spaces, read eight bytes (a *lane*) at a time. A text with a character that the table cannot fold by itself (accents
written apart, ligatures, `Σ`) is folded first; one with astral characters goes through `words`. `shingle_hash` is the
same hash in plain Python.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.normalise import UNSPACED

WIDTH = 5
"""Words in a shingle."""

_WORD = re.compile(rf"[^\W{UNSPACED}]+|(?!\W)[{UNSPACED}]")
_BLOCK = 1 << 17  # characters hashed at a time, so that a block's arrays stay in the cache

# The finaliser is MurmurHash3's (Appleby 2011); the other multipliers are odd constants of SplitMix64 and xxHash64.
_FINAL_1, _FINAL_2 = 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53
_LANE = 0x9E3779B97F4A7C15
_FACTORS = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_BITS = (1 << 64) - 1
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], dtype=np.uint64)

_SINGLE, _ODD, _ASTRAL = 1 << 16, 1 << 17, 1 << 18  # see `_tables`


class Shingles(NamedTuple):
    """A ragged batch of n texts.

    hashes: (m,) uint64, all shingle hashes in text order, repeats included.
    offsets: (n + 1,) int64, text i owns `hashes[offsets[i]:offsets[i + 1]]`.
    """

    hashes: NDArray[np.uint64]
    offsets: NDArray[np.int64]


def words(text: str) -> list[str]:
    """The words of a text, folded, in its order.

    >>> words("Varn’s “café”, 12½ km — 東京")
    ['varn', 's', 'café', '121', '2', 'km', '東', '京']
    """
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def word_spans(text: str) -> NDArray[np.int64]:
    """Where each of `words(text)` stands in the text: (w, 2), start and end in code points of the text as it is.

    A character that NFKC makes into several (`½`) belongs to each word that has a part of it.
    """
    folded = unicodedata.normalize("NFKC", text)
    origin: list[tuple[int, int]] | None = None
    if folded != text or "İ" in folded:
        origin = [span for start, end in _groups(text) for span in _folded_spans(text, start, end)]
    spans = [found.span() for found in _WORD.finditer(folded.lower())]
    if origin is not None:
        spans = [(origin[start][0], origin[end - 1][1]) for start, end in spans]
    return np.array(spans, dtype=np.int64).reshape(-1, 2)


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """The shortest stretches of a text that NFKC treats apart: a character with what may combine with it."""
    composing = _composing(0x110000)
    start = 0
    for at in range(1, len(text)):
        first = unicodedata.normalize("NFKD", text[at])[0]
        if not unicodedata.combining(first) and first not in composing:
            yield start, at
            start = at
    if text:
        yield start, len(text)


def _folded_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """For each character that a group gives after NFKC and lower-casing, the group's span."""
    for char in unicodedata.normalize("NFKC", text[start:end]):
        yield from [(start, end)] * len(char.lower())


@cache
def _composing(stop: int) -> frozenset[str]:
    """The characters under `stop` that NFKC may make one with what stands before them (NFKC_Quick_Check=Maybe)."""
    pairs = (
        parts
        for parts in map(str.split, map(unicodedata.decomposition, map(chr, range(stop))))
        if len(parts) == 2 and parts[0][0] != "<"
    )
    hangul = map(chr, range(0x1160, 0x1200))  # vowels and final consonants
    return frozenset([*hangul, *(chr(int(second, 16)) for _, second in pairs)])


def shingle_hash(words: Sequence[str]) -> int:
    """The 64-bit hash of one shingle, given as its `WIDTH` folded words. A plain reference for `shingles`.

    The words' hashes stand in a polynomial, so their order counts; the finaliser spreads it over all bits.
    """
    first, second, third, fourth, fifth = map(_word_hash, words)
    a, b, c = _FACTORS
    return _finalised((((first * a + second) * b + (third * a + fourth)) * c + fifth) & _BITS)


def _word_hash(word: str) -> int:
    data = word.encode()
    lanes = [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8)]
    return sum(_finalised((lane + place * _LANE) & _BITS) for place, lane in enumerate(lanes)) & _BITS


def _finalised(value: int) -> int:
    value = (value ^ value >> 33) * _FINAL_1 & _BITS
    value = (value ^ value >> 33) * _FINAL_2 & _BITS
    return value ^ value >> 33


def shingles(texts: Sequence[str]) -> Shingles:
    """The shingle hashes of many texts; what a text gets does not depend on its neighbours in the batch.

    Every str will do, with NUL and lone surrogates too.

    >>> batch = shingles(["The ferry to Varn sails again", "Too short"])
    >>> batch.offsets.tolist()
    [0, 2, 2]
    >>> int(batch.hashes[0]) == shingle_hash(["the", "ferry", "to", "varn", "sails"])
    True
    """
    blocks = [_hash_block([_folded(text) for text in block]) for block in _blocks(texts)]
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    if not blocks:
        return Shingles(np.empty(0, dtype=np.uint64), offsets)
    np.cumsum(np.concatenate([counts for _, counts in blocks]), out=offsets[1:])
    return Shingles(np.concatenate([hashes for hashes, _ in blocks]), offsets)


def _blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = size = 0
    for at, text in enumerate(texts):
        size += len(text) + 1
        if size >= _BLOCK:
            yield texts[start : at + 1]
            start, size = at + 1, 0
    if start < len(texts):
        yield texts[start:]


def _folded(text: str) -> bytes:
    """The words of a text in UTF-8, with one or more spaces between them."""
    table, ascii_table = _tables()
    if text.isascii():
        return text.encode("ascii").translate(ascii_table)
    folded = table.take(_units(text))
    highest = folded.max()
    if highest >= _ASTRAL:
        return " ".join(words(text)).encode()
    if highest >= _ODD:
        folded = table.take(_units(unicodedata.normalize("NFKC", text).lower())) & np.uint32(_ODD - 1)
        highest = folded.max()
    if highest < 0x80:
        return folded.astype(np.uint8).tobytes()
    if highest >= _SINGLE:
        single = folded >= _SINGLE
        apart = np.full(len(folded) + 2 * np.count_nonzero(single), 0x20, dtype=np.uint32)
        apart[np.arange(len(folded)) + 2 * np.cumsum(single) - single] = folded & 0xFFFF
        folded = apart
    return folded.astype("<u2").tobytes().decode("utf-16-le").encode()


def _units(text: str) -> NDArray[np.uint16]:
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2")


@cache
def _tables() -> tuple[NDArray[np.uint32], bytes]:
    """What each UTF-16 unit is folded to, and the same for ASCII as a table for `bytes.translate`.

    The lower 16 bits are the folded character, a space for what is no word. Above them stand marks: `_SINGLE`, it is a
    word of its own; `_ODD`, what it is folded to depends on its neighbours, or is more than one character, so the text
    has to be folded first; `_ASTRAL`, it is half an astral character, or becomes one.
    """
    depends = _composing(0x10000) | {"Σ", "İ"}
    unspaced = frozenset(re.findall(f"[{UNSPACED}]", "".join(map(chr, range(0x10000)))))
    table = np.full(0x10000, 0x20, dtype=np.uint32)
    table[0xD800:0xE000] = _ASTRAL
    for code in [*range(0xD800), *range(0xE000, 0x10000)]:
        char = chr(code)
        folded = unicodedata.normalize("NFKC", char)
        letters = [letter for letter in folded.lower() if letter.isalnum() or letter == "_"]
        if max(folded) > "\uffff":
            table[code] = _ASTRAL
        elif len(letters) > 1 or (len(letters) != len(folded) and not unspaced.issuperset(letters)):
            table[code] = _ODD
        else:
            for letter in letters:
                table[code] = ord(letter) | (_SINGLE if letter in unspaced else 0)
            if not depends.isdisjoint(folded):
                table[code] |= _ODD
    return table, bytes(table[:0x80].astype(np.uint8)) + bytes(0x80)


def _hash_block(folded: list[bytes]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """All shingle hashes of some folded texts, and how many each text has."""
    sizes = [len(text) + 1 for text in folded]
    padding = b" " * (16 - sum(sizes) % 8)
    data = np.frombuffer(b"".join((b" ", b" ".join(folded), padding)), dtype=np.uint8)
    inside = data != 0x20
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    counts = np.diff(np.searchsorted(starts, np.cumsum([1, *sizes])))
    hashes = _hash_words(data.view("<u8"), starts, ends)
    a, b, c = map(np.uint64, _FACTORS)
    pairs = hashes[:-1] * a
    pairs += hashes[1:]
    runs = pairs[:-3] * b
    runs += pairs[2:-1]
    runs *= c
    runs += hashes[4:]
    text = np.repeat(np.arange(len(folded)), counts)
    runs = runs[text[: 1 - WIDTH] == text[WIDTH - 1 :]]
    _finalise(runs)
    return runs, np.maximum(counts - (WIDTH - 1), 0)


def _hash_words(lanes: NDArray[np.uint64], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    sizes = ends - starts
    hashes = _load(lanes, starts, sizes)
    _finalise(hashes)
    long = np.flatnonzero(sizes > 8)
    if len(long):
        more = (sizes[long] - 1) >> 3
        firsts = np.cumsum(more) - more
        place = np.arange(1, firsts[-1] + more[-1] + 1) - np.repeat(firsts, more)
        at = np.repeat(starts[long], more) + 8 * place
        rest = _load(lanes, at, np.repeat(ends[long], more) - at)
        rest += place.astype(np.uint64) * np.uint64(_LANE)
        _finalise(rest)
        hashes[long] += np.add.reduceat(rest, firsts)
    return hashes


def _load(lanes: NDArray[np.uint64], at: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Up to eight bytes from each place of an array that is aligned to eight."""
    shift = ((at & 7) << 3).astype(np.uint64)
    index = at >> 3
    value = lanes.take(index) >> shift
    index += 1
    value |= lanes.take(index) << (np.uint64(64) - shift)  # numpy: a shift by 64 gives 0
    value &= _MASKS.take(np.minimum(sizes, 8))
    return value


def _finalise(values: NDArray[np.uint64]) -> None:
    shift = np.uint64(33)
    values ^= values >> shift
    values *= np.uint64(_FINAL_1)
    values ^= values >> shift
    values *= np.uint64(_FINAL_2)
    values ^= values >> shift
