"""Inputs -> Collection: workers read chunks of raw lines and sketch the articles in them.

Of an input that cannot be read to its end nothing is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from dedupe.corpus.bands import Bands
from dedupe.corpus.cluster import Edge
from dedupe.corpus.collection import Collection, Summary, summary
from dedupe.corpus.shingles import WIDTH, word_spans
from dedupe.corpus.sketch import sketch
from dedupe.corpus.verify import Kind, passage
from dedupe.errors import InputError
from dedupe.io.chunks import Chunk, Input, Unread, Unreadable, checked, parts, records
from dedupe.io.record import Record, Reject
from dedupe.io.source import Reading
from dedupe.model import Span
from dedupe.parallel import Workers
from dedupe.report.summary import Tally


@dataclass
class Read:
    """What was read: the inputs, the places of the articles in them, what was no article, and how many ids were taken.

    `unread` are the inputs of which nothing was taken, as they cannot be read.
    """

    unread: Unreadable
    tally: Tally
    inputs: list[Input] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    ordinals: list[list[int]] = field(default_factory=list)
    doubled: int = 0
    formats: set[str] = field(default_factory=set)

    def places(self) -> Iterator[tuple[str, int]]:
        """The source and ordinal of each article, in order."""
        for source, ordinals in zip(self.sources, self.ordinals, strict=True):
            yield from ((source, ordinal) for ordinal in ordinals)


class _Task(NamedTuple):
    input: int
    number: int
    chunk: Chunk
    bands: Bands
    folder: Path
    with_lines: bool


class _Batch(NamedTuple):
    input: int
    source: str
    format: str
    summary: Summary
    ordinals: list[int]
    tally: Tally
    seen: dict[str, None]
    size: int
    error: InputError | None = None


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

    InputError when none of the inputs can be read, or has a text in any record.
    """
    tally, names = Tally(), [input.name for input in inputs]
    read = Read(Unreadable(names, tally), tally)
    tasks = (
        part if isinstance(part, Unread) else _Task(part.input, number, part.chunk, bands, folder, with_lines)
        for number, part in enumerate(parts(inputs, reading))
        if isinstance(part, Unread) or part.chunk.pieces
    )
    batches = checked(workers.map(_sketched, tasks), names, reading.fields)
    return Collection(_summaries(batches, inputs, read, step)), read


def _summaries(
    batches: Iterable[_Batch | Unread], inputs: Sequence[Input], read: Read, step: Callable[[int, int], object]
) -> Iterator[Summary]:
    taken: set[str] = set()
    for number, of_input in groupby(batches, key=lambda batch: batch.input):
        whole = []
        for batch in of_input:
            if isinstance(batch, Unread):
                read.unread.add(number, batch.error)
                break
            step(len(batch.ordinals), batch.size)
            whole.append(batch)
        else:
            read.inputs.append(inputs[number])
            yield from (_taken(batch, taken, read) for batch in whole)


def _taken(batch: _Batch, taken: set[str], read: Read) -> Summary:
    """The summary of a batch, whose articles get ids of their own, once all else in it is noted."""
    read.sources.append(batch.source)
    read.formats.add(batch.format)
    read.ordinals.append(batch.ordinals)
    read.tally.merge(batch.tally)
    ids = [_own(id, taken, batch, place) for place, id in enumerate(batch.summary.ids)]
    read.doubled += sum(id is not given for id, given in zip(ids, batch.summary.ids, strict=True))
    return batch.summary._replace(ids=ids)


def _own(id: str, taken: set[str], batch: _Batch, place: int) -> str:
    """The id; where another article has it already, with the place where this one stands."""
    if id in taken:
        id = f"{id} ({batch.source}:{batch.ordinals[place] + 1})"
    taken.add(id)
    return id


def _sketched(_: object, task: _Task | Unread) -> _Batch | Unread:
    if isinstance(task, Unread):
        return task
    try:
        return _batch(task)
    except InputError as error:
        return Unread(task.input, error)


def _batch(task: _Task) -> _Batch:
    articles, seen, tally = [], dict[str, None](), Tally()
    for record in records(task.chunk):
        if isinstance(record, bytes):
            continue
        if isinstance(record, Reject):
            tally.reject(record.place, record.reason, record.line > 0)
            continue
        seen.update(dict.fromkeys(record.fields))
        if record.article is None:
            tally.without_text += 1
        else:
            articles.append(record.article)
    tally.articles = len(articles)
    spool = task.folder / f"{task.number:06d}.hashes"
    batch = summary(sketch(articles, task.with_lines), task.bands, spool)
    ordinals = [article.ordinal for article in articles]
    kind = task.chunk.format
    return _Batch(task.input, kind.source, kind.name, batch, ordinals, tally, seen, task.chunk.read)


def read_again(read: Read, reading: Reading, wanted: Container[int]) -> Iterator[tuple[bytes, int, Record | None]]:
    """The pieces of what was read once more: each with its article's number and record if it is wanted, else -1, None.

    InputError when an input can no longer be read.
    """
    places = read.places()
    place = next(places, None)
    article = 0
    for part in parts(read.inputs, reading):
        if isinstance(part, Unread):
            raise part.error
        chunk = part.chunk
        for ordinal, raw in enumerate(chunk.pieces, chunk.first):
            if place != (chunk.format.source, ordinal):
                yield raw, -1, None
                continue
            record = chunk.format.record(raw, ordinal) if article in wanted else None
            yield raw, article if record else -1, None if isinstance(record, Reject) else record
            place = next(places, None)
            article += 1


def passages(
    pairs: Iterable[Edge], collection: Collection, read: Read, reading: Reading
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
    for _, article, record in read_again(read, reading, asked):
        if record is None or record.article is None:
            continue
        words = word_spans(record.article.text)
        own = hashes.hashes(shelf[article])
        for a, b in asked[article]:
            other = hashes.compared(shelf[b if article == a else a])
            first, last = passage(own, other.shingles)
            spans[a, b, article] = Span(int(words[first][0]), int(words[last + WIDTH - 2][1]))
    return {(a, b): (spans[a, b, a], spans[a, b, b]) for a, b in contained}
