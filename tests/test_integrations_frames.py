"""pandas and polars: a frame keeps all it had, whatever its kinds of columns, and a lazy one stays lazy."""

from __future__ import annotations

import json
from datetime import date

import pytest
from pipelines import columns

import dedupe
from dedupe.errors import ConfigError, InputError
from dedupe.integrations.frames import clean_frame

frames = pytest.mark.parametrize("name", ["pandas", "polars"])


@frames
def test_a_frame_keeps_all_it_had(name: str) -> None:
    library = pytest.importorskip(name)
    data = {
        "body": ["Snow fell. layers", None, "Rain came."],
        "n": [1, None, 3],
        "day": [date(2024, 5, d) for d in (1, 2, 3)],
    }
    frame = library.DataFrame(data)
    before = frame.copy() if name == "pandas" else frame.clone()
    done = clean_frame(frame, "body", published="day", cleaned="clean", plan="why", ignore="LAY001")
    assert frame.equals(before)
    assert list(done.columns) == ["body", "n", "day", "clean", "why"]
    assert done[list(frame.columns)].equals(before)
    plan = json.loads(done["why"][0])
    assert (plan["findings"], plan["article"]) == ([], None)
    assert done["clean"][0] == "Snow fell. layers"
    again = clean_frame(frame, "body")
    assert again["cleaned"][0] == "Snow fell."


@frames
def test_a_frame_that_cannot_be_cleaned_says_why(name: str) -> None:
    library = pytest.importorskip(name)
    frame = library.DataFrame({"text": ["Snow fell."], "plan": [1]})
    with pytest.raises(InputError, match="a field 'plan' already"):
        clean_frame(frame)
    with pytest.raises(InputError, match="no column 'texts'; did you mean 'text'"):
        clean_frame(frame, "texts", plan="why")
    with pytest.raises(InputError, match="no column 'head'; name the one of the title with title="):
        clean_frame(frame, title="head", plan="why")
    with pytest.raises(ConfigError, match="unknown setting 'levle'"):
        clean_frame(frame, levle="safe")


@frames
def test_a_frame_without_rows_or_texts(name: str) -> None:
    library = pytest.importorskip(name)
    empty = library.DataFrame({"text": ["Snow fell."]})[:0]
    assert list(clean_frame(empty).columns) == ["text", "cleaned", "plan"]
    done = clean_frame(library.DataFrame({"text": [None, None]}))
    assert [value is None or value != value for value in done["cleaned"]] == [True, True]


@pytest.mark.parametrize("kind", ["object", "string", "category"])
def test_pandas_kinds_of_strings_and_its_index(kind: str) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": pandas.Series(["Snow fell. layers", None, "Rain."], dtype=kind)})
    frame.index = [7, 7, 8]
    done = clean_frame(frame)
    assert list(done.index) == [7, 7, 8]
    assert done["cleaned"].isna().tolist() == [False, True, False]
    assert done["plan"].isna().tolist() == [False, True, False]
    assert done["cleaned"].tolist()[::2] == ["Snow fell.", "Rain."]
    assert done["text"].dtype == frame["text"].dtype
    assert done["cleaned"].dtype == (object if kind == "category" else frame["text"].dtype)


def test_pandas_dates_that_are_missing_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = pytest.importorskip("pandas")
    seen: list[dedupe.Article] = []
    clean = dedupe.Cleaner.clean
    monkeypatch.setattr(dedupe.Cleaner, "clean", lambda self, a, n: seen.append(a) or clean(self, a, n))
    days = pandas.to_datetime(pandas.Series(["2024-05-01", None]))
    clean_frame(pandas.DataFrame({"text": ["Snow fell."] * 2, "id": [7.5, None], "date": days}))
    assert [(article.id, article.published) for article in seen] == [("7.5", "2024-05-01T00:00:00"), (None, None)]


def test_pandas_values_that_are_no_strings_stay() -> None:
    pandas = pytest.importorskip("pandas")
    done = clean_frame(pandas.DataFrame({"text": ["Snow fell. layers", 7, ["x"]]}))
    assert done["cleaned"].tolist() == ["Snow fell.", 7, ["x"]]


def test_a_lazy_frame_is_cleaned_when_it_is_collected() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(columns())
    lazy, whole = clean_frame(frame.lazy()), clean_frame(frame)
    assert lazy.collect_schema() == whole.schema
    assert lazy.collect().equals(whole)
    assert lazy.select("cleaned").collect().equals(whole.select("cleaned"))
    assert lazy.select("id").collect().equals(whole.select("id"))
    changed = polars.col("cleaned") != polars.col("text")
    assert lazy.filter(changed).collect().equals(whole.filter(changed))
    assert lazy.head(2).collect().equals(whole.head(2))
    with pytest.raises(InputError, match="no column 'body'"):
        clean_frame(frame.lazy(), "body")


def test_a_column_of_numbers_is_no_text() -> None:
    polars = pytest.importorskip("polars")
    with pytest.raises(InputError, match="'text' is of type Int64: cast it to String"):
        clean_frame(polars.DataFrame({"text": [1]}))
