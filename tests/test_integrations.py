"""Scrapy, pandas, polars, datatrove and datasets: the real libraries where they are installed, and a real crawl."""

from __future__ import annotations

import copy
import dataclasses
import doctest
import importlib
import json
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shell import Shell, put
from shell import shell as shell

import dedupe
from dedupe.cli import main
from dedupe.errors import ConfigError, InputError
from dedupe.integrations import datatrove as datatrove_step
from dedupe.integrations.datasets import CleanBatch
from dedupe.integrations.frames import clean_frame
from dedupe.integrations.records import article_of
from dedupe.integrations.scrapy import DedupePipeline
from dedupe.io.encoding import Codec
from dedupe.io.formats.jsonl import json_record
from dedupe.io.record import USUAL, USUAL_FIELDS, Fields

SENTENCE = "Mayor Orla Fenwick said on Monday that the council had spent 3 million crowns on the new deck."
RECORDS: list[dict[str, Any]] = [
    {
        "id": "en",
        "title": "Ferries sail again | The Varn Courier",
        "text": f"Ferries sail again\n\n{SENTENCE}\n\nThe lorries wait no longer. layers\n\n{SENTENCE}",
        "url": "https://www.varn.example/1",
        "published": "2024-05-01",
        "lang": "en",
    },
    {
        "id": "de",
        "title": None,
        "text": "Die Fähre fährt wieder, sagte Hafenmeisterin Ida Lund am Montag.\n\nFoto: Jan Uhl/Kurier Arwel",
        "url": "https://arwel.example/2",
        "published": None,
        "lang": "de",
    },
    {
        "id": "fr",
        "title": "Le bac",
        "text": "Le bac reprend lundi, a annoncé le maire Luc Orbais.\r\n\r\nLire aussi : Le pont de Varn rouvre",
        "url": None,
        "published": None,
        "lang": None,
    },
    {"id": "zh", "title": None, "text": "渡轮星期一恢复了。", "url": None, "published": None, "lang": None},
    {"id": "none", "title": "No text", "text": None, "url": None, "published": None, "lang": None},
    {"id": "blank", "title": None, "text": " \n", "url": None, "published": None, "lang": None},
]
NAMES = list(RECORDS[0])
TEXTS = [record["text"] for record in RECORDS]
Done = list[tuple[Any, Any]]


def expected(**settings: Any) -> Done:
    """Texts and plan lines as the library gives them."""
    done: Done = []
    for record in RECORDS:
        found = article_of(record, USUAL_FIELDS)
        if found is None:
            done.append((record["text"], None))
        else:
            result = dedupe.clean(found[1], **settings)
            done.append((result.text, dedupe.plan_line(result)))
    return done


def columns(records: list[dict[str, Any]] = RECORDS) -> dict[str, list[Any]]:
    return {name: [record[name] for record in records] for name in NAMES}


def paired(cleaned: list[Any], plans: list[Any]) -> Done:
    return [(text, plan and json.loads(plan)) for text, plan in zip(cleaned, plans, strict=True)]


class Stats(dict[str, int]):
    """What Scrapy's statistics do."""

    def inc_value(self, name: str) -> None:
        self[name] = self.get(name, 0) + 1


def pipeline(settings: Mapping[str, Any] | None = None) -> DedupePipeline:
    pytest.importorskip("scrapy")
    made = DedupePipeline.from_crawler(SimpleNamespace(settings=settings or {}, stats=Stats()))
    made.open_spider()
    return made


def stats(made: DedupePipeline) -> dict[str, int]:
    return {name.removeprefix("dedupe/"): count for name, count in made._stats.items()}


# --- the same through all of them


def through_scrapy(level: str) -> Done:
    step = pipeline({"DEDUPE_LEVEL": level, "DEDUPE_PLAN_FIELD": "plan"})
    items = [step.process_item(dict(record)) for record in RECORDS]
    return [(item["text"], item.get("plan")) for item in items]


def through_pandas(level: str) -> Done:
    pandas = pytest.importorskip("pandas")
    frame = clean_frame(pandas.DataFrame(columns(), dtype=object), level=level)
    return paired(frame["cleaned"].tolist(), frame["plan"].tolist())


