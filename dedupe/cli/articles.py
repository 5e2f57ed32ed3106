"""Clean the records of an input one by one; what goes wrong with one record stays with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from dedupe.decisions import Verdict, Verdicts, fit
from dedupe.io.record import Record
from dedupe.io.source import Reject, Source
from dedupe.model import Article, Failure, Neighbour, Outcome
from dedupe.pipeline import Cleaner, Result
from dedupe.report.position import clip
from dedupe.report.summary import Line

_SEEN = ("DUP001", "DUP002")
_NOTES = 8


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article's record with its result; `dropped` when it is to be left out."""

    record: Record
    result: Result
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """Bytes that go through as they are: a blank line, a record without text (no failure), or one that failed."""

    raw: bytes
    blank: bool = False
    failure: Failure | None = None


def cleaned(
    source: Source, cleaner: Cleaner, text_field: str | None, id_field: str | None
) -> Iterator[Cleaned | Passed | Reject]:
    """The input's records in order, looked up in the index some hundred at a time. InputError as `Source.records`."""
    rest = source.records(text_field, id_field)
    while batch := list(islice(rest, cleaner.batch)):
        found = iter(cleaner.neighbours([article for record in batch if (article := _article(record))]))
        for record in batch:
            article = _article(record)
            if article is not None and not isinstance(record, (bytes, Reject)):
                yield _cleaned(record, article, cleaner, next(found))
            elif isinstance(record, Reject):
                yield record
            else:
                yield Passed(record, blank=True) if isinstance(record, bytes) else Passed(record.raw)


def _article(record: Record | Reject | bytes) -> Article | None:
    return None if isinstance(record, (bytes, Reject)) else record.article


def _cleaned(record: Record, article: Article, cleaner: Cleaner, neighbours: tuple[Neighbour, ...]) -> Cleaned | Passed:
    try:
        return Cleaned(record, cleaner.clean(article, neighbours))
    except Exception as error:  # whatever it is, the other records must not suffer
        return Passed(record.raw, failure=failure(article, "clean", error))


def dropped(cleaned: Cleaned, other_numbers: bool) -> bool:
    """Is it a record of an article that an index has seen, the same or nearly, with the same numbers or any?

    What the index has seen must stay itself: nothing is left out for the sake of a duplicate. A finding of that kind
    that a person rejected does not count.
    """
    result = cleaned.result
    found = {
        d.finding.witness.article_id
        for d in result.plan.decisions
        if d.finding.code in _SEEN and d.finding.witness and d.outcome is not Outcome.REJECTED
    }
    near = [neighbour for neighbour in result.neighbours if neighbour.keeps and neighbour.article_id in found]
    return bool(cleaned.record.fields) and any(other_numbers or not neighbour.numbers_differ for neighbour in near)


def failure(article: Article, stage: str, error: Exception) -> Failure:
    """What went wrong with an article, and where it stands."""
    return Failure(article.source, article.ordinal + 1, stage, f"{type(error).__name__}: {error}")


class Fitting:
    """Watches which of a person's decisions fit a finding in any article."""

    def __init__(self, decisions: Verdicts) -> None:
        self._decisions = decisions
        self._fitted: set[Verdict] = set()

    def add(self, cleaned: Cleaned) -> None:
        """Look at one article's result."""
        article = cleaned.result.article
        found = [decision.finding for decision in cleaned.result.plan.decisions]
        self._fitted.update(verdict for _, verdict in fit(self._decisions.of(article), article, found))

    def notes(self) -> Iterator[Line]:
        """The decisions that fit nothing, the first few of them."""
        left = list(self._decisions.left(self._fitted))
        for note in left[:_NOTES]:
            yield ((clip(note, 300), "yellow"),)
        if len(left) > _NOTES:
            yield ((f"… and {len(left) - _NOTES:,} more decisions that fit no finding", "yellow"),)
