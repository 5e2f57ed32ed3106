"""All integrations: the same texts and plans through each real library, none imported early, and their manual."""

from __future__ import annotations

import doctest
import importlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipelines import NAMES, RECORDS, Done, Stats, columns, expected, pipeline
from shell import Shell, put
from shell import shell as shell

import dedupe
from dedupe.cli import main
from dedupe.errors import InputError
from dedupe.integrations import datatrove as datatrove_step
from dedupe.integrations.datasets import CleanBatch
from dedupe.integrations.frames import clean_frame
from dedupe.integrations.records import article_of
from dedupe.integrations.scrapy import DedupePipeline
from dedupe.io.encoding import Codec
from dedupe.io.formats.jsonl import json_record
from dedupe.io.record import USUAL, USUAL_FIELDS, Fields


def paired(cleaned: list[Any], plans: list[Any]) -> Done:
    return [(text, plan and json.loads(plan)) for text, plan in zip(cleaned, plans, strict=True)]


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