def through_polars(level: str, lazy: bool = False) -> Done:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(columns())
    frame = clean_frame(frame.lazy(), level=level).collect() if lazy else clean_frame(frame, level=level)
    return paired(frame["cleaned"].to_list(), frame["plan"].to_list())


def through_datatrove(level: str) -> Done:
    pytest.importorskip("datatrove")
    from datatrove.data import Document

    step = datatrove_step.DedupeFormatter(level=level)
    rest = [name for name in NAMES if name not in ("id", "text")]
    documents = [
        Document(record["text"], record["id"], metadata={name: record[name] for name in rest}) for record in RECORDS
    ]
    done = list(step(iter(documents)))
    return paired([d.text for d in done], [d.metadata.get("plan") for d in done])


def through_datasets(level: str) -> Done:
    datasets = pytest.importorskip("datasets")
    done = datasets.Dataset.from_dict(columns()).map(CleanBatch(level=level), batched=True, batch_size=4)
    return paired(list(done["cleaned"]), list(done["plan"]))


def through_parquet(level: str) -> Done:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    with tempfile.TemporaryDirectory() as folder:
        given, cleaned, plan = (f"{folder}/{name}" for name in ("a.parquet", "b.parquet", "plan.jsonl"))
        parquet.write_table(pyarrow.table(columns()), given, row_group_size=4)
        assert main(["clean", given, "-o", cleaned, "--report", plan, "--level", level]) == 0
        entries = map(json.loads, Path(plan).read_text("utf-8").splitlines())
        plans = {entry["ordinal"]: {**entry, "source": "", "ordinal": 0} for entry in entries}
        texts = parquet.read_table(cleaned)["text"].to_pylist()
    for entry in plans.values():
        entry.pop("json", None)
    return [(text, plans.get(row)) for row, text in enumerate(texts)]


@pytest.mark.parametrize("level", ["safe", "standard"])
@pytest.mark.parametrize(
    "through",
    [
        through_scrapy,
        through_pandas,
        through_polars,
        partial(through_polars, lazy=True),
        through_datatrove,
        through_datasets,
        through_parquet,
    ],
    ids=["scrapy", "pandas", "polars", "polars lazy", "datatrove", "datasets", "parquet"],
)
def test_the_same_records_give_the_same_texts_and_plans(through: Callable[[str], Done], level: str) -> None:
    done = through(level)
    assert done == expected(level=level)
    for record, (text, plan) in zip(RECORDS, done, strict=True):
        assert plan is None or dedupe.undo(text, plan) == record["text"]


def test_the_records_have_something_to_clean() -> None:
    changed = [text for record, (text, _) in zip(RECORDS, expected(), strict=True) if text != record["text"]]
    assert len(changed) >= 2


def test_the_command_line_gives_the_same(dedupe: Shell) -> None:
    put("a.jsonl", "".join(json.dumps(record) + "\n" for record in RECORDS))
    assert dedupe("clean", "a.jsonl", "-o", "b.jsonl", "--report", "plan.jsonl").code == 0
    texts = [json.loads(line)["text"] for line in Path("b.jsonl").read_text("utf-8").splitlines()]
    assert texts == [text for text, _ in expected()]
    lines = [json.loads(line) for line in Path("plan.jsonl").read_text("utf-8").splitlines()]
    plans = [plan for _, plan in expected() if plan]
    assert [{**line, "source": "", "ordinal": 0} for line in lines] == [
        {**line, **plan} for line, plan in zip(lines, plans, strict=True)
    ]


# --- records


@given(
    st.dictionaries(
        st.sampled_from([name for names in USUAL.values() for name in names]),
        st.none()
        | st.booleans()
        | st.integers(-9, 2**70)
        | st.sampled_from(["", " ", "Snow fell.", "https://www.varn.example/1", "http://[", "2024-05-01"])
        | st.lists(st.integers(), max_size=1),
        min_size=1,
    )
)
def test_a_record_is_read_as_a_line_of_jsonl_is(record: dict[str, Any]) -> None:
    line = json_record(json.dumps(record).encode(), Codec("utf-8"), "", 0)
    found = article_of(record, USUAL_FIELDS)
    assert (found and found[1]) == line.article
    assert found is None or found[0] == line.field


