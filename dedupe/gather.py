"""Inputs -> Collection: workers read chunks of raw lines and sketch the articles in them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from dedupe.corpus.bands import Bands
from dedupe.corpus.cluster import Edge
from dedupe.corpus.collection import Collection, Summary, summary
from dedupe.corpus.shingles import WIDTH, word_spans
from dedupe.corpus.sketch import sketch
from dedupe.corpus.verify import Kind, passage
from dedupe.io.chunks import Chunk, Input, chunks, records
from dedupe.io.record import Fields, Record, Reject
from dedupe.io.source import Reading, Seen
from dedupe.model import Span
from dedupe.parallel import Workers


@dataclass
class Read:
    """What was read: the places of the articles in the inputs, what was no article, and how many ids were taken."""

    sources: list[str] = field(default_factory=list)
    ordinals: list[list[int]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    without_text: int = 0
    doubled: int = 0
    formats: set[str] = field(default_factory=set)

    def places(self) -> Iterator[tuple[str, int]]:
        """The source and ordinal of each article, in order."""
        for source, ordinals in zip(self.sources, self.ordinals, strict=True):
            yield from ((source, ordinal) for ordinal in ordinals)


class _Task(NamedTuple):
    number: int
    chunk: Chunk
    bands: Bands
    folder: Path
    with_lines: bool


class _Batch(NamedTuple):
    source: str
    format: str
    summary: Summary
    ordinals: list[int]
    rejects: list[Reject]
    without_text: int
    seen: dict[str, None]
    size: int


def gather(
    inputs: Sequence[Input],
    reading: Reading,
    bands: Bands,
    folder: Path,
    workers: Workers[Any],
    step: Callable[[int, int], object],
    with_lines: bool = False,
) -> tuple[Collection, Read]:
    """All articles of the inputs; their hashes go to files in `folder`, those of their lines where an index wants them.

    `step` is told how many articles were sketched, and of how many bytes.

    InputError when an input cannot be read, or has no text in any record.
    """
    read = Read()
    given = enumerate(chunks(inputs, reading))
    tasks = (_Task(number, chunk, bands, folder, with_lines) for number, chunk in given)
    return Collection(_summaries(workers.map(_sketched, tasks), read, reading.fields, step)), read


def _summaries(
    batches: Iterable[_Batch], read: Read, fields: Fields, step: Callable[[int, int], object]
) -> Iterator[Summary]:
    seen: dict[str, Seen] = {}
    taken: set[str] = set()
    for batch in batches:
        seen.setdefault(batch.source, Seen(fields)).add(batch.seen)
        read.sources.append(batch.source)
        read.formats.add(batch.format)
        read.ordinals.append(batch.ordinals)
        read.rejects += batch.rejects
        read.without_text += batch.without_text
        step(len(batch.ordinals), batch.size)
        ids = [_own(id, taken, batch, place) for place, id in enumerate(batch.summary.ids)]
        read.doubled += sum(id is not given for id, given in zip(ids, batch.summary.ids, strict=True))
        yield batch.summary._replace(ids=ids)
    for source, names in seen.items():
        names.check(source)


def _own(id: str, taken: set[str], batch: _Batch, place: int) -> str:
    """The id; where another article has it already, with the place where this one stands."""
    if id in taken:
        id = f"{id} ({batch.source}:{batch.ordinals[place] + 1})"
    taken.add(id)
    return id


def _sketched(_: object, task: _Task) -> _Batch:
    articles, rejects, seen = [], [], dict[str, None]()
    without_text = 0
    for record in records(task.chunk):
        if isinstance(record, bytes):
            continue
        if isinstance(record, Reject):
            rejects.append(record)
            continue
        seen.update(dict.fromkeys(record.fields))
        if record.article is None:
            without_text += 1
        else:
            articles.append(record.article)
    spool = task.folder / f"{task.number:06d}.hashes"
    batch = summary(sketch(articles, task.with_lines), task.bands, spool)
    ordinals = [article.ordinal for article in articles]
    kind = task.chunk.format
    return _Batch(kind.source, kind.name, batch, ordinals, rejects, without_text, seen, task.chunk.read)


def read_again(
    read: Read, inputs: Sequence[Input], reading: Reading, wanted: Container[int]
) -> Iterator[tuple[bytes, int, Record | None]]:
    """The pieces of the inputs once more: each with the article's number and record if it is wanted, else -1, None."""
    places = read.places()
    place = next(places, None)
    article = 0
    for chunk in chunks(inputs, reading):
        for ordinal, raw in enumerate(chunk.pieces, chunk.first):
            if place != (chunk.format.source, ordinal):
                yield raw, -1, None
                continue
            record = chunk.format.record(raw, ordinal) if article in wanted else None
            yield raw, article if record else -1, None if isinstance(record, Reject) else record
            place = next(places, None)
            article += 1


def passages(
    pairs: Iterable[Edge], collection: Collection, read: Read, inputs: Sequence[Input], reading: Reading
) -> dict[tuple[int, int], tuple[Span, Span]]:
    """Where the common passage of each contained pair stands in both articles; their texts are read once more.

    Pairs with articles of an index have none: their texts are not here.
    """
    here = range(len(collection))
    contained = [
        (edge.a, edge.b) for edge in pairs if edge.likeness.kind is Kind.CONTAINED and edge.a in here and edge.b in here
    ]
    ends = sorted({article for pair in contained for article in pair})
    shelf = dict(zip(ends, range(len(ends)), strict=True))
    hashes = collection.shelf(ends)
    asked: dict[int, list[tuple[int, int]]] = {}
    for pair in contained:
        for article in pair:
            asked.setdefault(article, []).append(pair)
    spans: dict[tuple[int, int, int], Span] = {}
    for _, article, record in read_again(read, inputs, reading, asked):
        if record is None or record.article is None:
            continue
        words = word_spans(record.article.text)
        own = hashes.hashes(shelf[article])
        for a, b in asked[article]:
            other = hashes.compared(shelf[b if article == a else a])
            first, last = passage(own, other.shingles)
            spans[a, b, article] = Span(int(words[first][0]), int(words[last + WIDTH - 2][1]))
    return {(a, b): (spans[a, b, a], spans[a, b, b]) for a, b in contained}
