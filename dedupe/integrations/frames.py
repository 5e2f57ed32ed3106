"""pandas and polars: a frame with two columns more, the cleaned text and the plan.

>>> from dedupe.integrations.frames import clean_frame
>>> clean_frame([["Snow fell. layers"]])
Traceback (most recent call last):
dedupe.errors.InputError: a pandas or polars frame is cleaned, not builtins.list
"""

from __future__ import annotations

from functools import partial
from typing import Any, TypeVar

from dedupe.errors import InputError
from dedupe.integrations.records import check_new, clean_columns, columns_of, library
from dedupe.io.record import Fields
from dedupe.pipeline import Cleaner

Frame = TypeVar("Frame")


def clean_frame(
    frame: Frame,
    text: str = "text",
    *,
    title: str | None = None,
    id: str | None = None,
    url: str | None = None,
    site: str | None = None,
    published: str | None = None,
    lang: str | None = None,
    cleaned: str = "cleaned",
    plan: str = "plan",
    **settings: Any,
) -> Frame:
    """A new pandas DataFrame, polars DataFrame or polars LazyFrame with the columns `cleaned` and `plan` added.

    `cleaned` holds the text without what does not belong in it, `plan` the findings and edits as a JSON string:
    ``dedupe.undo(cleaned, json.loads(plan))`` gives the text back. All other columns and the index stay as they are;
    where the text is null, `cleaned` is null, and where it is null or blank, so is `plan`.

    The other parts of an article are looked for in the usual columns unless one is named. The settings are those of
    `dedupe.Cleaner`. A LazyFrame is cleaned when it is collected, batch by batch where polars streams it.

    InputError when a column is missing, holds no strings, or a column of a new name is there already.
    """
    kind = type(frame)
    family = kind.__module__.partition(".")[0]
    cleaner = Cleaner(**settings)
    named = Fields(text=text, title=title, id=id, url=url, site=site, published=published, lang=lang)
    added = (cleaned, plan)
    if family == "pandas" and kind.__name__ == "DataFrame":
        return _pandas(frame, named, added, cleaner)  # type: ignore[no-any-return]
    if family == "polars" and kind.__name__ == "DataFrame":
        _check_polars(frame.schema, named, added)  # type: ignore[attr-defined]
        return _polars(frame, named, added, cleaner)  # type: ignore[no-any-return]
    if family == "polars" and kind.__name__ == "LazyFrame":
        return _lazy(frame, named, added, cleaner)  # type: ignore[no-any-return]
    raise InputError(f"a pandas or polars frame is cleaned, not {kind.__module__}.{kind.__qualname__}")


def _pandas(frame: Any, named: Fields, added: tuple[str, str], cleaner: Cleaner) -> Any:
    pandas = library("pandas", "pandas")
    check_new(frame.columns, added)
    columns = {name: frame[name].tolist() for name in columns_of(frame.columns, named)}
    texts, plans = clean_columns(columns, named, cleaner)
    old = frame[named.text].dtype
    kind = object if isinstance(old, pandas.CategoricalDtype) else old
    series = [pandas.Series(texts, frame.index, kind), pandas.Series(plans, frame.index, object)]
    return frame.assign(**dict(zip(added, series, strict=True)))


def _polars(frame: Any, named: Fields, added: tuple[str, str], cleaner: Cleaner) -> Any:
    polars = library("polars", "polars")
    columns = {name: frame[name].to_list() for name in columns_of(frame.columns, named)}
    values = clean_columns(columns, named, cleaner)
    return frame.with_columns(
        polars.Series(name, column, polars.String) for name, column in zip(added, values, strict=True)
    )


def _lazy(frame: Any, named: Fields, added: tuple[str, str], cleaner: Cleaner) -> Any:
    polars = library("polars", "polars")
    schema = frame.collect_schema()
    _check_polars(schema, named, added)
    return frame.map_batches(
        partial(_polars, named=named, added=added, cleaner=cleaner),
        schema={**schema, **dict.fromkeys(added, polars.String)},
        streamable=True,
        predicate_pushdown=False,
        projection_pushdown=False,
    )


def _check_polars(schema: Any, named: Fields, added: tuple[str, str]) -> None:
    polars = library("polars", "polars")
    check_new(schema, added)
    columns_of(schema, named)
    kind = schema[named.text]
    if kind not in (polars.String, polars.Null):
        raise InputError(f"the column {named.text!r} is of type {kind}: cast it to String")
