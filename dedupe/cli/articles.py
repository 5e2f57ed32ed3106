"""Clean the records of an input one by one; what goes wrong with one record stays with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.io.record import Record
from dedupe.io.source import Reject, Source
from dedupe.model import Article, Failure
from dedupe.pipeline import Cleaner, Result


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article's record with its result."""

    record: Record
    result: Result


@dataclass(frozen=True, slots=True)
class Passed:
    """Bytes that go through as they are: a blank line, a record without text (no failure), or one that failed."""

    raw: bytes
    blank: bool = False
    failure: Failure | None = None


def cleaned(
    source: Source, cleaner: Cleaner, text_field: str | None, id_field: str | None
) -> Iterator[Cleaned | Passed | Reject]:
    """The input's records in order. InputError as `Source.records`."""
    for record in source.records(text_field, id_field):
        if isinstance(record, bytes):
            yield Passed(record, blank=True)
        elif isinstance(record, Reject):
            yield record
        elif record.article is None:
            yield Passed(record.raw)
        else:
            yield _cleaned(record, record.article, cleaner)


def _cleaned(record: Record, article: Article, cleaner: Cleaner) -> Cleaned | Passed:
    try:
        return Cleaned(record, cleaner.clean(article))
    except Exception as error:  # whatever it is, the other records must not suffer
        return Passed(record.raw, failure=failure(article, "clean", error))


def failure(article: Article, stage: str, error: Exception) -> Failure:
    """What went wrong with an article, and where it stands."""
    return Failure(article.source, article.ordinal + 1, stage, f"{type(error).__name__}: {error}")
