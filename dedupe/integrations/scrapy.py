"""Scrapy: `DedupePipeline`, an item pipeline that cleans each item's text and, with an index, drops duplicates.

    ITEM_PIPELINES = {"dedupe.integrations.scrapy.DedupePipeline": 300}

| setting | what it says | default |
|---|---|---|
| DEDUPE_LEVEL, DEDUPE_SELECT, DEDUPE_IGNORE, DEDUPE_ALLOW, DEDUPE_BUDGET, DEDUPE_OPTIONS | the fields of `dedupe.Policy` | its defaults |
| DEDUPE_TEXT_FIELD, and the same for TITLE, ID, URL, SITE, PUBLISHED, LANG | an item's fields | the usual ones |
| DEDUPE_PLAN_FIELD | the field that gets the plan line, a dict, from which `dedupe.undo` brings the text back | none |
| DEDUPE_INDEX | an index, a path or redis://…, that each item is compared with | none |
| DEDUPE_ADD | remember the items that were not dropped in the index, which is made if need be | False |
| DEDUPE_DROP | drop items whose article the index has seen, but none whose numbers differ | False |
"""  # noqa: E501

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dedupe.cleaning import seen_before
from dedupe.errors import ConfigError
from dedupe.integrations.records import article_of, library
from dedupe.io.record import Fields
from dedupe.model import Article
from dedupe.pipeline import Cleaner, Result
from dedupe.policy import Policy
from dedupe.report.plan import plan_line

if TYPE_CHECKING:
    from dedupe.corpus.index import Index

logger = logging.getLogger(__name__)


class DedupePipeline:
    """Cleans items of every kind that Scrapy knows: dict, `scrapy.Item`, dataclass, attrs.

    An item without text passes as it is, and so does one that cannot be cleaned, which is logged. An item without an id
    is known by its URL in the index; without either it is compared and not added. Scrapy's statistics count, under
    "dedupe/", items "cleaned", "changed", "dropped", "without_text", "failed" and "not_added", and each outcome by rule
    ("dedupe/applied/LAY001"). A dropped item raises `DropItem`, which names the article that stays.

    ConfigError for a setting that cannot be.
    """

    def __init__(self, settings: Mapping[str, Any], stats: Any) -> None:
        self._stats = stats
        self._named = Fields(*(settings.get(f"DEDUPE_{part.upper()}_FIELD") for part in Fields._fields))
        self._plan_field: str | None = settings.get("DEDUPE_PLAN_FIELD")
        self._address: str | None = settings.get("DEDUPE_INDEX")
        self._add = _switch(settings, "DEDUPE_ADD")
        self._drop = _switch(settings, "DEDUPE_DROP")
        if (self._add or self._drop) and not self._address:
            raise ConfigError("DEDUPE_ADD and DEDUPE_DROP need DEDUPE_INDEX: a file name, or redis://host:port/db")
        self._cleaner = Cleaner(_policy(settings))
        self._index: Index | None = None
        self._adapter = library("itemadapter", "scrapy").ItemAdapter
        self._drop_item = library("scrapy.exceptions", "scrapy").DropItem

    @classmethod
    def from_crawler(cls, crawler: Any) -> DedupePipeline:
        """The pipeline as the crawler's settings describe it; Scrapy calls this."""
        return cls(crawler.settings, crawler.stats)

    def open_spider(self, spider: Any = None) -> None:  # noqa: ARG002
        """Open the index; Scrapy calls this. InputError when it cannot be opened."""
        if self._address:
            from dedupe.corpus.index import Index

            self._index = Index(self._address, create=self._add)
            self._cleaner.index = self._index

    def close_spider(self, spider: Any = None) -> None:  # noqa: ARG002
        """Let go of the index; Scrapy calls this."""
        if self._index:
            self._index.close()

    def process_item(self, item: Any, spider: Any = None) -> Any:  # noqa: ARG002
        """The item, cleaned; DropItem for a duplicate where they are dropped."""
        adapter = self._adapter(item)
        seen = None
        try:
            found = article_of(adapter, self._named)
            if found is None:
                self._count("without_text")
                return item
            field, article = found
            if self._index and not article.id:
                article = replace(article, id=article.url)
            result = self._cleaner.clean(article)
            seen = seen_before(result) if self._drop else None
            if seen is None:
                self._take(adapter, field, result)
                self._remember(article)
        except Exception:  # whatever it is, the item must not be lost
            logger.exception("dedupe failed on this item, which goes on: %r", item)
            self._count("failed")
        if seen is not None and seen.witness:
            self._count("dropped")
            raise self._drop_item(f"duplicate of {seen.witness.article_id} ({seen.code}): {seen.message}")
        return item

    def _take(self, adapter: Any, field: str, result: Result) -> None:
        """Write the cleaned text and the plan into an item."""
        if self._plan_field:
            adapter[self._plan_field] = plan_line(result)
        adapter[field] = result.text
        self._count("cleaned")
        if result.changed:
            self._count("changed")
        for decision in result.plan.decisions:
            self._count(f"{decision.outcome.value}/{decision.finding.code}")

    def _remember(self, article: Article) -> None:
        if self._index and self._add:
            if article.id:
                self._index.add([article])
            else:
                self._count("not_added")

    def _count(self, what: str) -> None:
        self._stats.inc_value(f"dedupe/{what}")


def _policy(settings: Mapping[str, Any]) -> Policy:
    """The policy of DEDUPE_LEVEL and the others; what comes from a command line is a string."""
    every = {name: settings.get(f"DEDUPE_{name.upper()}") for name in Policy.__dataclass_fields__}
    given: dict[str, Any] = {name: value for name, value in every.items() if value is not None}
    for name in ("select", "ignore"):
        if isinstance(given.get(name), str):
            given[name] = [code.strip() for code in given[name].split(",") if code.strip()]
    if isinstance(given.get("budget"), str):
        try:
            given["budget"] = float(given["budget"])
        except ValueError:
            raise ConfigError(f"DEDUPE_BUDGET must be a share between 0 and 1, not {given['budget']!r}") from None
    return Policy(**given)


def _switch(settings: Mapping[str, Any], name: str) -> bool:
    """A setting that is on or off, as Scrapy reads them: True, 1, "True", "true", "1" and their opposites."""
    value = settings.get(name, False)
    known = {"true": True, "1": True, "false": False, "0": False, "none": False, "": False}
    if str(value).lower() not in known:
        raise ConfigError(f"{name} must be True or False, not {value!r}")
    return known[str(value).lower()]
