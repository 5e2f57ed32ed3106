"""Records of other libraries -> articles, and columns of them -> cleaned columns."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from numbers import Real
from typing import Any

from dedupe.errors import InputError, nearest
from dedupe.io.record import USUAL, Fields, article_from
from dedupe.model import Article
from dedupe.pipeline import Cleaner, Result
from dedupe.report.plan import dump, plan_line


def library(name: str, extra: str) -> Any:
    """The module of another library. InputError, with what to install, when it is missing."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name} is not installed: pip install 'dedupe-news[{extra}]'") from None


def article_of(record: Mapping[str, Any], fields: Fields) -> tuple[str, Article] | None:
    """The field that holds the text, and the article; None for a record without text.

    Numbers and dates become strings; without a site it is the URL's host.
    """
    full = [name for name in fields.of("text") if isinstance(record.get(name), str) and record[name].strip()]
    if not full:
        return None
    return full[0], article_from(record[full[0]], partial(_plain, record), fields)


def columns_of(there: Iterable[str], fields: Fields) -> list[str]:
    """The columns that an article is made of. InputError when one that is named is not there, or there twice."""
    there = [name for name in there if isinstance(name, str)]
    for part, name in fields._asdict().items():
        if name is not None and there.count(name) != 1:
            wrong = f"two columns {name!r}" if name in there else f"no column {name!r}{nearest(name, there)}"
            raise InputError(f"{wrong}; name the one of the {part} with {part}=")
    return [name for name in dict.fromkeys(there) if any(name in fields.of(part) for part in USUAL)]


def check_new(there: Iterable[str], names: Iterable[str]) -> None:
    """InputError when a field or column that is to be added is there already."""
    taken = set(there).intersection(names)
    if taken:
        raise InputError(f"there is a field {min(taken)!r} already: choose another name with cleaned= or plan=")


def clean_columns(
    columns: Mapping[str, Sequence[Any]], fields: Fields, cleaner: Cleaner
) -> tuple[list[Any], list[str | None]]:
    """Clean the articles whose parts stand in columns of n values: n texts and n plan lines.

    Where there is no text the value stays as it is, and the plan is None.
    """
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    found = [article_of(row, fields) for row in rows]
    results = cleaner.clean_stream(place[1] for place in found if place)
    texts = list(columns[str(fields.text)])
    plans: list[str | None] = [None] * len(texts)
    for row, place in enumerate(found):
        if place:
            result = next(results)
            texts[row], plans[row] = result.text, plan_of(result)
    return texts, plans


def plan_of(result: Result) -> str:
    """The plan line of a result as a string of JSON."""
    return dump(plan_line(result)).decode().removesuffix("\n")


def _plain(record: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """The value of the first of these fields that holds a string that is not empty, a number or a date."""
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, date) and value == value:  # pandas has a date that is none and equals nothing
            return value.isoformat()
        if isinstance(value, Real) and not isinstance(value, bool) and value == value:
            return str(value)
    return None
