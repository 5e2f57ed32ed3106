"""Scrapy: every kind of item, its settings, duplicates that are dropped, and a real crawl."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pipelines import SENTENCE, pipeline

import dedupe
from dedupe.errors import ConfigError
from dedupe.integrations.scrapy import DedupePipeline


def stats(made: DedupePipeline) -> dict[str, int]:
    return {name.removeprefix("dedupe/"): count for name, count in made._stats.items()}


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
