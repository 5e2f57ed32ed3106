"""The wordings of layout: the files themselves, and how a line is looked up in them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dedupe.cues import FAMILIES, KINDS, languages, lexicon
from dedupe.normalise import key
from dedupe.wordings import wordings

WANTED = frozenset(
    [
        "ar",
        "bg",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "fa",
        "fi",
        "fr",
        "he",
        "hi",
        "hr",
        "hu",
        "id",
        "is",
        "it",
        "ja",
        "ko",
        "lt",
        "nl",
        "no",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sv",
        "tr",
        "uk",
        "vi",
        "zh",
    ]
)
PLACEHOLDER = re.compile(r"\{(\w+)\}")
FILE = Path(__file__).parents[1] / "fixtures" / "wordings.jsonl"
LINES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
"""Each with its language and its cues as "family kind", the whole line's first; none for a look-alike."""


def test_every_wanted_language_has_a_file() -> None:
    assert set(languages()) >= WANTED


@pytest.mark.parametrize("lang", ["common", *languages()])
def test_a_file_of_wordings_is_well_formed(lang: str) -> None:
    table = wordings(f"layout/{lang}")
    assert set(table) <= {*FAMILIES, "date", "number"}
    for family, kinds in table.items():
        assert set(kinds) <= ({"words"} if family in ("date", "number") else set(KINDS)), family
        for kind, entries in kinds.items():
            for wording in entries:
                assert set(PLACEHOLDER.findall(wording)) <= {"n", "name", "date", "rest"}, (family, kind, wording)
                words = key(PLACEHOLDER.sub(" ", wording))
                alone = wording in ("{n}", "{date}", "{date}{date}", "{n} {n}", "{n} {n} {n}") and kind == "weak"
                assert words or alone, f"{family} {kind}: {wording!r} matches anything"


BESIDE = {
    "bylines": {"by", "and", "source", "about", "is", "helped", "works", "jobs", "follow", "particles", "clock"},
    "cookies": {"names", "site", "words"},
}


@pytest.mark.parametrize("name", BESIDE)
def test_the_files_beside_know_every_language(name: str) -> None:
    tables = wordings(name)
    assert set(tables) == set(languages())
    for lang, table in tables.items():
        assert set(table) <= BESIDE[name], lang
        for kind, words in table.items():
            assert words and len(set(words)) == len(words), f"{lang} {kind}"
            assert all(key(word.replace("{name}", "")) for word in words), f"{lang} {kind}"
            assert all(word.count("{name}") == (kind == "about") for word in words), f"{lang} {kind}"


@pytest.mark.parametrize("case", LINES, ids=[f"{case['lang']} {case['line']}" for case in LINES])
def test_cues_of_a_line(case: dict[str, Any]) -> None:
    cues = lexicon(case["lang"]).cues(key(case["line"]), case["line"])
    found = [f"{cue.family} {cue.kind}" for cue in cues]
    assert found[: len(case["cues"]) or None] == case["cues"]


def test_a_label_needs_its_colon() -> None:
    known = lexicon("en")
    kinds = [{cue.kind for cue in known.cues(key(line), line)} for line in ("Related: The mill", "Related the mill")]
    assert "label" in kinds[0]
    assert "label" not in kinds[1]


def test_a_cue_says_where_it_stands() -> None:
    line = "★ The clerk said: sign up for our newsletter and see."
    (cue,) = [cue for cue in lexicon("en").cues(key(line), line) if cue.kind == "inside"]
    assert key(line).split()[cue.start : cue.end][:3] == ["sign", "up", "for"]