def test_dates_and_numbers_of_a_record_become_strings() -> None:
    record = {"text": "Snow fell.", "id": 7, "published": date(2024, 5, 1)}
    found = article_of(record, USUAL_FIELDS)
    assert found is not None
    assert (found[1].id, found[1].published) == ("7", "2024-05-01")
    found = article_of(
        {"text": "Snow fell.", "id": float("nan"), "when": datetime(2024, 5, 1, 8)}, Fields(published="when")
    )
    assert found is not None
    assert (found[1].id, found[1].published) == (None, "2024-05-01T08:00:00")


# --- frames


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


# --- datasets and datatrove


def test_datasets_features_hold_where_the_first_texts_are_missing() -> None:
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"text": [None, None, "Snow fell. layers"]})
    clean = CleanBatch()
    done = data.map(clean, batched=True, batch_size=2, features=clean.features(data.features))
    assert list(done["cleaned"]) == [None, None, "Snow fell."]
    streamed = list(data.to_iterable_dataset().map(clean, batched=True, batch_size=2))
    assert [row["cleaned"] for row in streamed] == [None, None, "Snow fell."]


def test_datasets_finds_its_cached_result_by_settings_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("datasets")
    from datasets.fingerprint import Hasher

    used = CleanBatch(level="safe")
    used({"text": ["Snow fell."]})
    assert Hasher.hash(used) == Hasher.hash(CleanBatch(level="safe")) != Hasher.hash(CleanBatch())
    monkeypatch.setattr("dedupe.integrations.datasets.__version__", "0.0.0")
    assert Hasher.hash(used) != Hasher.hash(CleanBatch(level="safe"))


def test_a_batch_with_a_plan_is_refused() -> None:
    with pytest.raises(InputError, match="a field 'plan' already"):
        CleanBatch()({"text": ["Snow fell."], "plan": [""]})
    with pytest.raises(ConfigError, match="unknown level"):
        CleanBatch(level="gentle")


def test_datatrove_runs_it_between_its_reader_and_writer(tmp_path: Path) -> None:
    pytest.importorskip("datatrove")
    pytest.importorskip("orjson")
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    written = [{name: value for name, value in record.items() if value is not None} for record in RECORDS]
    (source / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in written), "utf-8")
    steps = [JsonlReader(str(source)), datatrove_step.DedupeFormatter(), JsonlWriter(str(target), compression=None)]
    counted = LocalPipelineExecutor(steps, tasks=1, logging_dir=str(tmp_path / "logs")).run()
    lines = [json.loads(line) for line in next(target.glob("*.jsonl")).read_text("utf-8").splitlines()]
    wanted = {record["id"]: text for record, (text, _) in zip(RECORDS, expected(), strict=True)}
    assert len(lines) >= 4
    for line in lines:
        assert line["text"] == wanted[line["id"]]
        if "plan" in line["metadata"]:
            before = next(record["text"] for record in RECORDS if record["id"] == line["id"])
            assert dedupe.undo(line["text"], json.loads(line["metadata"]["plan"])) == before
    numbers = {name: stat.total for name, stat in counted.stats[1].stats.items()}
    assert numbers["total"] == len(lines)
    assert numbers["changed"] == sum(
        line["text"] != r["text"] for line in lines for r in RECORDS if r["id"] == line["id"]
    )
    assert numbers["applied/LAY001"] == 1


def test_datatrove_keeps_a_plan_that_is_there() -> None:
    pytest.importorskip("datatrove")
    from datatrove.data import Document

    document = Document("Snow fell. layers", "a", metadata={"plan": "of another kind"})
    with pytest.raises(InputError, match="a field 'plan' already"):
        list(datatrove_step.DedupeFormatter()([document]))
    assert document == Document("Snow fell. layers", "a", metadata={"plan": "of another kind"})
    (done,) = datatrove_step.DedupeFormatter(plan="why")([document])
    assert (done.text, done.metadata["plan"]) == ("Snow fell.", "of another kind")


