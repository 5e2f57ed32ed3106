"""What the tests of the integrations share: records, what the library makes of them, and a pipeline of Scrapy."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

import dedupe
from dedupe.integrations.records import article_of
from dedupe.integrations.scrapy import DedupePipeline
from dedupe.io.record import USUAL_FIELDS

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


def columns() -> dict[str, list[Any]]:
    return {name: [record[name] for record in RECORDS] for name in NAMES}


class Stats(dict[str, int]):
    """What Scrapy's statistics do."""

    def inc_value(self, name: str) -> None:
        self[name] = self.get(name, 0) + 1


def pipeline(settings: Mapping[str, Any] | None = None) -> DedupePipeline:
    pytest.importorskip("scrapy")
    made = DedupePipeline.from_crawler(SimpleNamespace(settings=settings or {}, stats=Stats()))
    made.open_spider()
    return made
