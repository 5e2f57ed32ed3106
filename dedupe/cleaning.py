"""Chunks of raw pieces -> cleaned pieces, plan lines and counts: the work of `dedupe clean`, here or in workers.

What goes wrong with one record stays with it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from dedupe.decisions import Verdict, Verdicts, fit
from dedupe.errors import InputError
from dedupe.io.chunks import Chunk, Input, Unread, checked, parts, records
from dedupe.io.record import Record, Reject
from dedupe.io.source import Reading, Source
from dedupe.model import Article, Failure, Finding, Neighbour, Outcome
from dedupe.parallel import WorkerError, Workers
from dedupe.pipeline import Cleaner, Result
from dedupe.policy import Policy
from dedupe.report.mark import criticmarkup, marks
from dedupe.report.plan import dump, to_json
from dedupe.report.summary import Tally

_SEEN = ("DUP001", "DUP002")
CHUNK = 1 << 18
"""How many bytes a worker cleans at a time: less than a second's work."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article's record with its result."""

    record: Record
    result: Result


@dataclass(frozen=True, slots=True)
class Passed:
    """A piece that goes through as it is: without record, without text (no failure), or one that failed."""

    piece: bytes
    record: Record | None = None
    failure: Failure | None = None


class Wanted(NamedTuple):
    """What to make of each record, and what is asked about it.

    `drop` leaves out articles that an index has seen, but none whose numbers differ unless `other_numbers`; `would`
    words the counts for texts that stay as they are. Reports are asked for by kind; `results` are the results
    themselves, which a report that is a page needs.
    """

    mark: bool = False
    would: bool = False
    drop: bool = False
    other_numbers: bool = False
    plans: bool = False
    diffs: bool = False
    results: bool = False


@dataclass
class Done:
    """What became of a chunk: the pieces to write, those rejected, the reports, and the counts.

    `input` is the number of the input, `error` why it cannot be read.
    """

    pieces: list[bytes]
    rejects: list[Reject]
    plans: list[bytes]
    diffs: list[str]
    results: list[tuple[Result, bool]]
    tally: Tally
    fitted: set[Verdict]
    seen: dict[str, None] = field(default_factory=dict)
    read: int = 0
    input: int = 0
    error: InputError | None = None


class Task(NamedTuple):
    """A chunk of the input of that number to clean, and what is wanted of it."""

    input: int
    chunk: Chunk
    wanted: Wanted


class Stream:
    """All inputs one after another, in chunks of some `size` bytes; `sources` are those that were opened, by number."""

    def __init__(self, names: Sequence[str], reading: Reading, size: int) -> None:
        self._names = names
        self._reading = reading
        self._size = size
        self.sources: dict[int, Source] = {}

    def cleaned(self, workers: Workers[Cleaner], wanted: Wanted) -> Iterator[Done]:
        """What became of the chunks, in order, at least one of each input, the last with the error where there is one.

        A record with which a worker process ends passes as it is, and is told.
        """
        done = workers.map(_done, self._tasks(wanted), partial(_one_by_one, workers))
        for answer in checked(done, self._names, self._reading.fields):
            yield _unread(answer) if isinstance(answer, Unread) else answer

    def _tasks(self, wanted: Wanted) -> Iterator[Task | Unread]:
        for part in parts([Input(name) for name in self._names], self._reading, self._size):
            if isinstance(part, Unread):
                yield part
                continue
            self.sources[part.input] = part.source
            alone = part.source.format.whole and len(self._names) == 1
            yield Task(part.input, part.chunk, wanted._replace(results=wanted.results or alone))


def cleaner_of(policy: Policy, index: str | None, decisions: Verdicts) -> Cleaner:
    """The cleaner of a worker process, which opens the index for itself."""
    from dedupe.corpus.index import Index

    return Cleaner(policy, Index(index) if index else None, decisions)


def _done(cleaner: Cleaner, task: Task | Unread) -> Done:
    """What becomes of a task, here or in a worker."""
    if isinstance(task, Unread):
        return _unread(task)
    seen: dict[str, None] = {}
    try:
        done = settled(cleaned(_named(records(task.chunk), seen), cleaner), task.wanted, cleaner.decisions)
    except InputError as error:
        done = _unread(Unread(task.input, error))
    done.read, done.seen, done.input = task.chunk.read, seen, task.input
    return done


def _unread(unread: Unread) -> Done:
    """Nothing became of an input."""
    done = settled([], Wanted(), Verdicts(()))
    done.input, done.error = unread
    return done


def _one_by_one(workers: Workers[Cleaner], task: Task | Unread) -> Iterator[Done]:
    """A chunk whose worker process ended, piece by piece."""
    assert isinstance(task, Task)
    yield from (_alone(workers, task._replace(chunk=chunk)) for chunk in task.chunk.split())


def _alone(workers: Workers[Cleaner], task: Task) -> Done:
    chunk = task.chunk
    try:
        return workers.alone(_done, task)
    except WorkerError as error:
        source, piece = chunk.format.source, chunk.pieces[0]
        failure = Failure(source, chunk.first + 1, "clean", str(error))
    is_page = chunk.format.whole and chunk.format.written != chunk.format.name
    lost = Reject(source, 0, failure.message, piece) if is_page else Passed(piece, failure=failure)
    done = settled([lost], task.wanted, Verdicts(()))
    done.read, done.input = chunk.read, task.input
    return done


def _named(records: Iterable[Record | Reject | bytes], seen: dict[str, None]) -> Iterator[Record | Reject | bytes]:
    """The records, whose fields are noted."""
    for record in records:
        if not isinstance(record, (bytes, Reject)):
            seen.update(dict.fromkeys(record.fields))
        yield record


def cleaned(records: Iterable[Record | Reject | bytes], cleaner: Cleaner) -> Iterator[Cleaned | Passed | Reject]:
    """Each record cleaned, all of them looked up in the index at once where there is one."""
    batch = list(records) if cleaner.index else records
    articles = [article for record in batch if (article := _article(record))] if cleaner.index else []
    found = iter(cleaner.neighbours(articles))
    for record in batch:
        article = _article(record)
        if isinstance(record, bytes):
            yield Passed(record)
        elif isinstance(record, Reject):
            yield record
        elif article is None:
            yield Passed(record.raw, record)
        else:
            yield _cleaned(record, article, cleaner, next(found, ()))


def _article(record: Record | Reject | bytes) -> Article | None:
    return None if isinstance(record, (bytes, Reject)) else record.article


def _cleaned(record: Record, article: Article, cleaner: Cleaner, neighbours: tuple[Neighbour, ...]) -> Cleaned | Passed:
    try:
        return Cleaned(record, cleaner.clean(article, neighbours))
    except Exception as error:  # whatever it is, the other records must not suffer
        return Passed(record.raw, record, _failure(article, "clean", error))


def settled(done: Iterable[Cleaned | Passed | Reject], wanted: Wanted, decisions: Verdicts) -> Done:
    """What to write of these records, and what to tell."""
    answer = Done([], [], [], [], [], Tally(wanted.would), set())
    for record in done:
        if isinstance(record, Cleaned):
            _settle(record, wanted, decisions, answer)
        elif isinstance(record, Passed):
            answer.tally.passed(record.record is None, record.failure)
            answer.pieces.append(record.record.marked("", []) if wanted.mark and record.record else record.piece)
        else:
            answer.tally.reject(record.place, record.reason, record.line > 0)
            answer.rejects.append(record)
    return answer


def _settle(cleaned: Cleaned, wanted: Wanted, decisions: Verdicts, answer: Done) -> None:
    """Add what one article comes to."""
    record, result = cleaned.record, cleaned.result
    gone = wanted.drop and bool(record.fields) and seen_before(result, wanted.other_numbers) is not None
    try:
        piece = _written(record, result, wanted.mark)
    except InputError as error:
        answer.tally.passed(False, _failure(result.article, "write", error))
        answer.pieces.append(record.raw)
        return
    if not gone:
        answer.pieces.append(piece)
    answer.tally.add(result, gone)
    found = [decision.finding for decision in result.plan.decisions]
    article = result.article
    answer.fitted.update(verdict for _, verdict in fit(decisions.of(article), article, found))
    if wanted.plans:
        entry = to_json(result.plan, article.text) | record.restorable(result.changed)
        whole = {"dropped": b64encode(record.raw).decode("ascii")} if gone else {}
        answer.plans.append(dump(entry | whole))
    if wanted.diffs:
        answer.diffs.append(result.diff())
    if wanted.results:
        answer.results.append((result, gone))


def _written(record: Record, result: Result, mark: bool) -> bytes:
    """The bytes of a record after cleaning, or with its marks; those it had when nothing changed."""
    if mark:
        return record.marked(criticmarkup(result), marks(result))
    return record.with_text(result.text) if result.changed else record.raw


def seen_before(result: Result, other_numbers: bool = False) -> Finding | None:
    """The finding that an index has seen this article, the same or nearly, with the same numbers or any.

    What the index has seen must stay itself: nothing is left out for the sake of a duplicate. A finding that a person
    rejected does not count.
    """
    stay = {n.article_id for n in result.neighbours if n.keeps and (other_numbers or not n.numbers_differ)}
    for decision in result.plan.decisions:
        finding, witness = decision.finding, decision.finding.witness
        known = finding.code in _SEEN and witness is not None and witness.article_id in stay
        if known and decision.outcome is not Outcome.REJECTED:
            return finding
    return None


def _failure(article: Article, stage: str, error: Exception) -> Failure:
    """What went wrong with an article, and where it stands."""
    return Failure(article.source, article.ordinal + 1, stage, f"{type(error).__name__}: {error}")