# --- what is missing


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("itemadapter", lambda: DedupePipeline({}, Stats())),
        ("datatrove.pipeline.base", lambda: datatrove_step.__getattr__("DedupeFormatter")),
        ("datasets", lambda: CleanBatch().features({})),
    ],
)
def test_a_missing_library_says_what_to_install(
    name: str, use: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=r"^\S+ is not installed: pip install 'dedupe-news\[\w+\]'$"):
        use()


def test_no_library_is_imported_before_it_is_used() -> None:
    modules = [f"dedupe.integrations.{name}" for name in ("scrapy", "frames", "datatrove", "datasets")]
    script = f"import sys, {', '.join(modules)}; print(*{{m.partition('.')[0] for m in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not loaded & {"scrapy", "itemadapter", "pandas", "polars", "datatrove", "datasets", "pyarrow", "numpy"}


def test_the_modules_have_nothing_else() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Formatter'"):
        _ = datatrove_step.Formatter


# --- Scrapy


@dataclasses.dataclass
class Page:
    text: str | None = None
    title: str | None = None
    plan: dict[str, Any] | None = None


def items() -> Iterator[Any]:
    """One of each kind."""
    scrapy, attr = pytest.importorskip("scrapy"), pytest.importorskip("attr")
    fields = ("text", "title", "plan")
    item = type("Entry", (scrapy.Item,), {name: scrapy.Field() for name in fields})
    yield from (dict, Page, item, attr.make_class("Sheet", {name: attr.ib(default=None) for name in fields}))


def test_every_kind_of_item_is_cleaned() -> None:
    title, text = "Ferries sail again", "Ferries sail again\nThe lorries wait no longer. layers"
    wanted = dedupe.clean(dedupe.Article(text, title=title))
    for kind in items():
        step = pipeline({"DEDUPE_PLAN_FIELD": "plan"})
        adapter = step._adapter(step.process_item(kind(text=text, title=title)))
        assert type(adapter.item) is kind
        assert (adapter["text"], adapter["title"]) == (wanted.text, title)
        assert adapter["plan"] == dedupe.plan_line(wanted)
        assert stats(step)["applied/LAY001"] == stats(step)["changed"] == stats(step)["cleaned"] == 1


@pytest.mark.parametrize("item", [{}, {"text": None}, {"text": ""}, {"text": 7}, {"title": "No text"}])
def test_an_item_without_text_passes(item: dict[str, Any]) -> None:
    step = pipeline({"DEDUPE_PLAN_FIELD": "plan"})
    before = copy.deepcopy(item)
    assert step.process_item(item) is item
    assert item == before
    assert stats(step) == {"without_text": 1}


def test_an_item_that_fails_goes_on_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    scrapy = pytest.importorskip("scrapy")
    entry = type("Entry", (scrapy.Item,), {"text": scrapy.Field()})(text="Snow fell. layers")
    step = pipeline({"DEDUPE_PLAN_FIELD": "plan"})
    assert step.process_item(entry) is entry
    assert dict(entry) == {"text": "Snow fell. layers"}
    assert stats(step) == {"failed": 1}
    assert "does not support field: plan" in caplog.text


