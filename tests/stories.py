"""What the tests of duplicates and of the index share: made-up stories, records of them, and such records in files."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WORDS = (
    "harbour ferry island bridge mayor council storm yard shaft crew pupils nurses river mainland morning company "
    "islanders buses trip vote school roof gym lessons winter spring autumn night coast wind cloud road town hall"
)


def story(seed: int, length: int = 120) -> list[str]:
    chance = random.Random(seed)
    return [chance.choice(WORDS.split()) + chance.choice(["", "s", "a", "o"]) for _ in range(length)]


def text(seed: int, length: int = 120) -> str:
    return " ".join(story(seed, length)).capitalize() + "."


RECORDS: list[dict[str, Any]] = [
    {"id": "late", "published": "2026-03-03", "site": "b.example", "text": text(1) + " Read it in full."},
    {"id": "early", "published": "2026-02-28", "site": "a.example", "text": text(1)},
    {"id": "copy", "published": "2026-03-02", "site": "c.example", "text": text(1)},
    {"id": "story", "published": "2026-03-04", "text": text(7) + " " + text(1) + " " + text(8)},
    {"id": "other", "text": text(2)},
    {"id": "rain-1", "published": "2026-03-01", "text": text(3) + " 12 millimetres."},
    {"id": "rain-2", "published": "2026-03-02", "text": text(3) + " 15 millimetres."},
    {"id": "video", "text": "Watch the video"},
    {"id": "video-2", "text": "WATCH the video"},
    {"id": "blank", "text": "  "},
    {"id": "blank-2", "text": ""},
]


def written(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
