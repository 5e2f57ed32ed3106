"""What is remembered of articles so that they can be compared with others: a batch, column by column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.agency import agency
from dedupe.corpus.bands import Bands, band_keys
from dedupe.corpus.minhash import PERMUTATIONS, signatures
from dedupe.corpus.samples import samples
from dedupe.corpus.shingles import Shingles, shingles
from dedupe.corpus.stores import Record
from dedupe.model import Article
from dedupe.normalise import key, keys

_LONGEST = 18
_NUMBER = re.compile(rf"\d{{1,{_LONGEST}}}")
# Digits that are not ASCII stand from U+0660 on, none between general punctuation and the end of the CJK ideographs.
_FIRST_OTHER_DIGIT, _PUNCTUATION, _AFTER_CJK = 0x660, 0x2000, 0xA620
_ZERO, _TEN = np.uint16(ord("0")), np.uint16(10)
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,]\d+)?\s*(Z|[+-]\d\d:?\d\d)?)?")
UPPER = np.uint64(32)
"""How far a 64-bit hash is shifted to give the 32 bits that are kept of it."""
_MASK = np.uint64(0xFFFFFFFF00000000)
_NO_LINES = np.zeros(0, np.uint64)


class Sketches(NamedTuple):
    """A batch of n articles.

    `ids` name them; `published` are seconds since 1970 (nan where unknown), `lengths` code points. `hashes`, `numbers`
    and `lines` hold an array for each article: the 32-bit hashes of its shingles in text order; its numbers, distinct
    and sorted; 64-bit keys of its lines, distinct, each with its site (empty where they were not asked for).
    `signatures` is (n, 128), `samples` its winnowed hashes. `short` is the key of a text of one to four words, "" of
    all others. `digests` (n,) are hashes of what is compared: equal for equal articles.
    """

    ids: list[str]
    sites: list[str]
    published: NDArray[np.float64]
    lengths: NDArray[np.int64]
    agencies: list[str]
    short: list[str]
    hashes: list[NDArray[np.uint32]]
    numbers: list[NDArray[np.uint32]]
    lines: list[NDArray[np.uint64]]
    signatures: NDArray[np.uint32]
    samples: Shingles
    digests: NDArray[np.uint64]


def name_of(article: Article) -> str:
    """The article's id, or the place where it stands."""
    return article.id or (f"{article.source}:{article.ordinal + 1}" if article.ordinal else article.source)


def sketch(articles: Sequence[Article], with_lines: bool = False) -> Sketches:
    """Sketch a batch of articles; the result does not depend on how they are batched."""
    batch = shingles([article.text for article in articles])
    sizes = np.diff(batch.offsets)
    folded = batch._replace(hashes=batch.hashes & _MASK)
    signed = signatures(folded)
    short = ["" if size else key(article.text) for size, article in zip(sizes, articles, strict=True)]
    digests = band_keys(signed, Bands(1, PERMUTATIONS, 1.0, 0.0))[:, 0]
    digests[sizes == 0] = [hash64(words) for size, words in zip(sizes, short, strict=True) if not size]
    return Sketches(
        ids=[name_of(article) for article in articles],
        sites=[article.site or "" for article in articles],
        published=np.array([when(article.published) for article in articles], np.float64),
        lengths=np.array([len(article.text) for article in articles], np.int64),
        agencies=[agency(article.text) or "" for article in articles],
        short=short,
        hashes=_split((folded.hashes >> UPPER).astype(np.uint32), batch.offsets),
        numbers=[numbers(article.text) for article in articles],
        lines=[line_keys(article.text, article.site or "") if with_lines else _NO_LINES for article in articles],
        signatures=signed,
        samples=samples(folded),
        digests=digests,
    )


def from_records(records: Sequence[Record]) -> Sketches:
    """The sketches of articles that an index remembers."""
    offsets = np.concatenate([[0], np.cumsum([len(record.hashes) for record in records])]).astype(np.int64)
    joined = np.concatenate([record.hashes for record in records]) if records else np.zeros(0, np.uint32)
    folded = Shingles(joined.astype(np.uint64) << UPPER, offsets)
    return Sketches(
        ids=[record.id for record in records],
        sites=[record.site for record in records],
        published=np.array([float(record.published or "nan") for record in records], np.float64),
        lengths=np.array([record.length for record in records], np.int64),
        agencies=[""] * len(records),
        short=[""] * len(records),
        hashes=[record.hashes for record in records],
        numbers=[record.numbers for record in records],
        lines=[record.lines for record in records],
        signatures=signatures(folded),
        samples=samples(folded),
        digests=np.array([record.digest for record in records], np.uint64),
    )


def line_keys(text: str, site: str) -> NDArray[np.uint64]:
    """The keys of the lines of a text that is printed on a site, distinct and sorted; blank lines have none."""
    found = {hash64(f"{site}\n{line}") for line in keys(text.split("\n")) if line}
    return np.array(sorted(found), np.uint64)


def hash64(text: str) -> int:
    """A hash of 64 bits, the same on every machine."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _zone(written: str) -> timezone:
    """The time zone "+01:00" or "-0330"; ValueError for one of more than a day."""
    minutes = int(written[1:3]) * 60 + int(written[-2:])
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))


def _split(values: NDArray[np.uint32], offsets: NDArray[np.int64]) -> list[NDArray[np.uint32]]:
    return [values[start:end] for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]


def numbers(text: str) -> NDArray[np.uint32]:
    """The numbers in a text as hashes, distinct and sorted; "007" is 7, and digits of all scripts count.

    >>> numbers("3 of 12, ٣ again").tolist()
    [3, 12]
    """
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    if ((units >= _FIRST_OTHER_DIGIT) & ((units < _PUNCTUATION) | (units >= _AFTER_CJK))).any():
        found = _NUMBER.findall(text)
    else:
        edges = np.flatnonzero(np.diff((units - _ZERO < _TEN).astype(np.int8), prepend=0, append=0)).tolist()
        runs = (text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
        found = [run[at : at + _LONGEST] for run in runs for at in range(0, len(run), _LONGEST)]
    return np.array(sorted({int(number) & 0xFFFFFFFF for number in found}), np.uint32)


def when(published: str | None) -> float:
    """A date as seconds since 1970, nan where it cannot be read: ISO 8601 and the form of e-mail and RSS are known.

    >>> when("1970-01-01T00:01:00Z"), when("Thu, 01 Jan 1970 00:00:10 GMT"), when("soon")
    (60.0, 10.0, nan)
    """
    if not published:
        return float("nan")
    try:
        if iso := _ISO.match(published.strip()):
            day, minute, second, zone = iso.groups()
            found = datetime.fromisoformat(f"{day}T{minute or '00:00'}{second or ':00'}")
            found = found.replace(tzinfo=timezone.utc if zone in (None, "Z") else _zone(zone))
        else:
            found = parsedate_to_datetime(published)
            found = found if found.tzinfo else found.replace(tzinfo=timezone.utc)
        return found.timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return float("nan")