def test_settings_of_a_project_and_of_a_command_line() -> None:
    step = pipeline({"DEDUPE_IGNORE": "LAY001, CAP", "DEDUPE_TEXT_FIELD": "story", "DEDUPE_BUDGET": "0.4"})
    assert step._cleaner.policy == dedupe.pipeline.Policy(ignore=("LAY001", "CAP"), budget=0.4)
    item = {"text": "Snow fell. layers", "story": "Rain came. layers"}
    assert step.process_item(dict(item)) == item
    step = pipeline({"DEDUPE_SELECT": ["LAY001"], "DEDUPE_TEXT_FIELD": "story"})
    assert step.process_item(dict(item)) == {**item, "story": "Rain came."}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"DEDUPE_LEVEL": "gentle"}, "unknown level 'gentle'"),
        ({"DEDUPE_SELECT": "CAP01"}, "did you mean 'CAP001'"),
        ({"DEDUPE_BUDGET": "half"}, "DEDUPE_BUDGET must be a share"),
        ({"DEDUPE_DROP": True}, "need DEDUPE_INDEX"),
        ({"DEDUPE_ADD": "1"}, "need DEDUPE_INDEX"),
        ({"DEDUPE_ADD": "maybe"}, "DEDUPE_ADD must be True or False"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        pipeline(settings)


STORY = (
    "The ferry between Varn and the island of Arwel sails again from Monday, harbour master Ida Lund said, after "
    "engineers had mended the pier that a storm broke in March. The repair took 40 days and was paid by both councils. "
    "Lorries will cross first, she said, because the shops of the island have waited long for flour, paint and timber; "
    "walkers follow on Tuesday, and the school boat takes up its old timetable at the end of the week. Fishermen had "
    "carried the post in the meantime, and they were thanked with a supper in the net loft on Sunday night."
)
OTHER_DAYS = STORY.replace("40 days", "41 days")
NEAR = STORY.replace("on Sunday night", "on Saturday night")


def test_duplicates_are_dropped_and_never_where_numbers_differ(tmp_path: Path) -> None:
    settings = {"DEDUPE_INDEX": str(tmp_path / "seen.db"), "DEDUPE_ADD": True, "DEDUPE_DROP": True}
    step = pipeline(settings)
    from scrapy.exceptions import DropItem

    assert step.process_item({"url": "u1", "text": f"{STORY} layers"})["text"] == STORY
    for text in (STORY, NEAR):
        item = {"url": "u2", "text": text}
        with pytest.raises(DropItem, match=r"^duplicate of u1 \(DUP00[12]\)"):
            step.process_item(item)
        assert item == {"url": "u2", "text": text}
    assert step.process_item({"id": "u3", "text": OTHER_DAYS}) == {"id": "u3", "text": OTHER_DAYS}
    assert step.process_item({"url": "u1", "text": STORY})["text"] == STORY, "the same page again is no duplicate"
    assert step.process_item({"text": "A short text that nobody can name."})
    step.close_spider()
    counted = stats(step)
    assert (counted["dropped"], counted["cleaned"], counted["not_added"]) == (2, 4, 1)
    with dedupe.Index(tmp_path / "seen.db") as index:
        assert index.info()["articles"] == 2, "what was dropped is not remembered"
    step = pipeline({"DEDUPE_INDEX": str(tmp_path / "seen.db"), "DEDUPE_PLAN_FIELD": "plan"})
    item = step.process_item({"url": "u9", "text": STORY})
    step.close_spider()
    assert item["plan"]["findings"][0]["witness"]["article"] == "u1"
    assert "dropped" not in stats(step)


CRAWL = """
import dataclasses, json, sys
import attr, scrapy
from scrapy.crawler import CrawlerProcess

class Entry(scrapy.Item):
    url, title, text, plan = scrapy.Field(), scrapy.Field(), scrapy.Field(), scrapy.Field()

@dataclasses.dataclass
class Page:
    url: str
    title: str
    text: str
    plan: object = None

@attr.s
class Sheet:
    url, title, text, plan = attr.ib(), attr.ib(), attr.ib(), attr.ib(default=None)

KINDS = [dict, Entry, Page, Sheet]

class Spider(scrapy.Spider):
    name = "varn"
    start_urls = [sys.argv[1] + "0"]
    custom_settings = {
        "ITEM_PIPELINES": {"dedupe.integrations.scrapy.DedupePipeline": 300},
        "DEDUPE_PLAN_FIELD": "plan", "DEDUPE_INDEX": "seen.db", "DEDUPE_ADD": True, "DEDUPE_DROP": True,
        "FEEDS": {"items.jsonl": {"format": "jsonlines", "encoding": "utf-8"}},
        "TELNETCONSOLE_ENABLED": False, "COOKIES_ENABLED": False, "HTTPPROXY_ENABLED": False, "LOG_LEVEL": "WARNING",
    }

    def parse(self, response):
        number = int(response.url.rpartition("/")[2])
        text = "\\n".join(response.css("p::text").getall())
        title = response.css("h1::text").get()
        yield KINDS[number % 4](url="page-" + str(number), title=title, text=text)
        following = response.css("a::attr(href)").get()
        if following:
            yield response.follow(following)

process = CrawlerProcess()
crawler = process.create_crawler(Spider)
process.crawl(crawler)
process.start()
json.dump({k: v for k, v in crawler.stats.get_stats().items() if k.startswith(("dedupe/", "item_"))}, sys.stdout)
"""
PAGES = [
    ("Ferry sails", [STORY, "layers"]),
    ("Ferry sails", [STORY]),
    ("Ferry sails", [OTHER_DAYS]),
    ("Nothing", []),
    ("Brücke", [f"{SENTENCE}", "Die Brücke ist offen.", f"{SENTENCE}"]),
]


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        number = int(self.path.strip("/"))
        title, lines = PAGES[number]
        following = f"<a href='/{number + 1}'>next</a>" if number + 1 < len(PAGES) else ""
        page = f"<meta charset=utf-8><h1>{title}</h1>{''.join(f'<p>{line}</p>' for line in lines)}{following}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_real_crawl(site: str, tmp_path: Path, root: Path) -> None:
    pytest.importorskip("scrapy")
    (tmp_path / "crawl.py").write_text(CRAWL, "utf-8")
    command = [sys.executable, "-W", "always", "crawl.py", site]
    environment = {"PYTHONPATH": str(root), "PATH": ""}
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=120)
    assert run.returncode == 0, run.stderr
    assert not re.search(r"DedupePipeline.*deprecated|Traceback", run.stderr), run.stderr
    assert "duplicate of page-0 (DUP00" in run.stderr
    counted = {name.removeprefix("dedupe/"): count for name, count in json.loads(run.stdout).items()}
    assert counted["item_scraped_count"] == 4
    assert counted["item_dropped_count"] == counted["dropped"] == 1
    assert counted["without_text"] == 1
    assert counted["cleaned"] == 3
    assert "failed" not in counted
    scraped = {
        entry["url"]: entry for entry in map(json.loads, (tmp_path / "items.jsonl").read_text("utf-8").splitlines())
    }
    assert list(scraped) == ["page-0", "page-2", "page-3", "page-4"]
    for number, (title, lines) in enumerate(PAGES):
        entry = scraped.get(f"page-{number}")
        if entry and entry.get("plan"):
            text = "\n".join(lines)
            assert entry["text"] == dedupe.clean(dedupe.Article(text, title=title)).text
            assert dedupe.undo(entry["text"], entry["plan"]) == text
    assert scraped["page-0"]["text"] == STORY
    assert counted["applied/LAY001"] == 1
    assert counted["applied/REP001"] == 1


# --- the manual


PAGE = Path(__file__).parents[1] / "docs" / "pipelines.md"
BLOCKS = re.findall(r"(?ms)^```py\n(.*?)^```", PAGE.read_text("utf-8"))


@pytest.mark.filterwarnings("ignore:nltk is not installed")
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_example(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = BLOCKS[number]
    for name in ("scrapy", "pandas", "polars", "datatrove", "datasets", "trafilatura", "newspaper"):
        if re.search(rf"(?m)^>>> (?:import|from) .*\b{name}\b", block):
            pytest.importorskip(name)
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(block, {}, f"pipelines.md block {number + 1}", PAGE.name, 0)
    assert test.examples
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0


def test_the_manual_names_every_setting() -> None:
    manual, module = PAGE.read_text("utf-8"), importlib.import_module("dedupe.integrations.scrapy").__doc__ or ""
    for setting in ("LEVEL", "SELECT", "IGNORE", "TEXT_FIELD", "PLAN_FIELD", "INDEX", "ADD", "DROP"):
        assert f"DEDUPE_{setting}" in manual
        assert f"DEDUPE_{setting}" in module
    assert len(BLOCKS) >= 5
